// Package kept remembers what small files of the system say, for those who ask again and again. Each time it looks whether
// they have changed, so what it returns is never older than the file: by the file's times, and while these do not tell for
// certain, because it has changed so lately, by what it says.
package kept

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"sync"
	"time"

	"qnet/core/sys"
)

// Largest is how many bytes a file may have that is kept; it is also the bound of what is read at once.
const Largest = 64 << 10

// most is how many files are kept.
const most = 16

// ErrLarge is the error for a file that is larger.
var ErrLarge = errors.New("the file is too large to be kept")

// Now is time.Now; tests set it forward, so that what they have just written looks old.
var Now = time.Now

// file is what one said when it was read.
type file struct {
	stamp   sys.Stamp
	settled bool // it was read so long after its last change that it cannot have changed since without another stamp
	text    []byte
	value   any // what was made of the text
}

var (
	mu    sync.Mutex
	files = make(map[string]file)
)

// Of returns what parse makes of the text of a file, perhaps at an earlier time, when the text was the same. It is to be called
// with the same parse for a path, and what it returns is not to be changed. A file that is not there, or must not be read, gives
// the value of no text.
func Of[T any](path string, parse func(text []byte) T) (T, error) {
	if value, ok := Known[T](path); ok {
		return value, nil
	}
	var f file
	f.stamp, _ = sys.StampOf(path)
	f.settled = settled(f.stamp)
	text, err := read(path)
	if missing(err) {
		text, err = nil, nil
	}
	if err != nil {
		var none T
		return none, err
	}
	value := parse(text)
	if after, err := sys.StampOf(path); err == nil && after == f.stamp && after.Regular {
		f.text, f.value = text, value
		keep(path, f)
	}
	return value, nil
}

// Known is Of for a file that has said the same before, which takes no waiting: it is read again only if it has changed so lately
// that its times do not tell.
func Known[T any](path string) (T, bool) {
	var none T
	stamp, err := sys.StampOf(path)
	if err != nil {
		return none, missing(err)
	}
	mu.Lock()
	f, ok := files[path]
	mu.Unlock()
	if !ok || f.stamp != stamp {
		return none, false
	}
	if !f.settled {
		now := settled(stamp)
		if text, err := read(path); err != nil || !bytes.Equal(text, f.text) {
			return none, false
		}
		if f.settled = now; now {
			keep(path, f)
		}
	}
	value, ok := f.value.(T)
	return value, ok
}

// settled reports whether a file with that stamp would have another after a change now. That the clock may have been set in
// between does no harm: the stamps that it gives are others, too.
func settled(stamp sys.Stamp) bool {
	grain := 10 * time.Millisecond // the system's clock has no longer steps
	if stamp.Changed.Nsec == 0 {
		grain = 2 * time.Second // what some file systems have
	}
	return Now().Sub(time.Unix(stamp.Changed.Unix())) > 2*grain
}

func keep(path string, f file) {
	mu.Lock()
	defer mu.Unlock()
	if _, known := files[path]; !known && len(files) >= most {
		clear(files)
	}
	files[path] = f
}

func read(path string) ([]byte, error) {
	f, err := sys.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, Largest+1))
	if len(text) > Largest {
		return nil, ErrLarge
	}
	return text, err
}

func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)
}
