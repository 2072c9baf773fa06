package hostinfo

import (
	"errors"
	"testing"

	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/resolve"
)

// deletedAfter has i deleted when the test ends.
func deletedAfter(t *testing.T, i *Info) *Info {
	t.Cleanup(i.Delete)
	return i
}

func TestLookupFinishesInTheLoop(t *testing.T) {
	l := looptest.New(t)
	var finished []*Info
	i := deletedAfter(t, Lookup(l, "localhost", func(i *Info) { finished = append(finished, i) }))
	if i.Name() != "localhost" || i.Addresses() != nil || i.Error() != NoError || i.ErrorText() != "Unknown error" {
		t.Errorf("before: %q, %v, %v, %q", i.Name(), i.Addresses(), i.Error(), i.ErrorText())
	}
	looptest.Until(t, l, "the look-up has finished", func() bool { return len(finished) > 0 })
	looptest.Settle(t, l)
	if len(finished) != 1 || finished[0] != i {
		t.Errorf("finished for %v", finished)
	}
	if i.Name() != "localhost" || len(i.Addresses()) == 0 || i.Error() != NoError || i.ErrorText() != "Unknown error" {
		t.Errorf("after: %q, %v, %v, %q", i.Name(), i.Addresses(), i.Error(), i.ErrorText())
	}
	i.Abort() // too late, and harmless
}

func TestLookupOfAnUnknownName(t *testing.T) {
	l := looptest.New(t)
	done := false
	i := deletedAfter(t, Lookup(l, "nosuchhost.invalid", func(*Info) { done = true }))
	looptest.Until(t, l, "the look-up has finished", func() bool { return done })
	if i.Error() == NoError || i.ErrorText() == "Unknown error" || len(i.Addresses()) != 0 || i.Name() != "nosuchhost.invalid" {
		t.Errorf("%v, %q, %v, %q", i.Error(), i.ErrorText(), i.Addresses(), i.Name())
	}
}

func TestAbortedLookupDoesNotFinish(t *testing.T) {
	l := looptest.New(t)
	abort := map[string]func(*Info){"Abort": (*Info).Abort, "Delete": (*Info).Delete}
	for name, f := range abort {
		i := deletedAfter(t, Lookup(l, "localhost", func(*Info) { t.Errorf("finished after %s", name) }))
		f(i)
		f(i)
	}
	// A third tells when the others would have finished, too.
	for range 3 {
		done := false
		i := Lookup(l, "localhost", func(*Info) { done = true })
		looptest.Until(t, l, "a look-up has finished", func() bool { return done })
		i.Delete()
	}
}

// What nobody waits for any more must not keep others waiting.
func TestLookupIsCancelledOnce(t *testing.T) {
	l := looptest.New(t)
	for name, end := range map[string]func(*Info){"Abort": (*Info).Abort, "Delete": (*Info).Delete} {
		i := deletedAfter(t, Lookup(l, "localhost", func(*Info) {}))
		cancelled, cancel := 0, i.cancel
		i.cancel = func() { cancelled++; cancel() }
		end(i)
		end(i)
		if cancelled != 1 {
			t.Errorf("%s: cancelled %d times", name, cancelled)
		}
	}
}

func TestLookupMayBeAbortedBetweenItsEndAndItsReport(t *testing.T) {
	l := looptest.New(t)
	i := deletedAfter(t, Lookup(l, "localhost", func(*Info) { t.Error("finished after Abort") }))
	// The result is posted while the loop does not run.
	fd := l.FD()
	looptest.Await(t, l, "the result is posted", looptest.Elsewhere(func() { looptest.AwaitReadable(fd) }))
	i.Abort()
	looptest.Settle(t, l)
}

func TestLookupMayBeDeletedByItsReport(t *testing.T) {
	l := looptest.New(t)
	destroyed := 0
	i := Lookup(l, "localhost", func(i *Info) { i.Delete() })
	i.On(object.Destroyed, func(int64) { destroyed++ })
	looptest.Until(t, l, "it is deleted", func() bool { return !i.Alive() })
	if destroyed != 1 {
		t.Errorf("destroyed %d times", destroyed)
	}
}

func TestLookupEndsWithItsLoop(t *testing.T) {
	l := looptest.New(t)
	var finished []*Info
	infos := make([]*Info, 3)
	for n := range infos {
		infos[n] = Lookup(l, "localhost", func(i *Info) {
			finished = append(finished, i)
			i.Delete()
		})
	}
	infos[1].Abort()
	infos[1].Delete()
	// The lock was not given back: nothing can be known of the name.
	l.Close()
	if len(finished) != 2 || finished[0] != infos[0] || finished[1] != infos[2] {
		t.Fatalf("finished for %v", finished)
	}
	for _, i := range finished {
		if i.Error() != UnknownError || i.ErrorText() != "The loop was deleted" || i.Addresses() != nil || i.Name() != "localhost" {
			t.Errorf("%v, %q, %v, %q", i.Error(), i.ErrorText(), i.Addresses(), i.Name())
		}
	}
	if loop.Count() != 0 || loop.Objects() != 0 {
		t.Errorf("%d loops and %d objects remain", loop.Count(), loop.Objects())
	}
}

func TestFromNameBlocks(t *testing.T) {
	l := looptest.New(t)
	from := func(name string) *Info {
		l.Unlock()
		defer l.Lock()
		return FromName(l, name)
	}
	for _, c := range []struct {
		name  string
		found bool
	}{{"localhost", true}, {"127.0.0.1", true}, {"nosuchhost.invalid", false}, {"", false}} {
		i := deletedAfter(t, from(c.name))
		if found := i.Error() == NoError; found != c.found || found != (len(i.Addresses()) > 0) {
			t.Errorf("%q: %v, %q, %v", c.name, i.Error(), i.ErrorText(), i.Addresses())
		}
	}
}

func TestErrorCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		code Code
		text string
	}{
		{nil, NoError, "Unknown error"},
		{resolve.ErrNotFound, HostNotFound, "Host not found"},
		{resolve.ErrNoName, HostNotFound, "No host name given"},
		{resolve.ErrInvalid, HostNotFound, "Invalid hostname"},
		{resolve.ErrTemporary, UnknownError, "Temporary failure in name resolution"},
		{resolve.ErrResources, UnknownError, "Out of resources"},
		{errors.New("the server is ill"), UnknownError, "the server is ill"},
	} {
		i := Info{result: resolve.Result{Err: c.err}}
		if i.Error() != c.code || i.ErrorText() != c.text {
			t.Errorf("%v: %v, %q", c.err, i.Error(), i.ErrorText())
		}
	}
}

func TestLocalNameIsNotEmpty(t *testing.T) {
	if LocalName() == "" {
		t.Error("no name")
	}
}

func TestManyLookupsAtOnce(t *testing.T) {
	l := looptest.New(t)
	const n = 50
	finished := 0
	for range n {
		deletedAfter(t, Lookup(l, "localhost", func(*Info) { finished++ }))
	}
	looptest.Until(t, l, "all have finished", func() bool { return finished == n })
}

var _ loop.Deferred = (*Info)(nil)

// C, C++ and Python programs see Qt's numbers.
func TestCodesHaveQtsNumbers(t *testing.T) {
	for i, code := range []Code{NoError, HostNotFound, UnknownError} {
		if int(code) != i {
			t.Errorf("code %d is %d", i, code)
		}
	}
}
