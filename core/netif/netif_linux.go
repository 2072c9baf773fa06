package netif

import (
	"encoding/binary"
	"net/netip"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/address"
)

func all() ([]Interface, error) {
	list, err := links()
	if err != nil {
		return nil, err
	}
	places := make(map[int]int, len(list))
	for at, i := range list {
		places[i.Index] = at
	}
	err = ask(unix.RTM_GETADDR, func(m syscall.NetlinkMessage) {
		about, ok := addressOf(m)
		if at, known := places[about.index]; ok && known {
			i := &list[at]
			i.Entries = append(i.Entries, about.entry(i))
		}
	})
	return list, err
}

// links returns the interfaces without their addresses.
func links() ([]Interface, error) {
	var list []Interface
	err := ask(unix.RTM_GETLINK, func(m syscall.NetlinkMessage) {
		if m.Header.Type != unix.RTM_NEWLINK || len(m.Data) < unix.SizeofIfInfomsg {
			return
		}
		about := (*unix.IfInfomsg)(unsafe.Pointer(&m.Data[0]))
		i := Interface{Index: int(about.Index), Flags: flags(about.Flags)}
		attributes(m, func(kind uint16, value []byte) {
			switch kind {
			case unix.IFLA_IFNAME:
				i.Name = unix.ByteSliceToString(value)
			case unix.IFLA_MTU:
				if len(value) == 4 {
					i.MTU = int(binary.NativeEndian.Uint32(value))
				}
			case unix.IFLA_ADDRESS:
				i.Hardware = append([]byte(nil), value...)
			}
		})
		i.Type = kindOf(about.Type, i.Name)
		list = append(list, i)
	})
	return list, err
}

func flags(system uint32) (f Flags) {
	for bit, flag := range map[uint32]Flags{
		unix.IFF_UP: IsUp, unix.IFF_RUNNING: IsRunning, unix.IFF_BROADCAST: CanBroadcast, unix.IFF_LOOPBACK: IsLoopBack,
		unix.IFF_POINTOPOINT: IsPointToPoint, unix.IFF_MULTICAST: CanMulticast,
	} {
		if system&bit != 0 {
			f |= flag
		}
	}
	return f
}

// kindOf returns what the system's kind of hardware is for Qt.
func kindOf(hardware uint16, name string) Type {
	switch hardware {
	case unix.ARPHRD_LOOPBACK:
		return Loopback
	case unix.ARPHRD_ETHER:
		// A wireless card looks like Ethernet; the system has a folder of it.
		if _, err := os.Stat("/sys/class/net/" + name + "/phy80211"); err == nil {
			return Wifi
		}
		return Ethernet
	case unix.ARPHRD_SLIP, unix.ARPHRD_CSLIP, unix.ARPHRD_SLIP6, unix.ARPHRD_CSLIP6:
		return Slip
	case unix.ARPHRD_CAN:
		return CanBus
	case unix.ARPHRD_PPP:
		return Ppp
	case unix.ARPHRD_FDDI:
		return Fddi
	case unix.ARPHRD_IEEE80211, unix.ARPHRD_IEEE80211_PRISM, unix.ARPHRD_IEEE80211_RADIOTAP:
		return Wifi
	case unix.ARPHRD_PHONET, unix.ARPHRD_PHONET_PIPE:
		return Phonet
	case unix.ARPHRD_IEEE802154:
		return Ieee802154
	case unix.ARPHRD_6LOWPAN:
		return SixLoWPAN
	case unix.ARPHRD_IEEE1394:
		return Ieee1394
	case unix.ARPHRD_TUNNEL, unix.ARPHRD_TUNNEL6, unix.ARPHRD_NONE, unix.ARPHRD_VOID:
		return Virtual
	}
	return Unknown
}

// own is what a message says of one address.
type own struct {
	index            int
	bits             int
	ip, broadcast    netip.Addr
	flags            uint32
	preferred, valid uint32 // seconds
	lifetimes        bool
}

// addressOf reads a message of an address: with a link from point to point, the one at this end.
func addressOf(m syscall.NetlinkMessage) (o own, ok bool) {
	if m.Header.Type != unix.RTM_NEWADDR || len(m.Data) < unix.SizeofIfAddrmsg {
		return own{}, false
	}
	about := (*unix.IfAddrmsg)(unsafe.Pointer(&m.Data[0]))
	o = own{index: int(about.Index), bits: int(about.Prefixlen), flags: uint32(about.Flags)}
	var other netip.Addr
	attributes(m, func(kind uint16, value []byte) {
		switch kind {
		case unix.IFA_LOCAL:
			o.ip, _ = netip.AddrFromSlice(value)
		case unix.IFA_ADDRESS:
			other, _ = netip.AddrFromSlice(value)
		case unix.IFA_BROADCAST:
			o.broadcast, _ = netip.AddrFromSlice(value)
		case unix.IFA_FLAGS:
			if len(value) == 4 {
				o.flags = binary.NativeEndian.Uint32(value)
			}
		case unix.IFA_CACHEINFO:
			if len(value) >= 8 {
				o.preferred, o.valid = binary.NativeEndian.Uint32(value), binary.NativeEndian.Uint32(value[4:])
				o.lifetimes = true
			}
		}
	})
	if !o.ip.IsValid() {
		o.ip = other
	}
	return o, o.ip.IsValid()
}

func (o own) entry(i *Interface) Entry {
	e := i.entry(o.ip, o.bits)
	if o.broadcast.IsValid() {
		e.Broadcast = address.FromAddr(o.broadcast)
	}
	if o.lifetimes {
		e.Preferred, e.Valid, e.LifetimeKnown = lifetime(o.preferred), lifetime(o.valid), true
	}
	e.DNS = e.DNS && o.flags&unix.IFA_F_DEPRECATED == 0
	return e
}

// lifetime returns one of the system, in seconds, as milliseconds.
func lifetime(seconds uint32) int64 {
	if seconds == ^uint32(0) {
		return Forever
	}
	return int64(seconds) * 1000
}

// Prefixes returns the addresses of this machine, with the lengths of their networks.
func Prefixes() ([]netip.Prefix, error) {
	var list []netip.Prefix
	err := ask(unix.RTM_GETADDR, func(m syscall.NetlinkMessage) {
		if o, ok := addressOf(m); ok {
			list = append(list, netip.PrefixFrom(o.ip, o.bits))
		}
	})
	return list, err
}
