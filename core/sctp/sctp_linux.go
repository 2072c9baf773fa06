package sctp

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/fault"
)

// Names of linux/sctp.h.
const (
	initMsg     = 2  // SCTP_INITMSG
	noDelay     = 3  // SCTP_NODELAY
	status      = 14 // SCTP_STATUS
	recvRcvInfo = 32 // SCTP_RECVRCVINFO

	cmsgSndInfo = 2 // SCTP_SNDINFO
	cmsgRcvInfo = 3 // SCTP_RCVINFO
)

// initMessage is struct sctp_initmsg.
type initMessage struct {
	out, in, attempts, timeout uint16
}

// statusHead is the beginning of struct sctp_status.
type statusHead struct {
	association, state int32
	window             uint32
	unacknowledged     uint16
	pending            uint16
	in, out            uint16
	fragment           uint32
}

// statusSize is at least that of struct sctp_status.
const statusSize = 256

// sendInfo is struct sctp_sndinfo.
type sendInfo struct {
	stream, flags     uint16
	protocol, context uint32
	association       int32
}

// receiveInfo is struct sctp_rcvinfo.
type receiveInfo struct {
	stream, sequence, flags      uint16
	protocol, number, cumulative uint32
	context                      uint32
	association                  int32
}

// control is room for a control message with an info.
type control[Info any] struct {
	head unix.Cmsghdr
	info Info
}

// IsSCTP reports whether fd is a one-to-one socket of SCTP.
func IsSCTP(fd int) bool {
	protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	if err != nil || protocol != unix.IPPROTO_SCTP {
		return false
	}
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	return err == nil && kind == unix.SOCK_STREAM
}

func open(a address.Address) (int, error) { return endpoint.OpenSCTP(a) }

func limitChannels(fd int, n uint16) {
	m := initMessage{out: n, in: n}
	setOption(fd, initMsg, unsafe.Pointer(&m), unsafe.Sizeof(m))
}

// SetNoDelay has short messages sent at once, or wait for others while some are not
// acknowledged.
func SetNoDelay(fd, on int) error { return unix.SetsockoptInt(fd, unix.IPPROTO_SCTP, noDelay, on) }

// NoDelay returns what SetNoDelay was given.
func NoDelay(fd int) (int, error) { return unix.GetsockoptInt(fd, unix.IPPROTO_SCTP, noDelay) }

// TellChannels has Recv tell of channels.
func TellChannels(fd int) error { return unix.SetsockoptInt(fd, unix.IPPROTO_SCTP, recvRcvInfo, 1) }

// Channels returns how many channels the connection of fd has in each direction.
func Channels(fd int) (in, out int, err error) {
	var room [statusSize / 4]uint32
	size := uint32(statusSize)
	_, _, e := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.IPPROTO_SCTP, status,
		uintptr(unsafe.Pointer(&room)), uintptr(unsafe.Pointer(&size)), 0)
	if e != 0 {
		return 0, 0, e
	}
	head := (*statusHead)(unsafe.Pointer(&room))
	return int(head.in), int(head.out), nil
}

// Recv reads what p has room for of the next message, and tells on which channel it came and
// whether that was its end. 0 bytes are the end of the connection.
func Recv(fd int, p []byte) (n, channel int, whole bool, err error) {
	if f := fault.Active(); f != nil {
		return recvPlanned(f, fd, p)
	}
	return recv(fd, p)
}

func recvPlanned(f *fault.Injector, fd int, p []byte) (n, channel int, whole bool, err error) {
	n, err = f.Move(fd, false, len(p), func(limit int) (n int, err error) {
		n, channel, whole, err = recv(fd, p[:limit])
		return n, err
	})
	return n, channel, whole, err
}

func recv(fd int, p []byte) (n, channel int, whole bool, err error) {
	var c control[receiveInfo]
	v := unix.Iovec{Base: unsafe.SliceData(p)}
	v.SetLen(len(p))
	m := unix.Msghdr{Iov: &v, Control: (*byte)(unsafe.Pointer(&c))}
	m.SetIovlen(1)
	for {
		m.SetControllen(int(unsafe.Sizeof(c)))
		n, _, e := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&m)), unix.MSG_DONTWAIT)
		if e == unix.EINTR {
			continue
		}
		if e != 0 {
			return -1, 0, false, e
		}
		if m.Controllen > 0 && c.head.Level == unix.IPPROTO_SCTP && c.head.Type == cmsgRcvInfo {
			channel = int(c.info.stream)
		}
		return int(n), channel, m.Flags&unix.MSG_EOR != 0, nil
	}
}

// Send sends a whole message on a channel. EAGAIN says that there is no room for it now, and
// EMSGSIZE that there never is.
func Send(fd int, p []byte, channel int) error {
	if f := fault.Active(); f != nil {
		_, err := f.Move(fd, true, 1, func(int) (int, error) {
			if err := send(fd, p, channel); err != nil {
				return -1, err
			}
			return 1, nil
		})
		return err
	}
	return send(fd, p, channel)
}

func send(fd int, p []byte, channel int) error {
	var c control[sendInfo]
	c.head.Level, c.head.Type = unix.IPPROTO_SCTP, cmsgSndInfo
	c.head.SetLen(unix.CmsgLen(int(unsafe.Sizeof(c.info))))
	c.info.stream = uint16(channel)
	v := unix.Iovec{Base: unsafe.SliceData(p)}
	v.SetLen(len(p))
	m := unix.Msghdr{Iov: &v, Control: (*byte)(unsafe.Pointer(&c))}
	m.SetIovlen(1)
	m.SetControllen(int(unsafe.Sizeof(c)))
	for {
		_, _, e := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&m)), unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT)
		switch e {
		case 0:
			return nil
		case unix.EINTR:
		case unix.ESHUTDOWN:
			return unix.EPIPE // the peer has ended the connection
		default:
			return e
		}
	}
}

// receiveRoom is how much the system is asked to keep of what has come. It takes twice of that.
const receiveRoom = 512 << 10

// makeReceiveRoom makes the receive buffer larger than it is by default, in which a message of
// more than a few packets has no room: the sender would have to wait for a timer again and
// again.
func makeReceiveRoom(fd int) {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveRoom) != nil {
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveRoom)
	}
}

// MakeRoom has the system take messages of size bytes, as far as this process may ask for that,
// and returns how long they may be.
func MakeRoom(fd, size int) int {
	room := func() int {
		n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF)
		if err != nil {
			return 0
		}
		return n
	}
	if size = min(size, MaxMessage); size <= room() {
		return min(room(), MaxMessage)
	}
	// The system takes twice as much as it is asked for.
	half := (size + 1) / 2
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, half) != nil {
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, half)
	}
	return min(room(), MaxMessage)
}

func setOption(fd, name int, value unsafe.Pointer, size uintptr) error {
	_, _, e := unix.RawSyscall6(unix.SYS_SETSOCKOPT, uintptr(fd), unix.IPPROTO_SCTP, uintptr(name), uintptr(value), size, 0)
	if e != 0 {
		return e
	}
	return nil
}
