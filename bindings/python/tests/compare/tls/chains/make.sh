#!/bin/sh
# Makes the chains of certificates that the scenarios ssl_*.py show each other. Everybody has their keys: they are for
# nothing else. They are valid from 2020 to 2120 unless their name says otherwise. NAME.pem is what a peer sends, the
# leaf first; all leaves have the key ec.key but those whose name begins with rsa.
set -e
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

cat >"$work/conf" <<CONF
[ca]
default_ca = it
[it]
new_certs_dir = $work
database = $work/index
serial = $work/serial
default_md = sha256
policy = any
unique_subject = no
default_startdate = 20200101000000Z
default_enddate = 21200101000000Z
[any]
O = optional
CN = optional
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[narrow]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[constrained]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
nameConstraints = critical, permitted;DNS:elsewhere.test
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost, DNS:target.test, DNS:*.wild.test, IP:127.0.0.1
subjectKeyIdentifier = hash
[other]
subjectAltName = DNS:other.test
subjectKeyIdentifier = hash
[client]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost, IP:127.0.0.1
extendedKeyUsage = clientAuth
[server]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost, IP:127.0.0.1
extendedKeyUsage = serverAuth
[critical]
subjectAltName = DNS:localhost, IP:127.0.0.1
1.2.3.4 = critical, DER:05:00
CONF
: >"$work/index"
echo 01 >"$work/serial"

key() {
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

# certify NAME ISSUER SECTION KEY [OPTION...]: NAME.crt in the working directory; ISSUER "" stands for itself.
certify() {
	name=$1 issuer=$2 section=$3 key=$4
	shift 4
	openssl req -config "$work/conf" -new -key "$key" -subj "/O=qnet tests/CN=$name" -out "$work/request"
	if [ -n "$issuer" ]; then
		set -- -cert "$work/$issuer.crt" -keyfile "$work/$issuer.key" "$@"
	else
		set -- -selfsign -keyfile "$key" "$@"
	fi
	openssl ca -config "$work/conf" -batch -notext -extensions "$section" -in "$work/request" -out "$work/$name.crt" "$@"
}

# authority NAME ISSUER SECTION
authority() {
	key "$work/$1.key"
	certify "$1" "$2" "$3" "$work/$1.key"
}

# chain NAME CERTIFICATE...
chain() {
	name=$1
	shift
	for one; do cat "$work/$one.crt"; done >"$name.pem"
}

key ec.key
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa_short.key

authority root "" root
authority strange "" root
authority middle root root
authority narrow root narrow
authority below narrow root
authority constrained root constrained
chain root root

certify good root leaf ec.key; chain good good; chain with_root good root
certify rsa root leaf rsa.key; chain rsa rsa
certify by_middle middle leaf ec.key; chain by_middle by_middle middle; chain no_middle by_middle
certify unknown strange leaf ec.key; chain unknown unknown; chain unknown_with_root unknown strange
certify alone "" leaf ec.key; chain alone alone
certify expired root leaf ec.key -enddate 20210101000000Z; chain expired expired
certify not_yet root leaf ec.key -startdate 21100101000000Z; chain not_yet not_yet
certify other root other ec.key; chain other other
certify for_clients root client ec.key; chain for_clients for_clients
certify for_servers root server ec.key; chain for_servers for_servers
certify critical root critical ec.key; chain critical critical
certify sha1 root leaf ec.key -md sha1; chain sha1 sha1
certify rsa_short root leaf rsa_short.key; chain rsa_short rsa_short
certify too_deep below leaf ec.key; chain too_deep too_deep below narrow
certify out_of_bounds constrained leaf ec.key; chain out_of_bounds out_of_bounds constrained
# An authority that is none: a leaf has signed.
cp ec.key "$work/good.key"
certify by_leaf good leaf ec.key; chain by_leaf by_leaf good
certify client root client ec.key; chain client client
certify strange_client strange client ec.key; chain strange_client strange_client
certify old_client root client ec.key -enddate 20210101000000Z; chain old_client old_client
# A signature that is wrong: its last byte is another one.
openssl x509 -in good.pem -outform DER | python3 -c 'import sys; d = bytearray(sys.stdin.buffer.read()); d[-1] ^= 1; sys.stdout.buffer.write(d)' |
	openssl x509 -inform DER -out forged.pem
