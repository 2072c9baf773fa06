package der

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns what a string of characters says, and whether it is one. Of the kinds with
// an octet a character, each is one of Latin-1.
func (e Element) Text() (string, bool) {
	body := e.Body
	switch e.Tag {
	case UTF8String:
		return string(body), utf8.Valid(body)
	case BMPString:
		if len(body)%2 != 0 {
			return "", false
		}
		units := make([]uint16, len(body)/2)
		for i := range units {
			units[i] = uint16(body[2*i])<<8 | uint16(body[2*i+1])
		}
		return string(utf16.Decode(units)), true
	case UniversalString:
		if len(body)%4 != 0 {
			return "", false
		}
		runes := make([]rune, len(body)/4)
		for i := range runes {
			r := uint32(body[4*i])<<24 | uint32(body[4*i+1])<<16 | uint32(body[4*i+2])<<8 | uint32(body[4*i+3])
			if r > utf8.MaxRune {
				return "", false
			}
			runes[i] = rune(r)
		}
		return string(runes), true
	case NumericString, PrintableString, TeletexString, IA5String, VisibleString:
		return Latin1(body), true
	}
	return "", false
}

// Latin1 returns the text of octets that are a character each.
func Latin1(octets []byte) string {
	runes := make([]rune, len(octets))
	for i, b := range octets {
		runes[i] = rune(b)
	}
	return string(runes)
}
