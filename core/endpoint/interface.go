package endpoint

import "strconv"

// zone returns what an address calls an interface of the network that fd belongs to:
// its name, or without one its number.
func zone(fd int, index uint32) string {
	if name := interfaceName(fd, index); name != "" {
		return name
	}
	return strconv.FormatUint(uint64(index), 10)
}

// InterfaceIndex returns the number of an interface that is given by name or
// number; 0 if there is none.
func InterfaceIndex(fd int, zone string) uint32 {
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	return interfaceIndex(fd, zone)
}
