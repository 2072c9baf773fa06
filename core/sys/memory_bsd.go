//go:build darwin || freebsd

package sys

// AvoidHugePages has memory become resident in small pages, each when it is used. That is
// so here: a large page is made of small ones that are all in use.
func AvoidHugePages([]byte) {}
