package session

// Alert is what one end has told the other besides data.
type Alert struct {
	Sent  bool // to the peer, not by it
	Level int  // QSsl::AlertLevel
	Type  int  // QSsl::AlertType
	Text  string
}

// Levels of alerts (QSsl::AlertLevel).
const (
	AlertWarning = 0
	AlertFatal   = 1
	AlertUnknown = 2
)

var alertTexts = map[byte]string{
	0: "close notify", 10: "unexpected_message", 20: "bad record mac", 21: "decryption failed", 22: "record overflow",
	30: "decompression failure", 40: "handshake failure", 41: "no certificate", 42: "bad certificate", 43: "unsupported certificate",
	44: "certificate revoked", 45: "certificate expired", 46: "certificate unknown", 47: "illegal parameter", 48: "unknown CA",
	49: "access denied", 50: "decode error", 51: "decrypt error", 60: "export restriction", 70: "protocol version",
	71: "insufficient security", 80: "internal error", 90: "user canceled", 100: "no renegotiation", 110: "unsupported extension",
	111: "certificate unobtainable", 112: "unrecognized name", 113: "bad certificate status response", 114: "bad certificate hash value",
	115: "unknown PSK identity", 120: "no application protocol",
}

// TakeAlerts returns the alerts that were sent and have come since it was last called
// (QSslSocket::alertSent, QSslSocket::alertReceived).
func (s *Session) TakeAlerts() []Alert {
	var list []Alert
	for _, a := range s.Stream.TakeAlerts() {
		alert := Alert{a.Sent, AlertUnknown, int(a.Code), "unknown"}
		if a.Level == 1 || a.Level == 2 {
			alert.Level = int(a.Level) - 1
		}
		if text, ok := alertTexts[a.Code]; ok {
			alert.Text = text
		}
		list = append(list, alert)
	}
	return list
}
