// Package notifier is QSocketNotifier: any descriptor, watched by a loop.
//
// The descriptors are the program's, which may close them or use their numbers again at any time,
// and watch those of sockets, too. So they are not in the loop's poller, but in one of their own
// that the loop watches (set.go), as soon as there is a notifier.
package notifier

import (
	"qnet/core/loop"
	"qnet/core/object"
)

// Kind is a QSocketNotifier::Type: what is told of a descriptor.
type Kind uint8

const (
	Read      Kind = 0
	Write     Kind = 1
	Exception Kind = 2

	kinds = 3
)

func (k Kind) String() string { return [kinds]string{"read", "write", "exception"}[k] }

// SignalActivated is emitted at each turn in which the descriptor is ready. Its argument is taken
// apart by Activation.
const SignalActivated object.Signal = 1

// Activation returns the descriptor and the kind of an activation.
func Activation(arg int64) (fd int, kind Kind) { return int(arg >> 8), Kind(arg & 0xff) }

// Notifier is a QSocketNotifier. Make one with New.
type Notifier struct {
	object.Object
	fd      int // -1: none
	kind    Kind
	enabled bool
	place   *place // among those that are watched; nil: not
}

// New makes a notifier on l that has no descriptor yet (QSocketNotifier::QSocketNotifier(Type)).
func New(l *loop.Loop, kind Kind) *Notifier {
	n := &Notifier{fd: -1, kind: kind}
	n.Init(l)
	return n
}

// Descriptor is QSocketNotifier::socket.
func (n *Notifier) Descriptor() int { return n.fd }

// SetDescriptor sets the descriptor, -1 for none, and disables n (QSocketNotifier::setSocket).
func (n *Notifier) SetDescriptor(fd int) {
	n.SetEnabled(false)
	n.fd = max(fd, -1)
}

// Kind is QSocketNotifier::type.
func (n *Notifier) Kind() Kind { return n.kind }

// IsValid reports whether there is a descriptor (QSocketNotifier::isValid).
func (n *Notifier) IsValid() bool { return n.fd >= 0 }

// Enabled is QSocketNotifier::isEnabled.
func (n *Notifier) Enabled() bool { return n.enabled }

// SetEnabled watches the descriptor, if there is one, or does not any more
// (QSocketNotifier::setEnabled).
func (n *Notifier) SetEnabled(on bool) {
	switch {
	case on == n.enabled || on && (n.fd < 0 || n.Deleting()):
	case on:
		n.enabled = true
		if warning := n.watch(); warning != "" {
			n.warn(warning)
		}
	default:
		n.enabled = false
		n.unwatch()
	}
}

// Describe returns what messages call n.
func (n *Notifier) Describe() string { return n.Named("QSocketNotifier") }

// Delete deletes n at once.
func (n *Notifier) Delete() {
	if n.BeginDelete() {
		n.SetEnabled(false)
		n.EndDelete()
	}
}

// DeleteLater deletes n when control is back in the loop (QObject::deleteLater).
func (n *Notifier) DeleteLater() { n.Object.DeleteLater(n) }

func (n *Notifier) activate() { n.Emit(SignalActivated, int64(n.fd)<<8|int64(n.kind)) }

// Family and the next methods are those of an object.Movable.
func (n *Notifier) Family(f func(*object.Object)) { f(&n.Object) }

// MayMove returns nil: a notifier can always go to another loop.
func (n *Notifier) MayMove() error { return nil }

// Move has n go to another loop, and its descriptor watched there if it is here.
func (n *Notifier) Move(from, to *loop.Loop) error {
	if n.enabled {
		if _, err := setOf(to); err != nil {
			return err
		}
		n.unwatch()
	}
	n.Rehome(from, to, n)
	if !n.enabled {
		return nil
	}
	if warning := n.watch(); warning != "" {
		// Both loops are locked now.
		to.Post(func() {
			if n.Alive() {
				n.warn(warning)
			}
		})
	}
	return nil
}
