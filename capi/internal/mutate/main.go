// Command mutate measures what the tests notice: it breaks the core in one place
// after another, by chance, and runs the tests each time. It turns conditions,
// drops calls and makes integers one too large.
//
//	make mutants SEED=42 COUNT=250
//
// What survives is either a change that nobody could observe, or a gap in the
// tests. The list (-out) has a line of JSON for each mutant that was tried; a run
// that was interrupted goes on where it ended. -again tries the survivors of such
// a list once more, on the code as it is now.
//
// The sources are not touched, and must not be while it runs.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

func main() {
	seed := flag.Int64("seed", int64(rand.Uint32()), "which mutants are chosen, and their order")
	count := flag.Int("count", 250, "how many are tried, without those that do not compile")
	workers := flag.Int("workers", 2, "how many are tried at once")
	only := flag.String("only", "", "a part of the path that the files must have")
	out := flag.String("out", "", "the list of what was tried")
	onlyGo := flag.Bool("go", false, "without the C tests, which is quicker")
	again := flag.String("again", "", "a list whose survivors are tried again")
	flag.Parse()
	if err := mutate(*seed, *count, *workers, *onlyGo, *only, *out, *again); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func mutate(seed int64, count, workers int, onlyGo bool, only, out, again string) error {
	root, err := run("", nil, time.Minute, "go", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return fmt.Errorf("%w: %s", err, root)
	}
	if err := os.Chdir(strings.TrimSpace(root)); err != nil {
		return err
	}
	names, err := files(only)
	if err != nil {
		return err
	}
	all, err := findAll(names)
	if err != nil {
		return err
	}
	fmt.Printf("%d mutants in %d files, seed %d\n", len(all), len(names), seed)
	// Before parts of it are left out, so that these change nothing for the rest.
	rand.New(rand.NewSource(seed)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if again != "" {
		before, err := read(again)
		if err != nil {
			return err
		}
		all = survivors(all, before)
		count = len(all)
	}
	room, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(room)
	var programs []string
	built := make(chan error, 1)
	go func() {
		var err error
		if !onlyGo {
			programs, err = buildPrograms()
		}
		built <- err
	}()
	suites, err := learn(room, workers)
	if err := errors.Join(err, <-built); err != nil {
		return err
	}
	var known []mutant
	if out != "" {
		if known, err = read(out); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	var tries []func(*mutant) error
	for i := range workers {
		w := &worker{filepath.Join(room, fmt.Sprint(i)), suites, programs}
		if err := os.Mkdir(w.room, 0o755); err != nil {
			return err
		}
		tries = append(tries, w.try)
	}
	tried, err := sample(all, known, count, tries, out)
	if err == nil {
		report(tried)
	}
	return err
}

// files returns the Go files of core that are part of the library.
func files(only string) ([]string, error) {
	list, err := run("", nil, time.Minute, "go", "list", "-deps", "-f", `{{$p := .}}{{range .GoFiles}}{{$p.Dir}}/{{.}}
{{end}}`, "./capi")
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, list)
	}
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, line := range strings.Fields(list) {
		if name, inside := strings.CutPrefix(line, root+"/core/"); inside && strings.Contains("core/"+name, only) {
			names = append(names, "core/"+name)
		}
	}
	return names, nil
}

// buildPrograms runs the C tests on the code as it is, where they must pass, and returns
// their programs.
func buildPrograms() ([]string, error) {
	everything := []string{"TEST=", "CASE="}
	if output, err := run("", everything, 20*time.Minute, "capi/tests/run", "--check", "c"); err != nil {
		return nil, fmt.Errorf("without any change: %w\n%s", err, output)
	}
	programs, err := filepath.Glob("build/tests/c-quick/*")
	if err != nil {
		return nil, err
	}
	for i := range programs {
		if programs[i], err = filepath.Abs(programs[i]); err != nil {
			return nil, err
		}
	}
	return programs, nil
}

// sample tries mutants in their order, several at once, until count of them have compiled,
// and returns these. What is known need not be tried.
func sample(all, known []mutant, count int, tries []func(*mutant) error, out string) ([]mutant, error) {
	var (
		lock   sync.Mutex
		next   int
		busy   int
		tried  []mutant
		failed error
		group  sync.WaitGroup
	)
	file, err := os.OpenFile(out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if out != "" && err != nil {
		return nil, err
	}
	defer file.Close()
	changed := sync.NewCond(&lock)
	// take returns the next mutant, nil when there are enough. One under way may
	// turn out not to compile.
	take := func() *mutant {
		lock.Lock()
		defer lock.Unlock()
		for len(tried)+busy >= count && busy > 0 && failed == nil {
			changed.Wait()
		}
		if len(tried) >= count || next == len(all) || failed != nil {
			return nil
		}
		next++
		busy++
		return &all[next-1]
	}
	done := func(m *mutant, fresh bool, err error) {
		lock.Lock()
		defer lock.Unlock()
		defer changed.Broadcast()
		busy--
		if err != nil {
			failed = err
			return
		}
		if line, err := json.Marshal(m); err == nil && fresh && out != "" {
			fmt.Fprintf(file, "%s\n", line)
		}
		if m.Result == invalid {
			return
		}
		tried = append(tried, *m)
		fmt.Printf("%d/%d %s:%d %q -> %q %s %s\n", len(tried), count, m.File, m.Line, m.Old, m.New, m.Result, m.By)
	}
	for _, try := range tries {
		group.Go(func() {
			for m := take(); m != nil; m = take() {
				if k := lookUp(m, known); k != nil {
					m.Result, m.By = k.Result, k.By
					done(m, false, nil)
					continue
				}
				err := try(m)
				if err == nil {
					err = whole.Err() // What was killed has noticed nothing.
				}
				done(m, true, err)
			}
		})
	}
	group.Wait()
	return tried, failed
}

// report prints what survived, and how much did not.
func report(tried []mutant) {
	left := 0
	for _, m := range tried {
		if m.Result == survived {
			left++
			fmt.Printf("%s:%d: %s\n\t%s\n", m.File, m.Line, m.Text, m.Into)
		}
	}
	fmt.Printf("%d of %d noticed (%.1f %%)\n", len(tried)-left, len(tried), 100*float64(len(tried)-left)/float64(max(len(tried), 1)))
}

// read reads a list.
func read(name string) ([]mutant, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var list []mutant
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var m mutant
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, m)
	}
	return list, nil
}

// lookUp returns the mutant of the list that is m, if there is one.
func lookUp(m *mutant, list []mutant) *mutant {
	for i := range list {
		if list[i].File == m.File && list[i].Line == m.Line && list[i].same(m) {
			return &list[i]
		}
	}
	return nil
}

// survivors returns those of all that survived before. If a line is there more
// than once, all its places are tried.
func survivors(all, before []mutant) (left []mutant) {
	for _, m := range all {
		for i := range before {
			if before[i].Result == survived && before[i].same(&m) {
				left = append(left, m)
				break
			}
		}
	}
	return left
}
