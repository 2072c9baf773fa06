package socket

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/loop"
	"qnet/core/proxy"
	"qnet/core/sctp"
)

func freshSCTP(t testing.TB, l *loop.Loop, channels int) *rig {
	r := observe(t, NewSCTP(l))
	r.Channels().SetMaximumChannelCount(channels)
	return r
}

// connectedSCTP returns a socket that has connected to a peer.
func connectedSCTP(t testing.TB, l *loop.Loop, channels int) (*rig, *looptest.SCTPPeer) {
	t.Helper()
	listener := looptest.ListenSCTP(t, channels)
	r := freshSCTP(t, l, channels)
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	r.until("it is connected", func() bool { return r.State() == Connected })
	r.log = nil
	return r, listener.Accept()
}

// message reads the next one, "" if there is none.
func (r *rig) message() string {
	var p []byte
	var way datagram.Way
	r.Channels().ReadDatagram(&way, func(n int) []byte { p = make([]byte, n); return p })
	return string(p)
}

func (r *rig) send(channel int, p []byte) {
	r.t.Helper()
	r.SetCurrentWriteChannel(channel)
	if !r.Channels().WriteDatagram(p) {
		r.t.Fatalf("%d bytes on channel %d: %v", len(p), channel, r.Failure())
	}
}

// receive has a peer receive a message.
func (r *rig) receiveAt(p *looptest.SCTPPeer) (channel int, message []byte) {
	r.t.Helper()
	room := make([]byte, 2<<20)
	n := 0
	r.until("the peer has a message", func() (ok bool) { n, channel, ok = p.Receive(room); return ok })
	return channel, room[:n]
}

func TestSctpIsRefusedWithoutTheKernels(t *testing.T) {
	looptest.NeedNoSCTP(t)
	l := looptest.New(t)
	const text = "The system does not support SCTP"
	for _, channels := range []int{0, 4, -1} {
		r := freshSCTP(t, l, channels)
		r.ConnectToAddress(address.LocalHost, 1, ReadWrite)
		r.until("it fails", func() bool { return r.State() == Unconnected })
		r.expect("state 1", "state 2", "hostFound", "state 0", "error 10")
		if r.Failure().Text != text || r.WaitForConnected(10) {
			t.Error(r.Failure())
		}
		for _, a := range []address.Address{address.LocalHost, address.LocalHostIPv6, address.Any} {
			if r.Bind(a, 0, DefaultForPlatform) || r.Failure() != failure.NoSCTP {
				t.Error(r.Failure())
			}
		}
		r.expect("error 10", "error 10", "error 10")
		r.ConnectToHost("localhost", 1, ReadWrite, address.AnyIP)
		r.untilLogged("error 10")
		if r.Failure().Text != text {
			t.Error(r.Failure())
		}
		fd := systest.Socket(t, unix.AF_INET, unix.SOCK_STREAM)
		if r.SetDescriptor(fd, Connected, ReadWrite) || r.Failure() != failure.NotSCTP {
			t.Error(r.Failure())
		}
		unix.Close(fd)
	}
}

func TestSctpIsRefusedByProxies(t *testing.T) {
	l := looptest.New(t)
	for _, typ := range []proxy.Type{proxy.Socks5, proxy.HTTP} {
		for _, c := range []proxy.Capabilities{-1, proxy.SCTPTunneling} {
			p := proxy.Proxy{Type: typ, Host: "127.0.0.1", Port: 1}
			if c >= 0 {
				p.SetCapabilities(c)
			}
			r := freshSCTP(t, l, 0)
			r.SetProxy(p)
			r.ConnectToAddress(address.LocalHost, 1, ReadWrite)
			r.expect("error 10")
			if r.State() != Unconnected {
				t.Error(r.State())
			}
		}
	}
}

