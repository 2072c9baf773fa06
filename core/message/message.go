// Package message carries what Qt prints with qWarning to whoever listens.
package message

import (
	"fmt"
	"os"
	"sync/atomic"
)

// Kind is a QtMsgType.
type Kind int

const (
	Debug    Kind = 0
	Warning  Kind = 1
	Critical Kind = 2
	Fatal    Kind = 3
	Info     Kind = 4
)

// Handler receives messages, on any thread.
type Handler func(kind Kind, text string)

var handler atomic.Pointer[Handler]

// SetHandler installs h for all messages; nil prints them to stderr.
func SetHandler(h Handler) {
	if h == nil {
		handler.Store(nil)
		return
	}
	handler.Store(&h)
}

// Send hands a message to the handler. No loop's lock may be held.
func Send(kind Kind, text string) {
	if h := handler.Load(); h != nil {
		(*h)(kind, text)
		return
	}
	fmt.Fprintf(os.Stderr, "qnet: %s\n", text)
}
