// Package netif tells which network interfaces a machine has, and with which addresses (QNetworkInterface).
//
// What it returns is how things were at that moment: an interface may go, and its number be another's, at any time.
package netif

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"qnet/core/address"
)

// Flags are those of an interface (QNetworkInterface::InterfaceFlags), with Qt's values.
type Flags int

// What an interface is and can do.
const (
	IsUp           Flags = 0x1
	IsRunning      Flags = 0x2
	CanBroadcast   Flags = 0x4
	IsLoopBack     Flags = 0x8
	IsPointToPoint Flags = 0x10
	CanMulticast   Flags = 0x20
)

// Type is the kind of an interface (QNetworkInterface::InterfaceType), with Qt's values.
type Type int

// The kinds of interface that are told apart.
const (
	Unknown    Type = 0
	Loopback   Type = 1
	Virtual    Type = 2
	Ethernet   Type = 3
	Slip       Type = 4
	CanBus     Type = 5
	Ppp        Type = 6
	Fddi       Type = 7
	Wifi       Type = 8
	Phonet     Type = 9
	Ieee802154 Type = 10
	SixLoWPAN  Type = 11
	Ieee1394   Type = 13
)

// Forever is a lifetime without an end.
const Forever = -1

// Interface is one of the machine's network interfaces.
type Interface struct {
	Index    int
	Name     string
	Hardware []byte // the address of the hardware; none for some kinds
	Flags    Flags
	Type     Type
	MTU      int
	Entries  []Entry
}

// Entry is an address of an interface (QNetworkAddressEntry).
type Entry struct {
	IP        address.Address
	Prefix    int             // the length of its network, in bits
	Broadcast address.Address // null for IPv6
	// How many milliseconds it will still be preferred, and valid at all, or Forever. Only if LifetimeKnown.
	Preferred, Valid int64
	LifetimeKnown    bool
	// DNS reports whether it may be published, where others will look for this machine.
	DNS bool
}

// All returns the interfaces, in the order of the system.
func All() ([]Interface, error) { return all() }

// HardwareAddress returns the address of the hardware as text, such as "00:16:3E:5E:6C:00"; "" if there is none.
func (i *Interface) HardwareAddress() string {
	return strings.ToUpper(net.HardwareAddr(i.Hardware).String())
}

// Netmask returns the network's part of the address as bits that are set.
func (e Entry) Netmask() address.Address {
	ones := address.FromIPv6([16]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	if e.IP.Protocol() == address.IPv4 {
		ones = address.Broadcast
	}
	return address.FromAddr(netip.PrefixFrom(ones.Addr(), e.Prefix).Masked().Addr())
}

// Index returns the number of the interface with that name, or with that number as text; 0 if there is none of that name.
func Index(name string) int {
	if n, err := strconv.ParseUint(strings.TrimSpace(name), 10, 31); err == nil {
		return int(n)
	}
	list, _ := links()
	for _, i := range list {
		if i.Name == name {
			return i.Index
		}
	}
	return 0
}

// Name returns the name of the interface with that number; "" if there is none.
func Name(index int) string {
	list, _ := links()
	for _, i := range list {
		if i.Index == index {
			return i.Name
		}
	}
	return ""
}

// Addresses returns the addresses of all interfaces that are up.
func Addresses() ([]address.Address, error) {
	list, err := All()
	var own []address.Address
	for _, i := range list {
		for _, e := range i.Entries {
			if i.Flags&IsUp != 0 {
				own = append(own, e.IP)
			}
		}
	}
	return own, err
}

// entry returns that of an address, whose other values follow from it and from its interface.
func (i *Interface) entry(ip netip.Addr, bits int) Entry {
	if ip.Is6() && ip.IsLinkLocalUnicast() {
		ip = ip.WithZone(i.Name)
	}
	e := Entry{IP: address.FromAddr(ip), Prefix: bits, Preferred: Forever, Valid: Forever}
	e.DNS = i.Flags&IsUp != 0 && !e.IP.IsLoopback() && !e.IP.IsLinkLocal()
	if e.IP.Protocol() == address.IPv4 {
		v, _ := e.IP.IPv4()
		e.Broadcast = address.FromIPv4(v | uint32(uint64(1)<<(32-bits)-1))
	}
	return e
}
