package header

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// scalars are the types of C that the headers may use by value.
var scalars = map[string]bool{
	"bool": true, "char": true, "int": true, "size_t": true, "intptr_t": true,
	"uint8_t": true, "uint16_t": true, "uint32_t": true, "uint64_t": true, "int64_t": true,
}

// inline is the header of functions with any number of arguments, which are C's alone: they are no
// part of the library, but defined there. Of them only the comments and the first lines are read.
const inline = "print.h"

var (
	inlineAbout    = regexp.MustCompile(`(?s)^/\*\*\n \* @file \S+\n(.*?) \*/`)
	inlineFunction = regexp.MustCompile(`(?s)/\*\*\n((?: \*[^\n]*\n)+) \*/\nstatic inline ([^{;]*?(qnet_\w+)\([^{;]*)\n\{`)
	inlineMargin   = regexp.MustCompile(`(?m)^ \* ?`)
)

// ParseDir reads every header in the directory.
func ParseDir(dir string) (*Model, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.h"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no headers in %s", dir)
	}
	sources, aside := make(map[string]string), ""
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if name := filepath.Base(path); name == inline {
			aside = string(text)
		} else {
			sources[name] = string(text)
		}
	}
	m, err := Parse(sources)
	if err == nil && aside != "" {
		m.addInline(aside)
	}
	return m, err
}

func (m *Model) addInline(text string) {
	plain := func(comment string) string { return strings.TrimSpace(inlineMargin.ReplaceAllString(comment, "")) }
	if about := inlineAbout.FindStringSubmatch(text); about != nil {
		m.About[inline] = plain(about[1])
	}
	for _, f := range inlineFunction.FindAllStringSubmatch(text, -1) {
		m.Inline = append(m.Inline, Inline{File: inline, Name: f[3], Prototype: f[2], Doc: plain(f[1])})
	}
}

// Parse reads headers from memory, by base name.
func Parse(sources map[string]string) (*Model, error) {
	m := &Model{About: map[string]string{}}
	for name := range sources {
		m.Files = append(m.Files, name)
	}
	sort.Strings(m.Files)
	for _, name := range m.Files {
		tokens, err := scan(name, sources[name])
		if err != nil {
			return nil, err
		}
		p := &parser{file: name, tokens: tokens, model: m}
		if err := p.run(); err != nil {
			return nil, err
		}
	}
	if err := resolve(m); err != nil {
		return nil, err
	}
	return m, nil
}

// parser reads the tokens of one header. A syntax error is thrown as a panic of
// type syntaxError and caught in run.
type parser struct {
	file   string
	tokens []token
	at     int
	model  *Model

	section  string // the title above the declarations that follow
	doc      string // documentation waiting for its declaration
	docLine  int    // the line on which the declaration must start
	macroDoc string // documentation of a run of macros on adjoining lines
	macroEnd int    // the last line of that run so far
}

type syntaxError struct{ error }

func (p *parser) run() (err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(syntaxError)
			if !ok {
				panic(r)
			}
			err = e.error
		}
	}()
	for p.peek().kind != tokenEOF {
		p.declaration()
	}
	return nil
}

func (p *parser) fail(at token, format string, args ...any) {
	panic(syntaxError{fmt.Errorf("%s:%d: %s", p.file, at.line, fmt.Sprintf(format, args...))})
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != tokenEOF {
		p.at++
	}
	return t
}

// accept takes the next token if it is the given one.
func (p *parser) accept(text string) bool {
	if t := p.peek(); (t.kind == tokenName || t.kind == tokenPunct) && t.text == text {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		t := p.peek()
		p.fail(t, "%q expected, found %s", text, describe(t))
	}
}

func (p *parser) name() string {
	t := p.take()
	if t.kind != tokenName {
		p.fail(t, "name expected, found %s", describe(t))
	}
	return t.text
}

func (p *parser) number() int {
	t := p.peek()
	sign := ""
	if p.accept("-") {
		sign = "-"
	}
	n, err := strconv.ParseInt(sign+p.take().text, 0, 32)
	if err != nil {
		p.fail(t, "number expected, found %s", describe(t))
	}
	return int(n)
}

func describe(t token) string {
	switch t.kind {
	case tokenEOF:
		return "the end of the file"
	case tokenDoc:
		return "a documentation comment"
	case tokenSection:
		return "the title of a section"
	case tokenDirective:
		return "#" + t.text
	}
	return strconv.Quote(t.text)
}

// takeDoc returns the documentation of the declaration that starts at t: the
// comment on the lines just above it.
func (p *parser) takeDoc(t token) string {
	doc := p.doc
	if p.docLine != t.line {
		doc = ""
	}
	p.doc = ""
	return doc
}

func (p *parser) pos(t token) Pos { return Pos{File: p.file, Line: t.line} }

func (p *parser) declaration() {
	t := p.peek()
	switch {
	case t.kind == tokenDoc:
		p.at++
		p.doc, p.docLine = t.text, t.end+1
		if about, ok := strings.CutPrefix(t.text, "@file "+p.file+"\n"); ok {
			p.model.About[p.file] = about
		}
	case t.kind == tokenSection:
		p.at++
		p.section = t.text
	case t.kind == tokenDirective:
		p.at++
		p.directive(t)
	case p.accept("QNET_API"):
		p.public(t)
	case p.accept("typedef"):
		p.typedef(t)
	default:
		p.fail(t, "declaration expected, found %s", describe(t))
	}
}

