// Package hostinfo is QHostInfo: a look-up of a host name as an object.
package hostinfo

import (
	"context"
	"os"

	"qnet/core/address"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/resolve"
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
	name   string
	cancel func()
	done   bool
	result resolve.Result
}

// Lookup looks up name and has finished called, with the lock held, in a turn
// of the loop (QHostInfo::lookupHost).
func Lookup(l *loop.Loop, name string, finished func(*Info)) *Info {
	i := &Info{name: name}
	i.Init(l)
	i.cancel = resolve.Start(name, func(r resolve.Result) {
		l.Lock()
		defer l.Unlock()
		if i.cancel == nil {
			return
		}
		l.Post(func() {
			if i.cancel != nil {
				i.cancel = nil
				i.done, i.result = true, r
				finished(i)
			}
		})
	})
	return i
}

// FromName looks up name and blocks until that is done. It is called without
// the lock (QHostInfo::fromName).
func FromName(l *loop.Loop, name string) *Info {
	r := resolve.Now(context.Background(), name)
	l.Lock()
	defer l.Unlock()
	i := &Info{name: name, done: true, result: r}
	i.Init(l)
	return i
}

// Abort cancels the look-up: it is not reported any more
// (QHostInfo::abortHostLookup).
func (i *Info) Abort() {
	if i.cancel != nil {
		i.cancel()
		i.cancel = nil
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
func (i *Info) Name() string {
	if i.done {
		return i.result.Name
	}
	return i.name
}

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
	name, _ := os.Hostname()
	return name
}
