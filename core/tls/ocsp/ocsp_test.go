package ocsp

import (
	"testing"
	"time"

	"qnet/core/tls/verify"
)

// What a server shows that is no response, in its parts, or no answer.
func TestWhatIsNoResponse(t *testing.T) {
	tlv := func(tag byte, body string) string { return string([]byte{tag, byte(len(body))}) + body }
	const good = "\x0a\x01\x00" // it says that there is an answer
	basic := tlv(6, "\x2b\x06\x01\x05\x05\x07\x30\x01\x01")
	answer := func(body string) string { return tlv(0x30, good+tlv(0xa0, tlv(0x30, body))) }
	for name, c := range map[string]struct {
		data string
		want error
	}{
		"text":                            {"text", ErrResponse},
		"no sequence":                     {good, ErrResponse},
		"no status":                       {tlv(0x30, ""), ErrResponse},
		"something behind the answer":     {tlv(0x30, good+tlv(0xa0, tlv(0x30, basic+tlv(4, "")))+tlv(4, "")), ErrResponse},
		"something behind its content":    {answer(basic + tlv(4, "") + tlv(4, "")), ErrResponse},
		"no content":                      {answer(basic), ErrResponse},
		"nothing in the answer":           {answer(""), ErrResponse},
		"no answer":                       {tlv(0x30, good), ErrBasic},
		"an answer of another kind":       {answer(tlv(6, "\x2a") + tlv(4, "")), ErrBasic},
		"an answer that is none":          {answer(basic + tlv(4, "text")), ErrBasic},
		"an answer with nothing":          {answer(basic + tlv(4, "")), ErrBasic},
		"something behind all of it, too": {answer(basic+tlv(4, "")) + "text", ErrBasic},
	} {
		if codes, said, err := Check([]byte(c.data), nil, verify.NewStore(nil, time.Now()), time.Now()); err != c.want || codes != nil || said != nil {
			t.Errorf("%s: %v, %v, %v", name, codes, said, err)
		}
	}
	// With one of these nobody looks for an answer (RFC 6960, 4.2.1).
	for status, want := range map[byte]verify.Code{1: 27, 2: 29, 3: 30, 4: 28, 5: 31, 6: 32, 7: 28} {
		codes, said, err := Check([]byte{0x30, 3, 0x0a, 1, status}, nil, verify.NewStore(nil, time.Now()), time.Now())
		if len(codes) != 1 || codes[0] != want || said != nil || err != nil {
			t.Errorf("status %d: %v, %v, %v", status, codes, said, err)
		}
	}
}
