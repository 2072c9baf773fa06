package quota

import (
	"cmp"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"testing/quick"
	"time"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/sys"
)

// rig is the limits of a server whose connections are none.
type rig struct {
	*Limits
	object.Object
	t     *testing.T
	l     *loop.Loop
	freed int
}

func newRig(t *testing.T) *rig {
	r := &rig{Limits: &Limits{}, t: t, l: looptest.New(t)}
	r.Object.Init(r.l)
	r.Limits.Init(&r.Object, func() { r.freed++ })
	t.Cleanup(func() {
		r.Close()
		r.BeginDelete()
		r.EndDelete()
	})
	return r
}

func (r *rig) until(what string, done func() bool) {
	r.t.Helper()
	looptest.Until(r.t, r.l, what, done)
}

// peer is a connection that comes on when it is told to.
type peer struct {
	*Connection
	l       *loop.Loop
	address address.Address
	at      Progress
	ours    bool
	looked  int
	expired []*failure.Failure
	when    time.Duration // after its beginning
	start   int64
	onEnd   func()
}

func (p *peer) Loop() *loop.Loop      { return p.l }
func (p *peer) LockLoop() *loop.Loop  { p.l.Lock(); return p.l }
func (p *peer) Over()                 { p.Connection.Over(p) }
func (p *peer) From() address.Address { return p.address }
func (p *peer) Progress() Progress    { p.looked++; return p.at }
func (p *peer) ReaderPaused() bool    { return p.ours }
func (p *peer) Expire(f *failure.Failure) {
	p.expired = append(p.expired, f)
	p.when = time.Duration(sys.Now() - p.start)
	if p.onEnd != nil {
		p.onEnd()
	}
	p.Over()
}

func (r *rig) begin(a string) *peer {
	p := &peer{l: r.l, start: sys.Now()}
	if a != "" {
		p.address, _ = address.Parse(a)
	}
	p.Connection = r.Begin(p)
	return p
}

func (p *peer) over() bool { return len(p.expired) > 0 }

func TestNumber(t *testing.T) {
	r := newRig(t)
	if r.Full() || r.Most() != 0 {
		t.Error("limited from the beginning")
	}
	one, two := r.begin(""), r.begin("")
	if r.Open() != 2 || one.Connection != two.Connection {
		t.Errorf("%d connections", r.Open())
	}
	r.SetMost(2)
	if !r.Full() {
		t.Error("room for a third")
	}
	r.SetMost(1)
	one.Over()
	if !r.Full() || r.freed != 1 {
		t.Errorf("%d were freed", r.freed)
	}
	two.Over()
	if r.Full() || r.Open() != 0 {
		t.Errorf("%d connections", r.Open())
	}
	if n := testing.AllocsPerRun(100, func() { r.Begin(one).Over(one) }); n != 0 {
		t.Errorf("%v allocations for one that is only counted", n)
	}
}

func TestAddresses(t *testing.T) {
	r := newRig(t)
	early := r.begin("10.0.0.1")
	r.SetPerAddress(2)
	admits := func(a string) bool { at, _ := address.Parse(a); return r.Admits(at) }
	for _, c := range []struct{ here, same, other string }{
		{"10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2"},
		{"::ffff:10.0.0.9", "10.0.0.9", "::ffff:10.0.0.8"},
		{"2001:db8:0:1::1", "2001:db8:0:1:ffff::7", "2001:db8:0:2::1"},
		{"fe80::1%1", "fe80::1%1", "fe80::2%1"},
		{"fe80::5%1", "fe80::5%1", "fe80::5%2"},
	} {
		one := r.begin(c.here)
		if !admits(c.same) || !admits(c.here) {
			t.Errorf("%s: no second", c.here)
		}
		two := r.begin(c.same)
		if admits(c.same) || admits(c.here) || !admits(c.other) {
			t.Errorf("%s, %s, %s: admitted %v, %v, %v", c.here, c.same, c.other, admits(c.here), admits(c.same), admits(c.other))
		}
		two.Over()
		if !admits(c.here) {
			t.Errorf("%s: no room after one has gone", c.here)
		}
		one.Over()
	}
	if len(r.groups) != 0 {
		t.Errorf("left: %v", r.groups)
	}
	early.Over()

	a, b := r.begin("2001:db8::1"), r.begin("2001:db8::2")
	if admits("2001:db8::3") {
		t.Error("a third of the same network")
	}
	r.SetPrefix(128)
	if !admits("2001:db8::3") || !admits("2001:db8::1") {
		t.Error("addresses are not told apart")
	}
	r.SetPerAddress(1)
	if admits("2001:db8::1") {
		t.Error("the limit is another now")
	}
	r.SetPerAddress(0)
	if !admits("2001:db8::1") || len(r.groups) != 0 {
		t.Errorf("without a limit: %v", r.groups)
	}
	r.SetPerAddress(1)
	b.Over()
	a.Over()
	if len(r.groups) != 0 || r.Open() != 0 {
		t.Errorf("left: %v, %d", r.groups, r.Open())
	}
}

const short = 80 * time.Millisecond

