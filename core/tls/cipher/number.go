package cipher

import (
	"slices"
	"strings"
	"sync"
)

// named has all curves that have a name here, each at its number less one.
var named = sync.OnceValue(func() []Curve {
	all := SupportedCurves()
	for _, names := range others {
		for name := range strings.FieldsSeq(names) {
			all = append(all, Curve(name))
		}
	}
	return all
})

// Number returns what stands for a curve where a name cannot: it says nothing, and 0 is
// the invalid curve.
func (c Curve) Number() int { return slices.Index(named(), c) + 1 }

// CurveByNumber returns the curve of a number, an invalid one if there is none.
func CurveByNumber(n int) Curve {
	if n < 1 || n > len(named()) {
		return ""
	}
	return named()[n-1]
}
