package buffer

import (
	"bytes"
	"errors"
	"math/rand"
	"testing"
	"testing/quick"
)

// model drives a Buffer and a plain slice with the same random steps and
// compares them after each.
func model(t *testing.T, seed int64, steps int) {
	t.Helper()
	rng := rand.New(rand.NewSource(seed))
	var (
		pool Pool
		b    Buffer
		want []byte
		rel  int // what is lent that has come back
		lent int
	)
	defer pool.Close()
	// Another queue, of which b has views.
	var source Buffer
	data := func(max int) []byte {
		p := make([]byte, rng.Intn(max))
		rng.Read(p)
		return p
	}
	for i := 0; i < steps; i++ {
		switch rng.Intn(14) {
		case 0:
			p := data(3 * LargeSize)
			b.Append(&pool, p)
			want = append(want, p...)
		case 1:
			p := data(100)
			b.Append(&pool, p)
			want = append(want, p...)
		case 2:
			c := byte(rng.Intn(256))
			b.Prepend(&pool, c)
			want = append([]byte{c}, want...)
		case 3:
			p := data(LargeSize)
			limit := rng.Intn(LargeSize*2) + 1
			n, err := b.Fill(&pool, limit, func(space []byte) (int, error) { return copy(space, p), nil })
			if err != nil || n != min(len(p), limit) {
				t.Fatalf("Fill = %d, %v; want %d", n, err, min(len(p), limit))
			}
			want = append(want, p[:n]...)
			if rng.Intn(2) == 0 {
				b.Settle(&pool)
			}
		case 4:
			dst := make([]byte, rng.Intn(2*LargeSize))
			n := b.Read(&pool, dst)
			if !bytes.Equal(dst[:n], want[:min(len(dst), len(want))]) {
				t.Fatalf("Read returned other bytes")
			}
			want = want[n:]
		case 5:
			n := rng.Intn(LargeSize)
			if got := b.Discard(&pool, n); got != min(n, len(want)) {
				t.Fatalf("Discard(%d) = %d of %d", n, got, len(want))
			}
			want = want[min(n, len(want)):]
		case 6:
			off := rng.Intn(len(want) + 10)
			dst := make([]byte, rng.Intn(LargeSize))
			n := b.Peek(dst, off)
			from := min(off, len(want))
			to := min(len(want), from+len(dst))
			if !bytes.Equal(dst[:n], want[from:to]) {
				t.Fatalf("Peek(%d, %d) returned other bytes", len(dst), off)
			}
		case 7:
			off, limit := rng.Intn(len(want)+2), rng.Intn(len(want)+2)
			c := byte(rng.Intn(256))
			wantAt := -1
			if off < min(limit, len(want)) {
				if j := bytes.IndexByte(want[off:min(limit, len(want))], c); j >= 0 {
					wantAt = off + j
				}
			}
			if got := b.Index(c, off, limit); got != wantAt {
				t.Fatalf("Index(%d, %d, %d) = %d, want %d", c, off, limit, got, wantAt)
			}
		case 8:
			p := data(3 * LargeSize)
			lent++
			if len(p) == 0 {
				p = []byte{1}
			}
			b.AppendLent(&pool, p, func() { rel++ })
			want = append(want, p...)
		case 9:
			p := data(LargeSize)
			if n, _ := source.Fill(&pool, LargeSize, func(space []byte) (int, error) { return copy(space, p), nil }); n == 0 {
				continue
			}
			source.Show(&pool)
			first, _ := source.First()
			from := rng.Intn(len(first))
			part := first[from : from+rng.Intn(len(first)-from)]
			b.AppendShown(&pool, part)
			want = append(want, part...)
		case 10:
			// Views stay as they are, whatever becomes of what they are of.
			source.Settle(&pool)
			source.Discard(&pool, rng.Intn(2*LargeSize))
			if rng.Intn(2) == 0 {
				source.Prepend(&pool, byte(i))
			}
		case 11:
			p := data(4 * LargeSize)
			r := Reserve(&pool, len(p))
			filled := rng.Intn(8) > 0
			if filled {
				cut := rng.Intn(len(p) + 1)
				r.Store(p[:cut], p[cut:])
			}
			if !filled || rng.Intn(8) == 0 {
				if r.Drop(&pool); r.Len() != 0 {
					t.Fatalf("%d bytes are left of what was dropped", r.Len())
				}
				continue
			}
			b.Join(&r)
			want = append(want, p...)
		case 12:
			pool.Trim()
		case 13:
			// To another loop, and back; views are of what stays.
			var other Pool
			b.Move(&pool, &other)
			other.Trim()
			if rng.Intn(2) == 0 {
				b.Prepend(&other, 'm')
				want = append([]byte{'m'}, want...)
			}
			b.Move(&other, &pool)
			if n := other.Lent(); n != 0 {
				t.Fatalf("%d chunks are left in the other pool", n)
			}
			other.Close()
		}
		if b.Len() != len(want) {
			t.Fatalf("Len = %d, want %d", b.Len(), len(want))
		}
		var parts [4096][]byte
		if got := bytes.Join(b.Parts(parts[:]), nil); !bytes.Equal(got, want) {
			t.Fatalf("contents differ after step %d", i)
		}
	}
	b.Clear(&pool)
	source.Clear(&pool)
	if b.Len() != 0 || pool.Lent() != 0 || rel != lent {
		t.Fatalf("after Clear: %d bytes, %d chunks lent, %d of %d pieces of memory released", b.Len(), pool.Lent(), rel, lent)
	}
}