// late is by how much a time-out may be late, and what else a machine takes.
const late = short/6 + 500*time.Millisecond

func expect(t *testing.T, p *peer, f *failure.Failure, after time.Duration) {
	t.Helper()
	if len(p.expired) != 1 || p.expired[0] != f || p.when < after || p.when > after+late {
		t.Errorf("%v after %v, want %v after %v", p.expired, p.when, f, after)
	}
}

func TestFirstByte(t *testing.T) {
	r := newRig(t)
	before := r.begin("")
	r.SetFirstByte(short)
	silent, heard, told := r.begin(""), r.begin(""), r.begin("")
	told.at.Taken = 5 // what it was told is no byte from it
	heard.at.Received = 1
	r.until("the silent ones are over", func() bool { return silent.over() && told.over() })
	expect(t, silent, failure.FirstByteTimeout, short)
	expect(t, told, failure.FirstByteTimeout, short)
	looked := heard.looked
	end := sys.Now() + int64(short)
	r.until("time has passed", func() bool { return sys.Now() > end })
	if heard.over() || heard.looked != looked || r.timer.Running() {
		t.Errorf("who has sent something: over %v, looked at %d times more", heard.over(), heard.looked-looked)
	}
	if before.over() {
		t.Error("one that came before there was a limit is over")
	}
}

// What lies in the system because this end does not read is a first byte, too.
func TestAFirstByteThatLiesUnreadCounts(t *testing.T) {
	r := newRig(t)
	r.SetFirstByte(short)
	unread, silent := r.begin(""), r.begin("")
	unread.ours = true
	r.until("the silent one is over", silent.over)
	// Once known it stays so.
	unread.ours = false
	end := sys.Now() + int64(2*short)
	r.until("time has passed", func() bool { return sys.Now() > end })
	if unread.over() {
		t.Errorf("over: %v", unread.expired)
	}
}

func TestIdle(t *testing.T) {
	r := newRig(t)
	r.SetIdle(short)
	for name, move := range map[string]func(*peer){
		"silent":       nil,
		"receives":     func(p *peer) { p.at.Received++ },
		"sends":        func(p *peer) { p.at.Taken++ },
		"waits for us": func(p *peer) { p.ours = !p.ours },
	} {
		t.Log(name)
		p := r.begin("")
		last, moves := p.start, 0
		r.until("it is over", func() bool {
			if p.over() {
				return true
			}
			if now := sys.Now(); moves < 10 && now-last >= int64(short/4) && move != nil {
				moves++
				move(p)
				last = now
			}
			return false
		})
		expect(t, p, failure.IdleTimeout, time.Duration(last-p.start))
		// On a busy machine a move may come too late.
		if move != nil && moves != 10 && p.when-time.Duration(last-p.start) < short {
			t.Errorf("over after %d moves", moves)
		}
		if move == nil && p.when < short {
			t.Errorf("over after %v", p.when)
		}
	}
	if r.timer.Running() {
		t.Error("the timer goes on for nobody")
	}
}

func TestTimeoutsThatChange(t *testing.T) {
	r := newRig(t)
	r.SetIdle(time.Hour)
	r.SetFirstByte(2 * time.Hour)
	a, b := r.begin(""), r.begin("")
	b.at.Received++
	r.SetIdle(0)
	r.SetFirstByte(short)
	r.until("the silent one is over", a.over)
	expect(t, a, failure.FirstByteTimeout, short)
	if b.over() {
		t.Error("both are over")
	}
	r.SetFirstByte(0)
	if r.timer.Running() && r.next(sys.Now()+int64(24*time.Hour)) != nil {
		t.Error("one is to be looked at")
	}
	// It has been idle for long.
	r.SetIdle(short)
	r.until("the other is over", b.over)
	if b.expired[0] != failure.IdleTimeout {
		t.Error(b.expired[0])
	}
}

func TestIdleBeforeTheFirstByte(t *testing.T) {
	r := newRig(t)
	r.SetFirstByte(time.Hour)
	r.SetIdle(short)
	p := r.begin("")
	r.until("it is over", p.over)
	expect(t, p, failure.IdleTimeout, short)
}

func TestEndedMeanwhile(t *testing.T) {
	r := newRig(t)
	r.SetIdle(short)
	a, b, c := r.begin(""), r.begin(""), r.begin("")
	// The first that ends takes another along, has a turn run, and ends everything.
	a.onEnd = func() {
		b.Over()
		r.until("the third is over", c.over)
		r.Close()
	}
	r.until("it is over", func() bool { return a.over() })
	if b.over() || r.Open() != 1 {
		t.Errorf("the second: %v; open %d", b.expired, r.Open())
	}
	looptest.Settle(t, r.l)
	if r.timer.Running() {
		t.Error("the timer goes on")
	}
}

