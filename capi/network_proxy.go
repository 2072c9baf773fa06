package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>
#include "callback.h"

static inline uintptr_t qnetc_getenv(uintptr_t name) { return (uintptr_t)secure_getenv((const char *)name); }
*/
import "C"

import (
	"math"
	"sync"
	"unsafe"

	pointer "github.com/mattn/go-pointer"

	"qnet/core/proxy"
)

type cProxy = C.qnet_network_proxy

// Go's copy of the environment is from when it started.
func init() {
	proxy.Process.Getenv = func(name string) string {
		c := C.CString(name)
		defer C.free(unsafe.Pointer(c))
		return text(C.qnetc_getenv(C.uintptr_t(uintptr(unsafe.Pointer(c)))))
	}
}

// storage is what the library keeps for a proxy of C: its texts, if the library has
// written them, and what C has no place for. C knows it by an address that says nothing,
// so that a struct that is none, or was cleared already, does no harm.
type storage struct {
	headers proxy.Proxy // its headers only
	texts   []unsafe.Pointer
	value   unsafe.Pointer // of the header that was asked for last, or its name
}

// stored returns what is kept for a proxy; nil for nothing.
func stored(c *cProxy) *storage {
	if c == nil || c.storage == nil {
		return nil
	}
	s, _ := pointer.Restore(c.storage).(*storage)
	return s
}

// store returns what is kept for a proxy, from now on if there was nothing.
func store(c *cProxy) *storage {
	s := stored(c)
	if s == nil {
		s = &storage{}
		c.storage = owned(pointer.Save(s))
	}
	return s
}

// clearProxy releases what is kept for a proxy.
func clearProxy(c *cProxy) {
	if s := stored(c); s != nil {
		for _, p := range append(s.texts, s.value) {
			C.free(p)
		}
		pointer.Unref(c.storage)
	}
	*c = cProxy{}
}

// keep returns a text of C that is kept with a proxy.
func (s *storage) keep(text string) *C.char {
	p := C.CString(text)
	s.texts = append(s.texts, owned(unsafe.Pointer(p)))
	return p
}

// give returns a text of a header, which C has until it asks for the next.
func (s *storage) give(text string) C.uintptr_t {
	C.free(s.value)
	s.value = owned(unsafe.Pointer(C.CString(text)))
	return C.uintptr_t(uintptr(s.value))
}

// toProxy returns the proxy that C points to; the default one for NULL.
func toProxy(address C.uintptr_t) proxy.Proxy {
	c := at[cProxy](address)
	if c == nil {
		return proxy.Proxy{}
	}
	var p proxy.Proxy
	if s := stored(c); s != nil {
		// Not its capabilities: those that C has count, also if they are none.
		p.UseHeaders(s.headers)
	}
	p.Type = proxy.Type(c._type)
	p.Host, p.Port, p.User, p.Password = C.GoString(c.host_name), uint16(c.port), C.GoString(c.user), C.GoString(c.password)
	if c.capabilities != 0 {
		p.SetCapabilities(proxy.Capabilities(c.capabilities &^ C.QNET_NO_CAPABILITY))
	}
	return p
}

// fromProxy writes a proxy for C, which has to clear it, unless that is NULL.
func fromProxy(address C.uintptr_t, p proxy.Proxy) C.bool {
	c := at[cProxy](address)
	if c == nil {
		return false
	}
	clearProxy(c)
	s := store(c)
	c._type, c.port = C.qnet_network_proxy_type(p.Type), C.uint16_t(p.Port)
	c.host_name, c.user, c.password = s.keep(p.Host), s.keep(p.User), s.keep(p.Password)
	if c.capabilities = C.int(p.Capabilities()); c.capabilities == 0 {
		c.capabilities = C.QNET_NO_CAPABILITY
	}
	s.headers = p
	return true
}

// Values

//export qnetgo_network_proxy_clear
func qnetgo_network_proxy_clear(p C.uintptr_t) {
	var done bool
	defer recovered(&done, false)
	if c := at[cProxy](p); c != nil {
		clearProxy(c)
	}
}

//export qnetgo_network_proxy_copy
func qnetgo_network_proxy_copy(p, other C.uintptr_t) {
	var done bool
	defer recovered(&done, false)
	fromProxy(p, toProxy(other))
}

//export qnetgo_network_proxy_has_raw_header
func qnetgo_network_proxy_has_raw_header(p, name C.uintptr_t) (ok C.bool) {
	defer recovered(&ok, false)
	s := stored(at[cProxy](p))
	if s == nil {
		return false
	}
	_, is := s.headers.Header(text(name))
	return C.bool(is)
}

//export qnetgo_network_proxy_raw_header
func qnetgo_network_proxy_raw_header(p, name C.uintptr_t) (value C.uintptr_t) {
	defer recovered(&value, 0)
	s := stored(at[cProxy](p))
	if s == nil {
		if p == 0 {
			return 0
		}
		return emptyText()
	}
	header, _ := s.headers.Header(text(name))
	return s.give(header)
}

//export qnetgo_network_proxy_raw_header_name
func qnetgo_network_proxy_raw_header_name(p C.uintptr_t, index C.int) (name C.uintptr_t) {
	defer recovered(&name, 0)
	s := stored(at[cProxy](p))
	if s == nil || index < 0 || int(index) >= len(s.headers.Headers()) {
		return 0
	}
	return s.give(s.headers.Headers()[index].Name)
}

