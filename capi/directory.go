package main

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"unsafe"
)

// directory finds the object of a handle by its address, without a lock and whatever the number
// of handles: in front of go-pointer's table, which costs a lock and a map for each call. It has
// each handle that go-pointer has, but who looks while it changes may not find one that is
// there: then go-pointer knows.
//
// It is a hash table with open addressing. All that a call needs lies in one place, since with
// many objects each other place is one more that the processor has to wait for.
type directory struct {
	places atomic.Pointer[[]place]

	mu   sync.Mutex // who changes it
	used int
}

// place is one of the table's. Its object is changed only while the name is 0, so that who reads
// the name, the object and the name again knows that they belong together; but for the
// last change of an object, which is to nil.
type place struct {
	name   atomic.Uint64 // address and class; 0: empty
	object unsafe.Pointer
}

const (
	// A table is at least so large, and so many eighths of it are filled at most.
	smallestDirectory = 256
	mostEighths       = 5

	classShift = 56 // of a name's class: no system has addresses as large
)

var byAddress directory

func nameOf(address uintptr, c class) uint64 { return uint64(address) | uint64(c)<<classShift }

func unnamed(name uint64) uintptr { return uintptr(name & (1<<classShift - 1)) }

// home returns the first place, of n, where an address may be. The addresses come from
// malloc: side by side, or at any distance that the program's memory makes.
func home(address uintptr, n int) int {
	hash := uint64(address) * 0x9e3779b97f4a7c15
	high, _ := bits.Mul64(hash, uint64(n))
	return int(high)
}

// find returns the object of a handle; nil if it is deleted, of another class or not found.
func (d *directory) find(address uintptr, c class) unsafe.Pointer {
	table := d.places.Load()
	if table == nil || uint64(address)>>classShift != 0 {
		return nil
	}
	places, name := *table, nameOf(address, c)
	for i := home(address, len(places)); ; {
		p := &places[i]
		switch p.name.Load() {
		case name:
			object := atomic.LoadPointer(&p.object)
			if p.name.Load() != name {
				return nil
			}
			return object
		case 0:
			return nil
		}
		if i++; i == len(places) {
			i = 0
		}
	}
}

// add enters a handle, whose address no other has.
func (d *directory) add(k *known) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.used++; 8*d.used > mostEighths*d.len() {
		d.resize(max(smallestDirectory, d.len()*3/2))
	}
	put(*d.places.Load(), nameOf(k.address, k.class), k.object)
}

func (d *directory) len() int {
	if table := d.places.Load(); table != nil {
		return len(*table)
	}
	return 0
}

// put enters a handle in the first free place.
func put(places []place, name uint64, object unsafe.Pointer) {
	i := home(unnamed(name), len(places))
	for places[i].name.Load() != 0 {
		i = (i + 1) % len(places)
	}
	places[i].set(name, object)
}

func (p *place) set(name uint64, object unsafe.Pointer) {
	p.name.Store(0)
	atomic.StorePointer(&p.object, object)
	p.name.Store(name)
}

func (d *directory) resize(n int) {
	places := make([]place, n)
	if old := d.places.Load(); old != nil {
		for i := range *old {
			if p := &(*old)[i]; p.name.Load() != 0 {
				put(places, p.name.Load(), p.object)
			}
		}
	}
	d.places.Store(&places)
}

// at returns the number of the place of an address that was entered.
func (d *directory) at(places []place, address uintptr) int {
	i := home(address, len(places))
	for unnamed(places[i].name.Load()) != address {
		i = (i + 1) % len(places)
	}
	return i
}

// release notes that the object of a handle is deleted. The address stays.
func (d *directory) release(address uintptr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	places := *d.places.Load()
	atomic.StorePointer(&places[d.at(places, address)].object, nil)
}

// remove takes an address out that was entered.
func (d *directory) remove(address uintptr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	places := *d.places.Load()
	gap := d.at(places, address)
	// Who may stand in the gap as well comes there, so that no search ends at it.
	for i := (gap + 1) % len(places); places[i].name.Load() != 0; i = (i + 1) % len(places) {
		p := &places[i]
		from := home(unnamed(p.name.Load()), len(places))
		if distance(from, i, len(places)) >= distance(gap, i, len(places)) {
			places[gap].set(p.name.Load(), p.object)
			gap = i
		}
	}
	places[gap].set(0, nil)
	if d.used--; len(places) > smallestDirectory && d.used < len(places)/8 {
		d.resize(max(smallestDirectory, len(places)/2))
	}
}

// distance returns how far it is from a place of n to another, forwards.
func distance(from, to, n int) int { return (to - from + n) % n }
