package via

import (
	"testing"
	"time"

	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/proxytest"
	"qnet/core/loop"
	"qnet/core/proxy"
)

// A proxy that says nothing is given up by the loop that its owner has gone to.
func TestSilenceEndsInAnotherLoop(t *testing.T) {
	s := proxytest.Start(t, func(c *proxytest.Conn) { c.Rest() })
	o := newOwner(t, at(proxy.HTTP, s.Port))
	o.v.Begin()
	looptest.Until(t, o.l, "it talks", func() bool { return o.v.stage == talking })
	// As if that time had nearly passed.
	o.l.StartTimer(&o.v.timer, 20*time.Millisecond)
	from, to := o.l, looptest.Another(t)
	from.Unlock()
	loop.LockBoth(from, to)
	along := loop.Transfer{From: from, To: to}
	o.v.Take(&along)
	if err := along.End(); err != nil {
		t.Fatal(err)
	}
	o.v.Home.Settle(to)
	o.v.Moved(from, to)
	from.Unlock()
	looptest.Until(t, to, "it is over", o.Over)
	to.Unlock()
	from.Lock()
	if o.expect("failed"); o.failure != failure.ProxySilent {
		t.Error(o.failure)
	}
}
