package main

/*
#include <stdint.h>
#include <stdlib.h>
*/
import "C"

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"unsafe"

	pointer "github.com/mattn/go-pointer"
)

// block is what go-pointer keeps: several handles, whose values are the address that it has
// for the block and those right behind it. Each of its entries costs the memory of a hundred
// bytes and a lock, so that there are fewer of them.
type block struct {
	handles [perBlock]known
	key     uintptr // that go-pointer has it under
	used    uint8   // a bit for each handle
	listed  bool    // among those with room
	at      int32   // where, if it is listed
}

// perBlock is how many addresses nobody else has when one byte is allocated: no malloc aligns
// that less.
const perBlock = 8

// keyOf returns the key of the block that an address would belong to.
func keyOf(address uintptr) uintptr { return address &^ (perBlock - 1) }

// savedAs returns a key as go-pointer has it.
func savedAs(key uintptr) unsafe.Pointer { return unsafe.Pointer(at[byte](C.uintptr_t(key))) }

// known is what is known of a handle.
type known struct {
	name   atomic.Uint64  // address, class and marks; 0: this is no handle now
	object unsafe.Pointer // nil once deleted
}

// A name's upper bits, which no system's addresses have.
const (
	classShift = 56
	classBits  = 0x1f << classShift

	hasText uint64 = 1 << 61 // there is one in texts
	hasData uint64 = 1 << 62 // there is some in pointers
	marks          = hasText | hasData
)

func nameOf(address uintptr, c class) uint64 { return uint64(address) | uint64(c)<<classShift }

// address returns the handle as C has it.
func (k *known) address() uintptr { return uintptr(k.name.Load() & (1<<classShift - 1)) }

func (k *known) class() class { return class(k.name.Load() & classBits >> classShift) }

func (k *known) dead() bool { return atomic.LoadPointer(&k.object) == nil }

// has reports whether a mark is set.
func (k *known) has(mark uint64) bool { return k.name.Load()&mark != 0 }

func (k *known) mark(mark uint64, on bool) {
	if on {
		k.name.Or(mark)
	} else {
		k.name.And(^mark)
	}
}

// is returns the object if it is that of a name. The handle may become another one's at the
// same time: an object belongs to the name that it is between.
func (k *known) is(name uint64) unsafe.Pointer {
	if k.name.Load()&^marks != name {
		return nil
	}
	object := atomic.LoadPointer(&k.object)
	if k.name.Load()&^marks != name {
		return nil
	}
	return object
}

// blocks has all of them.
type blocks struct {
	directory directory

	mu   sync.Mutex // who changes any of it
	room []*block   // those that have some
}

var allBlocks blocks

// find returns the object of a handle; nil if it is deleted, of another class or not found,
// which may happen while others come and go.
func (b *blocks) find(address uintptr, c class) unsafe.Pointer {
	if uint64(address)>>classShift != 0 {
		return nil
	}
	in := b.directory.find(keyOf(address))
	if in == nil {
		return nil
	}
	return in.handles[address%perBlock].is(nameOf(address, c))
}

// restore returns what is known of the handle at an address, nil if it is none.
func restore(address uintptr) *known {
	in, _ := pointer.Restore(savedAs(keyOf(address))).(*block)
	if in == nil {
		return nil
	}
	if k := &in.handles[address%perBlock]; k.address() == address {
		return k
	}
	return nil
}

// add returns a new handle.
func (b *blocks) add(object unsafe.Pointer, c class) *known {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.room) == 0 {
		b.list(b.open())
	}
	in := b.room[len(b.room)-1]
	i := bits.TrailingZeros8(^in.used)
	if in.used |= 1 << i; in.used == 1<<perBlock-1 {
		b.unlist(in)
	}
	k := &in.handles[i]
	atomic.StorePointer(&k.object, object)
	k.name.Store(nameOf(in.key+uintptr(i), c))
	return k
}

// open returns a new block.
func (b *blocks) open() *block {
	in := &block{}
	in.key = uintptr(owned(pointer.Save(in)))
	if in.key != keyOf(in.key) {
		panic("malloc returns what is not aligned")
	}
	b.directory.add(in)
	return in
}

// remove makes the address of a handle one that may be given to another.
func (b *blocks) remove(address uintptr) {
	b.mu.Lock()
	defer b.mu.Unlock()
	saved := savedAs(keyOf(address))
	in := pointer.Restore(saved).(*block)
	i := address % perBlock
	in.handles[i].name.Store(0)
	atomic.StorePointer(&in.handles[i].object, nil)
	switch in.used &^= 1 << i; {
	case in.used == 0:
		b.unlist(in)
		b.directory.remove(in.key)
		pointer.Unref(saved)
	case !in.listed:
		b.list(in)
	}
}

func (b *blocks) list(in *block) {
	in.listed, in.at = true, int32(len(b.room))
	b.room = append(b.room, in)
}

func (b *blocks) unlist(in *block) {
	if !in.listed {
		return
	}
	last := b.room[len(b.room)-1]
	b.room[in.at], last.at = last, in.at
	b.room[len(b.room)-1] = nil
	b.room = b.room[:len(b.room)-1]
	in.listed = false
}
