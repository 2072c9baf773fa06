package main

import (
	"html/template"
	"strings"
)

var pageTemplate = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}} - qnet</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52em; margin: 2em auto; padding: 0 1em; color: #222; background: #fff }
code, pre { font: 14px/1.4 ui-monospace, monospace; background: #f4f4f4 }
pre { padding: .5em .8em; overflow-x: auto; white-space: pre-wrap }
h3 { margin-bottom: .2em } dt { margin-top: .6em }
a { color: #05c; text-decoration: none } a:hover { text-decoration: underline }
nav { border-bottom: 1px solid #ccc; padding-bottom: .5em }
</style>
</head>
<body>
<nav><a href="index.html">qnet {{.Version}}</a>{{range .Pages}} · <a href="{{.Name}}.html">{{.File}}</a>{{end}}</nav>
<h1>{{.Title}}</h1>
{{.Body}}
</body>
</html>
`))

// html adds the pages to files: one for each header, and one that lists all names.
func (r *reference) html(files map[string]string) error {
	for _, p := range r.pages {
		if err := r.addPage(files, p.Name, "<qnet/"+p.File+">", r.body(p)); err != nil {
			return err
		}
	}
	return r.addPage(files, "index", "qnet's C API", r.index())
}

func (r *reference) addPage(files map[string]string, name, title string, body template.HTML) error {
	var b strings.Builder
	err := pageTemplate.Execute(&b, map[string]any{"Title": title, "Version": r.version, "Pages": r.pages, "Body": body})
	files["html/"+name+".html"] = b.String()
	return err
}

func (r *reference) index() template.HTML {
	var b strings.Builder
	for _, p := range r.pages {
		b.WriteString(`<h2><a href="` + p.Name + `.html">` + p.File + "</a></h2>\n<p>" + r.line(summary(p.About)) + ".</p>\n<ul>\n")
		for _, e := range p.Types {
			b.WriteString("<li>" + r.link(e.Name) + "</li>\n")
		}
		for _, s := range p.Sections {
			for _, f := range s.Functions {
				b.WriteString("<li>" + r.link(f.Name) + ": " + r.line(summary(f.Doc)) + "</li>\n")
			}
		}
		b.WriteString("</ul>\n")
	}
	return template.HTML(b.String())
}

func (r *reference) body(p *page) template.HTML {
	var b strings.Builder
	b.WriteString(r.text(p.About))
	if len(p.Types) > 0 {
		b.WriteString("<h2>Types and constants</h2>\n")
		for _, e := range p.Types {
			b.WriteString(r.entry(e))
		}
	}
	for _, s := range p.Sections {
		title := s.Title
		if title == "" {
			title = "Functions"
		}
		b.WriteString("<h2>" + template.HTMLEscapeString(title) + "</h2>\n")
		for _, f := range s.Functions {
			b.WriteString(r.entry(f))
		}
	}
	return template.HTML(b.String())
}

func (r *reference) entry(e entry) string {
	var b strings.Builder
	b.WriteString(`<h3 id="` + e.Name + `">` + e.Name + "</h3>\n<pre>" + r.line(e.Declaration) + "</pre>\n" + r.text(e.Doc))
	if len(e.Parts) > 0 {
		b.WriteString("<dl>\n")
		for _, part := range e.Parts {
			id := ""
			if r.find(part.Name) != "" {
				id = ` id="` + part.Name + `"`
			}
			b.WriteString("<dt" + id + "><code>" + template.HTMLEscapeString(part.Declaration) + "</code></dt>\n")
			if part.Doc != "" {
				b.WriteString("<dd>" + r.text(part.Doc) + "</dd>\n")
			}
		}
		b.WriteString("</dl>\n")
	}
	return b.String()
}

func (r *reference) text(doc string) string {
	var b strings.Builder
	inList := false
	for _, block := range blocks(doc) {
		if block.Item != inList {
			if inList = block.Item; inList {
				b.WriteString("<ul>\n")
			} else {
				b.WriteString("</ul>\n")
			}
		}
		tag := "p"
		if block.Item {
			tag = "li"
		}
		b.WriteString("<" + tag + ">" + r.line(block.Text) + "</" + tag + ">\n")
	}
	if inList {
		b.WriteString("</ul>\n")
	}
	return b.String()
}

func (r *reference) line(text string) string {
	var b strings.Builder
	for _, p := range pieces(text) {
		switch p.Kind {
		case parameter:
			b.WriteString("<var>" + template.HTMLEscapeString(p.Text) + "</var>")
		case code:
			b.WriteString("<code>" + template.HTMLEscapeString(p.Text) + "</code>")
		case name:
			b.WriteString(r.link(p.Text))
		default:
			b.WriteString(template.HTMLEscapeString(p.Text))
		}
	}
	return b.String()
}

func (r *reference) link(name string) string {
	file := r.find(name)
	if file == "" {
		return template.HTMLEscapeString(name)
	}
	return `<a href="` + r.files[file].Name + ".html#" + strings.TrimSuffix(name, "()") + `">` + template.HTMLEscapeString(name) + "</a>"
}
