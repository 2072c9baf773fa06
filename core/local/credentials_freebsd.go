package local

// peerPID is unknown: not all versions of the system tell.
func peerPID(int) int64 { return -1 }
