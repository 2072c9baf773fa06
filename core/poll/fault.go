package poll

import "qnet/core/fault"

// punctual takes out of what a poller has found ready what a plan of faults holds back,
// and returns how many remain.
func punctual(poller int, list []Ready) int {
	f := fault.Active()
	if f == nil {
		return len(list)
	}
	kept := 0
	for i := range list {
		if !f.Late(poller, list[i].Tag()) {
			list[kept] = list[i]
			kept++
		}
	}
	return kept
}
