package main

import (
	"strings"
)

// man adds the manual pages to files: one for each function, one for each header with
// its types, and one about the whole.
func (r *reference) man(files map[string]string) {
	for _, p := range r.pages {
		for _, s := range p.Sections {
			for _, f := range s.Functions {
				files["man3/"+f.Name+".3"] = r.functionPage(p, s, f)
			}
		}
		name := r.manName(p)
		files["man7/"+name+".7"] = r.headerPage(name, p)
	}
}

// manName returns the name of a header's manual page; the whole's is that of the header
// which includes all.
func (r *reference) manName(p *page) string {
	if p.Name == "qnet" {
		return "qnet"
	}
	return "qnet_" + p.Name
}

func (r *reference) begin(name, section, what string) *roff {
	b := &roff{}
	b.WriteString(`.TH "` + strings.ToUpper(name) + `" "` + section + `" "" "qnet ` + r.version + `" "qnet"` + "\n")
	b.heading("NAME")
	b.line(name + ` \- ` + escape(what))
	return b
}

func (r *reference) functionPage(p *page, s section, f entry) string {
	b := r.begin(f.Name, "3", plainText(summary(f.Doc)))
	b.heading("SYNOPSIS")
	b.code("#include <qnet/" + p.File + ">")
	b.line(".PP")
	b.code(f.Declaration)
	b.line(".PP")
	b.line(`Link with \fI\-lqnet\fR.`)
	b.heading("DESCRIPTION")
	b.text(f.Doc)
	b.heading("SEE ALSO")
	b.line(`.BR ` + escape(r.manName(p)) + ` (7)`)
	return b.String()
}

func (r *reference) headerPage(name string, p *page) string {
	b := r.begin(name, "7", plainText(summary(p.About)))
	b.heading("SYNOPSIS")
	b.code("#include <qnet/" + p.File + ">")
	b.heading("DESCRIPTION")
	b.text(p.About)
	for _, e := range p.Types {
		b.subheading(e.Name)
		b.code(e.Declaration)
		b.text(e.Doc)
		for _, part := range e.Parts {
			b.line(".TP")
			b.line(`\fB` + escape(part.Declaration) + `\fR`)
			b.text(part.Doc)
		}
	}
	if len(p.Sections) > 0 {
		b.heading("FUNCTIONS")
	}
	for _, s := range p.Sections {
		if s.Title != "" {
			b.subheading(s.Title)
		}
		for _, f := range s.Functions {
			b.line(".TP")
			b.line(".BR " + escape(f.Name) + " (3)")
			b.line(harmless(escape(plainText(summary(f.Doc)))))
		}
	}
	b.heading("SEE ALSO")
	var others []string
	for _, other := range r.pages {
		if other != p {
			others = append(others, ".BR "+escape(r.manName(other))+" (7)")
		}
	}
	b.line(strings.Join(others, ",\n"))
	return b.String()
}

// plainText returns a text without marks.
func plainText(text string) string {
	var b strings.Builder
	for _, p := range pieces(text) {
		b.WriteString(p.Text)
	}
	return b.String()
}

// roff is the text of a manual page.
type roff struct{ strings.Builder }

func (b *roff) line(text string) { b.WriteString(text + "\n") }

func (b *roff) heading(title string) { b.line(`.SH "` + title + `"`) }

func (b *roff) subheading(title string) {
	b.line(`.SS "` + strings.ReplaceAll(escape(title), `"`, `\(dq`) + `"`)
}

func (b *roff) code(text string) {
	b.line(".nf")
	b.line(`\fB` + escape(text) + `\fR`)
	b.line(".fi")
}

func (b *roff) text(doc string) {
	for i, block := range blocks(doc) {
		if block.Item {
			b.line(`.IP \(bu 2`)
		} else if i > 0 {
			b.line(".PP")
		}
		var line strings.Builder
		for _, p := range pieces(block.Text) {
			switch p.Kind {
			case parameter:
				line.WriteString(`\fI` + escape(p.Text) + `\fR`)
			case code, name:
				line.WriteString(`\fB` + escape(p.Text) + `\fR`)
			default:
				line.WriteString(escape(p.Text))
			}
		}
		b.line(harmless(strings.TrimLeft(line.String(), " ")))
	}
}

// escape returns a text that roff prints as it is within a line.
func escape(text string) string { return strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(text) }

// harmless returns a line that is no request to roff.
func harmless(line string) string {
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		return `\&` + line
	}
	return line
}
