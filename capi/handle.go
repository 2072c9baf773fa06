package main

/*
#include <stdint.h>
*/
import "C"

import (
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"qnet/core/hostinfo"
	"qnet/core/loop"
	"qnet/core/netif"
	"qnet/core/notifier"
	"qnet/core/object"
	"qnet/core/server"
	"qnet/core/socket"
	"qnet/core/timer"
	"qnet/core/tls/certificate"
	"qnet/core/tls/configuration"
	"qnet/core/tls/extension"
	"qnet/core/tls/verify"
)

// handle stands for an object of core in C. What C holds is the address of a
// byte that says nothing (go-pointer): a program cannot reach into an object,
// and a handle that is deleted, or was never one, is recognised.
type handle[T any] struct {
	known // and nothing else: blocks have those of all classes
}

// class tells of which type a handle's object is.
type class uint8

const (
	classSocket class = iota + 1
	classServer
	classLocalServer
	classLoop
	classTimer
	classNotifier
	classHostInfo
	classAuthenticator
	classNetworkInterface
	// From here on values of TLS.
	classSslCertificate
	classSslCertificateExtension
	classSslKey
	classSslError
	classSslConfiguration
	classOcspResponse
	classes
)

func classOf[T any]() class {
	switch any((*T)(nil)).(type) {
	case *socket.Socket:
		return classSocket
	case *server.Server:
		return classServer
	case *server.LocalServer:
		return classLocalServer
	case *loop.Loop:
		return classLoop
	case *timer.Timer:
		return classTimer
	case *notifier.Notifier:
		return classNotifier
	case *hostinfo.Info:
		return classHostInfo
	case *socket.Authenticator:
		return classAuthenticator
	case *value[netif.Interface]:
		return classNetworkInterface
	case *value[*certificate.Certificate]:
		return classSslCertificate
	case *value[extension.Extension]:
		return classSslCertificateExtension
	case *value[sslKey]:
		return classSslKey
	case *value[verify.Failure]:
		return classSslError
	case *value[configuration.Configuration]:
		return classSslConfiguration
	case *value[configuration.OCSPResponse]:
		return classOcspResponse
	}
	panic(fmt.Sprintf("no handles for %T", (*T)(nil)))
}

// classNames are what messages call objects, of which Describe may know more.
var classNames = [classes]string{
	0:                            "handle",
	classSocket:                  "qnet_socket",
	classServer:                  "qnet_tcp_server",
	classLocalServer:             "qnet_local_server",
	classLoop:                    "qnet_loop",
	classTimer:                   "qnet_timer",
	classNotifier:                "qnet_notifier",
	classHostInfo:                "qnet_host_info",
	classAuthenticator:           "qnet_authenticator",
	classNetworkInterface:        "qnet_network_interface",
	classSslCertificate:          "qnet_ssl_certificate",
	classSslCertificateExtension: "qnet_ssl_certificate_extension",
	classSslKey:                  "qnet_ssl_key",
	classSslError:                "qnet_ssl_error",
	classSslConfiguration:        "qnet_ssl_configuration",
	classOcspResponse:            "qnet_ocsp_response",
}

// classAt returns what messages call what has, or had, a handle at an address.
func classAt(address C.uintptr_t) string {
	if address >= lowest {
		if k := restore(uintptr(address)); k != nil {
			return classNames[k.class()]
		}
	}
	return classNames[0]
}

// handles are how many objects of each class have a handle.
var handles [classes]atomic.Int64

// target returns the object; nil once it is deleted.
func (h *handle[T]) target() *T { return (*T)(atomic.LoadPointer(&h.object)) }

func (h *handle[T]) base() *known { return &h.known }

// Address returns the handle as C has it.
func (h *handle[T]) Address() uintptr { return h.address() }

func newHandle[T any](target *T) *handle[T] {
	c := classOf[T]()
	handles[c].Add(1)
	return (*handle[T])(unsafe.Pointer(allBlocks.add(unsafe.Pointer(target), c)))
}

// release makes the handle one of a deleted object.
func (h *handle[T]) release() {
	handles[h.class()].Add(-1)
	atomic.StorePointer(&h.object, nil)
	if h.has(hasText) {
		texts.set(&h.known, nil)
	}
	if h.has(hasData) {
		h.keep(0)
	}
	parts.forget(&h.known)
	quarantine.add(h.address())
}

// lowest is the least that is looked for: a small number must not look like a pointer to Go.
const lowest = 4096

// find returns the handle at an address; with nil, why there is none.
func find[T any](address C.uintptr_t) (*handle[T], string) {
	if address == 0 {
		return nil, "the handle is NULL"
	}
	if address < lowest {
		return nil, "this is no handle"
	}
	k := restore(uintptr(address))
	switch {
	case k == nil:
		return nil, "this is no handle"
	case k.dead():
		return nil, deleted
	case k.class() != classOf[T]():
		return nil, "the handle is of another type"
	}
	return (*handle[T])(unsafe.Pointer(k)), ""
}

// lookUp returns the object of the handle at an address; with nil, why there is none.
func lookUp[T any](address C.uintptr_t) (*T, string) {
	if o := allBlocks.find(uintptr(address), classOf[T]()); o != nil {
		return (*T)(o), ""
	}
	h, why := find[T](address)
	if h == nil {
		return nil, why
	}
	return h.target(), deleted
}

// quarantineSize is how many deleted handles are remembered. Until it is
// forgotten, a handle's value is not used again.
const quarantineSize = 1 << 16

// quarantined keeps the addresses of deleted handles from being used again.
type quarantined struct {
	mu        sync.Mutex
	addresses []uintptr // a ring once it is full
	next      int
}

var quarantine quarantined

func (q *quarantined) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.addresses)
}

func (q *quarantined) add(address uintptr) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.addresses) < quarantineSize {
		q.addresses = append(q.addresses, address)
		return
	}
	oldest := q.addresses[q.next]
	allBlocks.remove(oldest)
	q.addresses[q.next] = address
	q.next = (q.next + 1) % quarantineSize
}

// attached is an object of core that can have a handle.
type attached interface {
	Attachment() object.Attachment
	Attach(object.Attachment)
	EachSlot(func(*object.Slot))
}

// addressOf returns the handle of an object of core, making it at first use.
// The lock is held.
func addressOf[T any, P interface {
	*T
	attached
}](p P) C.uintptr_t {
	if p == nil {
		return 0
	}
	if a := p.Attachment(); a != nil {
		return C.uintptr_t(a.(*handle[T]).address())
	}
	h := newHandle((*T)(p))
	p.Attach(h)
	return C.uintptr_t(h.address())
}

// Released is called by core when the object makes no more callbacks.
func (h *handle[T]) Released() {
	if o, ok := any(h.target()).(attached); ok {
		o.EachSlot(func(s *object.Slot) { connections.forget(s) })
	}
	h.release()
}
