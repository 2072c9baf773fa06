// Package readme keeps core's README true.
package readme

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// declared returns the functions and methods of core, as "package.Function" and
// "Type.method"; and its types.
func declared(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				names[receiver(d, file.Name.Name)+"."+d.Name.Name] = true
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok {
						names[s.Name.Name] = true
						addMethods(names, s)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// addMethods adds the methods of an interface.
func addMethods(names map[string]bool, s *ast.TypeSpec) {
	if i, ok := s.Type.(*ast.InterfaceType); ok {
		for _, m := range i.Methods.List {
			for _, name := range m.Names {
				names[s.Name.Name+"."+name.Name] = true
			}
		}
	}
}

// receiver returns the type that a method belongs to, the package of a function.
func receiver(d *ast.FuncDecl, pkg string) string {
	if d.Recv == nil {
		return pkg
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	switch typ := typ.(type) {
	case *ast.Ident:
		return typ.Name
	case *ast.IndexExpr:
		return typ.X.(*ast.Ident).Name
	}
	return pkg
}

var (
	code   = regexp.MustCompile("`([^`\n]+)`")
	method = regexp.MustCompile(`^\w+\.\w+$`)
	class  = regexp.MustCompile(`^[A-Z][a-z]+$`)
)

func missing(text string, names map[string]bool) (list []string, checked int) {
	for _, m := range code.FindAllStringSubmatch(text, -1) {
		if !method.MatchString(m[1]) && !class.MatchString(m[1]) {
			continue
		}
		checked++
		if !names[m[1]] {
			list = append(list, m[1])
		}
	}
	return list, checked
}

func TestWhatTheReadmeNamesExists(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	names := declared(t)
	list, checked := missing(string(text), names)
	for _, name := range list {
		t.Errorf("README.md names %s, which is not there", name)
	}
	if checked < 40 {
		t.Errorf("it names %d functions only", checked)
	}
	if list, _ := missing("`Loop.nothing`, `Loop.Exec`, `Nobody`", names); len(list) != 2 {
		t.Errorf("of two that are not there %q were found", list)
	}
}

func TestEveryPackageIsInTheReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if f.IsDir() && f.Name() != "internal" && !strings.Contains(string(text), "`"+f.Name()+"`") {
			t.Errorf("README.md does not name the package %s", f.Name())
		}
	}
}
