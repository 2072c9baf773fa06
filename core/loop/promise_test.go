package loop_test

import (
	"slices"
	"testing"

	"qnet/core/internal/looptest"
	"qnet/core/loop"
)

func TestPromisedCallIsMadeOnceItIsKept(t *testing.T) {
	l := looptest.New(t)
	var made []int
	promise := func(n int) *loop.Promise { return l.Promise(func() { made = append(made, n) }) }
	kept, broken, both, never := promise(1), promise(2), promise(3), promise(4)
	turn(t, l)
	kept.Keep()
	kept.Keep()
	broken.Break()
	broken.Keep()
	both.Keep()
	both.Break()
	if made != nil {
		t.Errorf("%v were made before the turn", made)
	}
	turn(t, l)
	turn(t, l)
	if !slices.Equal(made, []int{1}) {
		t.Errorf("%v were made", made)
	}
	never.Break()
}

func TestClosingKeepsEveryPromise(t *testing.T) {
	l := looptest.New(t)
	var made []int
	var second *loop.Promise
	l.Promise(func() {
		made = append(made, 1)
		second.Break() // it is posted by now
		l.Promise(func() { made = append(made, 4) })
	})
	second = l.Promise(func() { made = append(made, 2) })
	third := l.Promise(func() { made = append(made, 3) })
	l.Close()
	if !slices.Equal(made, []int{1, 3, 4}) {
		t.Errorf("%v were made", made)
	}
	third.Keep()
	third.Break()
}

// late is deleted when control is back in its loop.
type late struct{ deleted int }

func (d *late) Delete() { d.deleted++ }

func TestWhatIsDeletedLaterGoesAtOnceAfterItsLoop(t *testing.T) {
	l := looptest.New(t)
	var before, inside, after late
	l.DeleteLater(&before)
	l.Post(func() { l.DeleteLater(&inside) })
	l.Close()
	l.DeleteLater(&after)
	if before.deleted != 1 || inside.deleted != 1 || after.deleted != 1 {
		t.Errorf("deleted %d, %d and %d times", before.deleted, inside.deleted, after.deleted)
	}
}

func TestClosedInANestedTurnAllIsDeleted(t *testing.T) {
	l := looptest.New(t)
	var outer, inner late
	l.Post(func() {
		l.DeleteLater(&outer)
		l.Post(func() {
			l.DeleteLater(&inner)
			l.Close()
			if outer.deleted != 0 || inner.deleted != 1 {
				t.Errorf("deleted %d and %d times while the outer callback is under way", outer.deleted, inner.deleted)
			}
		})
		turn(t, l)
	})
	turn(t, l)
	if outer.deleted != 1 || inner.deleted != 1 {
		t.Errorf("deleted %d and %d times", outer.deleted, inner.deleted)
	}
}