// Much of what was shown is not copied: that it is not shows in nothing else.
func TestWhatWasShownIsShared(t *testing.T) {
	var pool Pool
	defer pool.Close()
	for size, want := range map[int]bool{LargeSize: true, Shareable: true, Shareable - 1: false, 10: false} {
		var source, b Buffer
		source.Fill(&pool, LargeSize, func(space []byte) (int, error) { return len(space), nil })
		source.Show(&pool)
		shown, _ := source.First()
		b.AppendShown(&pool, shown[:size])
		if got, _ := b.First(); (&got[0] == &shown[0]) != want {
			t.Errorf("%d bytes: shared %v", size, !want)
		}
		b.Clear(&pool)
		source.Clear(&pool)
	}
}

func TestBufferIsAQueue(t *testing.T) {
	if err := quick.Check(func(seed int64) bool { model(t, seed, 60); return true }, &quick.Config{MaxCount: 40}); err != nil {
		t.Fatal(err)
	}
}

func TestFillWithNothingOwnsNothing(t *testing.T) {
	var pool Pool
	var b Buffer
	failure := errors.New("no data")
	if n, err := b.Fill(&pool, 10, func([]byte) (int, error) { return -1, failure }); n != -1 || err != failure {
		t.Fatalf("Fill = %d, %v", n, err)
	}
	if pool.Lent() != 0 || b.Len() != 0 {
		t.Fatalf("%d chunks lent, %d bytes", pool.Lent(), b.Len())
	}
}

// Only what is large and mostly empty is moved; what is lent would come back too early.
func TestSettleLeavesTheOthersAlone(t *testing.T) {
	for name, add := range map[string]func(*Buffer, *Pool, func()){
		"small": func(b *Buffer, p *Pool, _ func()) { b.Append(p, []byte("text")) },
		"full": func(b *Buffer, p *Pool, _ func()) {
			b.Fill(p, LargeSize, func(space []byte) (int, error) { return len(space), nil })
		},
		"more than a small one takes": func(b *Buffer, p *Pool, _ func()) {
			b.Fill(p, LargeSize, func([]byte) (int, error) { return SmallSize + 1, nil })
		},
		"lent": func(b *Buffer, p *Pool, release func()) { b.AppendLent(p, []byte("text"), release) },
	} {
		for _, behind := range []bool{false, true} {
			var p Pool
			var b Buffer
			if behind {
				b.Fill(&p, LargeSize, func(space []byte) (int, error) { return len(space), nil })
			}
			released := false
			add(&b, &p, func() { released = true })
			before := b.tail()
			if b.Settle(&p); b.tail() != before || released {
				t.Errorf("%s, behind another one: %v: it was moved", name, behind)
			}
			b.Clear(&p)
			p.Close()
		}
	}
}

func TestSettleFreesTheLargeChunk(t *testing.T) {
	var pool Pool
	var b Buffer
	b.Fill(&pool, LargeSize, func(p []byte) (int, error) { return copy(p, "left"), nil })
	b.Settle(&pool)
	if len(b.head.data) != SmallSize || b.Len() != 4 || b.head.next != b.head {
		t.Fatalf("chunk of %d bytes holds %d", len(b.head.data), b.Len())
	}
}

func BenchmarkMessage(b *testing.B) {
	var pool Pool
	var buf Buffer
	msg, out := make([]byte, 64), make([]byte, 64)
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		buf.Append(&pool, msg)
		buf.Read(&pool, out)
	}
}
