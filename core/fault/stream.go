package fault

// Stream is the plan of what is done in an order: the bytes that a socket sends
// or receives, its datagrams, the connections that a server accepts.
type Stream struct {
	plan  *Plan
	key   uint64 // tells it from all others
	kinds Set
	reach uint // the points are up to 2^reach apart

	offset uint64
	point  uint64 // where faults are next, at or behind offset
	number uint64 // of the point
	due    []Kind // there, one for each call
	drawn  Set    // all of the point's
	left   Point  // the last one that was left, but not passed yet
}

// Point is where a stream had faults.
type Point struct {
	Offset uint64
	Kinds  Set
}

// The reaches of streams: most points are close together, since most
// conversations are short.
const (
	EveryOne  = 0  // each unit is a point
	Datagrams = 4  // up to 16 of them
	Bytes     = 14 // up to 16 KiB
)

// uses of numbers, beside the kinds.
const (
	useGap = 100 + iota
	useSize
)

// mostRepeats is how many calls at one point get the same fault, at most.
const mostRepeats = 3

// Stream returns the plan for one, of which key tells it from all others.
func (p *Plan) Stream(key uint64, kinds Set, reach uint) *Stream {
	s := &Stream{plan: p, key: key, kinds: kinds &^ Of(Short), reach: reach}
	s.draw()
	s.kinds = kinds
	if len(s.due) == 0 {
		s.leave()
	}
	return s
}

// Due reports whether the next call is to fail.
func (s *Stream) Due() bool { return s.offset == s.point && len(s.due) > 0 }

// Next decides about a call for size units: it fails, or may bring limit of them.
func (s *Stream) Next(size int) (k Kind, limit int) {
	if s.Due() {
		k, s.due = s.due[0], s.due[1:]
		return k, 0
	}
	if s.offset == s.point {
		s.leave()
	}
	return None, int(min(uint64(size), s.point-s.offset))
}

// Pass is told that a call has brought n units. It returns the point that is
// behind now, if it had faults.
func (s *Stream) Pass(n int) (passed Point, had bool) {
	if n <= 0 {
		return Point{}, false
	}
	s.offset += uint64(n)
	passed, s.left = s.left, Point{}
	return passed, passed.Kinds != 0
}

// farthest is how many points are looked at ahead.
const farthest = 300

// leave goes on to the next point with faults, or to one far ahead.
func (s *Stream) leave() {
	s.left = Point{s.point, s.drawn}
	for range farthest {
		s.number++
		s.point += s.gap()
		if s.draw(); s.drawn != 0 {
			return
		}
	}
}

// gap returns how far it is to the next point.
func (s *Stream) gap() uint64 {
	// All magnitudes are as likely.
	size := s.plan.number(useSize, s.key, s.number) % uint64(s.reach+1)
	return 1 + s.plan.number(useGap, s.key, s.number)%(1<<size)
}

// draw decides about the faults of the point.
func (s *Stream) draw() {
	s.due, s.drawn = nil, 0
	for repeat := range uint64(mostRepeats) {
		before := len(s.due)
		for k := Interrupt; k < Short; k++ {
			if s.kinds.Has(k) && s.plan.Happens(k, s.key, s.number, repeat) {
				s.due = append(s.due, k)
				s.drawn |= Of(k)
			}
		}
		if len(s.due) == before {
			break
		}
	}
	if s.kinds.Has(Short) && s.plan.Happens(Short, s.key, s.number) {
		s.drawn |= Of(Short)
	}
}
