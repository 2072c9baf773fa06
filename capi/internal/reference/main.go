// Command reference writes the reference of the C API from the public headers: a page of
// HTML for each header, and a manual page for each function and each header.
//
//	go run ./capi/internal/reference -out build/docs
//
// writes build/docs/html, build/docs/man3 and build/docs/man7. The headers are the only
// source: what is wrong on a page is to be mended there.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"qnet/capi/internal/header"
)

func main() {
	headers := flag.String("headers", "include/qnet", "the folder of the headers")
	out := flag.String("out", "", "the folder to write to")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*headers, *out); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func run(headers, out string) error {
	m, err := header.ParseDir(headers)
	if err != nil {
		return err
	}
	files, err := render(m)
	if err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// render returns the files of the reference by their paths.
func render(m *header.Model) (map[string]string, error) {
	r := newReference(m)
	files := map[string]string{}
	if err := r.html(files); err != nil {
		return nil, err
	}
	r.man(files)
	return files, nil
}

// reference knows where each name of the headers is explained.
type reference struct {
	pages   []*page
	files   map[string]*page  // by the header's name
	names   map[string]string // the header of each name
	version string
}

// page is what one header declares, in its order.
type page struct {
	File     string // "socket.h"
	Name     string // "socket"
	About    string
	Types    []entry
	Sections []section
}

// section is a group of functions under a title, which may be empty.
type section struct {
	Title     string
	Functions []entry
}

// entry is one declaration.
type entry struct {
	Name        string
	Declaration string
	Doc         string
	Parts       []entry // the enumerators of an enum, the fields of a struct
}

func newReference(m *header.Model) *reference {
	r := &reference{files: map[string]*page{}, names: map[string]string{}}
	for _, file := range m.Files {
		p := &page{File: file, Name: strings.TrimSuffix(file, ".h"), About: m.About[file]}
		r.pages = append(r.pages, p)
		r.files[file] = p
	}
	for _, macro := range m.Macros {
		if macro.Name == "QNET_VERSION_STR" {
			r.version = strings.Trim(macro.Value, `"`)
		}
	}
	r.addTypes(m)
	for _, f := range m.Functions {
		p := r.files[f.File]
		if n := len(p.Sections); n == 0 || p.Sections[n-1].Title != f.Section {
			p.Sections = append(p.Sections, section{Title: f.Section})
		}
		s := &p.Sections[len(p.Sections)-1]
		s.Functions = append(s.Functions, entry{Name: f.Name, Declaration: f.Prototype() + ";", Doc: f.Doc})
		r.names[f.Name] = f.File
	}
	for _, f := range m.Inline {
		p := r.files[f.File]
		if p == nil {
			p = &page{File: f.File, Name: strings.TrimSuffix(f.File, ".h"), About: m.About[f.File], Sections: make([]section, 1)}
			r.pages = append(r.pages, p)
			r.files[f.File] = p
		}
		p.Sections[0].Functions = append(p.Sections[0].Functions, entry{Name: f.Name, Declaration: f.Prototype + ";", Doc: f.Doc})
		r.names[f.Name] = f.File
	}
	return r
}

func (r *reference) addTypes(m *header.Model) {
	add := func(pos header.Pos, e entry) {
		p := r.files[pos.File]
		p.Types = append(p.Types, e)
		r.names[e.Name] = pos.File
		for _, part := range e.Parts {
			if strings.HasPrefix(part.Name, "QNET_") {
				r.names[part.Name] = pos.File
			}
		}
	}
	for _, t := range m.Handles {
		add(t.Pos, entry{Name: t.Name, Declaration: "typedef struct " + t.Name + " " + t.Name + ";", Doc: t.Doc})
	}
	for _, t := range m.Scalars {
		add(t.Pos, entry{Name: t.Name, Declaration: "typedef " + t.Base + " " + t.Name + ";", Doc: t.Doc})
	}
	for _, e := range m.Enums {
		it := entry{Name: e.Name, Declaration: "enum " + e.Name + ";", Doc: e.Doc}
		for _, c := range e.Constants {
			it.Parts = append(it.Parts, entry{Name: c.Name, Declaration: fmt.Sprintf("%s = %d", c.Name, c.Value), Doc: c.Doc})
		}
		add(e.Pos, it)
	}
	for _, s := range m.Records {
		it := entry{Name: s.Name, Declaration: "struct " + s.Name + ";", Doc: s.Doc}
		for _, f := range s.Fields {
			it.Parts = append(it.Parts, entry{Name: f.Name, Declaration: f.Type.Declare(f.Name) + ";", Doc: f.Doc})
		}
		add(s.Pos, it)
	}
	for _, f := range m.Callbacks {
		declaration := strings.Replace(f.Prototype(), f.Name+"(", "(*"+f.Name+")(", 1)
		add(f.Pos, entry{Name: f.Name, Declaration: "typedef " + declaration + ";", Doc: f.Doc})
	}
	for _, d := range m.Data {
		add(d.Pos, entry{Name: d.Name, Declaration: "extern " + d.Type.Declare(d.Name) + ";", Doc: d.Doc})
	}
	for _, macro := range m.Macros {
		if macro.Doc == "" {
			continue
		}
		declaration := "#define " + macro.Name + " " + macro.Value
		if macro.Function {
			declaration = "#define " + macro.Name + "(...)"
		}
		add(macro.Pos, entry{Name: macro.Name, Declaration: declaration, Doc: macro.Doc})
	}
}
