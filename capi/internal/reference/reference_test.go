package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"qnet/capi/internal/header"
)

func rendered(t *testing.T) (*header.Model, map[string]string) {
	t.Helper()
	m, err := header.ParseDir("../../../include/qnet")
	if err != nil {
		t.Fatal(err)
	}
	files, err := render(m)
	if err != nil {
		t.Fatal(err)
	}
	return m, files
}

var (
	href = regexp.MustCompile(`href="([^"#]*)(?:#([^"]*))?"`)
	id   = regexp.MustCompile(`id="([^"]*)"`)
)

// deadLinks returns the links that lead nowhere.
func deadLinks(files map[string]string) (dead []string) {
	anchors := map[string]bool{}
	for name, text := range files {
		for _, m := range id.FindAllStringSubmatch(text, -1) {
			anchors[name+"#"+m[1]] = true
		}
	}
	for name, text := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		for _, m := range href.FindAllStringSubmatch(text, -1) {
			target := name
			if m[1] != "" {
				target = "html/" + m[1]
			}
			if _, ok := files[target]; !ok || m[2] != "" && !anchors[target+"#"+m[2]] {
				dead = append(dead, name+": "+m[0])
			}
		}
	}
	return dead
}

func TestNoLinkIsDead(t *testing.T) {
	_, files := rendered(t)
	for _, link := range deadLinks(files) {
		t.Error(link)
	}
	files["html/index.html"] += `<a href="socket.html#qnet_no_such_thing">x</a><a href="none.html">x</a><a href="socket.html">x</a>`
	if n := len(deadLinks(files)); n != 2 {
		t.Errorf("%d of two dead links are found", n)
	}
}

// A comment that names what is not there leads nowhere, too.
func TestNamesInCommentsExist(t *testing.T) {
	m, _ := rendered(t)
	r := newReference(m)
	text := func(where, doc string) {
		for _, b := range blocks(doc) {
			for _, p := range pieces(b.Text) {
				family := strings.HasSuffix(p.Text, "_") || strings.HasSuffix(p.Text, "*")
				if p.Kind == name && !family && r.find(p.Text) == "" && !slices.Contains(elsewhere, p.Text) {
					t.Errorf("%s names %s", where, p.Text)
				}
			}
		}
	}
	for _, p := range r.pages {
		text(p.File, p.About)
		for _, e := range p.Types {
			text(e.Name, e.Doc)
			for _, part := range e.Parts {
				text(part.Name, part.Doc)
			}
		}
		for _, s := range p.Sections {
			for _, f := range s.Functions {
				text(f.Name, f.Doc)
			}
		}
	}
}

// elsewhere are names that look like the library's and belong to its environment.
var elsewhere = []string{"QNET_FAULTS", "QNET_TRACE"}

func TestEveryNameHasItsPlace(t *testing.T) {
	m, files := rendered(t)
	for _, f := range m.Functions {
		page := files["man3/"+f.Name+".3"]
		if !strings.Contains(page, escape(f.Prototype())) || !strings.Contains(page, `.SH "DESCRIPTION"`) {
			t.Errorf("the manual page of %s lacks its prototype", f.Name)
		}
		html := files["html/"+strings.TrimSuffix(f.File, ".h")+".html"]
		if !strings.Contains(html, `id="`+f.Name+`"`) {
			t.Errorf("%s is not on its page", f.Name)
		}
		if !strings.Contains(files["html/index.html"], "#"+f.Name+`"`) {
			t.Errorf("%s is not in the index", f.Name)
		}
	}
	for _, e := range m.Enums {
		for _, c := range e.Constants {
			if !strings.Contains(files["html/"+strings.TrimSuffix(e.File, ".h")+".html"], `id="`+c.Name+`"`) {
				t.Errorf("%s is not on its page", c.Name)
			}
		}
	}
}

func TestCommentsAreRendered(t *testing.T) {
	r := newReference(&header.Model{
		Files: []string{"a.h"},
		About: map[string]string{"a.h": "About <a>. More.\n\n- one\n  goes on\n- two\n\nEnd."},
		Functions: []*header.Func{{
			Pos: header.Pos{File: "a.h"}, Name: "qnet_a", Return: header.Type{Base: "void"},
			Doc: "Takes @p size bytes, `NULL` for none, as\nqnet_a() does. Not qnet_b().\n\n.B is no request.", Section: "A",
		}},
	})
	files := map[string]string{}
	if err := r.html(files); err != nil {
		t.Fatal(err)
	}
	r.man(files)
	for name, wants := range map[string][]string{
		"html/a.html": {
			"<p>About &lt;a&gt;. More.</p>\n<ul>\n<li>one goes on</li>\n<li>two</li>\n</ul>\n<p>End.</p>", "<h2>A</h2>",
			`<p>Takes <var>size</var> bytes, <code>NULL</code> for none, as <a href="a.html#qnet_a">qnet_a()</a> does. Not qnet_b().</p>`,
		},
		"html/index.html": {"<p>About &lt;a&gt;.</p>"},
		"man3/qnet_a.3": {
			`qnet_a \- Takes size bytes, NULL for none, as qnet_a() does`, `\fBvoid qnet_a(void);\fR`,
			`Takes \fIsize\fR bytes, \fBNULL\fR for none, as \fBqnet_a()\fR does. Not \fBqnet_b()\fR.` + "\n.PP\n" + `\&.B is no request.`,
		},
		"man7/qnet_a.7": {`.IP \(bu 2` + "\none goes on\n", ".BR qnet_a (3)\n"},
	} {
		for _, want := range wants {
			if !strings.Contains(files[name], want) {
				t.Errorf("%s lacks %q:\n%s", name, want, files[name])
			}
		}
	}
}

func TestManualPagesAreWellFormed(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("there is no groff to read them")
	}
	_, files := rendered(t)
	dir := t.TempDir()
	var paths []string
	for name, text := range files {
		if strings.HasPrefix(name, "man") {
			path := filepath.Join(dir, filepath.Base(name))
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			paths = append(paths, path)
		}
	}
	var said strings.Builder
	command := exec.Command(groff, append([]string{"-man", "-Tutf8", "-ww", "-z", "-rLL=78n"}, paths...)...)
	command.Stderr = &said
	if err := command.Run(); err != nil || said.Len() > 0 {
		t.Errorf("%v: %.2000s", err, said.String())
	}
}
