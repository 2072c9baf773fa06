package stream

// Held returns how many encrypted bytes have come that are not decrypted yet, and how many
// are to be sent.
func (s *Stream) Held() (in, out int) {
	in, out = len(s.wire.in)-s.wire.given, len(s.wire.out.rest())
	if h := s.shake; h != nil {
		h.mu.Lock()
		in, out = in+len(h.in.in)-h.in.given, out+len(h.out)
		h.mu.Unlock()
	}
	return in, out
}
