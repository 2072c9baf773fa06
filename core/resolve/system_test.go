package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/dns"
	"qnet/core/internal/looptest"
	"qnet/core/internal/standardtest"
	"qnet/core/internal/systest"
)

func TestSystemIsAskedWhereItAloneKnows(t *testing.T) {
	looptest.CheckLeaks(t)
	r, s := machine{hosts: "192.0.2.1 localhost\n", nsswitch: "hosts: mymachines resolve\n"}.set(t)
	r.system = newSystem(net.DefaultResolver)
	if got := r.lookUp(t.Context(), "localhost"); got.Err != nil || !got.Addresses[0].IsLoopback() {
		t.Errorf("%v", got)
	}
	if got := r.lookUp(t.Context(), "127.0.0.1"); got.Err != nil || got.Name == "" {
		t.Errorf("%v", got)
	}
	if got := r.lookUp(t.Context(), "nosuchhost.invalid"); got.Err != ErrNotFound && got.Err != ErrTemporary {
		t.Errorf("%v", got)
	}
	for _, family := range []netip.Prefix{both[0], both[1]} {
		r.interfaces = func() ([]netip.Prefix, error) { return []netip.Prefix{family}, nil }
		for _, a := range r.lookUp(t.Context(), "localhost").Addresses {
			if a.Addr().Is4() != family.Addr().Is4() {
				t.Errorf("%v is found with %v", a, family)
			}
		}
	}
	if asked := s.Asked(); asked != nil {
		t.Errorf("%q were asked for", asked)
	}
}

func TestCallsOfTheSystemAreBoundedAndCanBeLeft(t *testing.T) {
	looptest.CheckLeaks(t)
	s := newSystem(nobody)
	ctx, cancel := context.WithCancel(t.Context())
	begun, end := make(chan struct{}, 2*calls), make(chan struct{})
	left := make(chan error)
	for range 2 * calls {
		go func() {
			_, err := call(ctx, s, func() (int, error) {
				begun <- struct{}{}
				<-end
				return 0, nil
			})
			left <- err
		}()
	}
	for range calls {
		<-begun
	}
	cancel()
	for range 2 * calls {
		if err := <-left; err != context.Canceled {
			t.Errorf("%v", err)
		}
	}
	// Nobody waits any more, but they have not returned.
	if n := len(begun); n != 0 || len(s.calls) != calls {
		t.Errorf("%d more were begun, %d are under way", n, len(s.calls))
	}
	close(end)
	if n, err := call(t.Context(), s, func() (int, error) { return 5, nil }); n != 5 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestReasonsOfTheSystem(t *testing.T) {
	for _, c := range []struct{ err, want error }{
		{nil, nil},
		{&net.DNSError{Err: "no such host", IsNotFound: true}, dns.ErrNotFound},
		{fmt.Errorf("wrapped: %w", &net.DNSError{IsNotFound: true}), dns.ErrNotFound},
		{&net.DNSError{Err: "Temporary failure in name resolution", IsTemporary: true}, dns.ErrTemporary},
		{&net.DNSError{Err: "server misbehaving", Server: "[::1]:53"}, dns.ErrTemporary},
		{&net.DNSError{Err: syscall.EMFILE.Error()}, syscall.EMFILE},
		{errors.New("something else"), dns.ErrTemporary},
	} {
		if got := reason(c.err); got != c.want {
			t.Errorf("%v: %v", c.err, got)
		}
	}
	restore := looptest.NoDescriptors(t)
	got := reason(&net.DNSError{IsNotFound: true})
	restore()
	if !dns.Exhausted(got) {
		t.Errorf("without descriptors: %v", got)
	}
	s := newSystem(nobody)
	if list, err := s.addresses(t.Context(), "nosuchhost.invalid", true, true); len(list) != 0 || err == nil {
		t.Errorf("%v, %v", list, err)
	}
	if !slices.Contains([]error{dns.ErrNotFound, dns.ErrTemporary}, reason(errors.New(""))) {
		t.Error("a reason that is none")
	}
}

func TestStandardStreamsAreHeldFromTheSystem(t *testing.T) {
	standardtest.CloseInput(t)
	s := newSystem(nobody)
	_, err := call(t.Context(), s, func() (int, error) {
		fd := systest.Socket(t, unix.AF_UNIX, unix.SOCK_DGRAM) // as the C library may
		defer unix.Close(fd)
		if open, usable := standardtest.Input(); fd < 3 || !open || usable {
			t.Errorf("descriptor %d; descriptor 0 is open: %v, usable: %v", fd, open, usable)
		}
		return 0, nil
	})
	if open, _ := standardtest.Input(); open || err != nil {
		t.Errorf("descriptor 0 is open: %v; %v", open, err)
	}
}
