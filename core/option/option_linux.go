package option

import "golang.org/x/sys/unix"

const keepIdle, reusePort = unix.TCP_KEEPIDLE, unix.SO_REUSEPORT

// hasBoth says that a socket of IPv6 has the options of IPv4 for what it sends by that.
const hasBoth = true

var ownNames = map[Option]pair{
	PathMTU:         {name{unix.IPPROTO_IP, unix.IP_MTU}, name{unix.IPPROTO_IPV6, unix.IPV6_MTU}},
	UserTimeout:     both(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT),
	ReceiveTrains:   both(unix.IPPROTO_UDP, unix.UDP_GRO),
	BindToInterface: both(unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX),
}
