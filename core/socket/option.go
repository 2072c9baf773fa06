package socket

import "qnet/core/option"

// SetOption sets an option; false if the system refuses, or nobody knows it
// (QAbstractSocket::setSocketOption). While connecting it is set for each address that
// is tried. Without a descriptor it is kept, beyond Qt, for all that will be made.
func (s *Socket) SetOption(o option.Option, value int) bool {
	switch {
	case s.fd >= 0:
		return !s.broken && option.Set(int(s.fd), o, value) == nil
	case !s.dialing():
		return s.rarely().options.Keep(o, value)
	}
	d := s.rare.dial
	d.options.Keep(o, value)
	ok := true
	for _, a := range d.attempts {
		ok = option.Set(a.fd, o, value) == nil && ok
	}
	return ok
}

// Option returns an option's value; -1 if there is none
// (QAbstractSocket::socketOption).
func (s *Socket) Option(o option.Option) int {
	fd := int(s.fd)
	if fd < 0 && s.dialing() {
		fd = s.rare.dial.attempts[0].fd
	}
	if fd < 0 || s.broken {
		return -1
	}
	value, err := option.Get(fd, o)
	if err != nil {
		return -1
	}
	return value
}
