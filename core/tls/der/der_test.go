package der

import (
	"bytes"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestNext(t *testing.T) {
	for _, test := range []struct {
		data, body, rest string
		ok               bool
	}{
		{"\x04\x02abc", "ab", "c", true},
		{"\x04\x00", "", "", true},
		{"\x04\x81\x02ab", "ab", "", true}, // longer than it needs to be
		{"\x04\x84\x00\x00\x00\x02ab", "ab", "", true},
		{"\x04\x03ab", "", "", false},
		{"\x04\x80ab\x00\x00", "", "", false}, // without an end
		{"\x04\x84\xff\xff\xff\xffab", "", "", false},
		{"\x04\x89\xff\xff\xff\xff\xff\xff\xff\xff\xffab", "", "", false},
		{"\x1f\x01\x00", "", "", false},
		{"\x04", "", "", false},
		{"\x04\x82\x01", "", "", false},
		{"", "", "", false},
	} {
		e, rest, ok := Next([]byte(test.data))
		if ok != test.ok || string(e.Body) != test.body || string(rest) != test.rest {
			t.Errorf("%q: %q, %q, %v", test.data, e.Body, rest, ok)
		}
	}
}

func TestReaderRemembers(t *testing.T) {
	r := Open([]byte("\x30\x06\x02\x01\x07\x04\x01a"), Sequence)
	if n := r.Number(); n.Int64() != 7 || !r.OK() || r.Done() || !r.More() || r.Peek() != OctetString {
		t.Errorf("%v", n)
	}
	if _, there := r.Optional(Integer); there {
		t.Error("there is no number")
	}
	if r.Body(Integer) != nil || r.OK() || r.More() || r.Done() {
		t.Error("it is no number, and all is over")
	}
	for _, data := range []string{"\x30\x00x", "\x31\x00", "", "\x30"} {
		if r := Open([]byte(data), Sequence); r.OK() {
			t.Errorf("%q", data)
		}
	}
}

func TestNumbers(t *testing.T) {
	for text, n := range map[string]int64{"\x00": 0, "\x7f": 127, "\x00\x80": 128, "\xff": -1, "\x80": -128, "\xf1\x22": -3806} {
		if !IsInteger([]byte(text)) || Int([]byte(text)).Cmp(big.NewInt(n)) != 0 {
			t.Errorf("%q: %v", text, Int([]byte(text)))
		}
	}
	for _, text := range []string{"", "\x00\x01", "\xff\x80"} {
		if IsInteger([]byte(text)) {
			t.Errorf("%q is one", text)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	for text, id := range map[string]string{
		"\x55\x04\x03": "2.5.4.3", "\x2a\x86\x48": "1.2.840", "\x00": "0.0", "\x27": "0.39", "\x28": "1.0", "\x88\x37\x03": "2.999.3",
		"\x2a\x83\xff\xff\xff\xff\xff\xff\xff\xff\x7f": "1.2.36893488147419103231",
		"": "", "\x80\x01": "", "\x2a\x86": "", "\x2a\x80\x01": "",
	} {
		got, ok := Dotted([]byte(text))
		if !strings.HasPrefix(got, id) || ok != (id != "") || len(id) < 10 && got != id {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
}

func TestBits(t *testing.T) {
	for text, want := range map[string]string{"\x00ab": "ab", "\x00": "", "\x04\xff\xff": "\xff\xf0", "\x08a": "-", "": "-", "\x01": "-"} {
		got, ok := Bits([]byte(text))
		if ok != (want != "-") || ok && string(got) != want {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
	data := []byte("\x03\x03\x04\xff\xff")
	r := Read(data)
	if r.Bits(); data[4] != 0xff {
		t.Error("what was read has changed")
	}
}

func TestTexts(t *testing.T) {
	for _, test := range []struct {
		tag        byte
		body, text string
		ok         bool
	}{
		{UTF8String, "é", "é", true}, {UTF8String, "\xff", "\xff", false}, {BMPString, "\x20\xac", "€", true}, {BMPString, "a", "", false},
		{BMPString, "\xd8\x3d\xde\x00", "😀", true}, {UniversalString, "\x00\x01\xf6\x00", "😀", true}, {UniversalString, "\x00\x11\x00\x00", "", false},
		{UniversalString, "abc", "", false}, {TeletexString, "\xe9", "é", true}, {PrintableString, "a", "a", true}, {Integer, "\x01", "", false},
	} {
		if text, ok := (Element{Tag: test.tag, Body: []byte(test.body)}).Text(); ok != test.ok || ok && text != test.text {
			t.Errorf("%x %q: %q, %v", test.tag, test.body, text, ok)
		}
	}
}

// No input is read outside of itself, or with a result that cannot be.
func FuzzReader(f *testing.F) {
	for _, data := range []string{"\x30\x06\x02\x01\x07\x04\x01a", "\x03\x03\x04\xff\xff", "\x17\x0d250101000000Z", "\x18\x0f20250101000000Z", "\x06\x03\x55\x04\x03",
		"\x1e\x02\x20\xac"} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		for r := Read(data); r.More(); {
			e := r.Any()
			if !r.OK() {
				break
			}
			if len(e.Body) > len(e.Raw) || !bytes.HasSuffix(e.Raw, e.Body) {
				t.Fatalf("%q in %q", e.Body, e.Raw)
			}
			if moment, ok := e.Time(); ok && (moment.Location() != time.UTC || moment.Year() < -1 || moment.Year() > 10000) {
				t.Fatalf("%q: %v", e.Body, moment)
			}
			e.Text()
			Int(e.Body)
			Bits(e.Body)
			Dotted(e.Body)
		}
		if !bytes.Equal(data, before) {
			t.Fatal("it has changed")
		}
	})
}
