package socket

import (
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/proxy"
)

// Authenticator is what a proxy wants to know, to be filled by the slots of
// SignalProxyAuthenticationRequired (QAuthenticator). It is of no use once they have
// returned.
type Authenticator struct {
	Proxy          proxy.Proxy // as it is shown to the slots
	Realm          string
	User, Password string

	loop       *loop.Loop
	options    map[string]string
	changed    bool // by a slot
	over       bool
	attachment object.Attachment
}

func newAuthenticator(l *loop.Loop, q proxy.Question) *Authenticator {
	return &Authenticator{Proxy: q.Proxy, Realm: q.Realm, User: q.User, Password: q.Password, loop: l}
}

// SetUser sets the user (QAuthenticator::setUser).
func (a *Authenticator) SetUser(user string) { a.User, a.changed = user, true }

// SetPassword sets the password (QAuthenticator::setPassword).
func (a *Authenticator) SetPassword(password string) { a.Password, a.changed = password, true }

// IsNull reports whether nothing is known and nobody has set anything
// (QAuthenticator::isNull).
func (a *Authenticator) IsNull() bool {
	return !a.changed && a.Realm == "" && a.User == "" && a.Password == ""
}

// Option returns an option, and reports whether there is one (QAuthenticator::option).
func (a *Authenticator) Option(name string) (string, bool) {
	if value, ok := a.options[name]; ok {
		return value, true
	}
	return a.Realm, name == "realm" && a.Realm != ""
}

// SetOption sets an option for other slots to read (QAuthenticator::setOption).
func (a *Authenticator) SetOption(name, value string) {
	if a.options == nil {
		a.options = map[string]string{}
	}
	a.options[name], a.changed = value, true
}

// end is called when the slots have returned.
func (a *Authenticator) end() {
	a.over = true
	if a.attachment != nil {
		a.attachment.Released()
	}
}

// LockLoop takes the lock of the socket's loop, which stays the same meanwhile, and returns that.
func (a *Authenticator) LockLoop() *loop.Loop {
	a.loop.Lock()
	return a.loop
}

// Alive reports whether the slots are still to return.
func (a *Authenticator) Alive() bool { return !a.over }

// Attach and the next methods keep what the user calls it, as those of an object do.
func (a *Authenticator) Attach(o object.Attachment) { a.attachment = o }

func (a *Authenticator) Attachment() object.Attachment { return a.attachment }

func (a *Authenticator) EachSlot(func(*object.Slot)) {}