func (p *parser) directive(t token) {
	word, rest, _ := strings.Cut(t.text, " ")
	switch word {
	case "include", "ifndef", "endif":
	case "define":
		p.define(t, strings.TrimSpace(rest))
	default:
		p.fail(t, "#%s is not understood", word)
	}
}

func (p *parser) define(t token, text string) {
	n := 0
	for n < len(text) && (isLetter(text[n]) || isDigit(text[n])) {
		n++
	}
	m := &Macro{Pos: p.pos(t), Name: text[:n]}
	rest := text[n:]
	if strings.HasPrefix(rest, "(") {
		m.Function = true
		if end := strings.IndexByte(rest, ')'); end >= 0 {
			rest = rest[end+1:]
		}
	}
	m.Value = strings.TrimSpace(rest)
	if m.Value == "" {
		return // the guard against double inclusion
	}
	// A comment documents the whole run of macros that follows it line by line.
	if m.Doc = p.takeDoc(t); m.Doc == "" && p.macroEnd == t.line-1 {
		m.Doc = p.macroDoc
	}
	p.macroDoc, p.macroEnd = m.Doc, t.end
	p.model.Macros = append(p.model.Macros, m)
}

// public reads what follows QNET_API: a function or a constant.
func (p *parser) public(start token) {
	doc := p.takeDoc(start)
	typ := p.typ()
	name := p.name()
	if p.accept(";") {
		if !typ.Const || typ.Pointer {
			p.fail(start, "%s: public data must be constant", name)
		}
		p.model.Data = append(p.model.Data, &Data{Pos: p.pos(start), Name: name, Type: typ, Doc: doc})
		return
	}
	params := p.params()
	p.expect(";")
	p.model.Functions = append(p.model.Functions,
		&Func{Pos: p.pos(start), Name: name, Return: typ, Params: params, Doc: doc, Section: p.section})
}

// typ reads a type: const, a name, a star, each but the name optional. A second star, and
// const before it, make a list of pointers.
func (p *parser) typ() Type {
	var t Type
	t.Const = p.accept("const")
	t.Base = p.name()
	t.Pointer = p.accept("*")
	if list := p.peek(); t.Pointer && (list.text == "const" || list.text == "*") {
		if t.Const {
			p.fail(list, "a list of const %s is not understood", t.Base)
		}
		t.Const, t.List = p.accept("const"), true
		p.expect("*")
	}
	return t
}

func (p *parser) params() []Param {
	p.expect("(")
	if t := p.peek(); t.text == "void" && p.tokens[p.at+1].text == ")" {
		p.at += 2
		return nil
	}
	var params []Param
	for {
		params = append(params, p.param())
		if p.accept(")") {
			return params
		}
		p.expect(",")
	}
}

func (p *parser) param() Param {
	typ := p.typ()
	param := Param{Name: p.name(), Type: typ}
	if p.accept("[") {
		t := p.peek()
		if param.Type.Array = p.number(); param.Type.Array <= 0 {
			p.fail(t, "array of %d elements", param.Type.Array)
		}
		p.expect("]")
	}
	return param
}

func (p *parser) typedef(start token) {
	doc := p.takeDoc(start)
	switch {
	case p.accept("struct"):
		p.structure(start, doc)
	case p.accept("enum"):
		p.enum(start, doc)
	default:
		typ := p.typ()
		if p.accept("(") {
			p.callback(start, doc, typ)
			return
		}
		if typ.Const || typ.Pointer {
			p.fail(start, "a typedef of %s is not understood", typ)
		}
		p.model.Scalars = append(p.model.Scalars,
			&Typedef{Pos: p.pos(start), Base: typ.Base, Name: p.name(), Doc: doc})
		p.expect(";")
	}
}

func (p *parser) callback(start token, doc string, ret Type) {
	p.expect("*")
	f := &Func{Pos: p.pos(start), Name: p.name(), Return: ret, Doc: doc}
	p.expect(")")
	f.Params = p.params()
	p.expect(";")
	p.model.Callbacks = append(p.model.Callbacks, f)
}

// ownDoc takes the comment of a field or an enumerator, if there is one.
func (p *parser) ownDoc() string {
	if t := p.peek(); t.kind == tokenDoc {
		p.at++
		return t.text
	}
	return ""
}

func (p *parser) structure(start token, doc string) {
	tag := p.name()
	if !p.accept("{") {
		p.sameName(start, tag)
		p.model.Handles = append(p.model.Handles, &Typedef{Pos: p.pos(start), Name: tag, Doc: doc})
		return
	}
	r := &Record{Pos: p.pos(start), Name: tag, Doc: doc}
	for !p.accept("}") {
		doc := p.ownDoc()
		field := p.param()
		field.Doc = doc
		r.Fields = append(r.Fields, field)
		p.expect(";")
	}
	p.sameName(start, tag)
	p.model.Records = append(p.model.Records, r)
}

func (p *parser) enum(start token, doc string) {
	e := &Enum{Pos: p.pos(start), Name: p.name(), Doc: doc}
	p.expect("{")
	for {
		doc := p.ownDoc()
		t := p.peek()
		c := Constant{Pos: p.pos(t), Name: p.name(), Doc: doc}
		p.expect("=")
		c.Value = p.number()
		e.Constants = append(e.Constants, c)
		if p.accept(",") {
			continue
		}
		p.expect("}")
		break
	}
	p.sameName(start, e.Name)
	p.model.Enums = append(p.model.Enums, e)
}

// sameName reads the typedef's name, which must be the tag: C++ would otherwise
// see two types.
func (p *parser) sameName(start token, tag string) {
	if name := p.name(); name != tag {
		p.fail(start, "%s is tagged %s", name, tag)
	}
	p.expect(";")
}