func TestSctpMisuse(t *testing.T) {
	l := looptest.New(t)
	list := warnings(t)
	r := freshSCTP(t, l, 3)
	x := r.Channels()
	if x.MaximumChannelCount() != 3 || !x.InDatagramMode() {
		t.Error(x.MaximumChannelCount())
	}
	if x.WriteDatagram([]byte("x")) || r.message() != "" {
		t.Error("a message without a connection")
	}
	*list = nil
	for _, channel := range []int{-1, sctp.MaxChannels} {
		r.SetCurrentReadChannel(channel)
		expectWarning(t, list, "there is no channel")
		r.SetCurrentWriteChannel(channel)
		expectWarning(t, list, "there is no channel")
	}
	r.SetCurrentReadChannel(7)
	r.SetCurrentWriteChannel(8)
	if r.CurrentReadChannel() != 7 || r.CurrentWriteChannel() != 8 || r.ReadChannelCount() != 0 || r.WriteChannelCount() != 0 {
		t.Error("channels without a connection")
	}
	x.SetMaximumChannelCount(-5)
	if x.MaximumChannelCount() != -1 || x.InDatagramMode() {
		t.Error(x.MaximumChannelCount())
	}
	x.WriteDatagram([]byte("x"))
	expectWarning(t, list, "the socket is a byte stream")
	r.SetAllowHalfOpen(true)
	r.CloseWriteChannel()
	if r.Failure() != failure.WrongKind {
		t.Error(r.Failure())
	}
	tcp := fresh(t, l)
	tcp.SetCurrentReadChannel(1)
	expectWarning(t, list, "there is no channel 1")
	tcp.SetCurrentReadChannel(0)
	if tcp.Channels() != nil || len(*list) != 0 {
		t.Error("TCP has no such channels")
	}
}

func TestSctpEcho(t *testing.T) {
	looptest.NeedSCTP(t)
	r, p := connectedSCTP(t, looptest.New(t), 4)
	if in, out := r.ReadChannelCount(), r.WriteChannelCount(); in != 4 || out != 4 {
		t.Errorf("%d and %d channels", in, out)
	}
	if got := r.Describe(); !strings.Contains(got, "QSctpSocket") {
		t.Error(got)
	}
	for channel := range 4 {
		r.SetCurrentReadChannel(channel)
		text := fmt.Sprint("message on ", channel)
		r.send(channel, []byte(text))
		if r.BytesToWrite() != int64(len(text)) {
			t.Error(r.BytesToWrite())
		}
		c, message := r.receiveAt(p)
		if c != channel || string(message) != text {
			t.Errorf("%q on channel %d", message, c)
		}
		p.Send(c, message)
		r.untilAvailable(int64(len(text)))
		r.expect("bytesWritten 12", fmt.Sprintf("channelBytesWritten %d 12", channel), "readyRead", fmt.Sprint("channelReadyRead ", channel))
		if got := r.message(); got != text || r.message() != "" || r.BytesAvailable() != 0 {
			t.Errorf("%q", got)
		}
	}
	r.Disconnect()
	r.until("the end has come", func() bool { ended, err := p.Ended(); return ended && err == nil })
	r.expect("state 6", "state 0", "readChannelFinished", "disconnected")
}

// What comes on other channels is signalled for these alone, and stays until they are read.
func TestSctpChannelsAreApart(t *testing.T) {
	looptest.NeedSCTP(t)
	r, p := connectedSCTP(t, looptest.New(t), 4)
	p.Send(2, []byte("second"))
	p.Send(0, []byte("first"))
	p.Send(2, []byte("third"))
	r.untilLogged("readyRead")
	r.until("all has come", func() bool { return r.count("channelReadyRead 2") == 2 })
	if r.count("readyRead") != 1 || r.count("channelReadyRead 0") != 1 || r.BytesAvailable() != 5 {
		t.Errorf("%q, %d bytes", r.log, r.BytesAvailable())
	}
	r.SetCurrentReadChannel(2)
	if r.BytesAvailable() != 11 || r.message() != "second" {
		t.Error(r.BytesAvailable())
	}
	// A message that was read in part is shorter.
	var two [2]byte
	r.Read(two[:])
	r.Unget('H')
	r.SetCurrentReadChannel(1)
	if r.BytesAvailable() != 0 || r.message() != "" {
		t.Error("something on channel 1")
	}
	r.SetCurrentReadChannel(2)
	if got := r.message(); got != "Hird" || r.message() != "" {
		t.Error(got)
	}
	r.SetCurrentReadChannel(0)
	if got := r.all(); got != "first" || r.message() != "" {
		t.Error(got)
	}
}

