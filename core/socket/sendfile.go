package socket

import (
	"errors"
	"io"
	"math"

	"golang.org/x/sys/unix"

	"qnet/core/buffer"
	"qnet/core/failure"
	"qnet/core/sys"
)

// SendFile has size bytes of a file sent, from offset on, in the order of what is written; with
// a negative size, all up to its end. It takes a descriptor of its own. It returns how many
// bytes that are, less with a write limit and at most 1 GiB where an int has 32 bits, or -1.
//
// On a plain connection the system sends them without a copy; where a filter is in between
// they are read piece by piece.
func (s *Socket) SendFile(fd int, offset, size int64) int64 {
	if s.udp() != nil || s.messageMode() != nil {
		s.Refuse()
		return -1
	}
	if !s.takesWrites() {
		return -1
	}
	length, err := sys.FileSize(fd)
	switch {
	case err != nil:
		s.failure = failure.File(err)
		return -1
	case offset < 0 || offset > length || size > length-offset:
		s.failure = failure.BeyondFile
		return -1
	}
	if size < 0 {
		size = length - offset
	}
	// What is to be sent is counted in an int, which may have 32 bits, and memory may come after the file.
	n := s.allow(int(min(size, max(0, math.MaxInt/2-s.BytesToWrite()))))
	if n <= 0 {
		return int64(n)
	}
	own, err := sys.Duplicate(fd)
	if err != nil {
		s.failure = failure.File(err)
		return -1
	}
	s.tx.AppendFile(s.pool(), &buffer.File{FD: own, Offset: offset, Size: n})
	s.written()
	return int64(n)
}

// fileError is why a file cannot be sent.
type fileError struct{ error }

// sendFile sends what is taken of the file that is first.
func (s *Socket) sendFile(f buffer.File) (int, error) {
	if s.filtering == 0 {
		n, err := sys.SendFile(int(s.fd), f.FD, f.Offset, min(f.Size, maxFlush))
		switch {
		case err == nil && n == 0:
			return 0, fileError{io.ErrUnexpectedEOF}
		case err == unix.EIO:
			return 0, fileError{err}
		case err != unix.ENOSYS && err != unix.EINVAL:
			return n, err
		}
	}
	if err := s.tx.Load(s.pool(), buffer.LargeSize); err != nil {
		return 0, fileError{err}
	}
	return s.sendQueued()
}

// writeFailure returns the failure of sending.
func writeFailure(err error) *failure.Failure {
	var file fileError
	switch {
	case !errors.As(err, &file):
		return failure.Write(err)
	case file.error == io.ErrUnexpectedEOF:
		return failure.ShortFile
	}
	return failure.File(file.error)
}

// maxToFile is how much ReadToFile writes at most: the loop's lock is held meanwhile.
const maxToFile = 1 << 20

// ReadToFile reads up to size bytes and writes them to a file, at its position. What that does
// not take stays to be read. It returns how many bytes these were, 0 if there is nothing now,
// or -1: none will come, or writing has failed.
func (s *Socket) ReadToFile(fd int, size int64) int64 {
	if !s.checkReadable("read_to_file") {
		return -1
	}
	if s.udp() != nil {
		s.Refuse()
		return -1
	}
	if _, err := sys.FileSize(fd); err != nil {
		// Anything else might keep the loop waiting.
		s.failure = failure.File(err)
		return -1
	}
	var room []byte
	total := int64(0)
	for size = min(size, maxToFile); total < size; {
		piece := s.nextPiece(&room, int(min(size-total, buffer.LargeSize)))
		if len(piece) == 0 {
			break
		}
		n, err := sys.WriteFile(fd, piece)
		if n > 0 {
			s.Skip(int64(n))
			total += int64(n)
		}
		if err != nil {
			s.failure = failure.File(err)
			if total == 0 {
				return -1
			}
		}
		if n < len(piece) {
			return total
		}
	}
	if total == 0 && size > 0 && s.unread() == 0 && s.noneComes() {
		return -1
	}
	return total
}

// nextPiece returns up to size bytes of what is read next: where they lie, or in room.
func (s *Socket) nextPiece(room *[]byte, size int) []byte {
	if !s.unbuffered() && !s.transacting && s.mode&Text == 0 {
		piece, _ := s.rx.First()
		return piece[:min(size, len(piece))]
	}
	if *room == nil {
		*room = make([]byte, buffer.LargeSize)
	}
	return (*room)[:max(0, s.Peek((*room)[:size]))]
}
