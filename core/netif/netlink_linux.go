package netif

import (
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/sys"
)

// request asks for what there is of all families. Its body is that of addresses, which is as good for interfaces.
type request struct {
	header unix.NlMsghdr
	body   unix.IfInfomsg
}

// room is more than the system puts into one message.
const room = 32 << 10

// rooms are for the next question.
var rooms = sync.Pool{New: func() any { return new([room]byte) }}

// ask calls each with what the system says to a question such as RTM_GETADDR. It asks as package net does (rtnetlink(7)),
// whose socket may get the number of a standard stream.
func ask(question uint16, each func(syscall.NetlinkMessage)) error {
	fd, err := sys.AboveStandard(unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE))
	if err != nil {
		return err
	}
	defer sys.Close(fd)
	q := request{header: unix.NlMsghdr{Type: question, Flags: unix.NLM_F_REQUEST | unix.NLM_F_DUMP}}
	q.header.Len = uint32(unsafe.Sizeof(q))
	to := unix.SockaddrNetlink{Family: unix.AF_NETLINK}
	if err := unix.Sendto(fd, unsafe.Slice((*byte)(unsafe.Pointer(&q)), unsafe.Sizeof(q)), 0, &to); err != nil {
		return err
	}
	kept := rooms.Get().(*[room]byte)
	defer rooms.Put(kept)
	for buffer := kept[:]; ; {
		n, err := unix.Read(fd, buffer)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		messages, err := syscall.ParseNetlinkMessage(buffer[:n])
		if err != nil || len(messages) == 0 {
			return unix.EBADMSG
		}
		for _, m := range messages {
			if m.Header.Type == unix.NLMSG_DONE || m.Header.Type == unix.NLMSG_ERROR {
				return nil
			}
			each(m)
		}
	}
}

// attributes calls each with the attributes of a message.
func attributes(m syscall.NetlinkMessage, each func(kind uint16, value []byte)) {
	list, err := syscall.ParseNetlinkRouteAttr(&m)
	if err != nil {
		return
	}
	for _, a := range list {
		each(a.Attr.Type, a.Value)
	}
}