func TestManyAreLookedAtInParts(t *testing.T) {
	r := newRig(t)
	r.SetIdle(short)
	list := make([]*peer, 10*atOnce)
	for i := range list {
		list[i] = r.begin("")
	}
	most, before := 0, 0
	r.until("all are over", func() bool {
		most = max(most, before-r.Open())
		before = r.Open()
		return before == 0
	})
	if most > atOnce {
		t.Errorf("%d at once", most)
	}
	for _, p := range list {
		// Four seconds for a machine with much to do.
		if p.expired[0] != failure.IdleTimeout || p.when < short || p.when > short+4*time.Second {
			t.Fatalf("%v after %v", p.expired, p.when)
		}
	}
}

// TestFewLooks proves what a time-out costs: some looks for each connection during it,
// and some wake-ups for all.
func TestFewLooks(t *testing.T) {
	r := newRig(t)
	const idle = 400 * time.Millisecond
	r.SetIdle(idle)
	var list []*peer
	start := sys.Now()
	for range 1000 {
		list = append(list, r.begin(""))
	}
	turns := 0
	r.until("the time is half over", func() bool { turns++; return sys.Now()-start >= int64(idle/2) })
	for _, p := range list {
		if p.looked > 1+looks/2+1 {
			t.Fatalf("looked at %d times", p.looked)
		}
		p.Over()
	}
	if r.timer.Running() && r.next(sys.Now()+int64(time.Hour)) != nil {
		t.Error("one is left")
	}
}

// TestInTime has connections come on at random, on a clock of its own, and proves that
// each ends in time: not early, and by at most a sixth late.
func TestInTime(t *testing.T) {
	r := newRig(t)
	now := sys.Now()
	clock = func() int64 { return now }
	defer func() { clock = sys.Now }()
	const first, idle = 10 * time.Second, 30 * time.Second
	check := func(seed int64) bool {
		random := rand.New(rand.NewSource(seed))
		r.SetFirstByte(first)
		r.SetIdle(idle)
		type event struct {
			at    int64
			who   int
			first bool
		}
		const clients = 20
		var events []event
		for who := range clients {
			at := now + random.Int63n(int64(60*time.Second))
			events = append(events, event{at, who, true})
			for range random.Intn(6) {
				at += random.Int63n(int64(idle))
				events = append(events, event{at, who, false})
			}
		}
		slices.SortFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
		peers := make([]*peer, clients)
		last := map[*peer]int64{} // when each came on last
		heard := map[*peer]bool{}
		for r.Open() > 0 || len(events) > 0 {
			wake := r.wake()
			if len(events) > 0 && (wake == 0 || events[0].at < wake) {
				e := events[0]
				events = events[1:]
				now = e.at
				switch p := peers[e.who]; {
				case e.first:
					p = r.begin("")
					peers[e.who], last[p] = p, now
				case !p.over():
					p.at.Received++
					last[p], heard[p] = now, true
				}
				continue
			}
			now = max(now, wake)
			r.checkDue()
			for p, since := range last {
				if !p.over() {
					continue
				}
				limit, want := idle, failure.IdleTimeout
				if !heard[p] {
					limit, want = first, failure.FirstByteTimeout
				}
				took := time.Duration(now - since)
				if p.expired[0] != want || took < limit || took > limit+limit/6 {
					t.Logf("%v after %v, want %v after %v", p.expired[0], took, want, limit)
					return false
				}
				delete(last, p)
			}
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 200}); err != nil {
		t.Error(err)
	}
}

// TestAgreesWithItsModel does random things and compares the counts with plain lists.
func TestAgreesWithItsModel(t *testing.T) {
	r := newRig(t)
	addresses := []string{"", "10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"}
	check := func(seed int64) bool {
		random := rand.New(rand.NewSource(seed))
		var list []*peer
		for range 200 {
			switch random.Intn(8) {
			case 0, 1, 2:
				list = append(list, r.begin(addresses[random.Intn(len(addresses))]))
			case 3, 4:
				if len(list) > 0 {
					i := random.Intn(len(list))
					list[i].Over()
					list = slices.Delete(list, i, i+1)
				}
			case 5:
				r.SetPerAddress(random.Intn(3))
			case 6:
				r.SetPrefix([]int{64, 128}[random.Intn(2)])
			case 7:
				r.SetIdle(time.Duration(random.Intn(2)) * time.Hour)
				r.SetFirstByte(time.Duration(random.Intn(2)) * time.Hour)
			}
			want := map[group]int{}
			for _, p := range list {
				if p.Connection != &r.unkept && r.perGroup > 0 {
					if g := r.groupOf(p.address); g.IsValid() {
						want[g]++
					}
				}
			}
			if r.Open() != len(list) || fmt.Sprint(want) != fmt.Sprint(r.groups) && len(want)+len(r.groups) > 0 {
				t.Logf("%d open, want %d; %v, want %v", r.Open(), len(list), r.groups, want)
				return false
			}
			kept := 0
			r.each(func(c *Connection) { kept++ })
			for _, p := range list {
				if p.Connection == &r.unkept {
					kept++
				}
			}
			if kept != len(list) {
				t.Logf("%d in lists, want %d", kept, len(list))
				return false
			}
		}
		for _, p := range list {
			p.Over()
		}
		return r.Open() == 0 && len(r.groups) == 0
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 100}); err != nil {
		t.Error(err)
	}
}
