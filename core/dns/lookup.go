package dns

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// ErrNotFound says that the name servers know no such host, or no address of it.
var ErrNotFound = errors.New("dns: not found")

// ErrTemporary says that the name servers could not tell; later they may.
var ErrTemporary = errors.New("dns: temporary failure")

// Addresses finds the addresses of a host, of IPv4, IPv6 or both, under its name as it
// is and in the domains of Search. Meanwhile it has two goroutines and descriptors at
// most.
func (c *Config) Addresses(ctx context.Context, name string, v4, v6 bool) ([]netip.Addr, error) {
	var kinds []dnsmessage.Type
	if v4 {
		kinds = append(kinds, dnsmessage.TypeA)
	}
	if v6 && !c.NoIPv6 {
		kinds = append(kinds, dnsmessage.TypeAAAA)
	}
	a, err := c.search(name, func(name string) (answer, error) { return c.ask(ctx, name, kinds...) })
	return a.addresses, explain(err)
}

// Name finds the name of an address.
func (c *Config) Name(ctx context.Context, a netip.Addr) (string, error) {
	found, err := c.ask(ctx, reverse(a), dnsmessage.TypePTR)
	return found.name, explain(err)
}

func explain(err error) error {
	if err == errRefused || err == errTimeout || err == errServer {
		return ErrTemporary
	}
	return err
}

// search asks for one name after the other that a host may have, with the order and the
// end that the C library's res_search() has.
func (c *Config) search(name string, ask func(name string) (answer, error)) (answer, error) {
	names, itself := c.names(name)
	failure, stopped := ErrNotFound, false
	for i, n := range names {
		if stopped && i != itself {
			continue
		}
		a, err := ask(n)
		if err != ErrNotFound && err != errServer && err != errTimeout {
			return a, err
		}
		// What is said of the name itself counts, unless it comes last and the
		// servers of a domain have failed.
		if i == 0 || itself != 0 && failure != errServer {
			failure = err
		}
		stopped = stopped || i != itself && err == errTimeout
	}
	return answer{}, failure
}

// names returns the names to ask for, and which of them is the name itself; -1 if none.
func (c *Config) names(name string) (names []string, itself int) {
	dots := strings.Count(name, ".")
	if strings.HasSuffix(name, ".") {
		return []string{name}, 0
	}
	itself = -1
	add := func() {
		if itself < 0 {
			itself = len(names)
			names = append(names, name)
		}
	}
	if dots >= c.Ndots {
		add()
	}
	for _, domain := range c.Search {
		if domain = strings.Trim(domain, "."); domain != "" {
			names = append(names, name+"."+domain)
		} else {
			add()
		}
	}
	if dots > 0 || len(c.Search) == 0 || !c.NoTLD {
		add()
	}
	return names, itself
}

// ask asks for all kinds of a name at once. That one of them is found is enough.
func (c *Config) ask(ctx context.Context, name string, kinds ...dnsmessage.Type) (answer, error) {
	answers, errs := make([]answer, len(kinds)), make([]error, len(kinds))
	one := func(i int) {
		q, err := newQuestion(name, kinds[i])
		if err != nil {
			errs[i] = ErrNotFound // it is too long for any host
			return
		}
		answers[i], errs[i] = c.exchange(ctx, q)
		if errs[i] == nil && len(answers[i].addresses) == 0 && answers[i].name == "" {
			errs[i] = ErrNotFound
		}
	}
	var all sync.WaitGroup
	for i := range kinds {
		if c.Single || i == len(kinds)-1 {
			one(i)
		} else {
			all.Go(func() { one(i) })
		}
	}
	all.Wait()
	var found answer
	for _, a := range answers {
		found.addresses = append(found.addresses, a.addresses...)
		found.name += a.name
	}
	if len(found.addresses) > 0 || found.name != "" {
		return found, nil
	}
	for _, err := range errs {
		if err != ErrNotFound {
			return found, err
		}
	}
	return found, ErrNotFound
}

// reverse returns the name under which that of an address is kept.
func reverse(a netip.Addr) string {
	a = a.Unmap()
	if a.Is4() {
		b := a.As4()
		slices.Reverse(b[:])
		return netip.AddrFrom4(b).String() + ".in-addr.arpa."
	}
	var name strings.Builder
	b := a.As16()
	for _, octet := range slices.Backward(b[:]) {
		for _, digit := range []byte{octet & 15, octet >> 4} {
			name.WriteString(strconv.FormatUint(uint64(digit), 16))
			name.WriteByte('.')
		}
	}
	return name.String() + "ip6.arpa."
}
