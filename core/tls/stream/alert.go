package stream

import (
	"crypto/tls"
	"errors"
	"net"
	"reflect"
	"slices"
)

// Alert is what one end of a connection tells the other besides data (RFC 8446, 6).
type Alert struct {
	Sent  bool // to the peer, not by it
	Level byte
	Code  byte
}

// Levels of alerts.
const (
	Warning = 1
	Fatal   = 2
)

const (
	closeNotify     = 0
	noRenegotiation = 100
)

// TakeAlerts returns the alerts since it was last called.
func (s *Stream) TakeAlerts() []Alert {
	list := s.alerts
	s.alerts = nil
	return list
}

// failed notes the alerts that belong to an error of the connection's.
func (s *Stream) failed(err error) {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		// The handshake has seen it already if it was in the clear.
		if code, ok := alertCode(reflect.ValueOf(op.Err)); ok && !slices.ContainsFunc(s.alerts, func(a Alert) bool { return !a.Sent && a.Code == code }) {
			s.alerts = append(s.alerts, Alert{Level: Fatal, Code: code})
		}
	}
	if code, ok := lastSent(s.conn); ok {
		level := byte(Fatal)
		if code == noRenegotiation {
			level = Warning
		}
		s.alerts = append(s.alerts, Alert{true, level, code})
	}
}

// lastSent returns the alert with which conn has ended the connection. crypto/tls does not
// tell, as it is encrypted when it comes here, but keeps it as the reason why it sends no
// more. It must not be at work.
func lastSent(conn *tls.Conn) (byte, bool) {
	reason := inside(reflect.ValueOf(conn), "out", "err")
	if wrapped := inside(reason, "err"); wrapped.IsValid() {
		reason = wrapped
	}
	if op := inside(reason, "Op"); op.Kind() != reflect.String || op.String() != "local error" {
		return 0, false
	}
	return alertCode(inside(reason, "Err"))
}

// inside returns the value of a field of a field, an invalid one if there is none.
func inside(v reflect.Value, names ...string) reflect.Value {
	for _, name := range names {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		v = v.FieldByName(name)
	}
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

// alertCode returns the code that an alert of crypto/tls is.
func alertCode(alert reflect.Value) (byte, bool) {
	if alert.Kind() != reflect.Uint8 {
		return 0, false
	}
	return byte(alert.Uint()), true
}

// heardEnd notes that the peer has said that it sends no more.
func (s *Stream) heardEnd() {
	s.alerts = append(s.alerts, Alert{Level: Warning, Code: closeNotify})
}
