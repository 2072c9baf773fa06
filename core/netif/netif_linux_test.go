package netif

import (
	"testing"

	"golang.org/x/sys/unix"
)

// The numbers are Qt's.
func TestKindsAreAsInQt(t *testing.T) {
	for hardware, want := range map[uint16]Type{
		unix.ARPHRD_LOOPBACK: 1, unix.ARPHRD_NONE: 2, unix.ARPHRD_TUNNEL: 2, unix.ARPHRD_TUNNEL6: 2, unix.ARPHRD_VOID: 2, unix.ARPHRD_ETHER: 3,
		unix.ARPHRD_SLIP: 4, unix.ARPHRD_CSLIP6: 4, unix.ARPHRD_CAN: 5, unix.ARPHRD_PPP: 6, unix.ARPHRD_FDDI: 7, unix.ARPHRD_IEEE80211: 8,
		unix.ARPHRD_PHONET: 9, unix.ARPHRD_IEEE802154: 10, unix.ARPHRD_6LOWPAN: 11, unix.ARPHRD_IEEE1394: 13, unix.ARPHRD_INFINIBAND: 0,
	} {
		if got := kindOf(hardware, "no such interface"); got != want {
			t.Errorf("hardware of kind %d is %d, not %d", hardware, got, want)
		}
	}
}

func TestFlagsAreAsInQt(t *testing.T) {
	for system, want := range map[uint32]Flags{
		unix.IFF_UP: 1, unix.IFF_RUNNING: 2, unix.IFF_BROADCAST: 4, unix.IFF_LOOPBACK: 8, unix.IFF_POINTOPOINT: 16, unix.IFF_MULTICAST: 32,
		unix.IFF_PROMISC: 0, unix.IFF_UP | unix.IFF_MULTICAST: 33,
	} {
		if got := flags(system); got != want {
			t.Errorf("%#x is %#x, not %#x", system, got, want)
		}
	}
}
