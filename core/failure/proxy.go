package failure

// What goes wrong between here and a proxy, whatever its protocol.
var (
	ProxyRefused       = &Failure{ProxyConnectionRefused, "The proxy refused the connection"}
	ProxyClosed        = &Failure{ProxyConnectionClosed, "The proxy closed the connection before it was set up"}
	ProxyEnded         = &Failure{ProxyConnectionClosed, "The proxy closed the connection"}
	ProxySilent        = &Failure{ProxyTimeout, "The proxy did not answer in time"}
	ProxyUnknown       = &Failure{ProxyNotFound, "The proxy was not found"}
	ProxyUnauthorized  = &Failure{ProxyAuthentication, "The proxy requires authentication"}
	ProxyCannot        = &Failure{UnsupportedOperation, "The proxy cannot do this"}
	ProxyBadCredential = &Failure{ProxyAuthentication, "The proxy's protocol cannot carry this user or password"}
)

// Proxy returns what f, the failure of a connection to a proxy, is to the socket that
// wanted to go through it.
func Proxy(f *Failure) *Failure {
	switch f.Code {
	case ConnectionRefused:
		return ProxyRefused
	case RemoteHostClosed:
		return ProxyClosed
	case HostNotFound:
		return ProxyUnknown
	case SocketTimeout:
		return ProxySilent
	}
	return f
}
