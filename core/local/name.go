// Package local makes sockets of the system that have a name instead of an
// address: a file, or an entry of Linux's abstract namespace.
package local

import (
	"path"
	"strings"
)

// Name is what a local socket is known by: a path, or the bytes of a name in
// the abstract namespace.
type Name struct {
	Text     string
	Abstract bool
}

// TempDir returns the directory of plain names. It may be replaced: a program
// may have changed its environment since Go has copied it.
var TempDir = func() string { return "/tmp" }

// Find returns what a server's name stands for: itself if it is abstract or an
// absolute path, else a file in the directory for temporary files.
func Find(name string, abstract bool) Name {
	if abstract || name == "" || path.IsAbs(name) {
		return Name{name, abstract}
	}
	dir := TempDir()
	if dir == "" {
		dir = "/tmp"
	}
	// The name itself is not cleaned: ".." behind a link means another place.
	return Name{strings.TrimSuffix(path.Clean(dir), "/") + "/" + name, false}
}

// Short returns the name as a server would have been given it: the last part
// of a path.
func (n Name) Short() string {
	if n.Abstract {
		return n.Text
	}
	return n.Text[strings.LastIndexByte(n.Text, '/')+1:]
}
