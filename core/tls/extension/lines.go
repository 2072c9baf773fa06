package extension

import (
	"strings"
	"time"

	"qnet/core/tls/der"
	"qnet/core/tls/name"
	"qnet/core/tls/oid"
)

// Time returns a moment as OpenSSL writes it.
func Time(t time.Time) string { return t.UTC().Format("Jan _2 15:04:05 2006") + " GMT" }

// line is a text with how far it is indented beyond the others.
type line struct {
	indent int
	text   string
	open   bool // what follows stands on the same line
}

// lines puts lines together. There is nothing behind the last.
func lines(all []line) form {
	return form{lines: func(indent int) string {
		var text strings.Builder
		for i, l := range all {
			if l.text != "" {
				text.WriteString(strings.Repeat(" ", indent+l.indent) + l.text)
			}
			if !l.open && i < len(all)-1 {
				text.WriteByte('\n')
			}
		}
		return text.String()
	}}
}

func period(data []byte) (form, bool) {
	outer := der.Read(data)
	r := outer.Inside(der.Sequence)
	var texts []string
	for i, what := range []string{"Not Before: ", "Not After: "} {
		if e, ok := r.Optional(der.Context(byte(i))); ok {
			e.Tag = der.GeneralizedTime
			text := "Bad time value"
			if t, ok := e.Time(); ok {
				text = Time(t)
			}
			texts = append(texts, what+text)
		}
	}
	return lines([]line{{text: strings.Join(texts, ", ")}}), r.Done()
}

func constrained(data []byte) (form, bool) {
	outer := der.Read(data)
	r := outer.Inside(der.Sequence)
	var all []line
	for i, title := range []string{"Permitted:", "Excluded:"} {
		trees, ok := r.Optional(der.Explicit(byte(i)))
		if !ok {
			continue
		}
		all = append(all, line{text: title})
		for list := der.Read(trees.Body); list.More(); {
			tree := list.Inside(der.Sequence)
			base := tree.Any()
			text, ok := spaced(base)
			if base.Tag == ip {
				ok, text = true, "IP Address:<invalid>"
				if half := len(base.Body) / 2; half == 4 || half == 16 {
					text = "IP:" + address(base.Body[:half]) + "/" + address(base.Body[half:])
				}
			}
			if !ok || !isGeneral(base) || !tree.OK() {
				return form{}, false
			}
			all = append(all, line{indent: 2, text: text})
		}
	}
	return lines(all), r.Done()
}

func points(data []byte) (form, bool) {
	outer := der.Read(data)
	r := outer.Inside(der.Sequence)
	var all []line
	for r.More() {
		point := r.Inside(der.Sequence)
		if where, ok := point.Optional(der.Explicit(0)); ok {
			inner := der.Read(where.Body)
			switch e := inner.Any(); e.Tag {
			case der.Explicit(0):
				all = append(all, line{text: "Full Name:"})
				if all, ok = listed(all, e.Body); !ok {
					return form{}, false
				}
			case der.Explicit(1):
				relative, ok := name.Parse(set(e.Body))
				if !ok {
					return form{}, false
				}
				all = append(all, line{text: "Relative Name:"}, line{text: "  " + relative.Spaced()}, line{})
			default:
				return form{}, false
			}
		}
		if why, ok := point.Optional(der.Context(1)); ok {
			// A new line has not been begun, and an indentation is.
			if len(all) > 0 {
				all[len(all)-1].open = true
			}
			bits, _ := der.Bits(why.Body)
			text := "<EMPTY>"
			if set := named(bits, reasons); set != nil {
				text = strings.Join(set, ", ")
			}
			all = append(all, line{text: "Reasons:"}, line{indent: 2, text: text})
		}
		if issuer, ok := point.Optional(der.Explicit(2)); ok {
			all = append(all, line{text: "CRL Issuer:"})
			if all, ok = listed(all, issuer.Body); !ok {
				return form{}, false
			}
		}
		if !point.Done() {
			return form{}, false
		}
	}
	return lines(all), r.OK()
}

// listed appends a line for each general name of a list.
func listed(all []line, data []byte) ([]line, bool) {
	list, ok := generals(data)
	for _, g := range list {
		text, good := spaced(g)
		ok = ok && good
		all = append(all, line{indent: 2, text: text})
	}
	if len(list) == 0 {
		all = append(all, line{})
	}
	return all, ok
}

// set returns the name whose only part is a set of attributes.
func set(attributes []byte) []byte { return wrap(der.Sequence, wrap(der.Set, attributes)) }

func wrap(tag byte, body []byte) []byte {
	n := len(body)
	return append([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, body...)
}

func policies(data []byte) (form, bool) {
	outer := der.Read(data)
	r := outer.Inside(der.Sequence)
	var all []line
	for r.More() {
		policy := r.Inside(der.Sequence)
		all = append(all, line{text: "Policy: " + oid.Long(policy.Identifier())})
		if qualifiers, ok := policy.Optional(der.Sequence); ok {
			for list := der.Read(qualifiers.Body); list.More() || !list.OK(); {
				q := list.Inside(der.Sequence)
				switch id := q.Identifier(); id {
				case "1.3.6.1.5.5.7.2.1":
					all = append(all, line{indent: 2, text: "CPS: " + cut(q.Body(der.IA5String))})
				case "1.3.6.1.5.5.7.2.2":
					all = append(all, line{indent: 2, text: "User Notice:"})
					notice := q.Inside(der.Sequence)
					all = append(all, told(&notice)...)
					if !notice.Done() {
						return form{}, false
					}
				default:
					all = append(all, line{indent: 4, text: "Unknown Qualifier: " + oid.Long(id)})
					q.Any()
				}
				if !q.Done() {
					return form{}, false
				}
			}
		}
		if !policy.Done() {
			return form{}, false
		}
	}
	return lines(all), r.OK()
}

// cut returns a text up to a NUL, as OpenSSL does, whatever its octets mean.
func cut(octets []byte) string {
	text, _, _ := strings.Cut(string(octets), "\x00")
	return text
}

// displayed takes a text of a kind that notices may have (RFC 5280, "DisplayText").
func displayed(r *der.Reader) []byte {
	text := r.Any()
	switch text.Tag {
	case der.IA5String, der.VisibleString, der.UTF8String:
	case der.BMPString:
		if len(text.Body)%2 != 0 {
			r.Fail()
		}
	default:
		r.Fail()
	}
	return text.Body
}

// told returns the lines of a notice to users.
func told(notice *der.Reader) []line {
	var all []line
	if e, ok := notice.Optional(der.Sequence); ok {
		r := der.Read(e.Body)
		all = append(all, line{indent: 4, text: "Organization: " + cut(displayed(&r))})
		var numbers []string
		for list := r.Inside(der.Sequence); list.More(); {
			numbers = append(numbers, decimal(list.Number()))
		}
		title := "Number: "
		if len(numbers) > 1 {
			title = "Numbers: "
		}
		all = append(all, line{indent: 4, text: title + strings.Join(numbers, ", ")})
		if !r.Done() {
			notice.Fail()
		}
	}
	if notice.More() {
		all = append(all, line{indent: 4, text: "Explicit Text: " + cut(displayed(notice))})
	}
	if len(all) == 0 {
		all = append(all, line{})
	}
	return all
}
