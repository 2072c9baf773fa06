// Package fault plans the failures that system calls are to have, so that what a
// program does then can be tested. It makes none itself: sys asks it.
//
// A plan depends on its seed alone, not on time or chance. Each way of a socket
// (what it reads, what it writes) has points at certain offsets of the stream, and
// each point its faults, one for each call that is made there. How the system cuts
// the stream, or who is faster, changes nothing in that.
package fault

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Kind is what happens to a call.
type Kind uint8

const (
	None      Kind = iota
	Interrupt      // EINTR
	Again          // EAGAIN
	NoBuffers      // ENOBUFS
	NoMemory       // ENOMEM
	Files          // EMFILE
	Reset          // ECONNRESET
	Short          // less than was asked for
	Late           // an event is told later
	kinds
)

var names = [kinds]string{
	None: "none", Interrupt: "interrupt", Again: "again", NoBuffers: "nobufs", NoMemory: "enomem", Files: "emfile",
	Reset: "reset", Short: "short", Late: "late",
}

func (k Kind) String() string { return names[k] }

// Set is a set of kinds.
type Set uint16

// Of returns the set of some kinds.
func Of(list ...Kind) Set {
	var s Set
	for _, k := range list {
		s |= 1 << k
	}
	return s
}

// Has reports whether k is in s.
func (s Set) Has(k Kind) bool { return s>>k&1 != 0 }

func (s Set) String() string {
	var list []string
	for k := None; k < kinds; k++ {
		if s.Has(k) {
			list = append(list, k.String())
		}
	}
	return strings.Join(list, "+")
}

// MostLikely is the largest probability: something must work in the end.
const MostLikely = 0.9

// Plan says which faults there are to be.
type Plan struct {
	Seed uint64
	// Log is the file that is to be told of each fault, "" for none.
	Log string

	chances [kinds]uint64 // of 2⁶⁴
}

// Parse reads a plan such as "seed=42,short=0.2,again=0.1".
func Parse(text string) (*Plan, error) {
	p := &Plan{}
	seen := map[string]bool{}
	for _, setting := range strings.Split(text, ",") {
		name, value, found := strings.Cut(setting, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !found:
			return nil, fmt.Errorf("%q is not a name, = and a value", setting)
		case seen[name]:
			return nil, fmt.Errorf("%s is there twice", name)
		}
		seen[name] = true
		if err := p.set(name, value); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Plan) set(name, value string) (err error) {
	switch name {
	case "seed":
		if p.Seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			return fmt.Errorf("seed=%s is not a number from 0 to 2⁶⁴-1", value)
		}
		return nil
	case "log":
		if p.Log = value; value == "" {
			return fmt.Errorf("log= names no file")
		}
		return nil
	}
	for k := Interrupt; k < kinds; k++ {
		if names[k] != name {
			continue
		}
		chance, err := strconv.ParseFloat(value, 64)
		if err != nil || !(chance >= 0 && chance <= MostLikely) {
			return fmt.Errorf("%s=%s is not a probability from 0 to %v", name, value, MostLikely)
		}
		p.chances[k] = uint64(chance * math.MaxUint64)
		return nil
	}
	return fmt.Errorf("%q is none of seed, log, %s", name, strings.Join(names[Interrupt:], ", "))
}

// Happens decides about one occasion, which numbers tell from all others.
func (p *Plan) Happens(k Kind, occasion ...uint64) bool {
	return p.chances[k] > 0 && p.number(uint64(k), occasion...) < p.chances[k]
}

// number returns one that is as good as random, and always the same for the same
// occasion.
func (p *Plan) number(use uint64, occasion ...uint64) uint64 {
	n := mix(p.Seed ^ mix(use))
	for _, o := range occasion {
		n = mix(n ^ o)
	}
	return n
}

// mix is the step of SplitMix64.
func mix(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
