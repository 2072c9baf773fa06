#!/usr/bin/env python3
"""Has openssl make keys, and writes what Qt makes of them: core/tls/key/testdata/keys.json.

The keys are for these tests, of nobody, and new each time.
"""

import json
import pathlib
import subprocess
import tempfile

import ask
from PySide6.QtCore import QByteArray
from PySide6.QtNetwork import QSsl, QSslKey

PHRASE = "secret"
CURVES = ["prime256v1", "secp384r1", "secp521r1", "secp224r1", "secp256k1", "brainpoolP256r1"]
TRADITIONAL = ["des", "des3", "aes128", "aes192", "aes256", "camellia128"]
PKCS8 = ["-v2 aes-256-cbc", "-v2 aes-128-cbc -v2prf hmacWithSHA1", "-v2 aes-192-cbc -v2prf hmacWithSHA512", "-v2 aes-256-cbc -v2prf hmacWithSHA384",
         "-v2 aes-256-cbc -v2prf hmacWithSHA224", "-v2 des3", "-scrypt", "-v1 PBE-SHA1-3DES", "-v2 camellia-256-cbc", "-v1 PBE-MD5-DES"]


def openssl(*words):
    """Runs openssl; returns what it wrote, None if it could not."""
    process = subprocess.run(["openssl", *words], capture_output=True, check=False)
    return process.stdout if process.returncode == 0 and process.stdout else None


def made(folder):
    """Yields keys: a name, what it is, the type, whether it is PEM, and the pass phrase."""
    for curve in CURVES:
        yield curve, openssl("ecparam", "-name", curve, "-genkey", "-noout"), "private", True, ""
    yield "with parameters before it", openssl("ecparam", "-name", "prime256v1", "-genkey"), "private", True, ""
    for algorithm in "ed25519", "ed448", "x25519":
        yield algorithm, openssl("genpkey", "-algorithm", algorithm), "private", True, ""
    yield "RSA", (rsa := openssl("genrsa", "-traditional", "1024")), "private", True, ""
    yield "RSA-PSS", openssl("genpkey", "-algorithm", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:1024"), "private", True, ""
    yield "RSA of 512 bits", openssl("genrsa", "-traditional", "512"), "private", True, ""
    parameters = folder / "dsa"
    parameters.write_bytes(openssl("dsaparam", "1024"))
    yield "DSA", openssl("gendsa", str(parameters)), "private", True, ""
    ec = openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout")
    for name, key in ("RSA", rsa), ("EC", ec):
        path = folder / name
        path.write_bytes(key)
        yield f"{name} in PKCS #8", openssl("pkcs8", "-topk8", "-nocrypt", "-in", str(path)), "private", True, ""
        yield f"{name} as DER", openssl("pkey", "-traditional", "-in", str(path), "-outform", "DER"), "private", False, ""
        yield f"{name} in PKCS #8 as DER", openssl("pkcs8", "-topk8", "-nocrypt", "-in", str(path), "-outform", "DER"), "private", False, ""
        yield f"{name}, public", openssl("pkey", "-in", str(path), "-pubout"), "public", True, ""
        yield f"{name}, public, as DER", openssl("pkey", "-in", str(path), "-pubout", "-outform", "DER"), "public", False, ""
        for cipher in TRADITIONAL:
            kind = "rsa" if name == "RSA" else "ec"
            words = [kind, "-in", str(path), f"-{cipher}", "-passout", f"pass:{PHRASE}"] + (["-traditional"] if kind == "rsa" else [])
            yield f"{name} with {cipher}", openssl(*words), "private", True, PHRASE
    for options in PKCS8:
        words = ["pkcs8", "-topk8", *options.split(), "-in", str(folder / "EC"), "-passout", f"pass:{PHRASE}"]
        if key := openssl(*words):
            yield f"EC with {options}", key, "private", True, PHRASE
            yield f"EC with {options}, the wrong pass phrase", key, "private", True, "wrong"
            yield f"EC with {options}, no pass phrase", key, "private", True, ""
    yield "RSA, public, of PKCS #1", openssl("rsa", "-in", str(folder / "RSA"), "-RSAPublicKey_out"), "public", True, ""
    yield "Ed25519, public", openssl("pkey", "-pubout", "-in", save(folder, openssl("genpkey", "-algorithm", "ed25519"))), "public", True, ""
    pem = (folder / "EC").read_bytes()
    yield "something before and behind it", b"hello\n" + pem + b"end\n", "private", True, ""
    yield "a certificate before it", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + pem, "private", True, ""
    yield "CRLF", pem.replace(b"\n", b"\r\n"), "private", True, ""
    yield "another one first", (folder / "RSA").read_bytes() + pem, "private", True, ""
    yield "private as public", pem, "public", True, ""
    yield "public as private", openssl("pkey", "-in", str(folder / "EC"), "-pubout"), "private", True, ""
    yield "PEM as DER", pem, "private", False, ""
    yield "nothing", b"", "private", True, ""


def save(folder, key):
    path = folder / "other"
    path.write_bytes(key)
    return str(path)


def asked(data, algorithm, kind, is_pem, phrase):
    key = QSslKey(QByteArray(data), algorithm, QSsl.EncodingFormat.Pem if is_pem else QSsl.EncodingFormat.Der,
                  QSsl.KeyType.PrivateKey if kind == "private" else QSsl.KeyType.PublicKey, QByteArray(phrase.encode()))
    return None if key.isNull() else {"algorithm": ask.kind(key.algorithm()), "length": key.length(), "der": ask.text(key.toDer().toHex()),
                                      "label": ask.text(key.toPem()).split("\n")[0]}


def main():
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for name, data, kind, is_pem, phrase in made(pathlib.Path(folder)):
            answers = [asked(data, a, kind, is_pem, phrase) for a in (QSsl.KeyAlgorithm.Rsa, QSsl.KeyAlgorithm.Ec)]
            results.append(json.dumps({"name": name, "data": data.hex(), "type": kind, "pem": is_pem, "phrase": phrase, "rsa": answers[0],
                                       "ec": answers[1]}))
    print("[", ",\n".join(results), "]", sep="\n")


if __name__ == "__main__":
    main()
