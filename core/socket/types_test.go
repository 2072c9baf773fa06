package socket

import "testing"

// C, C++ and Python programs pass Qt's numbers, and see them.
func TestTypesHaveQtsNumbers(t *testing.T) {
	for i, state := range []State{Unconnected, HostLookup, Connecting, Connected, Bound, Listening, Closing} {
		if int(state) != i {
			t.Errorf("state %d is %d", i, state)
		}
	}
	for kind, number := range map[Kind]int{UnknownKind: -1, TCP: 0, UDP: 1, SCTP: 2, Local: 64} {
		if int(kind) != number {
			t.Errorf("kind %d is %d", number, kind)
		}
	}
	for mode, number := range map[OpenMode]int{
		NotOpen: 0, ReadOnly: 1, WriteOnly: 2, ReadWrite: 3, Append: 4, Truncate: 8, Text: 16, Unbuffered: 32,
	} {
		if int(mode) != number {
			t.Errorf("open mode %d is %d", number, mode)
		}
	}
	for mode, number := range map[BindMode]int{DefaultForPlatform: 0, ShareAddress: 1, DontShareAddress: 2, ReuseAddressHint: 4} {
		if int(mode) != number {
			t.Errorf("bind mode %d is %d", number, mode)
		}
	}
}
