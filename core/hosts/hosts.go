// Package hosts reads the system's table of host names, /etc/hosts. At each look-up
// what it says now counts, as in the C library; if it is small and has not changed, it
// is not read again.
package hosts

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"net/netip"

	"qnet/core/kept"
	"qnet/core/sys"
)

// Path is where the table is.
const Path = "/etc/hosts"

// Addresses returns the addresses of a name, in the table's order, of IPv4, IPv6 or
// both. That there is no table is no error.
func Addresses(path, name string, v4, v6 bool) ([]netip.Addr, error) {
	s := search{name: []byte(name), v4: v4, v6: v6}
	err := each(path, s.look)
	return s.found, err
}

// Known is Addresses if the table need not be read for that; else it returns none.
func Known(path, name string, v4, v6 bool) []netip.Addr {
	s := search{name: []byte(name), v4: v4, v6: v6}
	if text, ok := kept.Known[[]byte](path); ok {
		lines(text, s.look)
	}
	return s.found
}

// search collects the addresses of a name.
type search struct {
	name   []byte
	v4, v6 bool
	found  []netip.Addr
}

// look looks at one line.
func (s *search) look(line []byte) bool {
	var text []byte
	for word := range bytes.FieldsSeq(line) {
		if text == nil {
			text = word
		} else if bytes.EqualFold(word, s.name) {
			if a, ok := parse(text, s.v4, s.v6); ok {
				s.found = append(s.found, a)
			}
			break
		}
	}
	return true
}

// Name returns the name of an address: the first one of the first line that has it,
// "" if none has.
func Name(path string, a netip.Addr) (string, error) {
	a = a.WithZone("")
	found := ""
	err := each(path, func(line []byte) bool {
		var text []byte
		for word := range bytes.FieldsSeq(line) {
			if text != nil {
				found = string(word)
				break
			}
			if b, ok := parse(word, a.Is4(), a.Is6()); !ok || a != b {
				break
			}
			text = word
		}
		return found == ""
	})
	return found, err
}

// parse returns the address of a line if it is of use to who wants IPv4, IPv6 or
// both. Alone, IPv4 makes use of some IPv6 addresses, too, as in the C library: so
// a lone "::1 localhost" is enough where there is no IPv6.
func parse(text []byte, v4, v6 bool) (netip.Addr, bool) {
	a, err := netip.ParseAddr(string(text))
	switch {
	case err != nil || a.Zone() != "":
		return a, false
	case v4 && !v6 && a == netip.IPv6Loopback():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), true
	case v4 && !v6:
		a = a.Unmap()
	}
	return a, a.Is4() && v4 || a.Is6() && v6
}

// longest is how many bytes a line may have.
const longest = 1 << 20

// each calls f with each line, without its comment, until it returns false.
func each(path string, f func(line []byte) bool) error {
	text, err := kept.Of(path, func(text []byte) []byte { return text })
	if err == kept.ErrLarge {
		return eachRead(path, f)
	}
	if err == nil {
		lines(text, f)
	}
	return err
}

func lines(text []byte, f func(line []byte) bool) {
	for line := range bytes.Lines(text) {
		if line, _, _ = bytes.Cut(line, []byte("#")); !f(line) {
			return
		}
	}
}

// eachRead is each for a table that is too large to be kept.
func eachRead(path string, f func(line []byte) bool) error {
	file, err := sys.OpenFile(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longest)
	for lines.Scan() {
		if line, _, _ := bytes.Cut(lines.Bytes(), []byte("#")); !f(line) {
			break
		}
	}
	return lines.Err()
}
