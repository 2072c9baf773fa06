package socket

import (
	"testing"

	"qnet/core/internal/looptest"
)

// While the error is handled the descriptor still tells of it. Who waits on another
// thread must not look at it then: it would find the same error again.
func TestAWaiterLeavesABrokenDescriptorAlone(t *testing.T) {
	for name, wait := range waits {
		if name == "WaitForBytesWritten" {
			continue // it has nothing to wait for
		}
		t.Run(name, func(t *testing.T) {
			r, peer := connected(t, looptest.New(t))
			var result <-chan bool
			r.on[SignalErrorOccurred] = func(int64) {
				if result != nil {
					return
				}
				result = waiting(t, r, func() bool { return wait(r, long) })
				// It sleeps now, or would be back at once, again and again.
				for range 200 {
					r.l.Unlock()
					looptest.AwaitReadable(r.Descriptor())
					r.l.Lock()
				}
			}
			peer.Close()
			r.untilLogged("disconnected")
			r.expect("error 1", "state 6", "state 0", "readChannelFinished", "disconnected")
			r.until("the wait is over", func() bool { return len(result) > 0 })
		})
	}
}
