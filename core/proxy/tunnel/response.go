package tunnel

import (
	"bytes"
	"strconv"
	"strings"
)

// maxResponse is how long the heads of the responses to a request may be together, and
// how long a body that is read for nothing but the end of it.
const maxResponse = 64 << 10

// progress is how far something has been read.
type progress uint8

const (
	incomplete progress = iota
	complete
	broken
	endless
)

// response is the response to a request, read as it comes.
type response struct {
	text []byte // of the head
	read int    // bytes, of those before it, too
	line int    // where in text the last line begins

	code   int
	old    bool // the proxy speaks HTTP/1.0
	fields []field

	body transfer
}

// field is a header, its name in small letters.
type field struct{ name, value string }

// begun reports whether anything has come.
func (r *response) begun() bool { return r.read > 0 }

// readHead reads from in as much as belongs to the head of the final response.
func (r *response) readHead(in []byte) (taken int, p progress) {
	const protocol = "HTTP/"
	for taken < len(in) {
		if r.read >= maxResponse {
			return taken, endless
		}
		c := in[taken]
		if n := len(r.text); n < len(protocol) && c != protocol[n] {
			return taken, broken
		}
		r.text = append(r.text, c)
		taken++
		r.read++
		if c != '\n' {
			continue
		}
		line := bytes.TrimRight(r.text[r.line:], "\r\n")
		r.line = len(r.text)
		if len(line) > 0 {
			continue
		}
		if !r.parse() {
			return taken, broken
		}
		if r.code/100 != 1 {
			return taken, complete
		}
		// It says that another one is to follow.
		r.text, r.line, r.fields = nil, 0, nil
	}
	return taken, incomplete
}

// parse takes the head apart, and reports whether it is one.
func (r *response) parse() bool {
	first, rest, _ := strings.Cut(string(r.text), "\n")
	version, status, _ := strings.Cut(strings.TrimRight(first, "\r"), " ")
	major, minor, ok := strings.Cut(strings.TrimPrefix(version, "HTTP/"), ".")
	if !ok || !isNumber(major) || !isNumber(minor) {
		return false
	}
	r.old = major == "0" || major == "1" && minor == "0"
	status, _, _ = strings.Cut(strings.TrimLeft(status, " "), " ")
	const digits = 3
	if len(status) != digits || !isNumber(status) || status[0] == '0' {
		return false
	}
	r.code, _ = strconv.Atoi(status)
	for line := range strings.Lines(rest) {
		r.addField(strings.TrimRight(line, "\r\n"))
	}
	return true
}

// addField adds a header line. One that begins with a space goes on with the line before
// (RFC 9112, 5.2); what is no header is passed over.
func (r *response) addField(line string) {
	if n := len(r.fields); n > 0 && line != "" && (line[0] == ' ' || line[0] == '\t') {
		r.fields[n-1].value += " " + strings.TrimSpace(line)
		return
	}
	if name, value, ok := strings.Cut(line, ":"); ok {
		r.fields = append(r.fields, field{strings.ToLower(name), strings.TrimSpace(value)})
	}
}

// isNumber reports whether text is made of digits.
func isNumber(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(c rune) bool { return c < '0' || c > '9' })
}

// values returns the values of a header in the order of its lines.
func (r *response) values(name string) []string {
	var list []string
	for _, f := range r.fields {
		if f.name == name {
			list = append(list, f.value)
		}
	}
	return list
}

// words returns the words of a header that is a list, in small letters.
func (r *response) words(name string) []string {
	var list []string
	for _, value := range r.values(name) {
		for word := range strings.SplitSeq(value, ",") {
			list = append(list, strings.ToLower(strings.TrimSpace(word)))
		}
	}
	return list
}
