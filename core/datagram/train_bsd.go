//go:build darwin || freebsd

package datagram

// There are no trains of datagrams here: each goes and comes by itself.
const trainOption, trainsOption = 0, 0
