package socket

import "qnet/core/option"

// SetOption sets an option, and reports whether there is such an option and the system has
// taken it (QAbstractSocket::setSocketOption). While connecting it is set for each address that
// is tried. Without a descriptor it is kept, beyond Qt, for all that will be made.
func (s *Socket) SetOption(o option.Option, value int) bool {
	switch c := s.connector(); {
	case s.fd >= 0:
		return !s.broken && option.Set(int(s.fd), o, value) == nil
	case c == nil || c.FD() < 0:
		return s.ensureCold().options.Keep(o, value)
	default:
		return c.SetOption(o, value)
	}
}

// Option returns an option's value; -1 if there is none
// (QAbstractSocket::socketOption).
func (s *Socket) Option(o option.Option) int {
	fd := int(s.fd)
	if c := s.connector(); c != nil && fd < 0 {
		fd = c.FD()
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
