package socket

import "qnet/core/option"

// SetOption sets an option; false if the system refuses, or nobody knows it
// (QAbstractSocket::setSocketOption). While connecting it is set for each address that
// is tried. Without a descriptor it is kept, beyond Qt, for all that will be made.
func (s *Socket) SetOption(o option.Option, value int) bool {
	switch d := s.dialing(); {
	case s.fd >= 0:
		return !s.broken && option.Set(int(s.fd), o, value) == nil
	case d == nil || d.FD() < 0:
		return s.rarely().options.Keep(o, value)
	default:
		return d.SetOption(o, value)
	}
}

// Option returns an option's value; -1 if there is none
// (QAbstractSocket::socketOption).
func (s *Socket) Option(o option.Option) int {
	fd := int(s.fd)
	if d := s.dialing(); d != nil && fd < 0 {
		fd = d.FD()
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