func TestSctpMessagesOfAllSizes(t *testing.T) {
	looptest.NeedSCTP(t)
	r, p := connectedSCTP(t, looptest.New(t), 2)
	for _, size := range []int{1, 1500, 65535, 65536, 200_000, 1 << 20} {
		want := pattern(size)
		r.send(1, want)
		c, got := r.receiveAt(p)
		if c != 1 || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes of %d", len(got), size)
		}
		done := looptest.Elsewhere(func() { p.Send(0, got) })
		r.untilAvailable(int64(size))
		<-done
		if r.count("readyRead") != 1 || r.message() != string(want) {
			t.Errorf("%d bytes: %q", size, r.log)
		}
		r.log = nil
	}
	silent(t)
	if r.Channels().WriteDatagram(nil) || r.Failure() != failure.EmptyDatagram {
		t.Error(r.Failure())
	}
	if r.Channels().WriteDatagram(make([]byte, sctp.MaxMessage+1)) || r.Failure() != failure.TooLarge {
		t.Error(r.Failure())
	}
	r.SetCurrentWriteChannel(2)
	if r.Channels().WriteDatagram([]byte("x")) || r.Write([]byte("x")) != -1 || r.State() != Connected {
		t.Error(r.Failure())
	}
}

func TestSctpPeerEnds(t *testing.T) {
	looptest.NeedSCTP(t)
	for name, end := range map[string]func(*looptest.SCTPPeer){
		"closes": (*looptest.SCTPPeer).Close, "dies": (*looptest.SCTPPeer).Abort,
	} {
		for _, channels := range []int{4, -1} {
			t.Run(fmt.Sprint(name, channels), func(t *testing.T) {
				r, p := connectedSCTP(t, looptest.New(t), channels)
				r.SetAllowHalfOpen(true)
				p.Send(0, []byte("last words"))
				r.untilAvailable(10)
				r.log = nil
				end(p)
				r.until("it is over", func() bool { return r.State() == Unconnected })
				r.expect("error 1", "state 6", "state 0", "readChannelFinished", "disconnected")
				if got := r.all(); got != "last words" {
					t.Errorf("%q", got)
				}
				if r.ReadChannelCount() == 0 || r.WriteChannelCount() != 0 {
					t.Error("channels after the end")
				}
			})
		}
	}
}

func TestSctpRefused(t *testing.T) {
	looptest.NeedSCTP(t)
	l := looptest.New(t)
	listener := looptest.ListenSCTP(t, 1)
	unix.Close(listener.FD)
	r := freshSCTP(t, l, 0)
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	r.until("it fails", func() bool { return r.State() == Unconnected })
	r.expect("state 1", "state 2", "hostFound", "state 0", "error 0")
	listener.FD, _ = sctp.Open(address.LocalHost, 0) // for the end of the test
}

func TestSctpByteStream(t *testing.T) {
	looptest.NeedSCTP(t)
	r, p := connectedSCTP(t, looptest.New(t), -1)
	if r.ReadChannelCount() != 1 || r.WriteChannelCount() != 1 {
		t.Error(r.ReadChannelCount(), r.WriteChannelCount())
	}
	want := pattern(3 << 20)
	var got []byte
	done := looptest.Elsewhere(func() {
		room := make([]byte, 1<<20)
		for len(got) < len(want) {
			n, channel, ok := p.Receive(room)
			if channel != 0 {
				t.Error(channel)
			}
			got = append(got, room[:n]...)
			if !ok {
				time.Sleep(time.Millisecond)
			}
		}
		for part := range slices.Chunk(got, 50_000) {
			p.Send(0, part)
		}
	})
	if r.Write(want) != len(want) {
		t.Fatal(r.Failure())
	}
	r.untilAvailable(int64(len(want)))
	<-done
	if !bytes.Equal(got, want) || r.all() != string(want) {
		t.Error("other bytes have come")
	}
	if r.count("readyRead") != r.count("channelReadyRead 0") {
		t.Errorf("%d and %d", r.count("readyRead"), r.count("channelReadyRead 0"))
	}
}

