//go:build darwin || freebsd

package option

// hasBoth says that a socket of IPv6 has the options of IPv4 for what it sends by that.
// These systems take IPv6's for both.
const hasBoth = false
