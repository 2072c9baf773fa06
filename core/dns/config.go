// Package dns asks name servers for the addresses of hosts and for the names of
// addresses, as the C library's resolver does, but so that a question can be called
// off at any time.
package dns

import (
	"bufio"
	"errors"
	"io/fs"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"qnet/core/address"
	"qnet/core/sys"
)

// Path is where the system says whom to ask (resolv.conf(5)).
const Path = "/etc/resolv.conf"

// Limits of the C library.
const (
	maxServers  = 3
	maxNdots    = 15
	maxTimeout  = 30 // seconds
	maxAttempts = 5
)

// Config tells whom to ask, and how.
type Config struct {
	Servers  []netip.AddrPort
	Search   []string      // domains in which a name is looked for
	Ndots    int           // names with as many dots are looked for as they are first
	Timeout  time.Duration // of a question to one server
	Attempts int           // how often each server is asked
	Rotate   bool          // the servers take turns at being the first
	TCP      bool          // from the beginning
	Single   bool          // one question at a time
	NoIPv6   bool          // nobody is asked for IPv6 addresses
	NoTLD    bool          // a name without dots is only looked for in domains
}

// Read reads the configuration. Without a file the name server of this machine is
// asked.
func Read(path string) (*Config, error) {
	c := &Config{Ndots: 1, Timeout: 5 * time.Second, Attempts: 2}
	file, err := sys.OpenFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission):
	case err != nil:
		return nil, err
	default:
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			c.line(lines.Text())
		}
	}
	if len(c.Servers) == 0 {
		c.Servers = []netip.AddrPort{netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)}
	}
	if c.Search == nil {
		// The domain that this machine's name is in.
		if name, err := sys.Hostname(); err == nil {
			if _, domain, ok := strings.Cut(name, "."); ok && domain != "" {
				c.Search = []string{domain}
			}
		}
	}
	return c, nil
}

// port is where name servers listen.
const port = 53

// line takes a line of the file. What is not understood is passed over, as by the C
// library.
func (c *Config) line(text string) {
	text, _, _ = strings.Cut(text, "#")
	text, _, _ = strings.Cut(text, ";")
	words := strings.Fields(text)
	if len(words) < 2 || strings.TrimLeft(text, " \t") != text {
		return
	}
	switch words[0] {
	case "nameserver":
		if a, ok := address.Parse(words[1]); ok && len(c.Servers) < maxServers {
			c.Servers = append(c.Servers, netip.AddrPortFrom(a.Addr(), port))
		}
	case "domain":
		c.Search = words[1:2]
	case "search":
		c.Search = words[1:]
	case "options":
		for _, o := range words[1:] {
			c.option(o)
		}
	}
}

func (c *Config) option(text string) {
	name, value, _ := strings.Cut(text, ":")
	number := func(most int) int {
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			n = 0
		}
		return min(n, most)
	}
	switch name {
	case "ndots":
		c.Ndots = number(maxNdots)
	case "timeout":
		c.Timeout = time.Duration(max(1, number(maxTimeout))) * time.Second
	case "attempts":
		c.Attempts = number(maxAttempts)
	case "rotate":
		c.Rotate = true
	case "use-vc":
		c.TCP = true
	case "single-request", "single-request-reopen":
		c.Single = true
	case "no-aaaa":
		c.NoIPv6 = true
	case "no-tld-query":
		c.NoTLD = true
	}
}
