package resolve

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"

	"qnet/core/hosts"
	"qnet/core/kept"
	"qnet/core/sys"
)

// source is a place to look at.
type source uint8

const (
	inFiles   source = iota // /etc/hosts
	atServers               // name servers
	bySystem                // whatever the C library does
)

// files are the system's: where names are, and how they are looked up.
type files struct {
	hosts, nsswitch, gai, hostConf string
}

var etc = files{hosts.Path, "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/host.conf"}

// variables change how the C library looks names up (resolver(5), hostname(7)).
var variables = []string{"LOCALDOMAIN", "RES_OPTIONS", "HOSTALIASES"}

// order returns where to look for a name, or for that of an address (""). read returns the words of each line of a file.
func (f *files) order(name string, read func(path string) ([][]string, error)) ([]source, error) {
	for _, v := range variables {
		if _, set := os.LookupEnv(v); set {
			return []source{bySystem}, nil
		}
	}
	// Settings that are rare: of another order of the addresses, of shorter names.
	for path, usual := range map[string][]string{f.gai: nil, f.hostConf: {"multi", "order"}} {
		lines, err := read(path)
		if err != nil {
			return nil, err
		}
		for _, words := range lines {
			if !slices.Contains(usual, words[0]) {
				return []source{bySystem}, nil
			}
		}
	}
	lines, err := read(f.nsswitch)
	if err != nil {
		return nil, err
	}
	for _, words := range lines {
		if words[0] == "hosts:" {
			return services(words[1:], name), nil
		}
	}
	return []source{bySystem}, nil
}

// services returns the sources that the words of a line in nsswitch.conf stand for.
func services(words []string, name string) []source {
	var order []source
	for i := 0; i < len(words); i++ {
		switch word := words[i]; {
		case word == "files" && !slices.Contains(order, inFiles):
			order = append(order, inFiles)
		case word == "dns" && !slices.Contains(order, atServers):
			order = append(order, atServers)
		case word == "myhostname" && name != "" && !own(name):
			// It knows no other names.
		case word == "mdns4_minimal" || word == "mdns6_minimal" || word == "mdns_minimal":
			if name == "" || local(name) {
				return []source{bySystem}
			}
			// For other names it is not there, and what follows of it has no effect.
			if i+1 < len(words) && words[i+1] == "[NOTFOUND=return]" {
				i++
			}
		default:
			return []source{bySystem}
		}
	}
	return order
}

// own reports whether name is one that nss-myhostname(8) knows.
func own(name string) bool {
	name = strings.TrimSuffix(name, ".")
	if host, err := sys.Hostname(); err != nil || strings.EqualFold(name, host) {
		return true
	}
	for _, n := range []string{"localhost", "localhost.localdomain"} {
		if name == n || strings.HasSuffix(name, "."+n) {
			return true
		}
	}
	return name == "_gateway" || name == "_outbound"
}

// local reports whether name is one that is asked for in the local network (RFC 6762).
func local(name string) bool {
	name = strings.TrimSuffix(name, ".")
	return name == "local" || strings.HasSuffix(name, ".local")
}

// read returns the words of each line of a file; none if there is no such file.
func read(path string) ([][]string, error) { return kept.Of(path, words) }

// errUnread is the error for a file that would have to be read.
var errUnread = errors.New("the file has changed")

// known is read for a file that was read before, and has not changed since.
func known(path string) ([][]string, error) {
	if lines, ok := kept.Known[[][]string](path); ok {
		return lines, nil
	}
	return nil, errUnread
}

func words(text []byte) [][]string {
	var lines [][]string
	for line := range bytes.Lines(text) {
		line, _, _ = bytes.Cut(line, []byte("#"))
		if words := strings.Fields(string(line)); len(words) > 0 {
			lines = append(lines, words)
		}
	}
	return lines
}
