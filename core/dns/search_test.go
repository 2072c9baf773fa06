package dns

import (
	"slices"
	"strings"
	"testing"
)

func TestNamesToAskFor(t *testing.T) {
	for _, c := range []struct {
		name   string
		ndots  int
		search string
		noTLD  bool
		want   string
		itself int
	}{
		{"host", 1, "", false, "host", 0},
		{"host", 1, "a.test b.test", false, "host.a.test host.b.test host", 2},
		{"host.x", 1, "a.test", false, "host.x host.x.a.test", 0},
		{"host.x", 2, "a.test", false, "host.x.a.test host.x", 1},
		{"host.", 1, "a.test", false, "host.", 0},
		{"host.x.", 5, "a.test", false, "host.x.", 0},
		{"host", 0, "a.test", false, "host host.a.test", 0},
		{"host", 1, "a.test .", false, "host.a.test host", 1},
		{"host", 1, ". a.test.", false, "host host.a.test", 0},
		{"host", 1, "a.test", true, "host.a.test", -1},
		{"host", 1, "", true, "host", 0},
		{"host.x", 2, "a.test", true, "host.x.a.test host.x", 1},
	} {
		config := Config{Ndots: c.ndots, Search: strings.Fields(c.search), NoTLD: c.noTLD}
		names, itself := config.names(c.name)
		if got := strings.Join(names, " "); got != c.want || itself != c.itself {
			t.Errorf("%+v: %q, %d", c, got, itself)
		}
	}
}

func TestEndOfASearch(t *testing.T) {
	const found, no, silent, failed, refused = "found", "no", "silent", "failed", "refused"
	ends := map[string]error{found: nil, no: ErrNotFound, silent: errTimeout, failed: errServer, refused: errRefused}
	for _, c := range []struct {
		name  string
		ends  string // what becomes of the names that are asked for, one after the other
		asked int
		want  error
	}{
		// host.a.test, host.b.test, host
		{"host", "no no no", 3, ErrNotFound},
		{"host", "no found no", 2, nil},
		{"host", "no no found", 3, nil},
		{"host", "failed no no", 3, errServer},
		{"host", "failed no found", 3, nil},
		{"host", "no no failed", 3, errServer},
		{"host", "no no silent", 3, errTimeout},
		{"host", "silent no no", 2, ErrNotFound}, // the second is the name itself
		{"host", "no silent no", 3, ErrNotFound},
		{"host", "refused no no", 1, errRefused},
		// host.x, host.x.a.test, host.x.b.test
		{"host.x", "found no no", 1, nil},
		{"host.x", "no no no", 3, ErrNotFound},
		{"host.x", "no failed no", 3, ErrNotFound},
		{"host.x", "failed no no", 3, errServer},
		{"host.x", "silent no no", 3, errTimeout},
		{"host.x", "no silent no", 2, ErrNotFound},
		{"host.x", "silent no found", 3, nil},
		{"host.x", "refused no no", 1, errRefused},
	} {
		config := Config{Ndots: 1, Search: []string{"a.test", "b.test"}}
		var asked []string
		_, err := config.search(c.name, func(name string) (answer, error) {
			asked = append(asked, name)
			return answer{}, ends[strings.Fields(c.ends)[len(asked)-1]]
		})
		if err != c.want || len(asked) != c.asked {
			t.Errorf("%s, %s: %q were asked for, %v", c.name, c.ends, asked, err)
		}
		if c.ends == "silent no no" && !slices.Contains(asked, c.name) {
			t.Errorf("%s, %s: %q were asked for", c.name, c.ends, asked)
		}
	}
}
