// Package hostinfo is QHostInfo: a look-up of a host name as an object.
package hostinfo

import (
	"errors"

	"qnet/core/address"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/resolve"
	"qnet/core/sys"
)

// Code is a QHostInfo::HostInfoError.
type Code int

const (
	NoError      Code = 0
	HostNotFound Code = 1
	UnknownError Code = 2
)

// Info is a look-up and, at its end, the result.
type Info struct {
	object.Object
	result resolve.Result // until the end it has nothing but the name
	report *loop.Promise  // of the end; nil after it
	cancel func()
}

// errLoopDeleted is why a look-up has found nothing whose loop was deleted.
var errLoopDeleted = errors.New("The loop was deleted")

// Lookup looks up name and has finished called, with the lock held, in a turn of
// the loop; at the latest, with a failure, when the loop is closed
// (QHostInfo::lookupHost).
func Lookup(l *loop.Loop, name string, finished func(*Info)) *Info {
	i := &Info{result: resolve.Result{Name: name}}
	i.Init(l)
	answer := resolve.Result{Name: name, Err: errLoopDeleted}
	report := l.Promise(func() {
		i.result, i.report = answer, nil
		finished(i)
	})
	i.report = report
	i.cancel = resolve.Start(l, name, func(r resolve.Result) {
		l.Lock()
		defer l.Unlock()
		answer = r
		report.Keep()
	})
	return i
}

// FromName looks up name and blocks until that is done. It is called without
// the lock (QHostInfo::fromName).
func FromName(l *loop.Loop, name string) *Info {
	r := resolve.Wait(name)
	l.Lock()
	defer l.Unlock()
	i := &Info{result: r}
	i.Init(l)
	return i
}

// Abort cancels the look-up: it is not reported any more
// (QHostInfo::abortHostLookup).
func (i *Info) Abort() {
	if i.report != nil {
		i.report.Break()
		i.report = nil
		i.cancel()
	}
}

// Delete cancels the look-up and deletes i.
func (i *Info) Delete() {
	if i.BeginDelete() {
		i.Abort()
		i.EndDelete()
	}
}

// Name is QHostInfo::hostName.
func (i *Info) Name() string { return i.result.Name }

// Addresses is QHostInfo::addresses.
func (i *Info) Addresses() []address.Address { return i.result.Addresses }

// Error is QHostInfo::error.
func (i *Info) Error() Code {
	switch i.result.Err {
	case nil:
		return NoError
	case resolve.ErrNotFound, resolve.ErrNoName, resolve.ErrInvalid:
		return HostNotFound
	}
	return UnknownError
}

// ErrorText is QHostInfo::errorString.
func (i *Info) ErrorText() string {
	if i.result.Err == nil {
		return "Unknown error"
	}
	return i.result.Err.Error()
}

// LocalName is QHostInfo::localHostName.
func LocalName() string {
	name, _ := sys.Hostname()
	return name
}
