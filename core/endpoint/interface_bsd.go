//go:build darwin || freebsd

package endpoint

import "net"

// interfaceName returns the name of an interface; "" if there is none.
func interfaceName(_ int, index uint32) string {
	i, err := net.InterfaceByIndex(int(index))
	if err != nil {
		return ""
	}
	return i.Name
}

// interfaceIndex returns the number of an interface; 0 if there is none.
func interfaceIndex(_ int, name string) uint32 {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return 0
	}
	return uint32(i.Index)
}
