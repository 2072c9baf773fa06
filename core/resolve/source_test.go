package resolve

import (
	"os"
	"slices"
	"strings"
	"testing"

	"qnet/core/internal/looptest"
	"qnet/core/internal/standardtest"
)

func TestServicesThatAreUnderstood(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	system := []source{bySystem}
	filesDNS := []source{inFiles, atServers}
	for _, c := range []struct {
		line, name string
		want       []source
	}{
		{"files dns", "a.test", filesDNS},
		{"dns files", "a.test", []source{atServers, inFiles}},
		{"files", "a.test", []source{inFiles}},
		{"dns", "", []source{atServers}},
		{"", "a.test", nil},
		// What only the C library knows, or an order that it has.
		{"files mymachines dns", "a.test", system},
		{"files resolve [!UNAVAIL=return] dns", "a.test", system},
		{"files [NOTFOUND=return] dns", "a.test", system},
		{"dns [!UNAVAIL=return] files", "a.test", system},
		{"files files dns", "a.test", system},
		{"files dns dns", "a.test", system},
		// Modules that have no business with most names.
		{"files mdns4_minimal [NOTFOUND=return] dns", "a.test", filesDNS},
		{"files mdns4_minimal dns", "a.test", filesDNS},
		{"files mdns4_minimal [SUCCESS=return] dns", "a.test", system},
		{"files mdns4_minimal [NOTFOUND=return] dns", "printer.local", system},
		{"files mdns4_minimal [NOTFOUND=return] dns", "printer.local.", system},
		{"files mdns4_minimal [NOTFOUND=return] dns", "", system},
		{"files mdns4 dns", "a.test", system},
		{"files dns", "printer.local", filesDNS},
		{"files dns myhostname", "a.test", filesDNS},
		{"files dns myhostname", "localhost", system},
		{"files dns myhostname", "a.localhost.", system},
		{"files dns myhostname", "_gateway", system},
		{"files dns myhostname", strings.ToLower(host), system},
		{"files dns myhostname", "", system},
	} {
		if got := services(strings.Fields(c.line), c.name); !slices.Equal(got, c.want) {
			t.Errorf("%s, %q: %v, not %v", c.line, c.name, got, c.want)
		}
	}
}

func TestRareSettingsAreTheSystemsBusiness(t *testing.T) {
	r, _ := machine{nsswitch: usual}.set(t)
	expect := func(when string, want ...source) {
		t.Helper()
		if got, err := r.order("a.test", read); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", when, got, err)
		}
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	usually := r.files
	expect("usually", inFiles, atServers)
	r.gai, r.hostConf = r.gai+".missing", r.hostConf+".missing"
	expect("without gai.conf and host.conf", inFiles, atServers)
	r.nsswitch += ".missing"
	expect("without nsswitch.conf", bySystem)
	r.files = usually
	write(r.hostConf, "order hosts,bind\nmulti on\ntrim .test\n")
	expect("with trim in host.conf", bySystem)
	write(r.hostConf, "order hosts,bind\n# trim .test\n")
	expect("with a comment in host.conf", inFiles, atServers)
	write(r.gai, "# precedence\nprecedence ::ffff:0:0/96 100\n")
	expect("with an order in gai.conf", bySystem)
	write(r.gai, "scopev4\n")
	expect("with half a line in gai.conf", bySystem)
	write(r.gai, "")
	write(r.nsswitch, "passwd: files\n")
	expect("without a line in nsswitch.conf", bySystem)
	write(r.nsswitch, usual)
	for _, v := range variables {
		t.Setenv(v, "")
		expect("with "+v, bySystem)
		os.Unsetenv(v)
	}
	expect("in the end", inFiles, atServers)

	restore := looptest.NoDescriptors(t)
	_, err := r.order("a.test", read)
	restore()
	if err == nil {
		t.Error("a lack of descriptors is not reported")
	}
}

func TestOrderIsReadAboveTheStandardStreams(t *testing.T) {
	standardtest.CheckReading(t, func(path string) { read(path) })
}
