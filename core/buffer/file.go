package buffer

import (
	"io"

	"qnet/core/sys"
)

// File is a part of a file that is to be sent: of FD from Offset on. The queue that holds it
// closes FD.
type File struct {
	FD     int
	Offset int64
	Size   int
}

func (f *File) close() { sys.Close(f.FD) }

// AppendFile adds a part of a file.
func (b *Buffer) AppendFile(p *Pool, f *File) {
	c := p.view()
	c.file, c.w = f, f.Size
	b.push(c)
	b.size += f.Size
}

// File returns the part of a file that the queue begins with, as much as is left of it; nil
// if it begins with something else.
func (b *Buffer) File() (f File, first bool) {
	c := b.head
	if c == nil || c.file == nil {
		return File{}, false
	}
	return File{c.file.FD, c.file.Offset + int64(c.r), c.len()}, true
}

// Load reads up to max bytes of the file that the queue begins with into memory: they are
// what it begins with then. At the file's end it returns io.ErrUnexpectedEOF.
func (b *Buffer) Load(p *Pool, max int) error {
	f, first := b.File()
	if !first {
		return nil
	}
	m := p.get(LargeSize)
	n, err := sys.ReadFileAt(f.FD, m.data[:min(max, f.Size, LargeSize)], f.Offset)
	if n == 0 && err == nil {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		p.put(m)
		return err
	}
	m.w = n
	c := b.head
	b.size -= n
	c.r += n
	b.pushFront(m)
	b.size += n
	if c.r == c.w {
		p.put(b.unlink(c))
	}
	return nil
}

// Take is Read of as many bytes as dst has room for, also of files.
func (b *Buffer) Take(p *Pool, dst []byte) error {
	for len(dst) > 0 {
		if err := b.Load(p, LargeSize); err != nil {
			return err
		}
		piece, _ := b.First()
		n := copy(dst, piece)
		b.Discard(p, n)
		dst = dst[n:]
	}
	return nil
}
