package main

import (
	"math/rand"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"qnet/core/timer"
)

func something() unsafe.Pointer { return unsafe.Pointer(new(uintptr)) }

// end notes that the object of a handle is deleted.
func end(k *known) { atomic.StorePointer(&k.object, nil) }

// TestHandlesAgreeWithAMap drives blocks and a map with the same random steps.
func TestHandlesAgreeWithAMap(t *testing.T) {
	seed := rand.Int63()
	random := rand.New(rand.NewSource(seed))
	var b blocks
	type entry struct {
		class  class
		object unsafe.Pointer // nil: deleted
	}
	model := map[uintptr]entry{}
	var addresses []uintptr // of those that were there once
	most := 0
	t.Cleanup(func() {
		for address := range model {
			b.remove(address)
		}
		if b.directory.used != 0 || len(b.room) != 0 {
			t.Errorf("seed %d: %d blocks are left, %d with room", seed, b.directory.used, len(b.room))
		}
	})
	for i := range 30000 {
		// Now there are more and more of them, and now fewer.
		if grows := i/3000%2 == 0; len(addresses) == 0 || random.Intn(10) < 4 == !grows {
			e := entry{class(1 + random.Intn(int(classes)-1)), something()}
			k := b.add(e.object, e.class)
			if _, is := model[k.address()]; is || k.address() == 0 {
				t.Fatalf("seed %d: %#x is given twice", seed, k.address())
			}
			model[k.address()] = e
			addresses = append(addresses, k.address())
		} else {
			address := addresses[random.Intn(len(addresses))]
			if e, is := model[address]; is && e.object != nil {
				end(restore(address))
				e.object = nil
				model[address] = e
			} else if is {
				b.remove(address)
				delete(model, address)
			}
		}
		most = max(most, len(model))
		address := addresses[random.Intn(len(addresses))] + uintptr(random.Intn(2)*random.Intn(3*perBlock))
		e, is := model[address]
		if got := b.find(address, e.class); is && got != e.object {
			t.Fatalf("seed %d: found %v, want %v", seed, got, e.object)
		}
		other := 1 + (e.class+class(random.Intn(int(classes)-2)))%(classes-1)
		if b.find(address, other) != nil && other != e.class || b.find(address|1<<classShift, e.class) != nil {
			t.Fatalf("seed %d: what is no such handle was found", seed)
		}
		if k := restore(address); (k != nil) != is || is && (k.class() != e.class || k.dead() != (e.object == nil)) {
			t.Fatalf("seed %d: %v is known of %#x, want %v", seed, k, address, e)
		}
	}
	if n := b.directory.used; n > most/perBlock+len(b.room)+1 {
		t.Errorf("seed %d: %d blocks for at most %d handles", seed, n, most)
	}
}

// TestManyHandlesFillTheirBlocks counts what go-pointer has to keep.
func TestManyHandlesFillTheirBlocks(t *testing.T) {
	var b blocks
	var all []*known
	for range 1000 * perBlock {
		all = append(all, b.add(something(), classTimer))
	}
	if b.directory.used != 1000 || len(b.room) != 0 {
		t.Errorf("%d blocks, %d with room", b.directory.used, len(b.room))
	}
	for _, k := range all {
		b.remove(k.address())
	}
	if b.directory.used != 0 {
		t.Errorf("%d blocks are left", b.directory.used)
	}
}

// TestMarksAreNoPartOfAName marks a handle, which is found as before.
func TestMarksAreNoPartOfAName(t *testing.T) {
	h := newHandle(&timer.Timer{})
	address := h.Address()
	t.Cleanup(func() { allBlocks.remove(address); handles[classTimer].Add(-1) })
	for _, mark := range []uint64{hasText, hasData} {
		h.mark(mark, true)
		if !h.has(mark) || h.address() != address || h.class() != classTimer || allBlocks.find(address, classTimer) != unsafe.Pointer(h.target()) {
			t.Errorf("with mark %#x it is %#x of class %d", mark, h.address(), h.class())
		}
		h.mark(mark, false)
		if h.has(mark) {
			t.Errorf("mark %#x stays", mark)
		}
	}
}

// TestFindingWhileHandlesChange has threads look for handles while others get their addresses:
// an object is never taken for one of another class.
func TestFindingWhileHandlesChange(t *testing.T) {
	var b blocks
	var of [3]unsafe.Pointer // the object of each class
	for i := range of {
		of[i] = something()
	}
	var addresses [64]atomic.Uintptr
	var wait sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wait.Go(func() {
			for {
				for i := range addresses {
					for c := range of {
						if o := b.find(addresses[i].Load(), class(c+1)); o != nil && o != of[c] {
							t.Error("an object of another class was found")
							return
						}
					}
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	random := rand.New(rand.NewSource(1))
	var all [len(addresses)]*known
	for range 100000 {
		i := random.Intn(len(all))
		if all[i] != nil {
			end(all[i])
			b.remove(all[i].address())
			all[i] = nil
			continue
		}
		c := random.Intn(len(of))
		all[i] = b.add(of[c], class(c+1))
		addresses[i].Store(all[i].address())
	}
	close(stop)
	wait.Wait()
	for _, k := range all {
		if k != nil {
			b.remove(k.address())
		}
	}
}
