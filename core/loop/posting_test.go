package loop_test

import (
	"slices"
	"testing"

	"qnet/core/internal/looptest"
	"qnet/core/loop"
)

func TestPostings(t *testing.T) {
	l := looptest.New(t)
	var called []string
	post := func(name string) *loop.Posting {
		return &loop.Posting{Call: func() { called = append(called, name) }}
	}
	a, b, c, d := post("a"), post("b"), post("c"), post("d")
	again := func(p *loop.Posting) { l.PostOnce(p) }
	again(a)
	l.Post(func() { called = append(called, "call") })
	again(b)
	again(a)
	again(c)
	again(d)
	for _, p := range []*loop.Posting{d, b, b, post("e")} {
		l.TakeBack(p)
	}
	again(b)
	a.Call = func() {
		called = append(called, "a")
		again(a) // for the next turn
		l.TakeBack(c)
	}
	l.ProcessEvents(0)
	if want := []string{"a", "call", "b"}; !slices.Equal(called, want) {
		t.Error(called, want)
	}
	a.Call = func() { called = append(called, "again") }
	l.ProcessEvents(0)
	l.ProcessEvents(0)
	if want := []string{"a", "call", "b", "again"}; !slices.Equal(called, want) {
		t.Error(called, want)
	}
	l.Unlock()
	defer l.Lock()
	if n := loop.Used().Posted; n != 0 {
		t.Errorf("%d are posted", n)
	}
}
