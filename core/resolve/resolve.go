// Package resolve finds the addresses of host names, and the names of
// addresses, with the system's resolver. It keeps no cache of its own: an answer
// is never older than the system says.
package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"

	"qnet/core/address"
)

// Result is the end of a look-up.
type Result struct {
	Name      string // what was asked for, or the name that was found for an address
	Addresses []address.Address
	Err       error // why there are no addresses; nil if there are
}

// ErrNotFound says that there is no such host.
var ErrNotFound = errors.New("Host not found")

// ErrNoName says that there was no name to look up.
var ErrNoName = errors.New("No host name given")

// ErrInvalid says that the name can be no host's.
var ErrInvalid = errors.New("Invalid hostname")

// valid tells whether name is made of labels that a host's name may have; what
// is not ASCII is left to the resolver.
func valid(name string) bool {
	const maxName, maxLabel = 255, 63
	if len(name) > maxName {
		return false
	}
	for _, label := range strings.Split(strings.TrimSuffix(name, "."), ".") {
		if label == "" || len(label) > maxLabel || strings.ContainsAny(label, " !\"#$%&'()*+,/:;<=>?@[\\]^`{|}~\t\r\n\x00\x7f") {
			return false
		}
	}
	return true
}

// Now looks up name and blocks until that is done or ctx is.
func Now(ctx context.Context, name string) Result { return ask(ctx, net.DefaultResolver, name) }

func ask(ctx context.Context, with *net.Resolver, name string) Result {
	name = strings.TrimSpace(name)
	if name == "" {
		return Result{Err: ErrNoName}
	}
	if a, ok := address.Parse(name); ok {
		return reverse(ctx, with, name, a)
	}
	if !valid(name) {
		return Result{Name: name, Err: ErrInvalid}
	}
	ips, err := with.LookupNetIP(ctx, "ip", name)
	if err != nil || len(ips) == 0 {
		return Result{Name: name, Err: explain(err)}
	}
	return Result{Name: name, Addresses: unique(ips)}
}

// reverse finds the name of an address; an address without one is its own name.
func reverse(ctx context.Context, with *net.Resolver, name string, a address.Address) Result {
	r := Result{Name: name, Addresses: []address.Address{a}}
	names, err := with.LookupAddr(ctx, a.String())
	if err == nil && len(names) > 0 {
		r.Name = strings.TrimSuffix(names[0], ".")
	}
	return r
}

func unique(ips []netip.Addr) []address.Address {
	seen := make(map[netip.Addr]bool, len(ips))
	var list []address.Address
	for _, ip := range ips {
		// The resolver may give IPv4 in its mapped form.
		ip = ip.Unmap()
		if !seen[ip] {
			seen[ip] = true
			list = append(list, address.FromAddr(ip))
		}
	}
	return list
}

func explain(err error) error {
	var dns *net.DNSError
	if err == nil || errors.As(err, &dns) && dns.IsNotFound {
		return ErrNotFound
	}
	return err
}
