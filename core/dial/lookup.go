package dial

import (
	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/resolve"
)

// Resolve finds the addresses of a name, of one protocol unless that is address.AnyIP, on
// another thread, and returns what cancels it. found is called with the lock of l held, with
// what it means if there are none.
func Resolve(l *loop.Loop, name string, protocol address.Protocol, found func([]address.Address, *failure.Failure)) (cancel func()) {
	return resolve.Start(l, name, func(r resolve.Result) {
		l.Lock()
		defer l.Unlock()
		none := failure.HostUnknown
		if r.Err == resolve.ErrResources {
			none = failure.OutOfResources
		}
		found(Limit(r.Addresses, protocol), none)
	})
}
