package resolve

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// international converts names that are not ASCII (IDNA, UTS #46) as Qt does:
// "bücher" to "xn--bcher-kva", and without the rules about right-to-left scripts.
var international = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// ToASCII returns the name that a name is looked up as, and reports whether a host can
// have it.
func ToASCII(name string) (string, bool) {
	ascii := strings.ToLower(name)
	if strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 }) {
		if strings.ContainsRune(name, utf8.RuneError) { // also for what is no UTF-8
			return "", false
		}
		var err error
		// Since Unicode 15.1 a capital sharp s is a sharp s, no double s.
		if ascii, err = international.ToASCII(strings.ReplaceAll(name, "ẞ", "ß")); err != nil {
			return "", false
		}
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(ascii, "."), ".") {
		if !validLabel(label) {
			return "", false
		}
	}
	return ascii, true
}

// validLabel reports whether a host's name may have the label, which is in small
// letters.
func validLabel(label string) bool {
	const longest = 63
	return label != "" && len(label) <= longest && label[0] != '-' && label[len(label)-1] != '-' &&
		!strings.ContainsFunc(label, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
		})
}