//export qnetgo_network_proxy_set_raw_header
func qnetgo_network_proxy_set_raw_header(p, name, value C.uintptr_t) (ok C.bool) {
	defer recovered(&ok, false)
	c := at[cProxy](p)
	switch {
	case c == nil:
		warnCaller("the proxy is NULL")
		return false
	case value == 0:
		if s := stored(c); s != nil {
			s.headers.RemoveHeader(text(name))
		}
		return true
	case !store(c).headers.SetHeader(text(name), text(value)):
		warnCaller("this is no header of HTTP")
		return false
	}
	return true
}

// The application

//export qnetgo_network_proxy_set_application_proxy
func qnetgo_network_proxy_set_application_proxy(p C.uintptr_t) {
	var done bool
	defer recovered(&done, false)
	changeApplication(0, 0, func(a *proxy.Application) { a.SetProxy(toProxy(p)) })
}

//export qnetgo_network_proxy_application_proxy
func qnetgo_network_proxy_application_proxy(p C.uintptr_t) (ok C.bool) {
	defer recovered(&ok, false)
	return p != 0 && fromProxy(p, proxy.Process.Proxy())
}

//export qnetgo_network_proxy_set_application_proxy_factory
func qnetgo_network_proxy_set_application_proxy_factory(f, data C.uintptr_t) {
	var done bool
	defer recovered(&done, false)
	if f == 0 {
		changeApplication(0, 0, func(a *proxy.Application) { a.SetFactory(nil) })
		return
	}
	changeApplication(f, data, func(a *proxy.Application) {
		a.SetFactory(func(q proxy.Query) []proxy.Proxy { return askFactory(f, data, q) })
	})
}

//export qnetgo_network_proxy_proxy_for_query
func qnetgo_network_proxy_proxy_for_query(query, proxies C.uintptr_t, max C.int) (n C.int) {
	defer recovered(&n, -1)
	return answerQuery(query, proxies, max, proxy.Process.ForQuery)
}

//export qnetgo_network_proxy_system_proxy_for_query
func qnetgo_network_proxy_system_proxy_for_query(query, proxies C.uintptr_t, max C.int) (n C.int) {
	defer recovered(&n, -1)
	return answerQuery(query, proxies, max, func(q proxy.Query) []proxy.Proxy {
		if list := proxy.Process.System(q); len(list) > 0 {
			return list
		}
		return []proxy.Proxy{{Type: proxy.None}}
	})
}

//export qnetgo_network_proxy_uses_system_configuration
func qnetgo_network_proxy_uses_system_configuration() C.bool {
	return C.bool(proxy.Process.UsesSystem())
}

//export qnetgo_network_proxy_set_use_system_configuration
func qnetgo_network_proxy_set_use_system_configuration(enable C.bool) {
	var done bool
	defer recovered(&done, false)
	changeApplication(0, 0, func(a *proxy.Application) { a.SetUseSystem(bool(enable)) })
}

// factoryData is the user data of the application's factory.
var factoryData struct {
	sync.Mutex
	data uintptr
}

// changeApplication sets something, maybe a factory f with user data.
func changeApplication(f, data C.uintptr_t, set func(*proxy.Application)) {
	factoryData.Lock()
	defer factoryData.Unlock()
	set(proxy.Process)
	if f != 0 || !proxy.Process.HasFactory() {
		userDatas.drop(factoryData.data)
		factoryData.data = uintptr(data)
		userDatas.add(factoryData.data)
	}
}

// mostProxies is how many proxies a factory may return.
const mostProxies = 16

// askFactory calls a program's factory. No lock is held.
func askFactory(f, data C.uintptr_t, q proxy.Query) []proxy.Proxy {
	host, tag := C.CString(q.PeerHost), C.CString(q.ProtocolTag)
	defer C.free(unsafe.Pointer(host))
	defer C.free(unsafe.Pointer(tag))
	query := C.qnet_network_proxy_query{
		query_type: C.qnet_network_proxy_query_type(q.Type), peer_host_name: host, peer_port: C.int(q.PeerPort),
		local_port: C.int(q.LocalPort), protocol_tag: tag,
	}
	proxies := (*[mostProxies]cProxy)(C.calloc(mostProxies, C.sizeof_qnet_network_proxy))
	defer C.free(unsafe.Pointer(proxies))
	n := C.qnetc_call_network_proxy_factory(f, &query, &proxies[0], mostProxies, data)
	var list []proxy.Proxy
	for i := range proxies {
		p := &proxies[i]
		if i < int(n) {
			list = append(list, toProxy(C.uintptr_t(uintptr(unsafe.Pointer(p)))))
		}
		clearProxy(p)
	}
	return list
}

// answerQuery writes the proxies for a query of C.
func answerQuery(query, proxies C.uintptr_t, room C.int, list func(proxy.Query) []proxy.Proxy) C.int {
	c := at[C.qnet_network_proxy_query](query)
	switch {
	case c == nil:
		warnCaller("the query is NULL")
		return -1
	case room < 0 || proxies == 0 && room > 0:
		warnCaller("there is no room for the proxies")
		return -1
	}
	answer := list(proxy.Query{
		Type: proxy.QueryType(c.query_type), PeerHost: C.GoString(c.peer_host_name), PeerPort: port(c.peer_port),
		LocalPort: port(c.local_port), ProtocolTag: C.GoString(c.protocol_tag),
	})
	for i := range min(len(answer), int(room)) {
		fromProxy(proxies+C.uintptr_t(i)*C.sizeof_qnet_network_proxy, answer[i])
	}
	return C.int(len(answer))
}

// port returns a port of a query, -1 if it is none.
func port(n C.int) int {
	if n <= 0 || n > math.MaxUint16 {
		return -1
	}
	return int(n)
}
