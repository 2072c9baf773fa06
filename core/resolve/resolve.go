// Package resolve finds the addresses of host names, and the names of addresses, as
// the system is configured to. It keeps no answers: none is ever older than the system
// says. Of the files that it is configured with it remembers what they say while they
// do not change.
//
// Where only /etc/hosts and name servers are to be asked, which is usual, it does so
// itself (packages hosts and dns), so that a look-up takes little and can be called off
// at any time. Otherwise it has the C library do it.
package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"

	"qnet/core/address"
	"qnet/core/dns"
	"qnet/core/hosts"
)

// Result is the end of a look-up.
type Result struct {
	Name      string // what was asked for, or the name that was found for an address
	Addresses []address.Address
	Err       error // why there are no addresses; nil if there are
}

// Why there may be no addresses. All but the last two are final.
var (
	ErrNotFound  = errors.New("Host not found")
	ErrNoName    = errors.New("No host name given")
	ErrInvalid   = errors.New("Invalid hostname")
	ErrTemporary = errors.New("Temporary failure in name resolution")
	ErrResources = errors.New("Out of resources") // no descriptors or memory
)

// resolver is where to look.
type resolver struct {
	files
	servers    func() (*dns.Config, error)
	interfaces func() ([]netip.Prefix, error)
	system     system
}

var theResolver = &resolver{
	files:      etc,
	servers:    func() (*dns.Config, error) { return dns.Read(dns.Path) },
	interfaces: interfaces,
	system:     newSystem(net.DefaultResolver),
}

// Now looks up name and blocks until that is done or ctx is.
func Now(ctx context.Context, name string) Result { return theResolver.lookUp(ctx, name) }

// Known returns the addresses of a name if that takes no waiting: the table of hosts
// has it, is the first place to look at, and need not be read for that, nor any other
// file. Otherwise it is to be looked up.
func Known(name string) ([]address.Address, bool) { return theResolver.known(name) }

func (r *resolver) known(name string) ([]address.Address, bool) {
	ascii, ok := ToASCII(name)
	if _, literal := address.Parse(ascii); literal || !ok {
		return nil, false
	}
	if order, err := r.order(ascii, known); err != nil || len(order) == 0 || order[0] != inFiles {
		return nil, false
	}
	if hosts.Known(r.hosts, ascii, true, true) == nil {
		return nil, false
	}
	own, err := r.interfaces()
	if err != nil {
		return nil, false
	}
	v4, v6 := families(own)
	list := fromAddrs(sorted(hosts.Known(r.hosts, ascii, v4, v6), own))
	return list, list != nil
}

func (r *resolver) lookUp(ctx context.Context, name string) Result {
	if name == "" {
		return Result{Err: ErrNoName}
	}
	if a, ok := address.Parse(name); ok {
		return Result{Name: r.nameOf(ctx, a), Addresses: []address.Address{a}}
	}
	ascii, ok := ToASCII(name)
	if !ok {
		return Result{Name: name, Err: ErrInvalid}
	}
	if a, ok := address.Parse(ascii); ok {
		return Result{Name: name, Addresses: []address.Address{a}}
	}
	list, err := r.addresses(ctx, ascii)
	if err != nil {
		return Result{Name: name, Err: explain(err)}
	}
	return Result{Name: name, Addresses: list}
}

func explain(err error) error {
	switch {
	case dns.Exhausted(err):
		return ErrResources
	case errors.Is(err, dns.ErrNotFound):
		return ErrNotFound
	}
	return ErrTemporary
}

func (r *resolver) addresses(ctx context.Context, name string) ([]address.Address, error) {
	own, err := r.interfaces()
	if err != nil {
		return nil, err
	}
	v4, v6 := families(own)
	order, err := r.order(name, read)
	if err != nil {
		return nil, err
	}
	for _, source := range order {
		var found []netip.Addr
		switch source {
		case inFiles:
			found, err = hosts.Addresses(r.hosts, name, v4, v6)
		case atServers:
			var servers *dns.Config
			if servers, err = r.servers(); err == nil {
				found, err = servers.Addresses(ctx, name, v4, v6)
			}
		case bySystem:
			// In the order that it has, which is its own business.
			found, err = r.system.addresses(ctx, name, v4, v6)
			return fromAddrs(found), err
		}
		if len(found) > 0 {
			return fromAddrs(sorted(found, own)), nil
		}
		if dns.Exhausted(err) {
			return nil, err
		}
	}
	if err == nil {
		err = dns.ErrNotFound
	}
	return nil, err // of the last source, as in the C library
}

// nameOf finds the name of an address; an address without one is its own name.
func (r *resolver) nameOf(ctx context.Context, a address.Address) string {
	ip := a.Addr().WithZone("")
	order, err := r.order("", read)
	for _, source := range order {
		name := ""
		switch source {
		case inFiles:
			name, err = hosts.Name(r.hosts, ip)
		case atServers:
			var servers *dns.Config
			if servers, err = r.servers(); err == nil {
				name, err = servers.Name(ctx, ip)
			}
		case bySystem:
			name, err = r.system.name(ctx, ip)
		}
		if name != "" {
			return name
		}
	}
	if err == nil || err == dns.ErrNotFound {
		// As Qt has it: only an address of which nothing could be told keeps its scope.
		a = a.WithScopeID("")
	}
	return a.String()
}

func fromAddrs(ips []netip.Addr) []address.Address {
	var list []address.Address
	for _, ip := range ips {
		if a := address.FromAddr(ip); !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}
