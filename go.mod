module qnet

go 1.26.0

toolchain go1.26.8

require (
	github.com/Azure/go-ntlmssp v0.1.1
	github.com/mattn/go-pointer v0.0.1
	golang.org/x/crypto v0.58.0
	golang.org/x/net v0.62.0
	golang.org/x/sys v0.49.0
	software.sslmate.com/src/go-pkcs12 v0.7.4
)

require golang.org/x/text v0.43.0 // indirect
