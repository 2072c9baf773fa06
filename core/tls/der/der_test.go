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

func TestTimes(t *testing.T) {
	const utc, general = UTCTime, GeneralizedTime
	for _, test := range []struct {
		tag        byte
		body, want string
	}{
		{utc, "251231235958Z", "2025-12-31T23:59:58Z"}, {utc, "500101000000Z", "1950-01-01T00:00:00Z"}, {utc, "491231235959Z", "2049-12-31T23:59:59Z"},
		{utc, "2512312359Z", "2025-12-31T23:59:00Z"}, {utc, "251231235958+0130", "2025-12-31T22:29:58Z"}, {utc, "251231230000-0100", "2026-01-01T00:00:00Z"},
		{general, "20251231235958Z", "2025-12-31T23:59:58Z"}, {general, "00010101000000Z", "0001-01-01T00:00:00Z"}, {general, "202512312359Z", "2025-12-31T23:59:00Z"},
		{general, "20251231235958.5Z", "2025-12-31T23:59:58Z"}, {general, "20251231235958.0123456789Z", "2025-12-31T23:59:58Z"},
		{general, "20240229000000Z", "2024-02-29T00:00:00Z"}, {general, "20251231235958.25-1200", "2026-01-01T11:59:58Z"},
		{general, "20251231235958.Z", ""}, {general, "20251231235958.5", ""}, {general, "20251231235958.:Z", ""}, {general, "20251231235958./Z", ""}, {utc, "251231235958.5Z", ""},
		{general, "20250229000000Z", ""}, {general, "20251301000000Z", ""}, {general, "20250001000000Z", ""}, {general, "20250100000000Z", ""}, {general, "20250132000000Z", ""},
		{general, "20251231240000Z", ""}, {general, "20251231236000Z", ""}, {general, "20251231235960Z", ""}, {general, "2025123123595Z", ""},
		{general, "20251231235958", ""}, {general, "20251231235958X", ""}, {general, "20251231235958Zx", ""}, {general, "20251231235958+1300", ""}, {general, "20251231235958+0060", ""},
		{general, "20251231235958+01", ""}, {general, "2025x231235958Z", ""}, {utc, "", ""}, {general, "2", ""}, {utc, "2512312359:0Z", ""}, {utc, "2512312359/0Z", ""},
		{OctetString, "20251231235958Z", ""},
	} {
		moment, ok := (Element{Tag: test.tag, Body: []byte(test.body)}).Time()
		if ok != (test.want != "") || ok && moment.Format(time.RFC3339Nano) != test.want {
			t.Errorf("%d %q: %v, %v", test.tag, test.body, moment, ok)
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
