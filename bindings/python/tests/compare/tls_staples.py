"""A server that staples: openssl s_server, which answers each line with its letters turned around. What it staples is in
tls/staples, by name (make.py)."""

import base64
import pathlib
import re
import subprocess
import tempfile

import tls_peer

HERE = pathlib.Path(__file__).resolve().parent / "tls" / "staples"
ROOT = HERE / "root.pem"


def response(name):
    lines = (HERE / "responses.txt").read_text().splitlines()
    return base64.b64decode(dict(line.split(" ") for line in lines)[name])


class StaplingServer:
    """staple: the name of a response, None for none."""

    def __init__(self, staple, *options):
        self.file = tempfile.NamedTemporaryFile()
        words = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-cert", HERE / "stapled.pem", "-cert_chain", ROOT,
                 "-key", tls_peer.key("good"), *options]
        if staple:
            self.file.write(response(staple))
            self.file.flush()
            words += ["-status_file", self.file.name]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.port = 0
        said = b""
        while line := self.process.stdout.readline():
            said += line
            if match := re.match(rb"ACCEPT .*:(\d+)\s*$", line):
                self.port = int(match.group(1))
                return
        raise RuntimeError(f"s_server has ended: {said}")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.file.close()
