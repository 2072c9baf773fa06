package sys

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// makers are functions that open something, which gets the lowest number that is free.
var makers = map[string]*regexp.Regexp{
	"os":      regexp.MustCompile(`^(Open.*|Create.*|ReadFile|ReadDir|WriteFile|Pipe|Hostname|Dup)$`),
	"net":     regexp.MustCompile(`^(Dial.*|Listen.*|File.*|Interface.*|Lookup.*)$`),
	"unix":    regexp.MustCompile(`^(Open.*|Creat|Socket|Socketpair|Accept.*|Dup.*|Pipe.*|Eventfd|Epoll[cC]reate.*|Kqueue|TimerfdCreate|Signalfd|Memfd.*|Inotify.*|PidfdOpen)$`),
	"syscall": regexp.MustCompile(`^(Open.*|Creat|Socket|Socketpair|Accept.*|Dup.*|Pipe.*|Epoll.*|Kqueue|NetlinkRIB)$`),
}

// knows are the places that see to the numbers themselves.
var knows = []string{
	"core/sys/standard.go", "core/sys/standard_linux.go", "core/sys/standard_bsd.go",
	"core/sys/socket_darwin.go", "core/sys/socket_freebsd.go", // accept in socket_bsd.go does
	"core/fault/inject.go", // which sys cannot do for it
	"core/netif/netif_other.go", "core/endpoint/interface_bsd.go",
}

// TestEveryDescriptorGoesAboveTheStandardStreams looks at the sources: what opens
// something is inside a call of AboveStandard.
func TestEveryDescriptorGoesAboveTheStandardStreams(t *testing.T) {
	root, count := filepath.Join("..", ".."), 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && !strings.HasPrefix(name, "core") && !strings.HasPrefix(name, "capi"),
			entry.IsDir() && (entry.Name() == "internal" || entry.Name() == "tests"):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		for _, k := range knows {
			if filepath.ToSlash(name) == k {
				return nil
			}
		}
		count++
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		for _, call := range opening(file) {
			t.Errorf("%s: what is opened may have the number of a standard stream", files.Position(call.Pos()))
		}
		return nil
	})
	if err != nil || count < 50 {
		t.Errorf("%d files, %v", count, err)
	}
}

// opening returns the calls that open something and are not inside one of AboveStandard.
func opening(file *ast.File) []*ast.CallExpr {
	var found []*ast.CallExpr
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch f := call.Fun.(type) {
		case *ast.Ident:
			return f.Name != "AboveStandard"
		case *ast.SelectorExpr:
			if of, ok := f.X.(*ast.Ident); ok && makers[of.Name] != nil && makers[of.Name].MatchString(f.Sel.Name) {
				found = append(found, call)
			}
			return f.Sel.Name != "AboveStandard"
		}
		return true
	})
	return found
}
