package sys

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// wallClock are the names with which Go code reads the wall clock or loses the
// monotonic reading that a time.Time has from time.Now.
var wallClock = map[string]bool{
	"Unix": true, "UnixMilli": true, "UnixMicro": true, "UnixNano": true, "Date": true,
	"Round": true, "Truncate": true, "UTC": true, "AddDate": true,
	"CLOCK_REALTIME": true, "CLOCK_TAI": true, "Gettimeofday": true,
	"SO_RCVTIMEO": true, "SO_SNDTIMEO": true,
}

// readsWallClock returns the places of a file that do so.
func readsWallClock(t *testing.T, name string, source any) (places []string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && wallClock[s.Sel.Name] {
			places = append(places, files.Position(s.Pos()).String()+": "+s.Sel.Name)
		}
		return true
	})
	return places
}

// TestNobodyReadsTheWallClock is for what cannot be tried: setting the clock would
// be seen by the whole machine. Whoever measures time here uses the monotonic
// clock, so that no timer and no limit notices when the other one jumps.
func TestNobodyReadsTheWallClock(t *testing.T) {
	seen := 0
	for _, root := range []string{"..", "../../capi"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && (d.Name() == "tls" || d.Name() == "kept") {
				// Certificates and files have dates, and nothing there waits.
				return filepath.SkipDir
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || d.Name() == "ssl_certificate.go" {
				return err
			}
			seen++
			for _, place := range readsWallClock(t, path, nil) {
				t.Error(place)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 50 {
		t.Errorf("there are %d files only", seen)
	}
}

func TestReadingTheWallClockIsFound(t *testing.T) {
	for _, source := range []string{
		"package p; import \"time\"; var at = time.Now().UnixNano()",
		"package p; import \"time\"; var at = time.Now().Round(0)",
		"package p; import \"golang.org/x/sys/unix\"; const clock = unix.CLOCK_REALTIME",
	} {
		if len(readsWallClock(t, "p.go", source)) != 1 {
			t.Errorf("not found in %q", source)
		}
	}
	if places := readsWallClock(t, "p.go", "package p; import \"time\"; var at = time.Now().Add(time.Second)"); places != nil {
		t.Error(places)
	}
}

// TestNowIsTheClockOfTheSystemsTimers compares it with the clock that the system's timers go by:
// it is never behind, and ahead by no more than the time between two looks.
func TestNowIsTheClockOfTheSystemsTimers(t *testing.T) {
	clock := func() int64 {
		var ts unix.Timespec
		if err := unix.ClockGettime(monotonic, &ts); err != nil {
			t.Fatal(err)
		}
		return ts.Nano()
	}
	nearest := int64(1 << 62)
	for range 1000 {
		before, now, after := clock(), Now(), clock()
		if now < before {
			t.Fatalf("%d ns behind", before-now)
		}
		nearest = min(nearest, now-after)
	}
	if nearest > int64(100*time.Microsecond) {
		t.Errorf("%d ns ahead", nearest)
	}
}
