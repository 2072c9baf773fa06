package endpoint

import (
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/internal/systest"
)

func fuzzSocket(f *testing.F, family int) int {
	fd, err := systest.TrySocket(family, unix.SOCK_DGRAM)
	if err != nil {
		f.Skipf("no socket: %v", err)
	}
	f.Cleanup(func() { unix.Close(fd) })
	return fd
}

func FuzzEncode(f *testing.F) {
	fd := fuzzSocket(f, unix.AF_INET)
	for _, text := range []string{"127.0.0.1", "::1", "::ffff:1.2.3.4", "::", "fe80::1%lo", "fe80::1%1", "fe80::1%4294967296",
		"::ffff:1.2.3.4%lo", "fe80::1%0", "fe80::1%none", "", "any"} {
		f.Add(text, uint16(80), false)
		f.Add(text, uint16(0x1234), true)
	}
	f.Fuzz(func(t *testing.T, text string, port uint16, ipv6 bool) {
		a, _ := address.Parse(text)
		if text == "any" {
			a = address.Any
		}
		var sa unix.RawSockaddrInet6
		size, err := Encode(&sa, fd, ipv6, a, port)
		if err != nil {
			if size != 0 {
				t.Fatalf("%v is refused, with %d bytes", a, size)
			}
			ip := a.Addr()
			if ipv6 && ip.IsValid() && ip.Zone() == "" || !ipv6 && a.Protocol() == address.IPv4 {
				t.Fatalf("%v (IPv6: %v) is refused: %v", a, ipv6, err)
			}
			return
		}
		want := unix.SizeofSockaddrInet4
		if ipv6 {
			want = unix.SizeofSockaddrInet6
		}
		if size != uint32(want) {
			t.Fatalf("%v (IPv6: %v) has %d bytes", a, ipv6, size)
		}
		b, p := Decode(&sa, fd)
		if p != port || !b.IsEqual(a, address.TolerantConversion) && a != address.Any {
			t.Fatalf("%v port %d (IPv6: %v) comes back as %v port %d", a, port, ipv6, b, p)
		}
		if a.ScopeID() != "" && ipv6 && InterfaceIndex(fd, a.ScopeID()) != InterfaceIndex(fd, b.ScopeID()) {
			t.Fatalf("%v comes back as %v", a, b)
		}
	})
}

func FuzzDecode(f *testing.F) {
	fd := fuzzSocket(f, unix.AF_INET)
	f.Add([]byte("\x02\x00\x00\x50\x7f\x00\x00\x01"))
	f.Add([]byte("\x0a\x00\x00\x50\x00\x00\x00\x00\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x00\x00\x00"))
	f.Add([]byte("\x01\x00/tmp"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var sa unix.RawSockaddrInet6
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&sa)), unsafe.Sizeof(sa)), data)
		a, port := Decode(&sa, fd)
		switch sa.Family {
		case unix.AF_INET, unix.AF_INET6:
		default:
			if a != address.Null || port != 0 {
				t.Fatalf("family %d is %v port %d", sa.Family, a, port)
			}
			return
		}
		var again unix.RawSockaddrInet6
		if _, err := Encode(&again, fd, sa.Family == unix.AF_INET6, a, port); err != nil {
			t.Fatalf("%v cannot be encoded: %v", a, err)
		}
		if b, p := Decode(&again, fd); b != a || p != port {
			t.Fatalf("%v port %d comes back as %v port %d", a, port, b, p)
		}
	})
}

func FuzzInterfaceIndex(f *testing.F) {
	fd := fuzzSocket(f, unix.AF_INET)
	for _, zone := range []string{"", "lo", "1", "0", "01", "+1", "-1", "4294967295", "4294967296", "4294967297", "lo\x00", "lo:1", "0x1",
		strings.Repeat("l", unix.IFNAMSIZ-1), strings.Repeat("l", unix.IFNAMSIZ)} {
		f.Add(zone)
	}
	f.Fuzz(func(t *testing.T, zone string) {
		index := InterfaceIndex(fd, zone)
		if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
			if index != uint32(n) {
				t.Fatalf("interface %q is number %d", zone, index)
			}
			return
		}
		if index == 0 {
			return
		}
		// What has a number is an interface of that name; behind a colon is an alias of it.
		whole, _, _ := strings.Cut(zone, ":")
		if name := interfaceName(fd, index); name != whole {
			t.Fatalf("interface %q is number %d, which is %q", zone, index, name)
		}
	})
}
