package socket

import "slices"

// Owner deletes its sockets when it is deleted itself. The zero value has none.
type Owner struct {
	Disown func(*Socket) // told that a socket no longer belongs to it; may be nil

	owned []*Socket // in the order in which they became its own, with gaps
	gaps  int
}

// SetOwner makes o, nil for none, responsible for s.
func (s *Socket) SetOwner(o *Owner) {
	if s.owner != nil {
		s.owner.remove(s)
	}
	s.owner = o
	if o != nil {
		s.ownerIndex = int32(len(o.owned))
		o.owned = append(o.owned, s)
	}
}

// Owner returns what SetOwner was given.
func (s *Socket) Owner() *Owner { return s.owner }

func (o *Owner) remove(s *Socket) {
	if int(s.ownerIndex) < len(o.owned) && o.owned[s.ownerIndex] == s {
		o.owned[s.ownerIndex] = nil
		if o.gaps++; o.gaps > len(o.owned)/2 {
			o.close()
		}
	}
	if o.Disown != nil {
		o.Disown(s)
	}
}

// close closes the gaps.
func (o *Owner) close() {
	n := 0
	for _, s := range o.owned {
		if s != nil {
			o.owned[n] = s
			s.ownerIndex = int32(n)
			n++
		}
	}
	clear(o.owned[n:])
	o.owned, o.gaps = o.owned[:n], 0
}

// Sockets returns those that o owns, in the order in which they became its own.
func (o *Owner) Sockets() []*Socket {
	o.close()
	return slices.Clone(o.owned)
}
