package endpoint

import (
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/internal/systest"
	"qnet/core/sys"
)

// A server asks for both with each connection.
func TestAskingForAddressesAllocatesNothing(t *testing.T) {
	fd := systest.Socket(t, unix.AF_INET, unix.SOCK_DGRAM)
	defer sys.Close(fd)
	if err := Bind(fd, address.LocalHost, 0); err != nil {
		t.Fatal(err)
	}
	_, port := Local(fd)
	if err := Connect(fd, address.LocalHost, port); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		Local(fd)
		Peer(fd)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
