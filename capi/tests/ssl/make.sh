#!/bin/sh
# Makes the certificates and keys that the tests of C, C++ and Python read. They are for nothing else: everybody has
# their keys. They are valid from 2020 to 2120.
set -e
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
touch "$work/index"

cat >"$work/conf" <<END
[ca]
default_ca = it
[it]
database = $work/index
new_certs_dir = $work
serial = $work/serial
default_md = sha256
policy = any
unique_subject = no
default_startdate = 20200101000000Z
default_enddate = 21200101000000Z
preserve = yes
[any]
C = optional
O = optional
OU = optional
CN = optional
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE, pathlen:1
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[host]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:host.test, DNS:*.sub.test, IP:192.0.2.1, email:who@host.test
extendedKeyUsage = serverAuth, clientAuth
authorityInfoAccess = OCSP;URI:http://ocsp.test/
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
1.2.3.4 = DER:0c:03:61:00:62
[alone]
subjectKeyIdentifier = hash
END

# certify NAME SERIAL SECTION SUBJECT OPTION...
certify() {
	name=$1 section=$3 subject=$4
	echo "$2" >"$work/serial"
	shift 4
	openssl req -config "$work/conf" -new -key "$name.key" -subj "$subject" -out "$work/request"
	openssl ca -config "$work/conf" -batch -notext -extensions "$section" -in "$work/request" -out "$name.pem" "$@"
}

curve="-algorithm EC -pkeyopt ec_paramgen_curve:P-256"

# An authority, whose key nobody needs any more, and a host with a certificate of it.
openssl genpkey $curve -out authority.key
certify authority 01 authority "/C=DE/O=qnet tests/CN=Test Authority" -selfsign -keyfile authority.key
openssl genpkey $curve -out host.key
certify host 01a2b3c4d5 host "/C=DE/O=qnet tests/OU=one/OU=two/CN=host.test" -cert authority.pem -keyfile authority.key
rm authority.key

openssl pkey -in host.key -pubout -out host.pub
openssl pkcs8 -topk8 -in host.key -v2 aes-256-cbc -passout pass:secret -out encrypted.key
openssl ec -in host.key -des3 -passout pass:secret -out traditional.key
openssl pkcs12 -export -inkey host.key -in host.pem -certfile authority.pem -passout pass:secret -out host.p12

# One that has issued itself, for RSA.
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key
certify rsa 02 alone "/CN=rsa.test" -selfsign -keyfile rsa.key
openssl genpkey -algorithm ED25519 -out ed25519.key
