package proxy

import (
	"net"
	"strconv"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/resolve"
)

// Target is where a proxy is to connect to, or where it says that it is: an address, or
// a name that the proxy looks up, and a port.
type Target struct {
	Name    string // "" if there is an address
	Address address.Address
	Port    uint16
}

// maxName is how long a name may be: SOCKS has a byte for its length, and no host has a
// longer one.
const maxName = 255

// NewTarget returns the target with a name or an address. A name is made one that the
// proxy may look up, as it is for a look-up here; others are not found.
func NewTarget(host string, port uint16) (Target, *failure.Failure) {
	if a, ok := address.Parse(host); ok {
		return Target{Address: a, Port: port}, nil
	}
	name, ok := resolve.ToASCII(host)
	if !ok || len(name) > maxName {
		return Target{}, failure.HostUnknown
	}
	return Target{Name: name, Port: port}, nil
}

// String returns the target as it is in a URL: an IPv6 address is in brackets. Scopes
// mean nothing to others, and are not told.
func (t Target) String() string {
	host := t.Name
	if host == "" {
		host = t.Address.Addr().WithZone("").String()
	}
	return net.JoinHostPort(host, strconv.Itoa(int(t.Port)))
}
