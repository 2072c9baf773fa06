package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"

	"qnet/core/dns"
	"qnet/core/sys"
)

// calls is how many calls of the C library may be under way. They cannot be called off,
// and each has a thread: those that nobody waits for any more count until they return.
const calls = 16

// system looks names up with the C library, if Go's was built to (the tag netcgo).
type system struct {
	resolver *net.Resolver
	calls    chan struct{} // as full as calls are under way
}

func newSystem(r *net.Resolver) system { return system{r, make(chan struct{}, calls)} }

func (s system) addresses(ctx context.Context, name string, v4, v6 bool) ([]netip.Addr, error) {
	network := "ip"
	if v4 != v6 {
		network = map[bool]string{true: "ip4", false: "ip6"}[v4]
	}
	list, err := call(ctx, s, func() ([]netip.Addr, error) {
		return s.resolver.LookupNetIP(context.Background(), network, name)
	})
	for i := range list {
		// The resolver may give IPv4 in its mapped form.
		list[i] = list[i].Unmap()
	}
	if err == nil && len(list) == 0 {
		err = dns.ErrNotFound
	}
	return list, err
}

func (s system) name(ctx context.Context, a netip.Addr) (string, error) {
	names, err := call(ctx, s, func() ([]string, error) {
		return s.resolver.LookupAddr(context.Background(), a.String())
	})
	if err != nil || len(names) == 0 {
		return "", err
	}
	return strings.TrimSuffix(names[0], "."), nil
}

// call calls f and returns what it does, or that ctx is done.
func call[T any](ctx context.Context, s system, f func() (T, error)) (T, error) {
	type end struct {
		value T
		err   error
	}
	var none T
	select {
	case s.calls <- struct{}{}:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	ended := make(chan end, 1)
	go func() {
		release := sys.HoldStandard()
		value, err := f()
		release()
		<-s.calls
		ended <- end{value, err}
	}()
	select {
	case e := <-ended:
		return e.value, reason(e.err)
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// reason returns why a call of the C library has failed.
func reason(err error) error {
	var failure *net.DNSError
	if err == nil {
		return nil
	}
	// That it had no descriptors the C library does not always say.
	file, lack := sys.OpenFile(os.DevNull)
	if lack == nil {
		file.Close()
	}
	switch {
	case dns.Exhausted(lack):
		return lack
	case errors.As(err, &failure) && failure.IsNotFound:
		return dns.ErrNotFound
	case strings.Contains(err.Error(), syscall.EMFILE.Error()):
		return syscall.EMFILE
	}
	return dns.ErrTemporary
}
