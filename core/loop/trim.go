package loop

import "qnet/core/buffer"

// trimLater gives memory back that the loop's buffers have not needed for a while, again and
// again until there is no more.
func (l *Loop) trimLater() {
	l.trim.Expired = func() {
		if again := l.Pool.Trim(); again > 0 {
			l.StartTimer(&l.trim, again)
		}
	}
	l.StartTimer(&l.trim, buffer.TrimAfter)
}
