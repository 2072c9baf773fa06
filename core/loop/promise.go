package loop

import "slices"

// Promise is a call that somebody else, such as another goroutine, has posted once
// there is what it needs. It does not outlive the loop: what is still promised
// when the loop is closed is called then.
type Promise struct {
	loop  *Loop
	call  func() // nil once it is broken
	place int    // in the loop's list; -1 once it is kept or broken
}

// Promise returns a promise to call f.
func (l *Loop) Promise(f func()) *Promise {
	p := &Promise{l, f, len(l.promised)}
	l.promised = append(l.promised, p)
	return p
}

// Keep has the call made in the loop's next turn, unless the loop was closed.
func (p *Promise) Keep() {
	if p.place < 0 {
		return
	}
	p.remove()
	p.loop.Post(func() {
		if p.call != nil {
			p.call()
		}
	})
}

// Break makes sure that the call is not made any more.
func (p *Promise) Break() {
	p.call = nil
	if p.place >= 0 {
		p.remove()
	}
}

func (p *Promise) remove() {
	list := p.loop.promised
	last := len(list) - 1
	list[p.place] = list[last]
	list[p.place].place = p.place
	list[last] = nil
	p.loop.promised = list[:last]
	p.place = -1
}

// keepPromises keeps all that there are and reports whether there was any.
func (l *Loop) keepPromises() bool {
	all := slices.Clone(l.promised)
	for _, p := range all {
		p.Keep()
	}
	return len(all) > 0
}
