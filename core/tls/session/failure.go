package session

import (
	"errors"
	"io"
	"strings"

	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/tls/stream"
)

// Unusable is why no connection can be made with a configuration: the errors that a socket
// has then, one after the other.
type Unusable []*failure.Failure

// Error returns the first one's text.
func (u Unusable) Error() string { return u[0].Text }

// unusable returns the errors for something that the user has set.
func unusable(text string) Unusable {
	return Unusable{{Code: failure.SslInvalidUserData, Text: text}, {Code: failure.SslInternal, Text: "Unable to init SSL Context: "}}
}

// failure returns what is wrong as sockets have it.
func (s *Session) failure(err error) error {
	switch err.(type) {
	case nil, unix.Errno, *failure.Failure:
		return err // most often EAGAIN
	}
	switch {
	case err == stream.ErrNotYet:
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF && !s.Ended():
		return failure.PeerClosed
	case !s.Done():
		if errno, ok := errors.AsType[unix.Errno](err); ok {
			return errno // crypto/tls has wrapped it
		}
		return &failure.Failure{Code: failure.SslHandshakeFailed, Text: "Error during SSL handshake: " + reason(err)}
	}
	return &failure.Failure{Code: failure.SslInternal, Text: "Error while reading: " + reason(err)}
}

// reason returns the text of an error of crypto/tls.
func reason(err error) string {
	if err == io.EOF {
		return ""
	}
	return strings.TrimPrefix(strings.ReplaceAll(err.Error(), "error: tls: ", "error: "), "tls: ")
}
