package main

import (
	"math/rand"
	"sync"
	"testing"
)

// steps returns how many places are looked at to find a key that was entered.
func (d *directory) steps(key uintptr) int {
	places := *d.places.Load()
	return distance(home(key, len(places)), d.at(places, key), len(places)) + 1
}

// TestFindingTakesTheSameStepsWithManyBlocks counts steps, for the distances at which
// different kinds of malloc lay what is allocated.
func TestFindingTakesTheSameStepsWithManyBlocks(t *testing.T) {
	const base = 0x7f1234500010
	for _, distance := range []uintptr{8, 16, 32, 48, 4096, 1 << 16} {
		var d directory
		const many = 10000
		all := make([]*block, many)
		for i := range all {
			// Two threads have memory of their own.
			all[i] = &block{key: base + uintptr(i/2)*distance + uintptr(i%2)<<36}
			d.add(all[i])
		}
		sum := 0
		for _, b := range all {
			sum += d.steps(b.key)
			if d.find(b.key) != b {
				t.Fatal("a block is not found")
			}
		}
		if sum > 4*many {
			t.Errorf("at a distance of %d: %.2f places are looked at", distance, float64(sum)/many)
		}
		if n := d.len(); n > 3*many {
			t.Errorf("%d places for %d blocks", n, many)
		}
		for _, b := range all {
			d.remove(b.key)
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
	model := map[uintptr]*block{}
	for range 30000 {
		key := 4096 + 32*uintptr(random.Intn(1500))
		if b := model[key]; b == nil {
			model[key] = &block{key: key}
			d.add(model[key])
		} else {
			delete(model, key)
			d.remove(key)
		}
		key = 4096 + 32*uintptr(random.Intn(1500))
		if got, want := d.find(key), model[key]; got != want {
			t.Fatalf("seed %d: found %v, want %v", seed, got, want)
		}
		if d.find(key+8) != nil || d.find(0) != nil {
			t.Fatalf("seed %d: what is no key was found", seed)
		}
		if d.used != len(model) {
			t.Fatalf("seed %d: %d are there, want %d", seed, d.used, len(model))
		}
	}
}

// TestFindingWhileTheDirectoryChanges has threads look for blocks that stay while others come
// and go: what they find is right, and mostly it is found.
func TestFindingWhileTheDirectoryChanges(t *testing.T) {
	var d directory
	const stay = 500
	all := make([]*block, stay)
	for i := range all {
		all[i] = &block{key: 1<<20 + 64*uintptr(i)}
		d.add(all[i])
	}
	var wait sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wait.Go(func() {
			found, looked := 0, 0
			for {
				for _, b := range all {
					switch looked++; d.find(b.key) {
					case b:
						found++
					case nil:
					default:
						t.Error("another block was found")
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
	for range 50 {
		for i := range 2000 {
			d.add(&block{key: 1<<20 + 32 + 64*uintptr(i)})
		}
		for i := range 2000 {
			d.remove(1<<20 + 32 + 64*uintptr(i))
		}
	}
	close(stop)
	wait.Wait()
}
