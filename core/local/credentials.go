package local

// Credentials are those of the process that connected, or listened, when it
// did so. What the system does not tell is -1.
type Credentials struct {
	PID, UID, GID int64
}
