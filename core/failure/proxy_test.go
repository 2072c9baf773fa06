package failure

import "testing"

func TestProxy(t *testing.T) {
	for f, want := range map[*Failure]*Failure{
		refused:        ProxyRefused,
		PeerClosed:     ProxyClosed,
		HostUnknown:    ProxyUnknown,
		ConnectTimeout: ProxySilent,
		WaitTimeout:    ProxySilent,
		noNetwork:      noNetwork,
		OutOfResources: OutOfResources,
	} {
		if got := Proxy(f); got != want {
			t.Errorf("%v: %v", f, got)
		}
	}
}
