package object

import (
	"strconv"

	"qnet/core/message"
)

// Warn sends a warning about o, and releases the lock for it. All have one form: the public
// function, what is wrong with the call and, in brackets, the object: its class, its handle
// and what else tells it from others.
func (o *Object) Warn(function, text, who string) {
	o.Ask(func() { message.Send(message.Warning, function+": "+text+" ("+who+")") })
}

// Named returns what messages call an object of a class: with its handle, if it has one.
func (o *Object) Named(class string) string {
	if o.attachment == nil {
		return class
	}
	return class + " 0x" + strconv.FormatUint(uint64(o.attachment.Address()), 16)
}
