package datagram

import "golang.org/x/sys/unix"

// The options of UDP for trains of datagrams: one is to be sent (GSO), some may come (GRO).
const trainOption, trainsOption = unix.UDP_SEGMENT, unix.UDP_GRO
