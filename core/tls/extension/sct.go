package extension

import (
	"encoding/binary"
	"fmt"
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

func timestamp(sct []byte, indent int) string {
	blank := strings.Repeat(" ", indent)
	title := blank + "Signed Certificate Timestamp:\n" + blank + "    Version   : "
	unknown := title + "unknown\n" + dump(sct, indent+16)
	if len(sct) < 43 || sct[0] != 0 {
		return unknown
	}
	log, milliseconds := sct[1:33], binary.BigEndian.Uint64(sct[33:])
	extensions, rest, ok := counted(sct[41:])
	if !ok || len(rest) < 4 {
		return unknown
	}
	signature, _, ok := counted(rest[2:])
	if !ok {
		return unknown
	}
	t := time.UnixMilli(int64(milliseconds)).UTC()
	none := "none"
	if len(extensions) > 0 {
		none = strings.TrimLeft(dump(extensions, indent+16), " ")
	}
	how, known := map[[2]byte]string{{4, 1}: "sha256WithRSAEncryption", {4, 3}: "ecdsa-with-SHA256"}[[2]byte(rest)]
	if !known {
		how = fmt.Sprintf("%02X%02X", rest[0], rest[1])
	}
	field := func(name, value string) string { return "\n" + blank + "    " + name + ": " + value }
	return title + "v1 (0x0)" +
		field("Log ID    ", strings.TrimLeft(dump(log, indent+16), " ")) +
		field("Timestamp ", t.Format("Jan _2 15:04:05.000 2006")+" GMT") +
		field("Extensions", none) +
		field("Signature ", how) + "\n" + dump(signature, indent+16)
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
