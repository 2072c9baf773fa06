package header

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// qtName finds the names of Qt's methods, signals and functions in a text.
var qtName = regexp.MustCompile(`\b(Q\w+)::(~?\w+)|\bq[A-Z]\w+`)

// docLine returns what a comment says after a word such as "Qt: ", "" if it says
// nothing. The text goes on until the comment or its paragraph ends.
func docLine(doc, word string) string {
	for _, paragraph := range strings.Split(doc, "\n\n") {
		if rest, ok := strings.CutPrefix(paragraph, word); ok {
			return rest
		}
	}
	return ""
}

func TestEverythingIsDocumented(t *testing.T) {
	for _, p := range publicNames(parseHeaders(t)) {
		if p.doc == "" {
			t.Errorf("%s: %s has no comment", p.pos, p.name)
		}
	}
}

// TestFunctionsNameTheirModel checks the line that names what a function is in
// Qt: it must be there, and be what the map says.
func TestFunctionsNameTheirModel(t *testing.T) {
	byC := make(map[string][]string)  // Qt's names of a function, without the class
	byQt := make(map[string][]string) // C's names of one of Qt's, with the class
	none := make(map[string]bool)     // functions without a model
	for _, row := range readMap(t) {
		names := qtName.FindAllString(row.qt, -1)
		for _, c := range row.c {
			none[c] = none[c] || row.qt == "(none)"
			for _, qt := range names {
				byC[c] = append(byC[c], withoutClass(qt))
				byQt[qt] = append(byQt[qt], c)
			}
		}
	}
	for _, f := range parseHeaders(t).Functions {
		line := docLine(f.Doc, "Qt: ")
		// With a model in the map, it is a part of what the function does that goes beyond.
		none[f.Name] = none[f.Name] || len(byC[f.Name]) == 0 && docLine(f.Doc, "Beyond Qt: ") != ""
		switch {
		case line == "" && !none[f.Name]:
			t.Errorf("%s: %s has no Qt: line", f.Pos, f.Name)
		case line != "" && none[f.Name]:
			t.Errorf("%s: %s has a Qt: line, but no model", f.Pos, f.Name)
		case line != "" && !agrees(line, f.Name, byC[f.Name], byQt):
			t.Errorf("%s: %s: the map has another name for %s", f.Pos, f.Name, line)
		}
	}
}

// agrees tells whether a function may say that its model is what line names:
// with a row in the map, one of the names must be that row's, in whichever base
// class Qt declares it; without one, none of the names may have a row.
func agrees(line, c string, models []string, byQt map[string][]string) bool {
	// An override has the model of what it overrides, which has a row itself.
	override := strings.HasPrefix(line, "an override of ")
	for _, qt := range qtName.FindAllString(line, -1) {
		if !override && len(models) == 0 && len(byQt[qt]) > 0 {
			return false
		}
		if slices.Contains(models, withoutClass(qt)) {
			return true
		}
	}
	return len(models) == 0
}

func withoutClass(qt string) string {
	return qt[strings.LastIndexByte(qt, ':')+1:]
}
