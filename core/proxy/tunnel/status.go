package tunnel

import "qnet/core/failure"

// unauthorized is what a proxy answers that wants to know who one is.
const unauthorized = 407

var (
	notHTTP       = &failure.Failure{Code: failure.ProxyProtocol, Text: "The proxy does not speak HTTP"}
	tooLong       = &failure.Failure{Code: failure.ProxyProtocol, Text: "The proxy's response is too long"}
	unknownMethod = &failure.Failure{Code: failure.ProxyProtocol, Text: "The proxy wants an authentication method that is not supported"}
	unclear       = &failure.Failure{Code: failure.ProxyProtocol, Text: "The proxy cannot do what it was asked for"}
	denied        = &failure.Failure{Code: failure.SocketAccess, Text: "The proxy denies the connection"}
	unreachable   = &failure.Failure{Code: failure.Network, Text: "The proxy cannot reach the host"}
)

// refusals are what a status says of the target. Qt knows 403, 404, 405 and 503; proxies
// say 502 and 504, too, when it is the target that fails.
var refusals = map[int]*failure.Failure{
	403: denied,
	404: failure.HostUnknown,
	405: denied,
	502: unreachable,
	503: {Code: failure.ConnectionRefused, Text: "Connection refused"},
	504: failure.ConnectTimeout,
}

// refusal returns the failure that a status stands for.
func refusal(code int) *failure.Failure {
	if f := refusals[code]; f != nil {
		return f
	}
	return unclear
}
