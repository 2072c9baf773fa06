package main

import (
	"sync"

	"qnet/core/object"
)

// connectionTable finds a registration by its number: an index and, above it, how
// often the index has been used, so that no number is used twice.
type connectionTable struct {
	mu    sync.Mutex
	pages []*[connectionPage]connection
	free  uint32 // the first free index, from 1; 0: none
	count int    // of the registrations that there are
}

// connectionPage is how many registrations are made room for at once. They stay
// where they are: nothing is copied when there are more.
const connectionPage = 256

type connection struct {
	object *object.Object
	slot   *object.Slot // nil: free
	uses   uint32
	next   uint32 // the next free index
}

var connections connectionTable

// at returns the registration of an index, from 1.
func (t *connectionTable) at(index uint32) *connection {
	return &t.pages[(index-1)/connectionPage][(index-1)%connectionPage]
}

// add returns the number of a new registration.
func (t *connectionTable) add(o *object.Object, s *object.Slot) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.free == 0 {
		t.grow()
	}
	index := t.free
	c := t.at(index)
	t.free = c.next
	c.object, c.slot = o, s
	c.uses++
	t.count++
	s.Tag = index
	return uint64(c.uses)<<32 | uint64(index)
}

// len returns how many registrations there are.
func (t *connectionTable) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.count
}

func (t *connectionTable) grow() {
	first := uint32(len(t.pages))*connectionPage + 1
	t.pages = append(t.pages, new([connectionPage]connection))
	for i := first; i < first+connectionPage-1; i++ {
		t.at(i).next = i + 1
	}
	t.free = first
}

// remove ends a registration and returns what it was; nil if there is none.
func (t *connectionTable) remove(number uint64) (*object.Object, *object.Slot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	index := uint32(number)
	if index == 0 || uint64(index) > uint64(len(t.pages))*connectionPage {
		return nil, nil
	}
	c := t.at(index)
	if c.slot == nil || c.uses != uint32(number>>32) {
		return nil, nil
	}
	o, s := c.object, c.slot
	t.release(index)
	return o, s
}

func (t *connectionTable) release(index uint32) {
	c := t.at(index)
	c.object, c.slot = nil, nil
	c.next, t.free = t.free, index
	t.count--
}

// forget ends the registration of a slot, if it has one still.
func (t *connectionTable) forget(s *object.Slot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.Tag != 0 && t.at(s.Tag).slot == s {
		t.release(s.Tag)
	}
}
