package loop

// Idler is called whenever a turn finds nothing ready: before it sleeps, or returns.
type Idler interface {
	Idle()
}

// SetIdler has k called, nil nobody.
func (l *Loop) SetIdler(k Idler) { l.idler = k }

// Interrupted reports whether the turn under way is to end: who calls several slots for one event
// leaves the rest to the next turn.
func (l *Loop) Interrupted() bool { return l.interrupted() }
