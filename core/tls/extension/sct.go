package extension

import (
	"encoding/binary"
	"strings"
	"time"

	"qnet/core/tls/der"
)

// scts is the identifier of the extension with what logs of certificates have signed.
const scts = "1.3.6.1.4.1.11129.2.4.2"

// timestamps reads the list of RFC 6962: each entry has its length before it.
func timestamps(data []byte) (form, bool) {
	r := der.Read(data)
	list, rest, ok := counted(r.Body(der.OctetString))
	if !r.OK() || !ok || len(rest) > 0 {
		return form{}, false
	}
	var all [][]byte
	for len(list) > 0 {
		var one []byte
		if one, list, ok = counted(list); !ok {
			return form{}, false
		}
		if !isTimestamp(one) {
			return form{}, false
		}
		all = append(all, one)
	}
	return form{lines: func(indent int) string {
		var texts []string
		for _, one := range all {
			texts = append(texts, timestamp(one, indent))
		}
		return strings.Join(texts, "\n")
	}}, true
}

// counted takes what is as long as the two octets before it say.
func counted(data []byte) (one, rest []byte, ok bool) {
	if len(data) < 2 {
		return nil, nil, false
	}
	n := int(binary.BigEndian.Uint16(data))
	if n > len(data)-2 {
		return nil, nil, false
	}
	return data[2 : 2+n], data[2+n:], true
}

// signers are how logs sign.
var signers = map[[2]byte]string{{4, 1}: "sha256WithRSAEncryption", {4, 3}: "ecdsa-with-SHA256"}

// parts are what an entry of the first version is made of.
type parts struct {
	extensions, signature []byte
	signer                string
}

// taken takes an entry apart and reports whether it is one.
func taken(sct []byte) (parts, bool) {
	const fixed = 43
	if len(sct) < fixed {
		return parts{}, false
	}
	extensions, rest, ok := counted(sct[fixed-2:])
	if !ok || len(rest) < 4 {
		return parts{}, false
	}
	p := parts{extensions: extensions, signer: signers[[2]byte(rest)]}
	p.signature, _, ok = counted(rest[2:]) // what is behind it does not matter to OpenSSL
	return p, ok && p.signer != ""
}

// isTimestamp reports whether an entry is one, or of a version that nobody knows.
func isTimestamp(sct []byte) bool {
	if len(sct) == 0 {
		return false
	}
	_, ok := taken(sct)
	return ok || sct[0] != 0
}

func timestamp(sct []byte, indent int) string {
	blank := strings.Repeat(" ", indent)
	title := blank + "Signed Certificate Timestamp:\n" + blank + "    Version   : "
	if sct[0] != 0 {
		return title + "unknown\n" + dump(sct, indent+16)
	}
	p, _ := taken(sct)
	t := time.UnixMilli(int64(binary.BigEndian.Uint64(sct[33:]))).UTC()
	extensions := "none"
	if len(p.extensions) > 0 {
		extensions = strings.TrimLeft(dump(p.extensions, indent+16), " ")
	}
	field := func(name, value string) string { return "\n" + blank + "    " + name + ": " + value }
	return title + "v1 (0x0)" +
		field("Log ID    ", strings.TrimLeft(dump(sct[1:33], indent+16), " ")) +
		field("Timestamp ", t.Format("Jan _2 15:04:05.000 2006")+" GMT") +
		field("Extensions", extensions) +
		field("Signature ", p.signer) + "\n" + dump(p.signature, indent+16)
}

// dump returns octets in hexadecimal, 16 a line.
func dump(octets []byte, indent int) string {
	var rows []string
	for len(octets) > 16 {
		rows = append(rows, strings.Repeat(" ", indent)+upper(octets[:16])+":")
		octets = octets[16:]
	}
	rows = append(rows, strings.Repeat(" ", indent)+upper(octets))
	return strings.Join(rows, "\n")
}
