package loop

// again is a descriptor that is to be looked at once more, in the next turn.
type again struct {
	id     Watch
	events uint32
}

// Again has the handler of a watch told of events in the next turn, as if the
// system had: with EPOLLET it tells only of what is new, not of what the handler
// left.
func (l *Loop) Again(id Watch, events uint32) {
	l.agains.push(again{id, events})
	l.wake()
}

// serveAgain tells those who asked before; who asks meanwhile waits for the next
// turn. What a nested turn has told is not told again.
func (l *Loop) serveAgain(count int) bool {
	did := false
	for ; count > 0 && l.agains.len() > 0; count-- {
		a := l.agains.pop()
		if h := l.watches.find(uint64(a.id)); h != nil {
			l.hand(h, a.events)
			did = true
		}
	}
	l.tell()
	return did
}
