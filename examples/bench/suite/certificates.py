"""Certificates for the servers that encrypt, made by the openssl command for one run."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from .measure import BenchError
from .scenarios import P256, RSA

_KEYS = {P256: ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), RSA: ("rsa:2048",)}


class Certificates:
    """A folder of certificates and keys, which are made when they are first asked for."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()

    def options_of(self, name: str) -> list[str]:
        """Returns a server's options for a certificate; none without a name."""
        if not name:
            return []
        certificate, key = (Path(self._folder.name) / f"{name}.{kind}" for kind in ("pem", "key"))
        if not certificate.exists():
            if not shutil.which("openssl"):
                raise BenchError("there is no openssl to make certificates with")
            made = subprocess.run(["openssl", "req", "-x509", "-newkey", *_KEYS[name], "-nodes", "-keyout", key, "-out", certificate,
                                   "-days", "30", "-subj", "/CN=localhost"],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            if made.returncode != 0:
                raise BenchError(f"openssl: {made.stderr.strip()}")
        return ["--certificate", str(certificate), "--key", str(key)]
