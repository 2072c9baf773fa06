package dial

import (
	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/resolve"
)

// Resolve finds the addresses of a name, of one protocol unless that is address.AnyIP, on
// another thread, and returns what cancels it. found is called with the lock of the loop held
// that is home then, with what it means if there are none.
func Resolve(home *loop.Home, name string, protocol address.Protocol, found func([]address.Address, *failure.Failure)) (cancel func()) {
	return resolve.Start(home.Loop(), name, func(r resolve.Result) {
		defer home.LockLoop().Unlock()
		none := failure.HostUnknown
		if r.Err == resolve.ErrResources {
			none = failure.OutOfResources
		}
		found(Limit(r.Addresses, protocol), none)
	})
}
