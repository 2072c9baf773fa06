package address

import "strings"

// tooBig is what scanNumber returns for every number that does not fit into 32 bits.
const tooBig = 1 << 32

// anyBase makes scanNumber recognise the base by the prefix of the number: 0x, 0b, 0 or none.
const anyBase = 0

// scanNumber reads an unsigned number at the start of text, after any space and a plus sign, and returns it with what
// follows. In base 16 the prefix 0x is optional.
func scanNumber(text string, base uint64) (n uint64, rest string, ok bool) {
	text = strings.TrimPrefix(skipSpace(text), "+")
	prefix := ""
	if len(text) >= 2 {
		prefix = strings.ToLower(text[:2])
	}
	switch {
	case prefix == "0x" && (base == 16 || base == anyBase):
		base, text = 16, text[2:]
	case prefix == "0b" && base == anyBase:
		base, text = 2, text[2:]
	case base == anyBase && strings.HasPrefix(text, "0"):
		base = 8
	case base == anyBase:
		base = 10
	}
	i := 0
	for ; i < len(text); i++ {
		d := digit(text[i])
		if d >= base {
			break
		}
		n = min(n*base+d, tooBig)
	}
	return n, text[i:], i > 0
}

// digit returns the value of a digit in bases up to 16, and more than any such base for other characters.
func digit(c byte) uint64 {
	switch {
	case '0' <= c && c <= '9':
		return uint64(c - '0')
	case 'a' <= c && c <= 'f':
		return uint64(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return uint64(c-'A') + 10
	}
	return 255
}

func skipSpace(text string) string {
	return strings.TrimLeft(text, " \t\n\v\f\r")
}
