package option

import "golang.org/x/sys/unix"

// The time before the first probe has another name here.
const keepIdle, reusePort = unix.TCP_KEEPALIVE, unix.SO_REUSEPORT

// The path's MTU is not told, as in Qt, and there are no trains. (TCP_RXT_CONNDROPTIME is
// in seconds, too coarse for a UserTimeout.)
var ownNames = map[Option]pair{
	BindToInterface: {name{unix.IPPROTO_IP, unix.IP_BOUND_IF}, name{unix.IPPROTO_IPV6, unix.IPV6_BOUND_IF}},
}
