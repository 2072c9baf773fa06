// Package sys makes the system calls of the other packages on raw descriptors, each in
// the way of its system: what all of them share is in files without a system's name.
// fault is asked whether a call is to fail.
//
// On Linux those that cannot block go through RawSyscall: telling Go's scheduler of a
// call that takes a microsecond costs as much as the call.
package sys
