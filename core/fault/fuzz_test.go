package fault

import (
	"strings"
	"testing"
)

func FuzzParse(f *testing.F) {
	for _, text := range []string{"seed=42,short=0.2,again=0.1", "seed=18446744073709551616", "log=/dev/null", "log=", "short=nan",
		"short=1e-400", "short=0x1p-2", "short=-0", "short=0.91", "again=.5 , late = 1e-3", "seed=1,seed=2", "", ",", "=", "none=0.1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if (p == nil) != (err != nil) {
			t.Fatalf("Parse(%q) = %v, %v", text, p, err)
		}
		if err != nil {
			return
		}
		for k := None; k < kinds; k++ {
			// Also in hundreds of occasions something works.
			works := false
			for i := range uint64(500) {
				works = works || !p.Happens(k, i)
			}
			if !works || k == None && p.Happens(k, 1) {
				t.Fatalf("Parse(%q) leaves nothing without %v", text, k)
			}
		}
		again, err := Parse(" " + strings.ReplaceAll(text, ",", " , ") + " ")
		if err != nil || *again != *p {
			t.Fatalf("Parse(%q) = %+v, but %+v with space around, %v", text, p, again, err)
		}
	})
}
