//go:build !linux

package netif

import (
	"net"
	"net/netip"
)

func all() ([]Interface, error) {
	list, err := links()
	if err != nil {
		return nil, err
	}
	for at := range list {
		i := &list[at]
		system, err := net.InterfaceByIndex(i.Index)
		if err != nil {
			continue // it has gone
		}
		addresses, err := system.Addrs()
		if err != nil {
			return list, err
		}
		for _, p := range prefixes(addresses) {
			i.Entries = append(i.Entries, i.entry(p.Addr(), p.Bits()))
		}
	}
	return list, nil
}

// links returns the interfaces without their addresses.
func links() ([]Interface, error) {
	system, err := net.Interfaces()
	var list []Interface
	for _, s := range system {
		i := Interface{Index: s.Index, Name: s.Name, Hardware: s.HardwareAddr, MTU: s.MTU}
		for flag, own := range map[net.Flags]Flags{
			net.FlagUp: IsUp, net.FlagRunning: IsRunning, net.FlagBroadcast: CanBroadcast, net.FlagLoopback: IsLoopBack,
			net.FlagPointToPoint: IsPointToPoint, net.FlagMulticast: CanMulticast,
		} {
			if s.Flags&flag != 0 {
				i.Flags |= own
			}
		}
		// Package net does not say what the hardware is.
		switch {
		case i.Flags&IsLoopBack != 0:
			i.Type = Loopback
		case i.Flags&IsPointToPoint != 0 && len(i.Hardware) == 0:
			i.Type = Virtual
		case i.Flags&CanBroadcast != 0 && len(i.Hardware) == 6:
			i.Type = Ethernet
		}
		list = append(list, i)
	}
	return list, err
}

// Prefixes returns the addresses of this machine, with the lengths of their networks.
func Prefixes() ([]netip.Prefix, error) {
	list, err := net.InterfaceAddrs()
	return prefixes(list), err
}

func prefixes(list []net.Addr) []netip.Prefix {
	var own []netip.Prefix
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok {
			ip, _ := netip.AddrFromSlice(n.IP)
			bits, _ := n.Mask.Size()
			own = append(own, netip.PrefixFrom(ip.Unmap(), bits))
		}
	}
	return own
}
