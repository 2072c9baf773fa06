package kept

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"qnet/core/sys"
)

// later has files look as if they had not been changed for long.
func later(t *testing.T) {
	Now = func() time.Time { return time.Now().Add(time.Hour) }
	t.Cleanup(func() { Now = time.Now })
}

// reader counts how often a file is read.
type reader struct {
	path  string
	times int
}

func (r *reader) text(t *testing.T) string {
	t.Helper()
	got, err := Of(r.path, func(text []byte) string {
		r.times++
		return string(text)
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (r *reader) write(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(r.path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (r *reader) expect(t *testing.T, text string, times int) {
	t.Helper()
	if got := r.text(t); got != text || r.times != times {
		t.Fatalf("%q after reading %d times, not %q after %d", got, r.times, text, times)
	}
}

func newReader(t *testing.T) *reader { return &reader{path: filepath.Join(t.TempDir(), "file")} }

func TestAFileIsReadOnce(t *testing.T) {
	later(t)
	r := newReader(t)
	if text, ok := Known[string](r.path); !ok || text != "" {
		t.Fatalf("one that is not there: %q, %v", text, ok)
	}
	r.write(t, "one")
	if _, ok := Known[string](r.path); ok {
		t.Fatal("one that was never read is known")
	}
	r.expect(t, "one", 1)
	r.expect(t, "one", 1)
	r.expect(t, "one", 1)
	if text, ok := Known[string](r.path); !ok || text != "one" {
		t.Fatalf("%q, %v", text, ok)
	}
	if _, ok := Known[int](r.path); ok {
		t.Fatal("it is known as what it was never made")
	}
}

func TestAFileThatChangesIsReadAgain(t *testing.T) {
	later(t)
	r := newReader(t)
	r.write(t, "one")
	r.expect(t, "one", 1)
	r.expect(t, "one", 1)
	r.write(t, "another")
	if _, ok := Known[string](r.path); ok {
		t.Fatal("what it was is still known")
	}
	r.expect(t, "another", 2)
	r.expect(t, "another", 2)
	// Of the same length and time, but another file.
	info, err := os.Stat(r.path)
	if err != nil {
		t.Fatal(err)
	}
	old := *r
	r.path += ".new"
	r.write(t, "ANOTHER")
	if err := os.Chtimes(r.path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(r.path, old.path); err != nil {
		t.Fatal(err)
	}
	r.path = old.path
	r.expect(t, "ANOTHER", 3)
	if err := os.Remove(r.path); err != nil {
		t.Fatal(err)
	}
	if got := r.text(t); got != "" {
		t.Fatalf("%q once it was removed", got)
	}
}

// TestAFileThatChangesTwiceAtATime: the system may give both states the same times.
func TestAFileThatChangesTwiceAtATime(t *testing.T) {
	Now = func() time.Time { return time.Now().Add(-time.Hour) } // however slow this test is
	t.Cleanup(func() { Now = time.Now })
	r := newReader(t)
	again := func(text string) {
		t.Helper()
		r.write(t, text)
		mu.Lock()
		defer mu.Unlock()
		f := files[r.path]
		f.stamp, _ = sys.StampOf(r.path)
		files[r.path] = f
	}
	r.write(t, "one")
	r.expect(t, "one", 1)
	again("two")
	r.expect(t, "two", 2)
	r.expect(t, "two", 2)
	if files[r.path].settled {
		t.Fatal("it is believed not to change any more")
	}
	later(t)
	again("six")
	r.expect(t, "six", 3)
	r.expect(t, "six", 3)
	if !files[r.path].settled {
		t.Fatal("it is read again and again")
	}
}

func TestLargeAndOtherFilesAreNotKept(t *testing.T) {
	later(t)
	r := newReader(t)
	r.write(t, string(make([]byte, Largest)))
	if got := r.text(t); len(got) != Largest {
		t.Fatal(len(got))
	}
	r.write(t, string(make([]byte, Largest+1)))
	if _, err := Of(r.path, func([]byte) string { return "" }); err != ErrLarge {
		t.Fatal(err)
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"one", "two"} {
		go os.WriteFile(pipe, []byte(text), 0o600)
		if got, err := Of(pipe, func(text []byte) string { return string(text) }); err != nil || got != text {
			t.Fatalf("%q, %v", got, err)
		}
		if _, ok := Known[string](pipe); ok {
			t.Fatal("a pipe is known")
		}
	}
	if _, err := Of(t.TempDir(), func([]byte) string { return "" }); err == nil {
		t.Fatal("a folder was read")
	}
}

func TestFewFilesAreKept(t *testing.T) {
	later(t)
	folder := t.TempDir()
	for i := range 5 * most {
		r := reader{path: filepath.Join(folder, fmt.Sprint(i))}
		r.write(t, "text")
		r.expect(t, "text", 1)
		r.expect(t, "text", 1)
		if len(files) > most {
			t.Fatalf("%d files are kept", len(files))
		}
	}
}
