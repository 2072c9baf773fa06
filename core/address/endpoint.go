package address

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// Endpoint is the address and port of one end of a connection.
type Endpoint struct {
	Address Address
	Port    uint16
}

// String returns e as one text: "127.0.0.1:80", "[::1]:80"; "" for the null address. Every address of
// both families is "*:80". ParseHostPort takes it apart.
func (e Endpoint) String() string {
	switch e.Address.Protocol() {
	case Unknown:
		return ""
	case AnyIP:
		return JoinHostPort("*", e.Port)
	}
	return JoinHostPort(e.Address.String(), e.Port)
}

// JoinHostPort returns a host and a port as one text, with brackets around what has a colon.
func JoinHostPort(host string, port uint16) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(port))
}

// What is wrong with a text that is no host and port.
var (
	ErrNoPort     = errors.New("there is no port: write host:port, or [address]:port for IPv6")
	ErrBadPort    = errors.New("the port is not a number from 0 to 65535")
	ErrNoHost     = errors.New("there is no host before the port")
	ErrNeedsQuote = errors.New("an IPv6 address needs brackets before the port: [::1]:80")
	ErrBracket    = errors.New("a bracket is missing, or something stands between it and the port")
	ErrNotIPv6    = errors.New("what is in brackets is no IPv6 address")
	ErrBadHost    = errors.New("the host has a character that no host has")
)

// ParseHostPort takes apart "host:port" and "[address]:port". The host is a name, an IPv4 address,
// "*" or, in brackets, an IPv6 address, with its scope if it has one.
func ParseHostPort(text string) (host string, port uint16, err error) {
	bracketed := strings.HasPrefix(text, "[")
	rest := ""
	if bracketed {
		end := strings.IndexByte(text, ']')
		if end < 0 {
			return "", 0, ErrBracket
		}
		host, rest = text[1:end], text[end+1:]
		switch {
		case rest == "":
			return "", 0, ErrNoPort
		case rest[0] != ':':
			return "", 0, ErrBracket
		}
		if a, err := netip.ParseAddr(host); err != nil || !a.Is6() {
			return "", 0, ErrNotIPv6
		}
		rest = rest[1:]
	} else {
		colon := strings.LastIndexByte(text, ':')
		if colon < 0 {
			return "", 0, ErrNoPort
		}
		host, rest = text[:colon], text[colon+1:]
		switch {
		case strings.Contains(host, ":"):
			return "", 0, ErrNeedsQuote
		case host == "":
			return "", 0, ErrNoHost
		case strings.ContainsFunc(host, notInHost):
			return "", 0, ErrBadHost
		}
	}
	if port, err = parsePort(rest); err != nil {
		return "", 0, err
	}
	return host, port, nil
}

// notInHost finds what no name of a host has; what is beyond ASCII may be one of another alphabet.
func notInHost(c rune) bool { return c <= ' ' || c == 0x7f || strings.ContainsRune("[]/@?#\\\"<>%", c) }

// parsePort takes digits alone: no sign, no blank.
func parsePort(text string) (uint16, error) {
	if text == "" {
		return 0, ErrNoPort
	}
	if len(text) > 5 || strings.ContainsFunc(text, func(c rune) bool { return c < '0' || c > '9' }) {
		return 0, ErrBadPort
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, ErrBadPort
	}
	return uint16(n), nil
}
