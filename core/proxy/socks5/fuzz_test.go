package socks5

import (
	"bytes"
	"reflect"
	"testing"

	"qnet/core/internal/steptest"
	"qnet/core/proxy"
)

// FuzzStep looks that what a proxy says means the same however it comes.
func FuzzStep(f *testing.F) {
	for _, c := range conversations {
		for _, connection := range c.says {
			var all []byte
			for _, text := range connection {
				all = append(all, text...)
			}
			f.Add(all, byte(c.command), c.proxy.User != "", uint8(1))
		}
	}
	f.Fuzz(func(t *testing.T, says []byte, command byte, user bool, piece uint8) {
		p := plain
		if user {
			p = known
		}
		play := func(cut steptest.Cut) steptest.Result {
			s, _ := New(p, &proxy.Keyring{}, Command(command), named)
			r := steptest.Play(t, s, steptest.Proxy{{string(says)}}, nil, cut)
			if r.Outcome.Status == proxy.Failed {
				// How much a step takes of what it cannot use is its own affair.
				r.Rest = ""
			}
			for i := range r.Sent {
				// So is how many messages it makes of what it says.
				all := ""
				for _, text := range r.Sent[i] {
					all += text
				}
				r.Sent[i] = []string{all}
			}
			return r
		}
		whole, cut := play(steptest.Whole), play(steptest.Every(max(1, int(piece))))
		if !reflect.DeepEqual(whole, cut) {
			t.Errorf("%+v\nnot\n%+v", cut, whole)
		}
	})
}

// FuzzDatagram looks that what is read is what it is written as.
func FuzzDatagram(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x01\x7f\x00\x00\x01\x00\x07data"))
	f.Add([]byte("\x00\x00\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x07"))
	f.Add([]byte("\x00\x00\x00\x03\x04name\x00\x07data"))
	f.Add([]byte("\x00\x00\x01\x01\x7f\x00\x00\x01\x00\x07data"))
	f.Add([]byte("\x00\x00\x00\x03\xffname"))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		from, data, ok := ParseDatagram(datagram)
		if !ok {
			return
		}
		again, rest, ok := ParseDatagram(append(AppendHeader(nil, from), data...))
		if !ok || again != from || !bytes.Equal(rest, data) {
			t.Errorf("%v, %q; then %v, %q", from, data, again, rest)
		}
	})
}
