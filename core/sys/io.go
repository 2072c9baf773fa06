package sys

import (
	"golang.org/x/sys/unix"

	"qnet/core/fault"
)

// MaxParts is how many pieces Send takes at once.
const MaxParts = 16

// Recv reads from a non-blocking descriptor, which need not be a socket.
func Recv(fd int, p []byte) (int, error) {
	if f := fault.Active(); f != nil {
		return f.Move(fd, false, len(p), func(limit int) (int, error) { return recv(fd, p[:limit]) })
	}
	return recv(fd, p)
}

// RecvUnwanted is Recv of what nobody wants: it has no faults.
func RecvUnwanted(fd int, p []byte) (int, error) { return recv(fd, p) }

// Send writes the parts to a non-blocking descriptor, as much as it takes, and
// never raises SIGPIPE.
func Send(fd int, parts [][]byte) (int, error) {
	if f := fault.Active(); f != nil {
		return f.Move(fd, true, total(parts), func(limit int) (int, error) { return send(fd, upTo(parts, limit)) })
	}
	return send(fd, parts)
}

// SendOne is Send for one part.
func SendOne(fd int, p []byte) (int, error) {
	if f := fault.Active(); f != nil {
		return f.Move(fd, true, len(p), func(limit int) (int, error) { return sendOne(fd, p[:limit]) })
	}
	return sendOne(fd, p)
}

// total returns how many bytes the parts have.
func total(parts [][]byte) int {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	return n
}

// upTo returns the first limit bytes of parts, which stay as they are.
func upTo(parts [][]byte, limit int) [][]byte {
	var list [][]byte
	for _, p := range parts {
		p = p[:min(len(p), limit)]
		limit -= len(p)
		list = append(list, p)
	}
	return list
}

// Probe tells what Recv would find: data (1), an end (0) or an error.
func Probe(fd int) (int, error) {
	var probe [1]byte
	return Peek(fd, probe[:])
}

// Peek is Recv that leaves the data in the system.
func Peek(fd int, p []byte) (int, error) {
	if f := fault.Active(); f != nil && f.Peek(fd) {
		return -1, unix.EAGAIN
	}
	for {
		n, _, err := unix.Recvfrom(fd, p, unix.MSG_PEEK|unix.MSG_DONTWAIT)
		if err != unix.EINTR {
			return n, err
		}
	}
}

// Available returns how many bytes can be read at once; 0 if that is unknown.
func Available(fd int) int {
	n, err := unix.IoctlGetInt(fd, fionread)
	if err != nil {
		return 0
	}
	return n
}

// Close closes fd. EINTR is no failure: the descriptor is gone.
func Close(fd int) {
	if f := fault.Active(); f != nil {
		f.Forget(fd)
	}
	closeNow(fd)
}

// EndSending tells the other end of a connection that nothing more will be sent.
func EndSending(fd int) { unix.Shutdown(fd, unix.SHUT_WR) }

// ResetOnClose has closing fd end its connection with a reset, and drop what was not
// delivered.
func ResetOnClose(fd int) {
	unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}

// OutOfMemory reports whether a call has failed for want of memory, which may come back.
func OutOfMemory(err error) bool { return err == unix.ENOBUFS || err == unix.ENOMEM }
