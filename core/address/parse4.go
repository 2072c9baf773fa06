package address

import "strings"

// parseIPv4 reads all forms of an IPv4 address that inet_aton knows.
func parseIPv4(text string) (uint32, bool) {
	var v uint64
	for left := 32; left > 0; left -= 8 {
		n, rest, ok := scanNumber(text, anyBase)
		if !ok {
			return 0, false
		}
		if rest == "" {
			// The last number fills all the bits that are left.
			return uint32(v<<left | n), n>>left == 0
		}
		if rest[0] != '.' || n > 255 {
			return 0, false
		}
		v = v<<8 | n
		text = rest[1:]
	}
	return 0, false
}

// parseDottedIPv4 reads the IPv4 address at the end of an IPv6 one: exactly four numbers, none of which starts with a
// needless zero.
func parseDottedIPv4(text string) (b [4]byte, ok bool) {
	for i := range b {
		if len(text) > 1 && text[0] == '0' && text[1] != '.' {
			return b, false
		}
		n, rest, ok := scanNumber(text, anyBase)
		if !ok || n > 255 {
			return b, false
		}
		b[i] = byte(n)
		if i == len(b)-1 {
			return b, rest == ""
		}
		if text, ok = strings.CutPrefix(rest, "."); !ok {
			return b, false
		}
	}
	return b, false
}
