package address

import (
	"strings"
	"unicode/utf8"
)

// parseIPv6 reads an IPv6 address without scope id.
func parseIPv6(text string) (b [16]byte, ok bool) {
	// Also of what is not read in the end (see below), Qt wants a whole dotted address or none.
	if dots := strings.Count(text, "."); dots != 0 && dots != 3 {
		return b, false
	}
	rest, n, gap := text, 0, -1
	if strings.HasPrefix(rest, "::") {
		rest, gap = rest[2:], 0
	}
	for rest != "" || n == 0 && gap < 0 {
		group := rest
		v, after, ok := scanGroup(group)
		switch {
		case !ok:
			return b, false
		case strings.HasPrefix(after, "."):
			dotted, ok := parseDottedIPv4(group)
			if !ok || n > 12 {
				return b, false
			}
			return spread(b, n+copy(b[n:], dotted[:]), gap)
		}
		b[n], b[n+1] = byte(v>>8), byte(v)
		n += 2
		if after == "" {
			break
		}
		if after[0] != ':' {
			return b, false
		}
		rest = after[1:]
		if n == len(b) {
			// Qt does not read what follows eight groups, if only it is ASCII and ends like an address that goes on with zeros.
			return b, gap < 0 && strings.HasSuffix(text, "::") && isASCII(after)
		}
		if strings.HasPrefix(rest, ":") {
			if gap >= 0 {
				return b, false
			}
			rest, gap = rest[1:], n
			continue
		}
		if rest == "" {
			return b, false
		}
	}
	return spread(b, n, gap)
}

// scanGroup reads one of the eight numbers of an IPv6 address: at most four characters, of which some may be a space, a
// sign or a prefix.
func scanGroup(text string) (v uint64, rest string, ok bool) {
	v, rest, ok = scanNumber(text, 16)
	return v, rest, ok && len(text)-len(rest) <= 4
}

// spread moves the bytes behind the gap (the "::") to the end of the address. n bytes have been read; a gap stands for
// two at least, and without one there must be sixteen.
func spread(b [16]byte, n, gap int) ([16]byte, bool) {
	if gap < 0 {
		return b, n == len(b)
	}
	if n == len(b) {
		return b, false
	}
	tail := b
	clear(b[gap:])
	copy(b[len(b)-(n-gap):], tail[gap:n])
	return b, true
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}
