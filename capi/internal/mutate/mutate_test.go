package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const source = `package sample

const most = 8

var list = []int{1}

func f(a, b int, ok bool) bool {
	defer g()
	if a < b && ok {
		g()
	}
	if !ok {
		return true
	}
	switch {
	case a == 0x10:
		b = 2
	}
	return func() bool { return a >= b }()
}
`

func TestFind(t *testing.T) {
	list, err := find("sample.go", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range list {
		got = append(got, fmt.Sprintf("%d %s %q %q", m.Line, m.Kind, m.Old, m.New))
		if m.Text != strings.TrimSpace(strings.Split(source, "\n")[m.Line-1]) || m.Into != strings.TrimSpace(strings.Replace(m.Text, m.Old, m.New, 1)) {
			t.Errorf("%q becomes %q", m.Text, m.Into)
		}
	}
	want := []string{
		`3 constant "8" "9"`,
		`8 call "defer g()" ""`,
		`9 condition "&&" "||"`,
		`9 condition "<" "<="`,
		`9 condition "<" ">="`,
		`10 call "g()" ""`,
		`12 condition "!ok" "!(!ok)"`,
		`13 condition "true" "false"`,
		`16 condition "==" "!="`,
		`16 constant "0x10" "17"`,
		`17 constant "2" "3"`,
		`19 condition ">=" ">"`,
		`19 condition ">=" "<"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSameThoughItHasMoved(t *testing.T) {
	before, _ := find("a.go", []byte(source))
	after, err := find("b.go", []byte(strings.Replace(source, "const", "// More.\n\nconst", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range before {
		for j := range after {
			if before[i].same(&after[j]) != (i == j) {
				t.Errorf("%+v and %+v", before[i], after[j])
			}
		}
	}
}

func TestWhereTestsCome(t *testing.T) {
	list, err := find("sample.go", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	entered := func(lines ...string) reach {
		r := reach{}
		for _, line := range lines {
			file, b, ok := parseBlock(line)
			if !ok {
				t.Fatalf("%q is no block", line)
			}
			r[file] = append(r[file], b)
		}
		return r
	}
	// As the compiler has them; the condition of the case is in none.
	half := entered("qnet/sample.go:7.32,9.18 2 1", "qnet/sample.go:9.18,11.3 1 0", "qnet/sample.go:12.2,12.9 1 1",
		"qnet/sample.go:12.9,14.3 1 0", "qnet/sample.go:15.2,15.9 1 1", "qnet/sample.go:16.17,17.8 1 0",
		"qnet/sample.go:19.2,19.23 1 1", "qnet/sample.go:19.23,19.39 1 0")
	got := ""
	for _, m := range list {
		got += fmt.Sprintf("%d %v, ", m.Line, half.comesTo(&m))
	}
	want := "3 true, 8 true, 9 true, 9 true, 9 true, 10 false, 12 true, 13 false, 16 true, 16 true, 17 false, 19 false, 19 false, "
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	none := entered("qnet/other.go:1.1,2.1 1 1")
	if none.comesTo(&list[1]) {
		t.Error("tests come to a file that is no part of them")
	}
	if _, _, ok := parseBlock("mode: set"); ok {
		t.Error("the first line is no block")
	}
}

func TestBlame(t *testing.T) {
	for output, want := range map[string]string{
		"ok":  "",
		"...": "",
		"--- FAIL: TestOne (0.00s)\n    --- FAIL: TestOne/a (0.00s)\n--- FAIL: TestTwo (0.00s)\nFAIL": "TestOne",
		"panic: test timed out after 1s\n\trunning tests:\n\t\tTestSlow (1s)\n":                       "TestSlow",
		"fatal error: all goroutines are asleep":                                                      "",
	} {
		if got := blame(output); got != want {
			t.Errorf("%q: %q, want %q", output, got, want)
		}
	}
}

func TestAProgramMustFailTwice(t *testing.T) {
	programs := strings.Fields("a b c d e f g h i j")
	for _, c := range []struct {
		name  string
		times int
		want  string
	}{{"", 0, ""}, {"a", 1, ""}, {"a", 2, "a"}, {"j", 2, "j"}} {
		var lock sync.Mutex
		runs := map[string]int{}
		got := failing(programs, func(program string) bool {
			lock.Lock()
			defer lock.Unlock()
			runs[program]++
			return program != c.name || runs[program] > c.times
		})
		if got != c.want {
			t.Errorf("%q fails %d times: %q", c.name, c.times, got)
		}
		if c.want == "" && len(runs) != len(programs) {
			t.Errorf("only %d ran", len(runs))
		}
	}
	if got := failing(programs, func(string) bool { return false }); got == "" {
		t.Error("all fail")
	}
}

// What does not compile counts for nothing, and what was tried before is not tried again.
func TestSample(t *testing.T) {
	all := make([]mutant, 20)
	for i := range all {
		all[i] = mutant{File: "a.go", Line: i}
	}
	try := func(m *mutant) error {
		m.Result = []string{invalid, noticed, survived}[m.Line%3]
		return nil
	}
	out := filepath.Join(t.TempDir(), "list")
	for _, workers := range []int{1, 3} {
		known, _ := read(out)
		fresh := 0
		tries := make([]func(*mutant) error, workers)
		for i := range tries {
			tries[i] = try
			if known != nil {
				tries[i] = func(m *mutant) error { fresh++; return try(m) }
			}
		}
		tried, err := sample(all, known, 8, tries, out)
		if err != nil {
			t.Fatal(err)
		}
		lines := map[int]bool{}
		for _, m := range tried {
			lines[m.Line] = m.Result != invalid
		}
		if want := map[int]bool{1: true, 2: true, 4: true, 5: true, 7: true, 8: true, 10: true, 11: true}; fmt.Sprint(lines) != fmt.Sprint(want) {
			t.Errorf("tried %v, want %v", lines, want)
		}
		if fresh != 0 {
			t.Errorf("%d were tried again", fresh)
		}
	}
	list, err := read(out)
	if err != nil || len(list) != 12 {
		t.Errorf("%d in the list, %v", len(list), err)
	}
	left := survivors([]mutant{{Text: "x"}, {Text: "y"}, {Text: "z"}}, []mutant{{Text: "x", Result: noticed}, {Text: "y", Result: survived}})
	if len(left) != 1 || left[0].Text != "y" {
		t.Errorf("survivors: %v", left)
	}
	boom := errors.New("boom")
	if _, err := sample(all, nil, 8, []func(*mutant) error{func(*mutant) error { return boom }}, ""); err != boom {
		t.Errorf("a failure is %v", err)
	}
}
