package option

import "golang.org/x/sys/unix"

// SO_REUSEPORT has one of those who share a port get all here; what shares it out, as
// elsewhere, has a name of its own.
const keepIdle, reusePort = unix.TCP_KEEPIDLE, unix.SO_REUSEPORT_LB

// The path's MTU is not told, as in Qt; a socket cannot be bound to an interface, and
// there are no trains, nor a limit for what is not acknowledged.
var ownNames = map[Option]pair{}
