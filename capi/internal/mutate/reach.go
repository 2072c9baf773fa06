package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Only a test that comes to the place of a change can notice it. So it is found out
// first, from the coverage of the code as it is, which tests come where: of each
// package's tests as a whole, and of those that take long one by one.

// long is how long a package's tests take if it is worth choosing among them.
const long = 4 * time.Second

// A suite is the tests of a package.
type suite struct {
	folder string // ./core/...
	took   time.Duration
	all    reach
	each   map[string]reach // of the tests, if they take long
}

// reach is where tests come: of each file the blocks that they enter, and those that
// they could.
type reach map[string][]block

type block struct {
	from, to place // to is behind it
	entered  bool
}

type place struct{ line, column int }

func (p place) before(q place) bool {
	return p.line < q.line || p.line == q.line && p.column < q.column
}

// comesTo reports whether tests may come to a mutant. What is in no block, as the
// condition of a case, belongs to its function. A constant outside them may be used
// wherever there is its package.
func (r reach) comesTo(m *mutant) bool {
	if m.function == nil {
		return r.haveAny(filepath.Dir(m.File))
	}
	innermost, entered := block{}, false
	for _, b := range r[m.File] {
		if b.from.before(m.function.from) || m.function.to.before(b.to) {
			continue
		}
		entered = entered || b.entered
		inside := !m.at.before(b.from) && m.at.before(b.to)
		if inside && !b.from.before(innermost.from) {
			innermost = b
		}
	}
	if innermost.to != (place{}) {
		return innermost.entered
	}
	return entered
}

func (r reach) haveAny(folder string) bool {
	for name := range r {
		if filepath.Dir(name) == folder {
			return true
		}
	}
	return false
}

// learn runs the tests of all of core, which must pass, and finds out where they come.
func learn(room string, workers int) ([]*suite, error) {
	list, err := run("", nil, time.Minute, "go", "list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}", "./core/...")
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, list)
	}
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	var suites []*suite
	for _, folder := range strings.Fields(list) {
		folder, err := filepath.Rel(root, folder)
		if err != nil {
			return nil, err
		}
		s := &suite{folder: "./" + folder}
		if err := s.learn(room, workers); err != nil {
			return nil, err
		}
		suites = append(suites, s)
	}
	return suites, nil
}

func (s *suite) learn(room string, workers int) error {
	binary := filepath.Join(room, "cover.test")
	output, err := run("", nil, 5*time.Minute, "go", "test", "-c", "-vet=off", "-cover", "-coverpkg=./core/...", "-o", binary, s.folder)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", s.folder, err, output)
	}
	start := time.Now()
	if s.all, err = s.profile(binary, "."); err != nil {
		return err
	}
	if s.took = time.Since(start); s.took < long {
		return nil
	}
	names, err := run(s.folder, nil, time.Minute, binary, "-test.list=.")
	if err != nil {
		return fmt.Errorf("%s: %w", s.folder, err)
	}
	s.each = map[string]reach{}
	var lock sync.Mutex
	var group sync.WaitGroup
	queue := make(chan string)
	for range workers {
		group.Go(func() {
			for name := range queue {
				r, failed := s.profile(binary, "^"+name+"$")
				lock.Lock()
				if failed != nil {
					err = failed
				}
				s.each[name] = r
				lock.Unlock()
			}
		})
	}
	for _, name := range regexp.MustCompile(`(?m)^(Test|Fuzz|Example)\w*$`).FindAllString(names, -1) {
		queue <- name
	}
	close(queue)
	group.Wait()
	return err
}

// profile runs tests and returns where they come.
func (s *suite) profile(binary, tests string) (reach, error) {
	file, err := os.CreateTemp(filepath.Dir(binary), "profile")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	output, err := run(s.folder, nil, 5*time.Minute, binary, "-test.run="+tests, "-test.coverprofile="+file.Name())
	if err != nil {
		return nil, fmt.Errorf("without any change: %s: %w\n%s", s.folder, err, output)
	}
	r := reach{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, b, ok := parseBlock(lines.Text())
		if ok {
			r[name] = append(r[name], b)
		}
	}
	return r, nil
}

var profileLine = regexp.MustCompile(`^\w+/(.+):(\d+)\.(\d+),(\d+)\.(\d+) \d+ (\d+)$`)

// parseBlock reads a line of a profile: qnet/core/a/b.go:1.2,3.4 5 1
func parseBlock(line string) (file string, b block, ok bool) {
	f := profileLine.FindStringSubmatch(line)
	if f == nil {
		return "", b, false
	}
	var n [5]int
	for i := range n {
		n[i], _ = strconv.Atoi(f[i+2])
	}
	return f[1], block{place{n[0], n[1]}, place{n[2], n[3]}, n[4] > 0}, true
}
