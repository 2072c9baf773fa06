package dns

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// What an exchange can end with, besides an answer and what the system reports.
var (
	errTimeout = errors.New("dns: no name server has answered")
	errServer  = errors.New("dns: no name server has answered usefully")
	errRefused = errors.New("dns: there is no name server")
)

// turn counts the look-ups, for servers that take turns.
var turn atomic.Uint32

// exchange asks one server after the other, several times if need be, until one
// answers.
func (c *Config) exchange(ctx context.Context, q question) (answer, error) {
	servers, first := len(c.Servers), 0
	if c.Rotate {
		first = int(turn.Add(1)) % servers
	}
	failure := errRefused
	for attempt := range c.Attempts {
		timeout := c.Timeout
		if attempt > 0 {
			timeout = timeout << attempt / time.Duration(servers)
		}
		for i := range servers {
			a, err := q.ask(ctx, c.Servers[(first+i)%servers], c.TCP, timeout)
			var silent net.Error
			switch {
			case ctx.Err() != nil:
				return a, ctx.Err()
			case Exhausted(err):
				return a, err
			case err == errMessage || err == nil && a.useless():
				failure = errServer
			case errors.As(err, &silent) && silent.Timeout() && failure != errServer:
				failure = errTimeout
			case err != nil: // the server cannot be reached
			default:
				return a, nil
			}
		}
	}
	return answer{}, failure
}

// Exhausted reports whether an error is a lack of descriptors or memory.
func Exhausted(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// ask asks a server, over UDP and, for answers that are too long for that, over TCP.
func (q question) ask(ctx context.Context, server netip.AddrPort, tcp bool, timeout time.Duration) (a answer, err error) {
	end := time.Now().Add(timeout)
	if !tcp {
		a, err = talk(ctx, unix.SOCK_DGRAM, server, end, q.overUDP)
	}
	if tcp || err == nil && a.truncated {
		a, err = talk(ctx, unix.SOCK_STREAM, server, end, q.overTCP)
	}
	return a, err
}

// longest is how long an answer over UDP may be; most servers send no more than 512
// bytes.
const longest = 4096

func (q question) overUDP(conn io.ReadWriter) (answer, error) {
	id, message, err := q.pack()
	if err != nil {
		return answer{}, err
	}
	if _, err := conn.Write(message); err != nil {
		return answer{}, err
	}
	for buffer := make([]byte, longest); ; {
		n, err := conn.Read(buffer)
		if err != nil {
			return answer{}, err
		}
		// Something else may come from a server that is late, or that is none.
		if a, err := q.read(buffer[:n], id); err == nil {
			return a, nil
		}
	}
}

func (q question) overTCP(conn io.ReadWriter) (answer, error) {
	id, message, err := q.pack()
	if err != nil {
		return answer{}, err
	}
	if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)); err != nil {
		return answer{}, err
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return answer{}, err
	}
	buffer := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, buffer); err != nil {
		return answer{}, err
	}
	return q.read(buffer, id)
}
