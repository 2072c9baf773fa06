package header

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// capiDir is where the map of names is.
const capiDir = "../.."

// mapRow is a row of the map of names: what Qt calls a thing, and what C does.
type mapRow struct {
	qt   string
	c    []string
	kind string
}

// readTSV returns the rows of a table below its heading.
func readTSV(t *testing.T, name string, columns int) [][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(capiDir, name))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		row := strings.Split(line, "\t")
		if len(row) != columns {
			t.Fatalf("%s:%d: %d columns, want %d", name, i+1, len(row), columns)
		}
		if i > 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

func readMap(t *testing.T) []mapRow {
	t.Helper()
	var rows []mapRow
	for _, row := range readTSV(t, "api-map.tsv", 4) {
		if row[2] == "note" {
			continue // about functions that have rows of their own
		}
		names := strings.Fields(strings.TrimPrefix(row[1], "struct "))
		rows = append(rows, mapRow{qt: row[0], c: names, kind: row[2]})
	}
	return rows
}

func parseHeaders(t *testing.T) *Model {
	t.Helper()
	m, err := ParseDir(filepath.Join(capiDir, "..", "include", "qnet"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// public is a name of the headers with what documents it.
type public struct {
	pos  Pos
	name string
	doc  string
	enum bool // an enumerator, which its enumeration documents
}

func publicNames(m *Model) []public {
	var all []public
	add := func(pos Pos, name, doc string) {
		all = append(all, public{pos: pos, name: name, doc: doc})
	}
	for _, f := range append(append([]*Func(nil), m.Functions...), m.Callbacks...) {
		add(f.Pos, f.Name, f.Doc)
	}
	for _, d := range append(append([]*Typedef(nil), m.Handles...), m.Scalars...) {
		add(d.Pos, d.Name, d.Doc)
	}
	for _, r := range m.Records {
		add(r.Pos, r.Name, r.Doc)
	}
	for _, d := range m.Data {
		add(d.Pos, d.Name, d.Doc)
	}
	for _, d := range m.Macros {
		add(d.Pos, d.Name, d.Doc)
	}
	for _, e := range m.Enums {
		add(e.Pos, e.Name, e.Doc)
		for _, c := range e.Constants {
			all = append(all, public{pos: c.Pos, name: c.Name, doc: e.Doc, enum: true})
		}
	}
	return all
}

// TestNamesAreInTheMap fails for a function or an enumerator of which neither the map nor
// the header says what it is in Qt, or that it goes beyond Qt.
func TestNamesAreInTheMap(t *testing.T) {
	known := make(map[string]bool)
	for _, row := range readMap(t) {
		for _, name := range row.c {
			known[name] = true
		}
	}
	m := parseHeaders(t)
	for _, f := range m.Functions {
		if !known[f.Name] && docLine(f.Doc, "Qt: ") == "" && docLine(f.Doc, "Beyond Qt: ") == "" {
			t.Errorf("%s: %s is not in api-map.tsv, and its comment has neither a Qt: nor a Beyond Qt: line", f.Pos, f.Name)
		}
	}
	for _, e := range m.Enums {
		for _, c := range e.Constants {
			if !known[c.Name] && !qtType.MatchString(e.Doc) && !strings.Contains(c.Doc+e.Doc, "beyond Qt") {
				t.Errorf("%s: %s is not in api-map.tsv, and no comment tells its type in Qt, or that it is beyond Qt", c.Pos, c.Name)
			}
		}
	}
}

var qtType = regexp.MustCompile(`\bQ[A-Z]?\w+`)

func TestEnumValuesAreThoseOfTheMap(t *testing.T) {
	values := make(map[string]Constant)
	for _, e := range parseHeaders(t).Enums {
		for _, c := range e.Constants {
			values[c.Name] = c
		}
	}
	checked := 0
	for _, row := range readMap(t) {
		want, isEnum := strings.CutPrefix(row.kind, "enum ")
		if !isEnum || want == "(same value)" {
			continue
		}
		n, err := strconv.Atoi(want)
		if err != nil || len(row.c) != 1 {
			t.Fatalf("api-map.tsv: %s: %q is no value of one name", row.qt, want)
		}
		if c, ok := values[row.c[0]]; ok {
			checked++
			if c.Value != n {
				t.Errorf("%s: %s is %d, in the map %d", c.Pos, c.Name, c.Value, n)
			}
		}
	}
	if checked == 0 {
		t.Error("the headers have no enumerator of the map")
	}
}

// TestMapIsCovered fails for a name of the map that is missing.
func TestMapIsCovered(t *testing.T) {
	present := make(map[string]bool)
	for _, p := range publicNames(parseHeaders(t)) {
		present[p.name] = true
	}
	for _, row := range readMap(t) {
		for _, name := range row.c {
			if !present[name] {
				t.Errorf("%s (%s) is in the map and in no header", name, row.qt)
			}
		}
	}
}
