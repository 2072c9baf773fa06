package socket

import (
	"fmt"
	"testing"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
)

// What each call answers and says that makes no sense in the state of the socket.
func TestCallsThatMakeNoSenseSaySo(t *testing.T) {
	l := looptest.New(t)
	list := warnings(t)
	check := func(name string, got, want int, warning string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
		if warning != "" {
			expectWarning(t, list, name+": "+warning)
		} else if len(*list) != 0 {
			t.Errorf("%s: warnings %q", name, *list)
			*list = nil
		}
	}
	number := func(is bool) int {
		if is {
			return 1
		}
		return 0
	}
	p := make([]byte, 10)
	reads := func(s *Socket, warning string) {
		t.Helper()
		check("read", s.Read(p), -1, warning)
		check("read_line", s.ReadLine(p), -1, warning)
		check("read_all", s.ReadAll(func(size int) []byte { return make([]byte, size) }), -1, warning)
		check("peek", s.Peek(p), -1, warning)
		check("peek_buffer", len(s.PeekBuffer(func(size int) []byte { return make([]byte, size) })), 0, warning)
		check("skip", int(s.Skip(1)), -1, warning)
		s.Unget('x')
		check("unget_char", s.unread(), 0, warning)
		check("can_read_line", number(s.CanReadLine()), 0, "")
		check("at_end", number(s.AtEnd()), 1, "")
	}

	tcp, udp, local := fresh(t, l), observe(t, NewUDP(l)), observe(t, NewLocal(l))
	for _, r := range []*rig{tcp, udp, local} {
		reads(r.Socket, "the socket is not open")
		check("write", r.Write(p), -1, "the socket is not open")
		check("wait_for_connected", number(r.WaitForConnected(long)), 0, "")
		check("wait_for_ready_read", number(r.WaitForReadyRead(long)), 0, "")
		check("wait_for_bytes_written", number(r.WaitForBytesWritten(long)), 0, "the socket is not connected")
		check("wait_for_disconnected", number(r.WaitForDisconnected(long)), 0, "the socket is not connected")
		r.CommitTransaction()
		check("commit_transaction", number(r.InTransaction()), 0, "no transaction is under way")
		r.RollbackTransaction()
		check("rollback_transaction", number(r.InTransaction()), 0, "no transaction is under way")
		r.StartTransaction()
		check("start_transaction", number(r.InTransaction()), 1, "")
		r.StartTransaction()
		check("start_transaction", number(r.InTransaction()), 1, "a transaction is under way already")
		r.RollbackTransaction()
		for _, wrong := range [][2]int64{{-1, 0}, {0, -1}, {1, 1}, {4, 4}, {4, 5}} {
			r.SetWriteLimit(wrong[0], wrong[1])
			check("set_write_buffer_limit", int(r.WriteLimit()), 0, fmt.Sprintf("%d and %d are no limit", wrong[0], wrong[1]))
		}
		r.expect()
	}
	tcp.CloseWriteChannel()
	check("close_write_channel", 0, 0, "the socket is not connected")
	local.CloseWriteChannel()
	check("close_write_channel", 0, 0, "the socket is not connected")
	udp.CloseWriteChannel()
	check("close_write_channel", 0, 0, "")
	udp.expect("error 10")
	if udp.failure != failure.WrongKind {
		t.Error(udp.failure)
	}

	listener := looptest.Listen(t)
	for mode, warning := range map[OpenMode]string{WriteOnly: "the socket is open for writing only", ReadOnly: ""} {
		r := fresh(t, l)
		r.ConnectToAddress(address.LocalHost, listener.Port, mode)
		r.untilLogged("connected")
		if mode == WriteOnly {
			reads(r.Socket, warning)
		} else {
			check("write", r.Write(p), -1, "the socket is open for reading only")
			check("read", r.Read(p), 0, "")
			r.StartTransaction()
			r.Unget('x')
			check("unget_char", r.unread(), 0, "a transaction is under way")
			r.CommitTransaction()
		}
		r.log = nil
		r.ConnectToHost("localhost", listener.Port, mode, address.AnyIP)
		check("connect_to_host", number(r.State() == Connected), 1, "the socket is already looking up, connecting or connected to \"127.0.0.1\"")
		check("bind", number(r.Bind(address.LocalHost, 0, DefaultForPlatform)), 0, "the socket is not unconnected")
		r.expect("error 19", "error 11")
	}

	q, connect := localConnected(t)
	connect()
	q.SetServerName("other")
	check("set_server_name", number(q.ServerName() == "other"), 0, "the socket is not unconnected")
	q.SetAbstract(true)
	check("set_socket_options", number(q.Abstract()), 0, "the socket is not unconnected")
}

