package datagram

import "testing"

// A batch needs much memory: few are kept.
func TestPoolKeepsFewBatches(t *testing.T) {
	var p Pool
	kept := func() (n int) {
		for b := p.free; b != nil; b = b.next {
			n++
		}
		return n
	}
	for range 2 {
		var list []*Batch
		for range maxSpare + 3 {
			b, err := p.get()
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, b)
		}
		if p.Lent() != len(list) || p.spare != 0 || kept() != 0 {
			t.Errorf("%d are lent, %d are left", p.Lent(), p.spare)
		}
		for _, b := range list {
			p.put(b)
		}
		if p.Lent() != 0 || p.spare != maxSpare || kept() != maxSpare {
			t.Errorf("%d are lent, %d are kept, counted as %d", p.Lent(), kept(), p.spare)
		}
	}
	p.Clear()
	if p.spare != 0 || kept() != 0 {
		t.Errorf("%d are kept, counted as %d", kept(), p.spare)
	}
}
