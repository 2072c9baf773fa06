package proxy

import "qnet/core/failure"

// Step sets a connection up through a proxy: it is fed what the proxy sends, and says
// what to send. It reads and writes nothing itself, and is not to be used from two
// threads at once.
type Step interface {
	// Begin returns what to send first, on a new connection to the proxy: at the
	// beginning, and again whenever an outcome asks to reconnect.
	Begin() []byte

	// Next takes what has come and returns what to send now. It takes no more than is
	// the proxy's: with Done or Listens, what is left of in is for whoever comes next.
	Next(in []byte) (out []byte, taken int, o Outcome)

	// Answer goes on after Ask, with a user and a password. Whoever has none returns
	// those of the question.
	Answer(user, password string) (out []byte, o Outcome)

	// End says what it means that the proxy has ended the connection now.
	End() Outcome
}

// Status is how far a step has come.
type Status uint8

const (
	More      Status = iota // the proxy is to send something
	Ask                     // Answer is to be called
	Reconnect               // it goes on with a new connection to the proxy
	Listens                 // the proxy listens at Bound; with a peer it goes on
	Done                    // the connection is what was asked for
	Failed                  // for good
)

// Outcome is what has become of a step.
type Outcome struct {
	Status   Status
	Bound    Target           // if it is Done, or Listens: what the proxy says of its address; null if nothing
	Question Question         // if it is Ask
	Failure  *failure.Failure // if it is Failed
}

// Question asks for a user and a password (QAbstractSocket::proxyAuthenticationRequired).
type Question struct {
	Proxy          Proxy  // as Qt shows it
	Realm          string // what they are for; "" if the protocol has none
	User, Password string // what the authenticator has before it is filled
}

// Fail returns the outcome of a failure.
func Fail(f *failure.Failure) Outcome { return Outcome{Status: Failed, Failure: f} }
