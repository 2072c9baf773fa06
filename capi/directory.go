package main

import (
	"math/bits"
	"sync/atomic"
)

// directory finds the block of a key, without a lock and whatever the number of blocks: in
// front of go-pointer's table, which costs a lock and a map for each call. It has each block
// that go-pointer has, but who looks while it changes may not find one that is there: then
// go-pointer knows.
//
// It is a hash table with open addressing. One thread at a time may change it.
type directory struct {
	places atomic.Pointer[[]place]
	used   int
}

// place is one of the table's. Its block is changed only while the key is 0, so that who reads
// the key, the block and the key again knows that they belong together.
type place struct {
	key   atomic.Uintptr // 0: empty
	block atomic.Pointer[block]
}

const (
	// A table is at least so large, and so many eighths of it are filled at most.
	smallestDirectory = 256
	mostEighths       = 5
)

// home returns the first place, of n, where a key may be. Keys come from malloc: side by
// side, or at any distance that the program's memory makes.
func home(key uintptr, n int) int {
	hash := uint64(key) * 0x9e3779b97f4a7c15
	high, _ := bits.Mul64(hash, uint64(n))
	return int(high)
}

// find returns the block of a key; nil if there is none or it is not found.
func (d *directory) find(key uintptr) *block {
	table := d.places.Load()
	if table == nil {
		return nil
	}
	places := *table
	for i := home(key, len(places)); ; {
		p := &places[i]
		switch p.key.Load() {
		case key:
			b := p.block.Load()
			if p.key.Load() != key {
				return nil
			}
			return b
		case 0:
			return nil
		}
		if i++; i == len(places) {
			i = 0
		}
	}
}

// add enters a block, whose key no other has.
func (d *directory) add(b *block) {
	if d.used++; 8*d.used > mostEighths*d.len() {
		d.resize(max(smallestDirectory, d.len()*3/2))
	}
	put(*d.places.Load(), b)
}

func (d *directory) len() int {
	if table := d.places.Load(); table != nil {
		return len(*table)
	}
	return 0
}

// put enters a block in the first free place.
func put(places []place, b *block) {
	i := home(b.key, len(places))
	for places[i].key.Load() != 0 {
		i = (i + 1) % len(places)
	}
	places[i].set(b.key, b)
}

func (p *place) set(key uintptr, b *block) {
	p.key.Store(0)
	p.block.Store(b)
	p.key.Store(key)
}

func (d *directory) resize(n int) {
	places := make([]place, n)
	if old := d.places.Load(); old != nil {
		for i := range *old {
			if b := (*old)[i].block.Load(); b != nil {
				put(places, b)
			}
		}
	}
	d.places.Store(&places)
}

// at returns the number of the place of a key that was entered.
func (d *directory) at(places []place, key uintptr) int {
	i := home(key, len(places))
	for places[i].key.Load() != key {
		i = (i + 1) % len(places)
	}
	return i
}

// remove takes a block out that was entered.
func (d *directory) remove(key uintptr) {
	places := *d.places.Load()
	gap := d.at(places, key)
	// Who may stand in the gap as well comes there, so that no search ends at it.
	for i := (gap + 1) % len(places); places[i].key.Load() != 0; i = (i + 1) % len(places) {
		b := places[i].block.Load()
		from := home(b.key, len(places))
		if distance(from, i, len(places)) >= distance(gap, i, len(places)) {
			places[gap].set(b.key, b)
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
