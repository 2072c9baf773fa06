package via

import (
	"testing"
	"time"

	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/proxytest"
	"qnet/core/proxy"
	"qnet/core/proxy/socks5"
	"qnet/core/sys"
)

// What a proxy says: where it listens, and who has come.
const (
	first  = "\x05\x00\x00\x01\xc0\x00\x02\x01\x12\x34"
	second = "\x05\x00\x00\x01\xc6\x33\x64\x63\x00\x07"
)

// listener is an owner that wants the proxy to listen.
type listener struct {
	*owner
	at proxy.Target
}

func (o *listener) Listens(at proxy.Target) {
	o.log = append(o.log, "listens")
	o.at = at
}

// newListener returns one whose proxy says something to its request, and then whatever the
// test does.
func newListener(t *testing.T, reply string) (*listener, chan<- string) {
	t.Helper()
	o := &listener{owner: newOwner(t, at(proxy.Socks5, 0))}
	say := make(chan string, 10)
	s := proxytest.Start(t, func(c *proxytest.Conn) {
		c.Read(3)
		c.Say("\x05\x00")
		c.Read(10)
		c.Say(reply)
		for {
			text, more := <-say
			if !more {
				return
			}
			c.Say(text)
		}
	})
	t.Cleanup(func() { close(say) })
	o.v.Proxy.Port = s.Port
	step, f := socks5.New(o.v.Proxy, &proxy.Keyring{}, socks5.Bind, proxy.Target{})
	if f != nil {
		t.Fatal(f)
	}
	o.v.Owner, o.v.Step = o, step
	o.v.Begin()
	return o, say
}

func (o *listener) listens() bool { return len(o.log) > 0 }

func TestNobodyIsHurriedToCome(t *testing.T) {
	for way, goOn := range ways {
		t.Run(way, func(t *testing.T) {
			o, say := newListener(t, first)
			looptest.Until(t, o.l, "it listens", o.listens)
			if o.v.timer.Running() || o.at.Port != 4660 || o.v.Arrived() {
				t.Errorf("%+v", o.at)
			}
			say <- second + "data"
			goOn(o.owner)
			var p [10]byte
			n, err := sys.Recv(o.won.FD, p[:])
			if o.expect("listens", "connected"); o.won.Bound.Port != 7 || o.won.Watch == 0 || string(p[:max(0, n)]) != "data" {
				t.Errorf("%+v, %q, %v", o.won, p[:max(0, n)], err)
			}
		})
	}
}

// Who has begun to say who has come must go on, unless nobody listens to it.
func TestProxyThatDoesNotSayWhoHasCome(t *testing.T) {
	o, say := newListener(t, first)
	looptest.Until(t, o.l, "it listens", o.listens)
	say <- second[:3]
	looptest.Until(t, o.l, "it has begun", o.v.timer.Running)
	due, _ := o.v.timer.Due()
	if left := time.Duration(due - sys.Now()); left > silence || left < silence-looptest.Patience/2 {
		t.Errorf("given up in %v", left)
	}
	if left := time.Duration(o.v.end - sys.Now()); left > timeout || left < timeout-looptest.Patience {
		t.Errorf("given up in %v", left)
	}
	hear := func(on bool) {
		t.Helper()
		for range 2 {
			if err := o.v.Hear(on); err != nil || o.v.timer.Running() != on || (o.v.watch != 0) != on {
				t.Errorf("%v, %v", on, err)
			}
		}
	}
	hear(false)
	say <- second[3:5]
	// Somebody who waits hears it all the same.
	looptest.AwaitReadable(o.v.FD())
	if !o.v.Arrived() {
		t.Error("nothing has come")
	}
	if o.v.Proceed(); o.v.timer.Running() || o.v.Arrived() {
		t.Error("the time runs")
	}
	hear(true)
	// As if that time had passed.
	o.l.StartTimer(&o.v.timer, time.Millisecond)
	looptest.Until(t, o.l, "it is over", o.Over)
	if o.expect("listens", "failed"); o.failure != failure.ProxySilent {
		t.Error(o.failure)
	}
	if o.v.Arrived() || o.v.Hear(true) != nil || o.v.watch != 0 {
		t.Error("it is heard")
	}
}

// Slowly is not for ever: what it has said is no reason to wait as long again.
func TestProxyThatSaysSlowlyWhoHasCome(t *testing.T) {
	o, say := newListener(t, first)
	looptest.Until(t, o.l, "it listens", o.listens)
	say <- second[:1]
	looptest.Until(t, o.l, "it has begun", o.v.timer.Running)
	o.v.end = sys.Now() + int64(20*time.Millisecond)
	say <- second[1:2]
	looptest.Until(t, o.l, "it is over", o.Over)
	if o.expect("listens", "failed"); o.failure != failure.ProxySilent {
		t.Error(o.failure)
	}
}

// Nobody can listen before it was asked to.
func TestProxyThatListensHastily(t *testing.T) {
	o, _ := newListener(t, first)
	o.v.Close()
	o.v.stage, o.v.fd = talking, -1
	o.v.act([]byte{0}, proxy.Outcome{Status: proxy.Listens})
	if o.expect("failed"); o.failure != hasty {
		t.Error(o.failure)
	}
}

func TestClosedWhileItListens(t *testing.T) {
	o, say := newListener(t, first)
	looptest.Until(t, o.l, "it listens", o.listens)
	say <- second
	o.v.Close()
	looptest.Settle(t, o.l)
	o.v.Proceed()
	o.expect("listens")
	if list, _ := o.v.Wants(nil); len(list) != 0 || o.v.FD() != -1 {
		t.Errorf("%v", list)
	}
}
