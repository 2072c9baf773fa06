package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
)

// A mutant is a change of one place in a file.
type mutant struct {
	File string `json:"file"` // relative to the repository's root
	Line int    `json:"line"`
	Text string `json:"text"` // the line, without its indentation
	Into string `json:"into"` // what the line becomes
	Nth  int    `json:"nth"`  // among the line's mutants
	Kind string `json:"kind"`
	Old  string `json:"old"`
	New  string `json:"new"`

	Result string `json:"result,omitempty"`
	By     string `json:"by,omitempty"` // what noticed it

	start, end int   // what is replaced, in bytes
	at         place // where that is
	function   *span // nil for constants outside functions
}

// A span is where a function stands.
type span struct{ from, to place }

// What an operator is turned into: one that differs where both sides are
// equal, and the opposite.
var turned = map[token.Token][]string{
	token.EQL:  {"!="},
	token.NEQ:  {"=="},
	token.LAND: {"||"},
	token.LOR:  {"&&"},
	token.LSS:  {"<=", ">="},
	token.LEQ:  {"<", ">"},
	token.GTR:  {">=", "<="},
	token.GEQ:  {">", "<"},
}

// find returns the mutants of a file: conditions turned, calls for their effect
// alone dropped, and integers one too large. Declarations of types and variables
// outside functions are left as they are.
func find(name string, source []byte) ([]mutant, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(source), "\n")
	onLine := map[int]int{}
	var found []mutant
	var function *span
	add := func(kind string, from, to token.Pos, replacement string) {
		at, start, end := files.Position(from), files.Position(from).Offset, files.Position(to).Offset
		line, before := lines[at.Line-1], at.Column-1
		into := line[:before] + replacement + line[min(before+end-start, len(line)):]
		found = append(found, mutant{
			File: name, Line: at.Line, Text: strings.TrimSpace(line), Into: strings.TrimSpace(into), Nth: onLine[at.Line],
			Kind: kind, Old: string(source[start:end]), New: replacement,
			start: start, end: end, at: place{at.Line, at.Column}, function: function,
		})
		onLine[at.Line]++
	}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			for _, other := range turned[n.Op] {
				add("condition", n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), other)
			}
		case *ast.IfStmt:
			if _, compares := n.Cond.(*ast.BinaryExpr); !compares {
				from, to := n.Cond.Pos(), n.Cond.End()
				add("condition", from, to, "!("+string(source[files.Position(from).Offset:files.Position(to).Offset])+")")
			}
		case *ast.Ident:
			if other, is := map[string]string{"true": "false", "false": "true"}[n.Name]; is {
				add("condition", n.Pos(), n.End(), other)
			}
		case *ast.ExprStmt:
			if _, calls := n.X.(*ast.CallExpr); calls {
				add("call", n.Pos(), n.End(), "")
			}
		case *ast.DeferStmt:
			add("call", n.Pos(), n.End(), "")
		case *ast.BasicLit:
			if value, err := strconv.ParseInt(n.Value, 0, 64); n.Kind == token.INT && err == nil {
				add("constant", n.Pos(), n.End(), strconv.FormatInt(value+1, 10))
			}
		}
		return true
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body != nil {
				from, to := files.Position(d.Body.Pos()), files.Position(d.Body.End())
				function = &span{place{from.Line, from.Column}, place{to.Line, to.Column}}
				ast.Inspect(d.Body, visit)
			}
		case *ast.GenDecl:
			if function = nil; d.Tok == token.CONST {
				ast.Inspect(d, visit)
			}
		}
	}
	return found, nil
}

// findAll returns the mutants of several files.
func findAll(names []string) ([]mutant, error) {
	var all []mutant
	for _, name := range names {
		source, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		found, err := find(name, source)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// apply returns the file with the change.
func (m *mutant) apply() ([]byte, error) {
	source, err := os.ReadFile(m.File)
	if err != nil {
		return nil, err
	}
	return append(append(source[:m.start:m.start], m.New...), source[m.end:]...), nil
}

// same reports whether two mutants are the same change, though the lines around
// it may have moved, also to another file.
func (m *mutant) same(other *mutant) bool {
	return m.Text == other.Text && m.Nth == other.Nth && m.Old == other.Old && m.New == other.New
}
