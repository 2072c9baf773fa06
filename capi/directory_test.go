package main

import (
	"math/rand"
	"sync"
	"testing"
	"unsafe"
)

// steps returns how many places are looked at to find an address that was entered.
func (d *directory) steps(address uintptr) int {
	places := *d.places.Load()
	return distance(home(address, len(places)), d.at(places, address), len(places)) + 1
}

func entry(address uintptr, c class) *known {
	return &known{address: address, class: c, object: unsafe.Pointer(new(uintptr))}
}

// TestFindingTakesTheSameStepsWithManyHandles counts steps, for the distances at which
// different kinds of malloc lay what is allocated.
func TestFindingTakesTheSameStepsWithManyHandles(t *testing.T) {
	const base = 0x7f1234500010
	for _, distance := range []uintptr{8, 16, 32, 48, 4096, 1 << 16} {
		var d directory
		const many = 50000
		all := make([]*known, many)
		for i := range all {
			// Two threads have memory of their own.
			all[i] = entry(base+uintptr(i/2)*distance+uintptr(i%2)<<36, classSocket)
			d.add(all[i])
		}
		sum := 0
		for _, k := range all {
			sum += d.steps(k.address)
			if d.find(k.address, k.class) != k.object {
				t.Fatal("a handle is not found")
			}
		}
		if sum > 4*many {
			t.Errorf("at a distance of %d: %.2f places are looked at", distance, float64(sum)/many)
		}
		if n := d.len(); n > 3*many {
			t.Errorf("%d places for %d handles", n, many)
		}
		for _, k := range all {
			d.remove(k.address)
		}
		if d.used != 0 || d.len() > 10*smallestDirectory {
			t.Errorf("%d are there, in %d places", d.used, d.len())
		}
	}
}

// TestDirectoryAgreesWithAMap drives it and a map with the same random steps.
func TestDirectoryAgreesWithAMap(t *testing.T) {
	seed := rand.Int63()
	random := rand.New(rand.NewSource(seed))
	var d directory
	model := map[uintptr]*known{}
	for range 30000 {
		address := 4096 + 32*uintptr(random.Intn(1500))
		k := model[address]
		switch {
		case k == nil:
			k = entry(address, class(1+random.Intn(int(classes)-1)))
			model[address] = k
			d.add(k)
		case k.object != nil && random.Intn(2) == 0:
			k.object = nil
			d.release(address)
		default:
			delete(model, address)
			d.remove(address)
		}
		address = 4096 + 32*uintptr(random.Intn(1500))
		c := class(1 + random.Intn(int(classes)-1))
		var want unsafe.Pointer
		if k := model[address]; k != nil && k.class == c {
			want = k.object
		}
		if got := d.find(address, c); got != want {
			t.Fatalf("seed %d: found %v, want %v", seed, got, want)
		}
		if d.find(address|1<<classShift, c) != nil || d.find(address+8, c) != nil || d.find(0, c) != nil {
			t.Fatalf("seed %d: what is no handle was found", seed)
		}
		if d.used != len(model) {
			t.Fatalf("seed %d: %d are there, want %d", seed, d.used, len(model))
		}
	}
}

// TestFindingWhileTheDirectoryChanges has threads look for handles that stay while others come
// and go: what they find is right, and mostly it is found.
func TestFindingWhileTheDirectoryChanges(t *testing.T) {
	var d directory
	const stay = 500
	all := make([]*known, stay)
	for i := range all {
		all[i] = entry(1<<20+64*uintptr(i), classSocket)
		d.add(all[i])
	}
	var wait sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wait.Go(func() {
			found, looked := 0, 0
			for {
				for _, k := range all {
					switch looked++; d.find(k.address, classSocket) {
					case k.object:
						found++
					case nil:
					default:
						t.Error("another handle's object was found")
						return
					}
				}
				select {
				case <-stop:
					if found < looked/2 {
						t.Errorf("%d of %d were found", found, looked)
					}
					return
				default:
				}
			}
		})
	}
	for round := range 200 {
		for i := range 2000 {
			d.add(entry(1<<20+32+64*uintptr(i), class(1+round%2)))
		}
		for i := range 2000 {
			d.remove(1<<20 + 32 + 64*uintptr(i))
		}
	}
	close(stop)
	wait.Wait()
}
