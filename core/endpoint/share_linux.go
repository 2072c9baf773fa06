package endpoint

import "golang.org/x/sys/unix"

// sharing returns the option that lets others share an address. Here it does so for
// datagrams, and for servers with what is left of their predecessors' connections.
func sharing(fd int) int { return unix.SO_REUSEADDR }
