package stream

import (
	"crypto/tls"
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
	if op, ok := err.(*net.OpError); ok && op.Op == "remote error" {
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
	out := reflect.ValueOf(conn).Elem().FieldByName("out")
	if out.Kind() != reflect.Struct {
		return 0, false
	}
	reason := out.FieldByName("err")
	if reason.Kind() != reflect.Interface || reason.IsNil() || reason.Elem().Type() != reflect.TypeFor[*net.OpError]() {
		return 0, false
	}
	op := reason.Elem().Elem()
	if op.FieldByName("Op").String() != "local error" {
		return 0, false
	}
	return alertCode(op.FieldByName("Err").Elem())
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
