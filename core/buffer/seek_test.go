package buffer

import "testing"

// drip fills a queue in pieces, as a peer does that sends them one by one to who reads
// nothing, and calls each after every piece.
func drip(p *Pool, b *Buffer, total, piece int, each func()) {
	for n := 0; n < total; n += piece {
		b.Fill(p, LargeSize, func(space []byte) (int, error) {
			clear(space[:piece])
			return piece, nil
		})
		b.Settle(p)
		if each != nil {
			each()
		}
	}
}

// However much is unread, looking for the end of a line looks at each byte once, and a look
// deep into a long queue goes on where the last one was.
func TestLooksGoOnWhereTheyWere(t *testing.T) {
	for _, total := range []int{1 << 20, 16 << 20} {
		var p Pool
		var b Buffer
		const piece = 1000
		looked, steps, most, calls := 0, 0, 0, 0
		offset := 0
		drip(&p, &b, total, piece, func() {
			at, n := b.search('\n', 0, b.Len())
			if at >= 0 {
				t.Fatalf("found at %d", at)
			}
			looked += n
			// Half of it was read in a transaction, and a little more is now.
			offset = b.Len() / 2
			_, _, s := b.seek(offset)
			steps, most, calls = steps+s, max(most, s), calls+1
		})
		if looked > b.Len()+calls*manyBytes {
			t.Errorf("%d MiB: %d bytes were looked at", total>>20, looked)
		}
		if steps > 2*calls || most > 2*manyChunks {
			t.Errorf("%d MiB: %d looks took %d steps, one of them %d", total>>20, calls, steps, most)
		}
		// Taking from the front moves what is remembered.
		b.Discard(&p, total/3)
		if at, n := b.search('\n', 0, b.Len()); at >= 0 || n > piece {
			t.Errorf("%d MiB: looked at %d bytes again", total>>20, n)
		}
		b.Append(&p, []byte("line\n"))
		if at, n := b.search('\n', 0, b.Len()); at != b.Len()-1 || n > 2*piece {
			t.Errorf("%d MiB: found at %d of %d, after %d bytes", total>>20, at, b.Len(), n)
		}
		b.Prepend(&p, '\n')
		if at, _ := b.search('\n', 0, b.Len()); at != 0 {
			t.Errorf("what was put back is at %d", at)
		}
		b.Clear(&p)
		p.Close()
	}
}

// Messages that nobody reads take twice their room at most, whatever their size, and few
// mappings.
func TestWhatIsLeftUnreadIsPacked(t *testing.T) {
	for _, piece := range []int{1, 100, 1000, SmallSize, SmallSize + 1, 5000, 10000, LargeSize/2 - 1, LargeSize / 2, LargeSize/2 + 1, LargeSize - 1, LargeSize} {
		var p Pool
		var b Buffer
		total := min(2000*piece, 64<<20)
		drip(&p, &b, total, piece, nil)
		room, chunks := 0, 0
		for c := b.head; ; c = c.next {
			room += len(c.data)
			chunks++
			if c.next == b.head {
				break
			}
		}
		if room > 2*b.Len()+LargeSize {
			t.Errorf("%d bytes in pieces of %d take %d in %d chunks", b.Len(), piece, room, chunks)
		}
		if mapped := p.mapped * LargeSize; mapped > 2*b.Len()*9/8+2*smallestSlab*LargeSize || p.slabs > 100 {
			t.Errorf("%d bytes in pieces of %d: %d bytes in %d slabs", b.Len(), piece, mapped, p.slabs)
		}
		b.Clear(&p)
		p.Close()
	}
}
