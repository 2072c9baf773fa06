package socks5

import (
	"fmt"

	"qnet/core/failure"
)

var (
	malformed     = &failure.Failure{Code: failure.ProxyProtocol, Text: "The proxy does not keep to SOCKS 5"}
	unknownMethod = &failure.Failure{Code: failure.SocketAccess, Text: "The proxy wants an authentication method that is not supported"}
)

// refusals are what the replies say (RFC 1928, 6), as Qt sees them.
var refusals = map[byte]*failure.Failure{
	1: {Code: failure.Network, Text: "General failure of the SOCKS server"},
	2: {Code: failure.SocketAccess, Text: "The SOCKS server does not allow the connection"},
	3: {Code: failure.Network, Text: "Network unreachable"},
	4: failure.HostUnknown,
	5: {Code: failure.ConnectionRefused, Text: "Connection refused"},
	6: {Code: failure.Network, Text: "The time to live has expired"},
	7: {Code: failure.UnsupportedOperation, Text: "The SOCKS server does not support the command"},
	8: {Code: failure.UnsupportedOperation, Text: "The SOCKS server does not support the type of address"},
}

// refusal returns the failure that a reply stands for. With the first two many servers
// say that they do not find a name.
func refusal(code byte, named bool) *failure.Failure {
	if named && code <= 2 {
		return failure.HostUnknown
	}
	if f := refusals[code]; f != nil {
		return f
	}
	return &failure.Failure{Code: failure.Unknown, Text: fmt.Sprintf("Unknown reply of the SOCKS server: 0x%02x", code)}
}
