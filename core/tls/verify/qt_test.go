package verify

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"qnet/core/internal/tlstest"
	"qnet/core/tls/certificate"
)

// said is what Qt 6.12 said of a scenario, written down by
// bindings/python/tests/compare/tls/verification.py: as a client of a server that sends the
// chain, as a server, and when asked without a connection.
type said struct {
	Client, Server, Alone []Code
}

// now is when the tests are.
var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// wanted returns the scenarios, and where it stands what Qt says of them: those of
// QNET_SCENARIO_SEED, if it is set, in the file QNET_SCENARIO_RESULTS.
func wanted(t *testing.T) (all []scenario, results string) {
	t.Helper()
	text := os.Getenv("QNET_SCENARIO_SEED")
	if text == "" {
		return scenarios, filepath.Join("testdata", "scenarios.json")
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return randomly(seed, 200), os.Getenv("QNET_SCENARIO_RESULTS")
}

// What is wrong with a chain is what Qt says, in its order.
func TestChainsAreVerifiedAsByQt(t *testing.T) {
	scenarios, results := wanted(t)
	qt := tlstest.Recorded[map[string]said](t, results)
	if len(qt) != len(scenarios) {
		t.Errorf("%d scenarios, and Qt has seen %d", len(scenarios), len(qt))
	}
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			there, ok := qt[s.name]
			if !ok {
				t.Fatal("Qt has not seen it")
			}
			if s.ours != nil {
				there.Client, there.Server = s.ours, s.ours
			}
			made, trusted := s.make(&maker{t: t, now: now})
			sent, store := read(t, made), NewStore(read(t, trusted), now)
			client := Options{Now: now, Purpose: Server, Depth: s.depth, Bits: HandshakeBits}
			check(t, "client", Peer(sent, store, s.hostName(), client), there.Client)
			server := client
			server.Purpose = Client
			check(t, "server", Peer(sent, store, "", server), there.Server)
			check(t, "alone", Alone(sent, store, s.hostName(), now), there.Alone)
		})
	}
}

func (s scenario) hostName() string {
	if s.host == "" {
		return "host.test"
	}
	return s.host
}

func check(t *testing.T, what string, here []Failure, there []Code) {
	t.Helper()
	var codes []Code
	for _, f := range here {
		codes = append(codes, f.Code)
	}
	if !slices.Equal(codes, there) {
		t.Errorf("%s: %v, and in Qt %v", what, codes, there)
	}
}

// Random scenarios differ from one another and are the same for the same seed, but for the
// keys.
func TestRandomScenarios(t *testing.T) {
	wrong := map[string]int{}
	for _, s := range randomly(1, 60) {
		var found [2]string
		for i := range found {
			sent, trusted := s.make(&maker{t: t, now: now})
			failures := Peer(read(t, sent), NewStore(read(t, trusted), now), s.hostName(), Options{Now: now, Purpose: Server, Depth: s.depth, Bits: HandshakeBits})
			for _, f := range failures {
				found[i] += strconv.Itoa(int(f.Code)) + " "
			}
		}
		if found[0] != found[1] {
			t.Errorf("%s: %s, and then %s", s.name, found[0], found[1])
		}
		wrong[found[0]]++
	}
	if len(wrong) < 10 {
		t.Errorf("only %v", wrong)
	}
}

// The scenarios are written for Qt to be asked, with the present time, into the folder that
// QNET_SCENARIOS names, or into one that is removed.
func TestScenariosCanBeWritten(t *testing.T) {
	scenarios, _ := wanted(t)
	folder := os.Getenv("QNET_SCENARIOS")
	if folder == "" {
		folder = t.TempDir()
	}
	for i, s := range scenarios {
		room := filepath.Join(folder, strconv.Itoa(1000+i))
		if err := os.MkdirAll(room, 0o700); err != nil {
			t.Fatal(err)
		}
		sent, trusted := s.make(&maker{t: t, now: time.Now()})
		key, err := x509.MarshalPKCS8PrivateKey(sent[0].key)
		if err != nil {
			t.Fatal(err)
		}
		about, err := json.Marshal(map[string]any{"name": s.name, "host": s.hostName(), "depth": s.depth})
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{
			"sent.pem": text(sent), "trusted.pem": text(trusted), "about.json": about,
			"key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		} {
			if err := os.WriteFile(filepath.Join(room, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(certificate.FromPEM(text(sent))); n != len(sent) {
			t.Errorf("%s: %d of %d certificates", s.name, n, len(sent))
		}
	}
}

func text(list []*made) []byte {
	var all []byte
	for _, c := range list {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.der})...)
	}
	return all
}
