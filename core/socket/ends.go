package socket

import (
	"sync"

	"qnet/core/address"
	"qnet/core/endpoint"
)

// Ends are those of a connection as a proxy tells them: to the system its descriptor is a
// connection to the proxy.
type Ends struct {
	Local    *address.Endpoint
	Peer     address.Address
	PeerPort uint16
}

// handed are the ends of connections whose descriptors servers have given to the program.
// Whoever makes a socket of one does so in its own time.
var handed = struct {
	mu   sync.Mutex
	ends map[way]Ends
}{ends: map[way]Ends{}}

// way is what the system knows of such a connection, which no two have.
type way struct{ local, proxy address.Endpoint }

// maxHanded is how many are kept: who reads and writes the descriptors itself never asks.
const maxHanded = 256

func wayOf(fd int) (w way) {
	w.local.Address, w.local.Port = endpoint.Local(fd)
	w.proxy.Address, w.proxy.Port = endpoint.Peer(fd)
	return w
}

// Give keeps the ends of a connection for the socket that takes its descriptor over.
func Give(fd int, e Ends) {
	w := wayOf(fd)
	handed.mu.Lock()
	defer handed.mu.Unlock()
	if len(handed.ends) >= maxHanded {
		for other := range handed.ends {
			delete(handed.ends, other)
			break
		}
	}
	handed.ends[w] = e
}

// taken returns the ends of a descriptor that was given, once, or else those that the system
// knows.
func taken(fd int) Ends {
	w := wayOf(fd)
	handed.mu.Lock()
	defer handed.mu.Unlock()
	e, ok := handed.ends[w]
	if !ok {
		local := w.local
		return Ends{&local, w.proxy.Address, w.proxy.Port}
	}
	delete(handed.ends, w)
	return e
}
