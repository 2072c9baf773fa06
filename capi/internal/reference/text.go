package main

import (
	"regexp"
	"strings"
)

// block is a paragraph of a comment, or an item of a list.
type block struct {
	Item bool
	Text string // in one line
}

// blocks splits a comment. A blank line, or "- " at the beginning of a line, begins a
// new block.
func blocks(doc string) []block {
	var list []block
	fresh := true
	for _, line := range strings.Split(doc, "\n") {
		text := strings.TrimSpace(line)
		item, isItem := strings.CutPrefix(text, "- ")
		switch {
		case text == "":
			fresh = true
			continue
		case isItem:
			list = append(list, block{true, item})
		case fresh:
			list = append(list, block{false, text})
		default:
			list[len(list)-1].Text += " " + text
		}
		fresh = false
	}
	return list
}

// piece is a part of a text that looks different: the name of a parameter, code, or a
// name that is explained somewhere.
type piece struct {
	Kind pieceKind
	Text string
}

type pieceKind int

const (
	plain pieceKind = iota
	parameter
	code
	name
)

var special = regexp.MustCompile("@p (\\w+)|`([^`]+)`|\\b(qnet_\\w+|QNET_\\w+)(\\*|\\(\\))?")

// pieces splits a text. What it calls a name looks like one of the library's.
func pieces(text string) []piece {
	var list []piece
	at := 0
	for _, m := range special.FindAllStringSubmatchIndex(text, -1) {
		list = append(list, piece{plain, text[at:m[0]]})
		switch {
		case m[2] >= 0:
			list = append(list, piece{parameter, text[m[2]:m[3]]})
		case m[4] >= 0:
			list = append(list, piece{code, text[m[4]:m[5]]})
		default:
			list = append(list, piece{name, text[m[0]:m[1]]})
		}
		at = m[1]
	}
	return append(list, piece{plain, text[at:]})
}

// find returns the header that explains a name, which may end in "()"; "" if none does.
func (r *reference) find(name string) string { return r.names[strings.TrimSuffix(name, "()")] }

// summary returns the first sentence of a comment.
func summary(doc string) string {
	list := blocks(doc)
	if len(list) == 0 {
		return ""
	}
	text := list[0].Text
	if at := strings.Index(text, ". "); at >= 0 {
		text = text[:at]
	}
	return strings.TrimSuffix(text, ".")
}
