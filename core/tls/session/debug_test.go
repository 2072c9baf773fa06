// As the library has it.
//go:debug x509negativeserial=1

package session
