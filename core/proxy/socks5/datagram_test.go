package socks5

import (
	"testing"

	"qnet/core/address"
	"qnet/core/proxy"
)

func TestDatagrams(t *testing.T) {
	for datagram, from := range map[string]proxy.Target{
		"\x00\x00\x00\x01\xc0\x00\x02\x01\x00\x07data":                                                 bound("192.0.2.1", 7),
		"\x00\x00\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x07data": bound("2001:db8::5", 7),
		"\x00\x00\x00\x03\x04name\x00\x07data":                                                         {Name: "name", Port: 7},
	} {
		got, data, ok := ParseDatagram([]byte(datagram))
		if got != from || string(data) != "data" || !ok {
			t.Errorf("%q: %v, %q, %v", datagram, got, data, ok)
		}
		if header := AppendHeader(nil, from); string(header)+"data" != datagram {
			t.Errorf("%v: %q", from, header)
		}
		// A datagram without data is one, and one whose header is cut is none.
		header := len(datagram) - len("data")
		if _, data, ok := ParseDatagram([]byte(datagram[:header])); len(data) != 0 || !ok {
			t.Errorf("%q, %v", data, ok)
		}
		for n := range header {
			if _, _, ok := ParseDatagram([]byte(datagram[:n])); ok {
				t.Errorf("%q", datagram[:n])
			}
		}
	}
}

func TestDatagramsThatAreNone(t *testing.T) {
	const rest = "\x01\xc0\x00\x02\x01\x00\x07data"
	for _, datagram := range []string{"\x00\x00\x01" + rest, "\x00\x00\x80" + rest, "\x01\x00\x00" + rest, "\x00\x01\x00" + rest, "\x00\x00\x00\x09" + rest} {
		if _, _, ok := ParseDatagram([]byte(datagram)); ok {
			t.Errorf("%q", datagram)
		}
	}
}

func TestRelay(t *testing.T) {
	own := bound("192.0.2.9", 1080)
	for _, c := range []struct{ says, want proxy.Target }{
		{bound("192.0.2.1", 7), bound("192.0.2.1", 7)},
		{bound("0.0.0.0", 7), bound("192.0.2.9", 7)},
		{bound("::", 7), bound("192.0.2.9", 7)},
		{bound("::ffff:0.0.0.0", 7), bound("192.0.2.9", 7)},
		{proxy.Target{Address: address.Null, Port: 7}, bound("192.0.2.9", 7)},
		{proxy.Target{Name: "relay.test", Port: 7}, proxy.Target{Name: "relay.test", Port: 7}},
	} {
		if got := Relay(c.says, own); got != c.want {
			t.Errorf("%v: %v, not %v", c.says, got, c.want)
		}
	}
}
