package resolve

import (
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/dns"
	"qnet/core/sys"
)

// interfaces returns the addresses of this machine, with the lengths of their networks;
// none if it cannot be told. It asks as net.InterfaceAddrs does (rtnetlink(7)), whose
// socket may get the number of a standard stream.
func interfaces() ([]netip.Prefix, error) {
	own, err := askInterfaces()
	if dns.Exhausted(err) {
		return nil, err
	}
	return own, nil
}

// request is for the addresses of all families.
type request struct {
	header unix.NlMsghdr
	family unix.IfAddrmsg
}

// room is more than the system puts into one message.
const room = 32 << 10

func askInterfaces() ([]netip.Prefix, error) {
	fd, err := sys.AboveStandard(unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE))
	if err != nil {
		return nil, err
	}
	defer sys.Close(fd)
	ask := request{header: unix.NlMsghdr{Type: unix.RTM_GETADDR, Flags: unix.NLM_F_REQUEST | unix.NLM_F_DUMP}}
	ask.header.Len = uint32(unsafe.Sizeof(ask))
	to := unix.SockaddrNetlink{Family: unix.AF_NETLINK}
	if err := unix.Sendto(fd, unsafe.Slice((*byte)(unsafe.Pointer(&ask)), unsafe.Sizeof(ask)), 0, &to); err != nil {
		return nil, err
	}
	var own []netip.Prefix
	for buffer := make([]byte, room); ; {
		n, err := unix.Read(fd, buffer)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return own, err
		}
		messages, err := syscall.ParseNetlinkMessage(buffer[:n])
		if err != nil || len(messages) == 0 {
			return own, unix.EBADMSG
		}
		for _, m := range messages {
			switch m.Header.Type {
			case unix.NLMSG_DONE, unix.NLMSG_ERROR:
				return own, nil
			case unix.RTM_NEWADDR:
				if p := prefix(m); p.IsValid() {
					own = append(own, p)
				}
			}
		}
	}
}

// prefix reads what a message says of one address: with a link from point to point,
// the one at this end.
func prefix(m syscall.NetlinkMessage) netip.Prefix {
	if len(m.Data) < unix.SizeofIfAddrmsg {
		return netip.Prefix{}
	}
	about := (*unix.IfAddrmsg)(unsafe.Pointer(&m.Data[0]))
	attributes, err := syscall.ParseNetlinkRouteAttr(&m)
	if err != nil {
		return netip.Prefix{}
	}
	var local, other netip.Addr
	for _, a := range attributes {
		switch a.Attr.Type {
		case unix.IFA_LOCAL:
			local, _ = netip.AddrFromSlice(a.Value)
		case unix.IFA_ADDRESS:
			other, _ = netip.AddrFromSlice(a.Value)
		}
	}
	if !local.IsValid() {
		local = other
	}
	return netip.PrefixFrom(local, int(about.Prefixlen))
}
