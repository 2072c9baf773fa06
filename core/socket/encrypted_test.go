package socket

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"os"
	"testing"

	"qnet/core/internal/looptest"
	"qnet/core/internal/tlstest"
	"qnet/core/tls/stream"
)

// encrypted is the filter that a TLS socket is to have.
type encrypted struct{ *stream.Stream }

func (e encrypted) Recv(raw *Raw, p []byte) (int, error) { return e.Stream.Recv(raw, p) }
func (e encrypted) End(raw *Raw)                         { e.Stream.End(raw) }
func (e encrypted) Send(raw *Raw, parts [][]byte) (int, error) {
	n, err := e.Stream.Send(raw, parts)
	if err == stream.ErrNotYet {
		err = NotYet
	}
	return n, err
}

// encrypt begins to encrypt what a socket sends.
func (r *rig) encrypt(begin func(*tls.Config, func()) *stream.Stream, config *tls.Config) encrypted {
	e := encrypted{}
	e.Stream = begin(config, func() {
		r.l.Lock()
		defer r.l.Unlock()
		if r.filtering != 0 {
			(*Raw)(r.Socket).Again()
		}
	})
	r.SetFilter(e)
	return e
}

// The other end is crypto/tls as others use it.
func TestEncryptedSocket(t *testing.T) {
	client, server := tlstest.Configs(t)
	for name, side := range map[string]struct {
		ours   func(*tls.Config, func()) *stream.Stream
		config *tls.Config
		theirs func(net.Conn) *tls.Conn
	}{
		"client": {stream.Client, client, func(c net.Conn) *tls.Conn { return tls.Server(c, server) }},
		"server": {stream.Server, server, func(c net.Conn) *tls.Conn { return tls.Client(c, client) }},
	} {
		t.Run(name, func(t *testing.T) {
			r, p := connected(t, looptest.New(t))
			e := r.encrypt(side.ours, side.config)
			file := os.NewFile(uintptr(p.FD), "peer")
			plain, err := net.FileConn(file)
			if err != nil {
				t.Fatal(err)
			}
			p.FD = -1
			file.Close()
			peer := side.theirs(plain)
			data := pattern(1 << 20)
			heard, said := make(chan []byte, 1), make(chan struct{})
			go func() {
				peer.Write(data)
				close(said)
			}()
			go func() {
				defer peer.Close() // which ends a Write that still goes on
				defer func() { <-said }()
				got := make([]byte, len(data))
				if _, err := io.ReadFull(peer, got); err != nil {
					got = []byte(err.Error())
				}
				heard <- got
			}()
			r.Write(data)
			var got []byte
			r.on[SignalReadyRead] = func(int64) { got = append(got, r.all()...) }
			r.until("all has come", func() bool { return len(got) == len(data) })
			r.until("all has gone", func() bool { return r.BytesToWrite() == 0 })
			r.untilLogged("disconnected")
			if other := <-heard; !bytes.Equal(got, data) || !bytes.Equal(other, data) {
				t.Errorf("%d bytes and %d, not those: %.100q", len(got), len(other), other)
			}
			if !e.Encrypted() && e.Err() == nil {
				t.Error("not encrypted")
			}
		})
	}
}
