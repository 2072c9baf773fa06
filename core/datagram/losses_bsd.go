//go:build darwin || freebsd

package datagram

// lossesOption is 0: the system tells of none that it has dropped.
const lossesOption = 0

// droppedPackets returns how many packets the system has dropped on a socket, which is
// counted for all of them together here.
func droppedPackets(int) (uint32, bool) { return 0, false }
