package cipher

import "testing"

func TestNumbersOfCurves(t *testing.T) {
	seen := map[Curve]bool{}
	for n := 1; CurveByNumber(n).IsValid(); n++ {
		c := CurveByNumber(n)
		if seen[c] || c.Number() != n || CurveByName(string(c)) != c {
			t.Errorf("%d is %q, which is %d", n, c, c.Number())
		}
		seen[c] = true
	}
	for _, c := range append(SupportedCurves(), "secp256k1", "X448") {
		if !seen[c] {
			t.Error(c, "has no number")
		}
	}
	for _, n := range []int{-1, 0, len(seen) + 1} {
		if c := CurveByNumber(n); c.IsValid() {
			t.Errorf("%d is %q", n, c)
		}
	}
	if n := Curve("").Number(); n != 0 {
		t.Error(n)
	}
}
