package fault

import (
	"math/rand"
	"slices"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) *Plan {
	t.Helper()
	p, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParseRefusesWhatIsNoPlan(t *testing.T) {
	for text, why := range map[string]string{
		"":                          "not a name",
		"seed":                      "not a name",
		"seed=1,":                   "not a name",
		"seed=-1":                   "not a number",
		"seed=18446744073709551616": "not a number",
		"short=1":                   "not a probability from 0 to 0.9",
		"short=-0.1":                "not a probability",
		"short=NaN":                 "not a probability",
		"short=":                    "not a probability",
		"again=0.1,again=0.1":       "twice",
		"sort=0.1":                  `"sort" is none of seed, log, interrupt, again`,
		"none=0.1":                  "none of",
		"log=":                      "names no file",
	} {
		p, err := Parse(text)
		if p != nil || err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %q", text, err, why)
		}
	}
	if p := parse(t, " seed = 42 , late=0.5,log=/a b"); p.Seed != 42 || p.Log != "/a b" {
		t.Errorf("%+v", p)
	}
}

func TestAKindHappensAsOftenAsAskedFor(t *testing.T) {
	p := parse(t, "seed=3,again=0.25,late=0.9,short=0.001")
	for k, want := range map[Kind]float64{Again: 0.25, Late: 0.9, Short: 0.001, Reset: 0} {
		const tries = 100000
		n := 0
		for i := range uint64(tries) {
			if p.Happens(k, 5, i) {
				n++
			}
		}
		if got := float64(n) / tries; got < want*0.9-0.0005 || got > want*1.1+0.0005 {
			t.Errorf("%v: %v, want %v", k, got, want)
		}
	}
}

var everything = Of(Interrupt, Again, NoBuffers, NoMemory, Short)

// run takes a stream of so many bytes in calls of random sizes, of which some
// bring nothing, and returns the points that it passes.
func run(p *Plan, key uint64, bytes int, random *rand.Rand) (points []Point, faults []Kind) {
	s := p.Stream(key, everything, Bytes)
	for at := 0; at < bytes; {
		size := min(1+random.Intn(1<<uint(random.Intn(17))), bytes-at)
		k, limit := s.Next(size)
		if k != None {
			faults = append(faults, k)
			continue
		}
		if limit < 1 || limit > size {
			panic("a limit that is none")
		}
		n := random.Intn(limit + 1)
		at += n
		if point, had := s.Pass(n); had {
			points = append(points, point)
		}
	}
	return points, faults
}

func TestHowAStreamIsCutDoesNotChangeItsFaults(t *testing.T) {
	p := parse(t, "seed=3,again=0.1,interrupt=0.1,short=0.2,enomem=0.01")
	const bytes = 200000
	points, faults := run(p, 9, bytes, rand.New(rand.NewSource(1)))
	if len(points) < 20 || len(faults) < 20 {
		t.Fatalf("only %d points, %d faults", len(points), len(faults))
	}
	for seed := range int64(50) {
		again, same := run(p, 9, bytes, rand.New(rand.NewSource(seed)))
		if !slices.Equal(points, again) || !slices.Equal(faults, same) {
			t.Fatalf("cut in another way: %v and %v instead of %v and %v", again, same, points, faults)
		}
	}
	if other, _ := run(p, 10, bytes, rand.New(rand.NewSource(1))); slices.Equal(points, other) {
		t.Error("another stream has the same faults")
	}
	p = parse(t, "seed=4,again=0.1,interrupt=0.1,short=0.2,enomem=0.01")
	if other, _ := run(p, 9, bytes, rand.New(rand.NewSource(1))); slices.Equal(points, other) {
		t.Error("another seed has the same faults")
	}
}

func TestAFaultIsMadeOnceAtItsPlace(t *testing.T) {
	p := parse(t, "again=0.9,short=0.9")
	s := p.Stream(1, everything, Bytes)
	for range 1000 {
		n := 0
		for s.Due() {
			if k, _ := s.Next(100); k != Again {
				t.Fatalf("%v", k)
			}
			n++
		}
		if n > mostRepeats {
			t.Fatalf("%d times at one point", n)
		}
		k, limit := s.Next(1 << 20)
		if k != None || limit < 1 || limit > farthest<<Bytes {
			t.Fatalf("%v, %d", k, limit)
		}
		s.Pass(limit)
	}
}

func TestWithoutChancesNothingHappens(t *testing.T) {
	for _, reach := range []uint{EveryOne, Datagrams, Bytes} {
		s := parse(t, "seed=1").Stream(1, everything, reach)
		for range 1000 {
			if k, limit := s.Next(100); k != None || limit < 1 {
				t.Fatalf("%v, %d", k, limit)
			}
			if _, had := s.Pass(1); had {
				t.Fatal("there was a fault")
			}
		}
	}
}

func TestOfEachIsAPoint(t *testing.T) {
	p := parse(t, "emfile=0.5")
	s := p.Stream(1, Of(Files), EveryOne)
	failed := 0
	for range 1000 {
		if s.Due() {
			failed++
		}
		for s.Due() {
			s.Next(1)
		}
		if k, limit := s.Next(1); k != None || limit != 1 {
			t.Fatalf("%v, %d", k, limit)
		}
		s.Pass(1)
	}
	if failed < 400 || failed > 600 {
		t.Errorf("%d of 1000 failed first", failed)
	}
}

func TestASetTellsItsKinds(t *testing.T) {
	if s := Of(Again, Short).String(); s != "again+short" {
		t.Error(s)
	}
}
