package main

import (
	"sync"

	"qnet/core/object"
)

// connectionTable finds a registration by its number: an index and, above it, how
// often the index has been used, so that no number is used twice.
type connectionTable struct {
	mu    sync.Mutex
	pages []*registrations
	free  []uint32 // indices, from 1
}

// connectionPage is how many registrations are made room for at once. They stay
// where they are: nothing is copied when there are more.
const connectionPage = 512

// registrations lie side by side, which leaves no gaps.
type registrations struct {
	objects [connectionPage]*object.Object
	slots   [connectionPage]*object.Slot // nil: free
	uses    [connectionPage]uint32
}

var connections connectionTable

// at returns where the registration of an index is.
func (t *connectionTable) at(index uint32) (page *registrations, i uint32) {
	return t.pages[(index-1)/connectionPage], (index - 1) % connectionPage
}

// add returns the number of a new registration.
func (t *connectionTable) add(o *object.Object, s *object.Slot) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.free) == 0 {
		t.grow()
	}
	last := len(t.free) - 1
	index := t.free[last]
	t.free = t.free[:last]
	page, i := t.at(index)
	page.objects[i], page.slots[i] = o, s
	page.uses[i]++
	s.Tag = index
	userDatas.add(s.Data)
	return uint64(page.uses[i])<<32 | uint64(index)
}

// len returns how many registrations there are.
func (t *connectionTable) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.pages)*connectionPage - len(t.free)
}

func (t *connectionTable) grow() {
	before := uint32(len(t.pages)) * connectionPage
	t.pages = append(t.pages, new(registrations))
	for i := uint32(connectionPage); i > 0; i-- {
		t.free = append(t.free, before+i)
	}
}

// remove ends a registration and returns what it was; nil if there is none.
func (t *connectionTable) remove(number uint64) (*object.Object, *object.Slot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	index := uint32(number)
	if index == 0 || uint64(index) > uint64(len(t.pages))*connectionPage {
		return nil, nil
	}
	page, i := t.at(index)
	if page.slots[i] == nil || page.uses[i] != uint32(number>>32) {
		return nil, nil
	}
	o, s := page.objects[i], page.slots[i]
	t.release(index)
	return o, s
}

func (t *connectionTable) release(index uint32) {
	page, i := t.at(index)
	userDatas.drop(page.slots[i].Data)
	page.objects[i], page.slots[i] = nil, nil
	t.free = append(t.free, index)
}

// forget ends the registration of a slot, if it has one still.
func (t *connectionTable) forget(s *object.Slot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.Tag == 0 {
		return
	}
	if page, i := t.at(s.Tag); page.slots[i] == s {
		t.release(s.Tag)
	}
}