func TestSctpLimits(t *testing.T) {
	looptest.NeedSCTP(t)
	r, p := connectedSCTP(t, looptest.New(t), 4)
	r.SetReadLimit(10)
	for i := range 4 {
		p.Send(i, []byte("123456"))
	}
	r.until("the buffer is full", func() bool { return r.unreadOnAll() >= 10 })
	r.settle()
	if n := r.unreadOnAll(); n != 12 {
		t.Errorf("%d bytes", n)
	}
	total := 0
	r.until("all was read", func() bool {
		for i := range 4 {
			r.SetCurrentReadChannel(i)
			total += len(r.message())
		}
		return total == 24
	})
	r.SetWriteLimit(10, 2)
	x := r.Channels()
	x.WriteDatagram([]byte("1234567"))
	r.SetCurrentWriteChannel(1)
	if x.WriteDatagram([]byte("1234")) || r.Failure() != failure.WriteBufferFull {
		t.Error(r.Failure())
	}
	if x.WriteDatagram(make([]byte, 11)) || r.Failure() != failure.MessageTooLong {
		t.Error(r.Failure())
	}
	r.untilLogged("drained")
	if !x.WriteDatagram([]byte("1234")) {
		t.Error(r.Failure())
	}
}

// A wait is for the current channels, as in Qt.
func TestSctpWaits(t *testing.T) {
	looptest.NeedSCTP(t)
	silent(t)
	l := looptest.New(t)
	listener := looptest.ListenSCTP(t, 2)
	r := freshSCTP(t, l, 2)
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	if !r.WaitForConnected(15_000) {
		t.Fatal(r.Failure())
	}
	p := listener.Accept()
	p.Send(1, []byte("other"))
	if r.WaitForReadyRead(50) || r.count("channelReadyRead 1") != 1 || r.count("readyRead") != 0 {
		t.Errorf("%q", r.log)
	}
	p.Send(0, []byte("this"))
	if !r.WaitForReadyRead(15_000) || r.message() != "this" {
		t.Error(r.log)
	}
	r.send(1, []byte("there"))
	r.SetCurrentWriteChannel(0)
	if r.BytesToWrite() != 0 || r.WaitForBytesWritten(10) {
		t.Error("bytes on channel 0")
	}
	r.SetCurrentWriteChannel(1)
	if !r.WaitForBytesWritten(15_000) || r.BytesToWrite() != 0 {
		t.Error(r.log)
	}
	p.Close()
	if !r.WaitForDisconnected(15_000) {
		t.Error(r.State())
	}
}

func TestSctpMoves(t *testing.T) {
	looptest.NeedSCTP(t)
	l := looptest.New(t)
	r, p := connectedSCTP(t, l, 3)
	p.Send(0, pattern(100_000))
	p.Send(2, []byte("second"))
	r.untilLogged("channelReadyRead 2")
	to := looptest.Another(t)
	defer r.back(l)
	r.move(to)
	r.SetCurrentReadChannel(2)
	if r.message() != "second" {
		t.Error("no message")
	}
	r.SetCurrentReadChannel(0)
	if r.message() != string(pattern(100_000)) {
		t.Error("no long message")
	}
}

// Messages come whole and in the order of their channel, whatever is written and read when.
func TestSctpRandom(t *testing.T) {
	looptest.NeedSCTP(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const channels, count = 5, 400
	r, p := connectedSCTP(t, looptest.New(t), channels)
	done := looptest.Elsewhere(func() {
		room := make([]byte, 2<<20)
		for range count {
			for {
				if n, channel, ok := p.Receive(room); ok {
					p.Send(channel, room[:n])
					break
				}
				time.Sleep(100 * time.Microsecond)
			}
		}
	})
	var expected [channels][]string
	left, written := count, 0
	read := func() {
		channel := random.IntN(channels)
		r.SetCurrentReadChannel(channel)
		for m := r.message(); m != ""; m = r.message() {
			if len(expected[channel]) == 0 || expected[channel][0] != m {
				t.Fatalf("channel %d: %d bytes, expected %d messages", channel, len(m), len(expected[channel]))
			}
			expected[channel] = expected[channel][1:]
			left--
		}
	}
	r.until("all came back", func() bool {
		for written < count && random.IntN(3) > 0 {
			channel, size := random.IntN(channels), 1+random.IntN(1<<random.IntN(18))
			p := pattern(size)
			r.send(channel, p)
			expected[channel] = append(expected[channel], string(p))
			written++
		}
		read()
		return left == 0
	})
	<-done
}
