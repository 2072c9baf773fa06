package fault

// watch is what a poller was told of a descriptor.
type watch struct {
	tagged
	again func() bool // has the poller tell once more of what is ready
}

// tagged names a watched descriptor in an event: by the descriptor of the poller that
// tells of it, and the tag under which it does.
type tagged struct {
	poller int
	tag    uint64
}

// Watch is told that a poller watches fd from now on, or otherwise than before. again
// has it tell once more of what is ready, and reports whether it does.
func (f *Injector) Watch(poller, fd int, tag uint64, again func() bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unwatch(fd)
	w := watch{tagged{poller, tag}, again}
	f.watched[fd] = w
	f.tagged[w.tagged] = fd
}

// Unwatch is told that fd is not watched any more.
func (f *Injector) Unwatch(fd int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unwatch(fd)
}

func (f *Injector) unwatch(fd int) {
	if w, is := f.watched[fd]; is {
		delete(f.watched, fd)
		delete(f.tagged, w.tagged)
	}
}

// remind has a poller tell once more that fd is ready. After a failure that the system
// knows nothing of, it would not: its news have been told.
func (f *Injector) remind(fd int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	w, is := f.watched[fd]
	return is && w.again()
}

// Late reports whether an event is held back. It comes again later.
func (f *Injector) Late(poller int, tag uint64) bool {
	f.mu.Lock()
	fd, known := f.tagged[tagged{poller, tag}]
	f.mu.Unlock()
	return known && f.happens("poll", Late) && f.remind(fd)
}

// Wakes reports whether a poller ends its wait with nothing to tell, as after a signal.
func (f *Injector) Wakes() bool { return f.happens("poll", Interrupt) }