func TestWriteLimitMayBeTurnedOff(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	in := p.Inbox()
	r.SetWriteLimit(1, 0)
	if n := r.Write([]byte("text")); n != 1 || r.WriteLimit() != 1 {
		t.Errorf("wrote %d bytes, limit %d", n, r.WriteLimit())
	}
	r.SetWriteLimit(0, 0)
	if n := r.Write([]byte("ext")); n != 3 || r.WriteLimit() != 0 {
		t.Errorf("wrote %d bytes, limit %d", n, r.WriteLimit())
	}
	r.until("the peer has it all", in.Has(4))
}

// failing is a call that fails, and the text of its error.
type failing struct {
	call func() bool
	text string
}

// The error belongs to the last call that has failed, also where Qt keeps an older one.
func TestErrorsAreThoseOfTheLastFailingCall(t *testing.T) {
	l := looptest.New(t)
	silent(t)
	p := make([]byte, 10)
	old := &failure.Failure{Code: failure.ConnectionRefused, Text: "Connection refused"}
	notOpen, notBound := "The socket is not open", "The socket is not bound"
	for _, kind := range []Kind{TCP, UDP, Local} {
		s := map[Kind]func(*loop.Loop) *Socket{TCP: New, UDP: NewUDP, Local: NewLocal}[kind](l)
		calls := map[string]failing{
			"write":     {func() bool { return s.Write(p) < 0 }, notOpen},
			"read":      {func() bool { return s.Read(p) < 0 }, notOpen},
			"read_line": {func() bool { return s.ReadLine(p) < 0 }, notOpen},
			"peek":      {func() bool { return s.Peek(p) < 0 }, notOpen},
			"skip":      {func() bool { return s.Skip(1) < 0 }, notOpen},
			"mode":      {func() bool { s.ConnectToAddress(address.LocalHost, 1, NotOpen); return true }, failure.NoMode.Text},
			"text":      {func() bool { s.ConnectToAddress(address.LocalHost, 1, Text|Unbuffered); return true }, failure.NoMode.Text},
		}
		switch kind {
		case UDP:
			calls["read_datagram"] = failing{func() bool { return s.ReadDatagram(p, nil) < 0 }, notBound}
		case Local:
			delete(calls, "text")
			calls["mode"] = failing{func() bool { s.ConnectToServer(Append); return true }, failure.NoMode.Text}
		}
		for name, c := range calls {
			s.failure = old
			if !c.call() || s.state != Unconnected || s.fd >= 0 {
				t.Errorf("%s of kind %d does not fail", name, kind)
			}
			got := s.Failure()
			if kind == Local && c.text == notOpen {
				c.text = failure.Local(failure.Misuse("x")).Text
			} else if kind == Local {
				c.text = "QLocalSocket::connectToServer: " + c.text
			}
			if got.Text != c.text || got.Code == failure.ConnectionRefused {
				t.Errorf("%s of kind %d: %d, %q; want %q", name, kind, got.Code, got.Text, c.text)
			}
		}
		// What only waits or asks leaves what has ended the connection.
		s.failure = old
		s.WaitForReadyRead(0)
		s.WaitForConnected(0)
		s.BytesAvailable()
		s.FlushNow()
		if kind == UDP {
			s.HasPendingDatagrams()
			s.PendingDatagramSize()
		}
		if s.failure != old {
			t.Errorf("kind %d: a wait has made it %v", kind, s.failure)
		}
		s.Delete()
	}
}

func TestMessagesNameTheObject(t *testing.T) {
	l := looptest.New(t)
	list := warnings(t)
	tcp := New(l)
	defer tcp.Delete()
	tcp.Write([]byte("x"))
	expectWarning(t, list, "qnet_socket_write: the socket is not open (QTcpSocket)")
	r, _ := connected(t, l)
	r.StartTransaction()
	r.StartTransaction()
	expectWarning(t, list, "qnet_socket_start_transaction: a transaction is under way already (QTcpSocket, peer "+r.PeerEndpoint().String()+")")
	u := NewUDP(l)
	defer u.Delete()
	u.HasPendingDatagrams()
	expectWarning(t, list, "qnet_udp_socket_has_pending_datagrams: the socket is not bound (QUdpSocket)")
	q := NewLocal(l)
	defer q.Delete()
	q.SetServerName("name")
	q.Read(make([]byte, 1))
	expectWarning(t, list, "qnet_socket_read: the socket is not open (QLocalSocket, peer name)")
}
