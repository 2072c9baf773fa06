package socket

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"qnet/core/address"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/message"
	"qnet/core/object"
)

// signals are all that a socket has, in the words of a rig's log.
var signals = map[object.Signal]string{
	object.Destroyed:                  "destroyed",
	SignalConnected:                   "connected",
	SignalDisconnected:                "disconnected",
	SignalErrorOccurred:               "error",
	SignalHostFound:                   "hostFound",
	SignalStateChanged:                "state",
	SignalReadyRead:                   "readyRead",
	SignalBytesWritten:                "bytesWritten",
	SignalAboutToClose:                "aboutToClose",
	SignalReadChannelFinished:         "readChannelFinished",
	SignalWriteBufferDrained:          "drained",
	SignalProxyAuthenticationRequired: "auth",

	SignalEncrypted:                   "encrypted",
	SignalModeChanged:                 "mode",
	SignalPeerVerifyError:             "verifyError",
	SignalSslErrors:                   "errors",
	SignalHandshakeInterruptedOnError: "interrupted",
	SignalEncryptedBytesWritten:       "encryptedBytesWritten",
	SignalAlertSent:                   "alertSent",
	SignalAlertReceived:               "alertReceived",
	SignalNewSessionTicketReceived:    "ticket",

	SignalChannelReadyRead:    "channelReadyRead",
	SignalChannelBytesWritten: "channelBytesWritten",
}

// rig is a socket that writes down what it signals.
type rig struct {
	*Socket
	t   testing.TB
	l   *loop.Loop
	log []string
	// on is called, with the lock held, after a signal was written down.
	on map[object.Signal]func(arg int64)
}

// observe makes a rig of s, which the test's end deletes.
func observe(t testing.TB, s *Socket) *rig {
	r := &rig{Socket: s, t: t, l: s.Loop(), on: map[object.Signal]func(int64){}}
	for signal, name := range signals {
		s.On(signal, func(arg int64) {
			looptest.Do(r.l, func() {
				switch signal {
				case SignalErrorOccurred, SignalStateChanged, SignalBytesWritten, SignalModeChanged, SignalPeerVerifyError, SignalSslErrors,
					SignalHandshakeInterruptedOnError, SignalEncryptedBytesWritten:
					r.log = append(r.log, fmt.Sprint(name, " ", arg))
				case SignalChannelReadyRead, SignalChannelBytesWritten:
					// Of others they say nothing new.
					channel, bytes := Written(arg)
					switch {
					case r.Kind() != SCTP:
					case signal == SignalChannelReadyRead:
						r.log = append(r.log, fmt.Sprint(name, " ", arg))
					default:
						r.log = append(r.log, fmt.Sprint(name, " ", channel, " ", bytes))
					}
				default:
					r.log = append(r.log, name)
				}
				if f := r.on[signal]; f != nil {
					f(arg)
				}
			})
		})
	}
	t.Cleanup(func() { r.on = nil; s.Delete() })
	return r
}

// fresh returns an unconnected socket.
func fresh(t testing.TB, l *loop.Loop) *rig { return observe(t, New(l)) }

// connected returns a socket that has connected to a peer.
func connected(t testing.TB, l *loop.Loop) (*rig, *looptest.Peer) {
	t.Helper()
	return connectedIn(t, l, ReadWrite)
}

// connectedIn is connected with an open mode.
func connectedIn(t testing.TB, l *loop.Loop, mode OpenMode) (*rig, *looptest.Peer) {
	t.Helper()
	listener := looptest.Listen(t)
	r := fresh(t, l)
	r.ConnectToAddress(address.LocalHost, listener.Port, mode)
	r.until("it is connected", func() bool { return r.State() == Connected })
	peer := listener.Accept()
	listener.Close()
	r.log = nil
	return r, peer
}

// adopted returns a socket as a server makes it of a connection.
func adopted(t testing.TB, l *loop.Loop) (*rig, *looptest.Peer) {
	t.Helper()
	listener := looptest.Listen(t)
	defer listener.Close()
	peer := looptest.Dial(t, listener.Port)
	fd, a, port := listener.AcceptDescriptor()
	return observe(t, Adopt(l, fd, a, port, nil)), peer
}

// until runs the loop until done.
func (r *rig) until(what string, done func() bool) {
	r.t.Helper()
	looptest.Until(r.t, r.l, what, done)
}

// untilLogged runs the loop until the log has an entry.
func (r *rig) untilLogged(entry string) {
	r.t.Helper()
	looptest.Until(r.t, r.l, "there is "+entry, func() bool { return slices.Contains(r.log, entry) })
}

// untilAvailable runs the loop until n bytes can be read.
func (r *rig) untilAvailable(n int64) {
	r.t.Helper()
	looptest.Until(r.t, r.l, fmt.Sprintf("%d bytes can be read", n), func() bool { return r.BytesAvailable() >= n })
}

// settle runs the loop until it is at rest.
func (r *rig) settle() {
	r.t.Helper()
	looptest.Settle(r.t, r.l)
}

// expect compares the log and empties it.
func (r *rig) expect(want ...string) {
	r.t.Helper()
	if !slices.Equal(r.log, want) {
		r.t.Errorf("got  %q\nwant %q", r.log, want)
	}
	r.log = nil
}

// count returns how often an entry is in the log.
func (r *rig) count(entry string) int {
	n := 0
	for _, e := range r.log {
		if e == entry {
			n++
		}
	}
	return n
}

// say writes a text, which must be taken whole.
func (r *rig) say(text string) {
	r.t.Helper()
	if n := r.Write([]byte(text)); n != len(text) {
		r.t.Fatalf("Write = %d of %d", n, len(text))
	}
}

// all reads what there is.
func (r *rig) all() string {
	var data []byte
	if n := r.ReadAll(func(size int) []byte { data = make([]byte, size); return data }); n >= 0 {
		return string(data[:n])
	}
	return "nothing any more"
}

// warnings collects what is said through the message handler until the test
// ends.
func warnings(t testing.TB) *[]string {
	list := &[]string{}
	message.SetHandler(func(_ message.Kind, text string) { *list = append(*list, text) })
	t.Cleanup(func() { message.SetHandler(nil) })
	return list
}

// silent lets nothing of the message handler through until the test ends.
func silent(t testing.TB) {
	message.SetHandler(func(message.Kind, string) {})
	t.Cleanup(func() { message.SetHandler(nil) })
}

func expectWarning(t *testing.T, list *[]string, part string) {
	t.Helper()
	if len(*list) != 1 || !strings.Contains((*list)[0], part) {
		t.Errorf("warnings: %q; want one with %q", *list, part)
	}
	*list = nil
}

func itoa(n int) string { return strconv.Itoa(n) }

// pattern returns n bytes that are different everywhere.
func pattern(n int) []byte {
	p := make([]byte, n)
	x := uint32(n)
	for i := range p {
		x = x*1664525 + 1013904223
		p[i] = byte(x >> 24)
	}
	return p
}
