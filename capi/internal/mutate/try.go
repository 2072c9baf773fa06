package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// What became of a mutant.
const (
	invalid  = "invalid" // it does not compile
	noticed  = "noticed"
	survived = "survived"
)

// patience is how long tests may take to notice that something does not come: twice as
// long as they wait for it (looptest.Patience).
const patience = 40 * time.Second

// A worker tries mutants, one after another. The sources stay as they are: the
// compiler is told to read another file in the place of the one that changes.
type worker struct {
	room     string // a folder of its own
	suites   []*suite
	programs []string // the C tests
}

// try finds out whether a test notices the mutant: first of its own package, then of
// those that use it, then the C tests, with a library made of it.
func (w *worker) try(m *mutant) error {
	overlay, err := w.overlay(m)
	if err != nil {
		return err
	}
	own := "./" + filepath.Dir(m.File)
	if _, err := run("", nil, 5*time.Minute, "go", "build", overlay, own); err != nil {
		m.Result = invalid
		return nil
	}
	order := slices.Clone(w.suites)
	slices.SortStableFunc(order, func(a, b *suite) int {
		if (a.folder == own) != (b.folder == own) {
			return map[bool]int{true: -1, false: 1}[a.folder == own]
		}
		return int(a.took - b.took)
	})
	for _, s := range order {
		if m.By, m.Result = w.goTests(overlay, s, m); m.Result != "" {
			return nil
		}
	}
	m.By, m.Result = w.cTests(overlay)
	return nil
}

// whole is done when the program is interrupted, and everything that it runs then is
// killed.
var whole, _ = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)

// overlay writes what tells the compiler of the mutant, and returns the option.
func (w *worker) overlay(m *mutant) (string, error) {
	source, err := m.apply()
	if err != nil {
		return "", err
	}
	original, err := filepath.Abs(m.File)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(w.room, filepath.Base(m.File))
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{original: changed}})
	if err != nil {
		return "", err
	}
	file := filepath.Join(w.room, "overlay.json")
	if err := os.WriteFile(changed, source, 0o644); err != nil {
		return "", err
	}
	return "-overlay=" + file, os.WriteFile(file, list, 0o644)
}

// goTests runs those of a package's tests that come to the mutant; the result is
// empty if they pass. On a busy machine a test may fail by itself. So what failed
// must fail once more, alone or with the others.
func (w *worker) goTests(overlay string, s *suite, m *mutant) (by, result string) {
	if !s.all.comesTo(m) {
		return "", ""
	}
	tests := "."
	if s.each != nil {
		var names []string
		for name, r := range s.each {
			if r.comesTo(m) {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			return "", ""
		}
		slices.Sort(names)
		tests = "^(" + strings.Join(names, "|") + ")$"
	}
	binary := filepath.Join(w.room, "go.test")
	if _, err := run("", nil, 10*time.Minute, "go", "test", "-c", overlay, "-vet=off", "-ldflags=-s -w", "-o", binary, s.folder); err != nil {
		return "", invalid
	}
	test := func(tests string, limit time.Duration) (string, bool) {
		output, err := run(s.folder, nil, limit+time.Minute, binary, "-test.failfast", "-test.timeout="+limit.String(), "-test.run="+tests)
		return output, err == nil
	}
	limit := patience + 4*s.took
	output, passed := test(tests, limit)
	if passed {
		return "", ""
	}
	name := blame(output)
	if name != "" {
		if _, passed := test("^"+name+"$", patience); !passed {
			return name, noticed
		}
	}
	if output, passed = test(tests, limit); passed {
		return "", ""
	}
	if name = blame(output); name == "" {
		name = s.folder
	}
	return name, noticed
}

var (
	failedTest  = regexp.MustCompile(`(?m)^--- FAIL: (\w+)`)
	runningTest = regexp.MustCompile(`(?m)^\s+running tests:\n\s+(\w+)`)
)

// blame tells from the output of tests which failed, as far as that says so.
func blame(output string) string {
	for _, pattern := range []*regexp.Regexp{failedTest, runningTest} {
		if found := pattern.FindStringSubmatch(output); found != nil {
			return found[1]
		}
	}
	return ""
}

// cTests builds the library and runs the C tests with it. What fails must fail twice, too.
func (w *worker) cTests(overlay string) (by, result string) {
	if len(w.programs) == 0 {
		return "", survived
	}
	library := filepath.Join(w.room, "build")
	if err := os.RemoveAll(library); err != nil {
		return err.Error(), invalid
	}
	if output, err := run("", []string{"GOFLAGS=" + overlay}, 10*time.Minute, "make", "library", "BUILD="+library); err != nil {
		return "make: " + output, invalid
	}
	if by := failing(w.programs, func(program string) bool { return runs(program, library) }); by != "" {
		return "C: " + filepath.Base(by), noticed
	}
	return "", survived
}

// failing returns a program that fails twice; "" if there is none. Some run at once, and no
// other begins once one has failed.
func failing(programs []string, succeeds func(string) bool) string {
	const atOnce = 3
	var group sync.WaitGroup
	running := make(chan bool, atOnce)
	failed := make(chan string, len(programs)+1)
	for _, program := range programs {
		running <- true
		if len(failed) > 0 {
			break
		}
		group.Go(func() {
			defer func() { <-running }()
			if !succeeds(program) && !succeeds(program) {
				failed <- program
			}
		})
	}
	group.Wait()
	failed <- ""
	return <-failed
}

// runs runs a program of the C tests with the library in a folder, and reports
// whether it succeeds.
func runs(program, library string) bool {
	var arguments []string
	switch filepath.Base(program) {
	case "stress", "conversation": // They run for as long as they are told to.
		arguments = []string{"--seconds", "3"}
	}
	_, err := run("", []string{"LD_LIBRARY_PATH=" + library}, 4*time.Minute, program, arguments...)
	return err == nil
}

// run runs a command in a group of its own, which is killed if it takes too long.
func run(folder string, environment []string, limit time.Duration, name string, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(whole, limit)
	defer cancel()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), environment...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = time.Second
	output, err := command.CombinedOutput()
	if ctx.Err() != nil {
		err = fmt.Errorf("%s: killed after %v", name, limit)
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // A child of the command has outlived it.
	}
	return string(output), err
}
