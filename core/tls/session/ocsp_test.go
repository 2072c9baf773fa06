package session

import (
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"qnet/core/failure"
	"qnet/core/internal/tlstest"
	"qnet/core/tls/verify"
)

// saidOfOCSP is what Qt 6.12 says of a scenario, written down by
// bindings/python/tests/compare/tls/ocsp.py: the errors, and for each response the status, the reason, and
// the names of who has signed it and whom it is of.
type saidOfOCSP struct {
	Errors    []int
	Responses [][]any
	Ends      [][]any // the error of the socket, if it is none of the certificate's
}

// Serves the scenarios to that script, until it opens the pipe that it has made.
func TestServeOCSP(t *testing.T) {
	folder := os.Getenv("QNET_OCSP_FOLDER")
	if folder == "" {
		t.Skip("QNET_OCSP_FOLDER is not set: nobody wants to be served")
	}
	type served struct {
		Name, Host string
		Port, Mode int
		Trusted    bool
		Protocol   int
		Root       string
	}
	var all []served
	for _, one := range ocspScenarios {
		s, staple := ocspScenario(t, one.change)
		c := trusting(t, s.root)
		if s.change != nil {
			s.change(&c)
		}
		l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{s.pair(staple)}})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go conn.Read(make([]byte, 1))
			}
		}()
		all = append(all, served{one.name, s.hostOfClient, l.Addr().(*net.TCPAddr).Port, int(c.VerifyMode), len(c.Authorities) > 0, int(c.Protocol),
			string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.root.Chain[0]}))})
	}
	data, err := json.Marshal(all)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "scenarios.tmp"), data, 0o600)
	}
	if err == nil {
		err = os.Rename(filepath.Join(folder, "scenarios.tmp"), filepath.Join(folder, "scenarios.json"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if end, err := os.Open(filepath.Join(folder, "end")); err != nil { // until somebody writes
		t.Error(err)
	} else {
		end.Close()
	}
}

// beyond is where what is found differs from Qt on purpose.
var beyond = map[string]string{
	"a status that is none": `[28] []`, // to Qt it is "no error"
	"a status of tomorrow":  `[28] []`,
	// To Qt an issuer that is not sent is unknown.
	"the issuer is not sent":                        `[] [[0 -1 root host.test]]`,
	"the issuer is not sent, revoked":               `[13] [[1 1 root host.test]]`,
	"the issuer is not sent, but with the response": `[] [[0 -1 root host.test]]`,
	"the issuer is not sent, delegated":             `[] [[0 -1 root host.test]]`,
}

func TestOCSPIsAsInQt(t *testing.T) {
	qt := tlstest.Recorded[map[string]saidOfOCSP](t, "testdata/ocsp.json")
	if len(qt) != len(ocspScenarios) {
		t.Errorf("%d scenarios, and Qt has seen %d", len(ocspScenarios), len(qt))
	}
	for _, one := range ocspScenarios {
		t.Run(one.name, func(t *testing.T) {
			there, ok := qt[one.name]
			if !ok {
				t.Fatal("Qt has not seen it")
			}
			s, staple := ocspScenario(t, one.change)
			client := trusting(t, s.root)
			if client.OCSP = true; s.change != nil {
				s.change(&client)
			}
			r := withServer(t, client, s.hostOfClient, &tls.Config{Certificates: []tls.Certificate{s.pair(staple)}})
			r.until("it is over", func() bool { return r.c.Encrypted() || r.c.Err() != nil })
			if len(there.Ends) > 0 {
				f, ok := r.c.Err().(*failure.Failure)
				if !ok || [][]any{{float64(f.Code), f.Text}}[0][1] != there.Ends[0][1] || float64(f.Code) != there.Ends[0][0] || r.c.Encrypted() || r.c.over == nil {
					t.Error(r.c.Err(), r.c.over, "and in Qt", there.Ends)
				}
				return
			}
			if r.c.Err() != nil {
				t.Fatal(r.c.Err())
			}
			responses := [][]any{}
			for _, o := range r.c.Connection().OCSPResponses {
				responses = append(responses, []any{o.Status, o.Reason, o.Responder.SubjectDisplayName(), o.Subject.SubjectDisplayName()})
			}
			chain := r.c.Connection().PeerChain
			for _, f := range r.c.Failures() {
				// What is wrong with the response is wrong with no certificate; what it says is said of the server's.
				aboutNone := f.Code >= 26 && f.Code <= 33
				if (f.Certificate == nil) != aboutNone || !aboutNone && !slices.ContainsFunc(chain, f.Certificate.Equal) {
					t.Error(f.Code, "is about", f.Certificate.SubjectDisplayName())
				}
			}
			here, want := fmt.Sprint(numbers(r.c.Failures()), responses), fmt.Sprint(there.Errors, there.Responses)
			if on, ok := beyond[one.name]; ok {
				want = on
			}
			if here != want {
				t.Errorf("%s, and in Qt %s", here, want)
			}
		})
	}
}

func numbers(list []verify.Failure) []int {
	n := []int{}
	for _, f := range list {
		n = append(n, int(f.Code))
	}
	return n
}
