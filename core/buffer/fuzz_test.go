package buffer

import (
	"bytes"
	"testing"
)

// pattern is what queues are filled with.
var pattern = func() (p [1 << 17]byte) {
	for i := range p {
		p[i] = byte(i * 7)
	}
	return p
}()

// FuzzBuffer does with a queue what the bytes say, and the same with a slice.
func FuzzBuffer(f *testing.F) {
	f.Add([]byte{0, 10, 1, 20, 2, 5, 3, 7, 4, 3})
	f.Add([]byte{5, 255, 6, 0, 0, 255, 2, 100, 7, 9, 1, 1, 1, 2})
	f.Add([]byte{1, 1, 0, 255, 0, 255, 2, 255, 5, 1, 6, 0, 8, 0})
	f.Add([]byte{10, 200, 12, 255, 11, 150, 4, 100, 9, 90, 6, 0, 3, 250, 9, 91, 2, 255})
	f.Fuzz(func(t *testing.T, program []byte) {
		var b Buffer
		var p Pool
		var want []byte
		var source Buffer
		lent := 0
		defer p.Close()
		for i := 0; i+1 < len(program) && i < 100; i += 2 {
			// Of all sizes: single bytes, and more than a chunk.
			arg := int(program[i+1])
			size := arg % 64
			if arg >= 64 {
				size = arg * arg
			}
			data := append([]byte(nil), pattern[i:][:size]...)
			switch program[i] % 13 {
			case 0:
				b.Append(&p, data)
				want = append(want, data...)
			case 1:
				b.Prepend(&p, byte(arg))
				want = append([]byte{byte(arg)}, want...)
			case 2:
				n := b.Read(&p, data)
				if n != min(size, len(want)) || !bytes.Equal(data[:n], want[:n]) {
					t.Fatalf("step %d: read %d bytes of %d", i/2, n, len(want))
				}
				want = want[n:]
			case 3:
				offset := min(arg*arg, len(want))
				n := b.Peek(data, offset)
				if n != min(size, len(want)-offset) || !bytes.Equal(data[:n], want[offset:][:n]) {
					t.Fatalf("step %d: peeked %d bytes of %d from %d on", i/2, n, len(want), offset)
				}
			case 4:
				n := b.Discard(&p, size)
				if n != min(size, len(want)) {
					t.Fatalf("step %d: discarded %d bytes of %d", i/2, n, len(want))
				}
				want = want[n:]
			case 5:
				n, _ := b.Fill(&p, max(size, 1), func(to []byte) (int, error) { return copy(to, data), nil })
				want = append(want, data[:max(n, 0)]...)
			case 6:
				b.Settle(&p)
			case 7:
				limit := min(size, len(want))
				offset := min(arg, limit)
				at := bytes.IndexByte(want[offset:limit], byte(arg))
				if at >= 0 {
					at += offset
				}
				if got := b.Index(byte(arg), offset, limit); got != at {
					t.Fatalf("step %d: %d is at %d of %d, not %d", i/2, arg, got, len(want), at)
				}
			case 8:
				var space [4][]byte
				parts := bytes.Join(b.Parts(space[:1+arg%4]), nil)
				first, all := b.First()
				if !bytes.HasPrefix(want, parts) || !bytes.HasPrefix(want, first) || all && len(first) != len(want) {
					t.Fatalf("step %d: the parts are not those of the queue", i/2)
				}
				if lent := b.Lendable(); lent != nil && !bytes.Equal(lent, want) {
					t.Fatalf("step %d: what is lent is not the queue", i/2)
				}
			case 9:
				source.Fill(&p, max(size, 1), func(to []byte) (int, error) { return copy(to, data), nil })
				source.Show(&p)
				piece, _ := source.First()
				piece = piece[len(piece)*(i%8)/9:]
				b.AppendShown(&p, piece)
				want = append(want, piece...)
				source.Discard(&p, size/(1+i%3))
				if arg%5 == 0 {
					source.Prepend(&p, byte(arg))
				}
			case 10:
				if size > 0 {
					lent++
					b.AppendLent(&p, data, func() { lent-- })
					want = append(want, data...)
				}
			case 11:
				r := Reserve(&p, size)
				r.Store(data)
				b.Join(&r)
				want = append(want, data...)
			case 12:
				p.Trim()
			}
			if b.Len() != len(want) {
				t.Fatalf("step %d: %d bytes, not %d", i/2, b.Len(), len(want))
			}
		}
		b.Clear(&p)
		source.Clear(&p)
		if b.Len() != 0 || p.Lent() != 0 || lent != 0 {
			t.Fatalf("%d bytes, %d chunks and %d pieces of memory are left", b.Len(), p.Lent(), lent)
		}
	})
}
