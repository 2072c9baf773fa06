package local

import (
	"path"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func FuzzName(f *testing.F) {
	f.Add("/tmp", "plain", false)
	f.Add("", "a/../b", false)
	f.Add("/var//tmp/..", "/abs//path", false)
	f.Add("relative", "..", false)
	f.Add("/", "a\x00b", true)
	f.Add("/t", "\x00", true)
	f.Add("/t", strings.Repeat("n", maxName), true)
	f.Add("/t", strings.Repeat("n", maxName-3), false)
	f.Fuzz(func(t *testing.T, dir, text string, abstract bool) {
		before := TempDir
		defer func() { TempDir = before }()
		TempDir = func() string { return dir }

		n := Find(text, abstract)
		if n.Abstract != abstract {
			t.Fatalf("Find(%q, %v) = %+v", text, abstract, n)
		}
		kept := abstract || text == "" || path.IsAbs(text)
		if kept && n.Text != text || !kept && !strings.HasSuffix(n.Text, "/"+text) {
			t.Fatalf("Find(%q, %v) in %q = %+v", text, abstract, dir, n)
		}
		if short := n.Short(); !strings.HasSuffix(n.Text, short) || !abstract && strings.Contains(short, "/") {
			t.Fatalf("%+v is short %q", n, short)
		}
		if !abstract && text != "" && !strings.HasPrefix(text, "/") && Find(n.Short(), false).Short() != n.Short() {
			t.Fatalf("%+v is short %q, which is found as %+v", n, n.Short(), Find(n.Short(), false))
		}

		sa, size, err := n.sockaddr()
		valid := n.Text != "" && (abstract || strings.IndexByte(n.Text, 0) < 0)
		switch {
		case !valid && err != unix.ENOENT, valid && len(n.Text) > maxName && err != unix.ENAMETOOLONG:
			t.Fatalf("%+v is refused with %v", n, err)
		case err != nil:
			return
		case !valid || len(n.Text) > maxName || size > unsafe.Sizeof(sa):
			t.Fatalf("%+v is taken, with %d bytes", n, size)
		}
		if back := fromSockaddr(&sa, size); back != n {
			t.Fatalf("%+v is %+v to the system", n, back)
		}
	})
}

// The system writes what it likes, and says how long it would have been.
func FuzzFromSockaddr(f *testing.F) {
	f.Add([]byte("\x01\x00/tmp/a\x00"), 9)
	f.Add([]byte("\x01\x00\x00abstract"), 11)
	f.Add([]byte("\x01\x00"), 2)
	f.Add([]byte("\x02\x00\x00\x50\x7f"), 16)
	f.Add([]byte("\x01\x00"+strings.Repeat("n", maxName+1)), 200)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		var sa unix.RawSockaddrUnix
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&sa)), unsafe.Sizeof(sa)), data)
		n := fromSockaddr(&sa, uintptr(max(size, 0)))
		if sa.Family != unix.AF_UNIX && n != (Name{}) || len(n.Text) > len(sa.Path) {
			t.Fatalf("%x of %d bytes is %+v", data, size, n)
		}
		if !n.Abstract && strings.IndexByte(n.Text, 0) >= 0 {
			t.Fatalf("the path %q has no end", n.Text)
		}
		again, length, err := n.sockaddr()
		if err == nil && fromSockaddr(&again, length) != n {
			t.Fatalf("%+v is %+v to the system", n, fromSockaddr(&again, length))
		}
	})
}
