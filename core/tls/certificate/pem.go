package certificate

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
)

const (
	begin = "-----BEGIN CERTIFICATE-----"
	end   = "-----END CERTIFICATE-----"
)

// FromPEM returns the certificates of a text (QSslCertificate::fromData with QSsl::Pem). As
// in Qt what is between them does not matter, one that is broken is left out, and after a
// line that is not as it must be nothing more is read.
func FromPEM(text []byte) []*Certificate {
	var list []*Certificate
	for {
		start := bytes.Index(text, []byte(begin))
		if start < 0 {
			return list
		}
		body, ok := nextLine(text[start+len(begin):])
		length := bytes.Index(body, []byte(end))
		if !ok || length < 0 {
			return list
		}
		after := body[length+len(end):]
		if text, ok = nextLine(after); !ok && len(bytes.TrimSpace(after)) > 0 {
			return list
		}
		if c, _, ok := Parse(decode(body[:length])); ok {
			list = append(list, c)
		}
	}
}

// nextLine returns what is behind the end of a line of which only blanks are left. It
// reports whether that is so.
func nextLine(text []byte) ([]byte, bool) {
	line, rest, found := bytes.Cut(text, []byte("\n"))
	return rest, found && len(bytes.TrimSpace(line)) == 0
}

// decode decodes base 64 and leaves out what is none.
func decode(text []byte) []byte {
	digits := make([]byte, 0, len(text))
	for _, c := range text {
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' {
			digits = append(digits, c)
		}
	}
	if len(digits)%4 == 1 {
		digits = digits[:len(digits)-1]
	}
	octets := make([]byte, base64.RawStdEncoding.DecodedLen(len(digits)))
	n, _ := base64.RawStdEncoding.Decode(octets, digits)
	return octets[:n]
}

// FromDER returns the certificates that follow one another, up to what is none
// (QSslCertificate::fromData with QSsl::Der).
func FromDER(data []byte) []*Certificate {
	var list []*Certificate
	for {
		c, rest, ok := Parse(data)
		if !ok {
			return list
		}
		list, data = append(list, c), rest
	}
}

// PEM returns the certificate as PEM (QSslCertificate::toPem).
func (c *Certificate) PEM() []byte {
	if c == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.raw})
}
