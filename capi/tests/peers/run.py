#!/usr/bin/env python3
"""Has programs on qnet talk to those of others over encrypted connections; README.md says what there is.

    run.py --qnet PYTHON --qt PYTHON --c ENDS --go ENDS --guide NAME SERVER CLIENT [--guide ...] [NAME]

--qnet and --qt are interpreters with qnet and with PySide6, --c and --go the programs of ends.c and go/ends.go, --guide the
server and the client that the page on TLS has in one language, to be run in the folder of its certificates (--room). NAME: only
what has that in its name.

Prints "ok NAME", "FAIL NAME: why" or "skip NAME: why" for each, and their numbers at the end; exit status 0 only if all went well.
"""

import argparse
import concurrent.futures
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
CHAINS = HERE.parents[2] / "bindings/python/tests/compare/tls/chains"
PATIENCE = 60
AT_ONCE = 4


class Failure(Exception):
    """Why a test failed."""


def chain(name):
    """What an end is given to show a chain."""
    key = name if name.startswith("rsa") else "ec"
    return {"certificate": CHAINS / f"{name}.pem", "key": CHAINS / f"{key}.key"}


GOOD = {**chain("good"), "authority": CHAINS / "root.pem"}
TRUSTS = {"authority": CHAINS / "root.pem"}


class Skip:
    """Returned by a test that cannot be run."""

    def __init__(self, why):
        self.why = why


class Running:
    """A program under way; its output is collected."""

    def __init__(self, command, stdin=subprocess.DEVNULL, patience=PATIENCE, **options):
        self.process = subprocess.Popen([str(word) for word in command], stdin=stdin, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace", **options)
        self.limit = threading.Timer(patience, self.process.kill)
        self.limit.start()

    def port(self):
        line = self.process.stdout.readline()
        match = re.fullmatch(r"(?:port )?(\d+)\n", line)
        if not match:
            raise Failure(f"the server said {line!r} instead of its port")
        return int(match.group(1))

    def hear(self, wanted):
        """Reads lines up to one."""
        seen = []
        while line := self.process.stdout.readline():
            if line.rstrip() == wanted:
                return
            seen.append(line)
        raise Failure(f"no line {wanted!r}, but {''.join(seen)[-500:]!r}")

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def rest(self):
        """Waits for the end; returns the lines."""
        return self.process.stdout.read().splitlines()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.limit.cancel()
        self.process.kill()
        self.process.wait()
        for pipe in self.process.stdin, self.process.stdout:
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


# ---- ends against ends

# name: (options of both, of the server, of the client, what is to happen). By default both talk, and the one who does not end is
# told of it.
CASES = {
    "TLS 1.3": ({"tls": "1.3", "bytes": 100000}, {}, {}, "talk"),
    "TLS 1.2": ({"tls": "1.2", "bytes": 100000}, {}, {}, "talk"),
    "much, both ways at once": ({"bytes": 6000000}, {}, {}, "talk"),
    "much with TLS 1.2": ({"tls": "1.2", "bytes": 6000000, "end": "server"}, {}, {}, "talk"),
    "RSA": ({"bytes": 1000}, chain("rsa"), {}, "talk"),
    "a chain of two": ({"bytes": 1000}, chain("by_middle"), {}, "talk"),
    "STARTTLS": ({"starttls": 1, "bytes": 300000}, {}, {}, "talk"),
    "STARTTLS, the server ends": ({"starttls": 1, "bytes": 1000, "end": "server"}, {}, {}, "talk"),
    "the server ends": ({"bytes": 300000, "end": "server"}, {}, {}, "talk"),
    "both end": ({"bytes": 300000, "end": "both"}, {}, {}, "talk"),
    "nothing is said": ({"bytes": 0}, {}, {}, "talk"),
    "the client aborts": ({"bytes": 1000, "end": "abort"}, {}, {}, "talk"),
    "ALPN": ({"bytes": 1000}, {"alpn": "h2"}, {"alpn": "other,h2"}, "talk h2"),
    "a client's certificate": ({"bytes": 1000}, {"ask": 1}, chain("client"), "talk with client"),
    "a client's certificate, TLS 1.2": ({"bytes": 1000, "tls": "1.2"}, {"ask": 1}, chain("client"), "talk with client"),
    "a client without a certificate": ({"tls": "1.2"}, {"ask": 1}, {}, "server refuses"),
    "a client without a certificate, TLS 1.3": ({"tls": "1.3", "bytes": 1000}, {"ask": 1}, {}, "server refuses"),
    "a client's certificate of a stranger": ({"bytes": 1000}, {"ask": 1}, chain("strange_client"), "server refuses"),
    "another name": ({}, {}, {"name": "another.test"}, "client refuses"),
    "another name after STARTTLS": ({"starttls": 1}, {}, {"name": "another.test"}, "client refuses"),
    "an unknown authority": ({}, chain("unknown"), {}, "client refuses"),
    "an expired certificate": ({}, chain("expired"), {}, "client refuses"),
    "versions that do not meet": ({}, {"tls": "1.2"}, {"tls": "1.3"}, "both refuse"),
    "five connections": ({"bytes": 1000, "count": 5}, {}, {}, "talk"),
    "five connections, TLS 1.2": ({"bytes": 1000, "count": 5, "tls": "1.2"}, {}, {}, "talk"),
}


def facts(lines):
    found = {}
    for line in lines:
        word, _, value = line.partition(" ")
        found.setdefault(word, []).append(value)
    return found


def play(ends, server, client, case):
    """One case between two kinds of ends."""
    both, its, of_client, wanted = CASES[case]
    words = lambda options: [f"{name}={value}" for name, value in options.items()]  # noqa: E731
    with Running([*ends[server], "server", *words({**GOOD, **both, **its})]) as serving:
        port = serving.port()
        with Running([*ends[client], "client", f"port={port}", *words({**TRUSTS, **both, **of_client})]) as asking:
            theirs = facts(asking.rest())
            ours = facts(serving.rest())
    said = f"the server {ours}, the client {theirs}"
    if "over" not in ours or "over" not in theirs:
        raise Failure(f"an end did not come to its end: {said}")
    if wanted.endswith("refuse") or wanted.endswith("refuses"):
        for side, found in (("server", ours), ("client", theirs)):
            if (side in wanted or "both" in wanted) and "error" not in found or "received" in found and both.get("bytes"):
                raise Failure(f"the {side} has not refused: {said}")
        return
    count = both.get("count", 1)
    for found in ours, theirs:
        if "error" in found or len(found.get("version", ())) != count or len(found.get("sent", ())) != count:
            raise Failure(f"they have not talked: {said}")
    if ours["sent"] != theirs["received"] or theirs["sent"] != ours["received"] or not ours["sent"][0].startswith(str(both["bytes"])):
        raise Failure(f"not what was sent has come: {said}")
    if both.get("tls", ours["version"][0]) != theirs["version"][0] or ours["version"] != theirs["version"]:
        raise Failure(f"versions: {said}")
    told = {"client": ours, "server": theirs}.get(both.get("end", "client"))
    if told and told["end"] != ["clean"] * count:
        raise Failure(f"the end was not told: {said}")
    if "h2" in wanted and (ours.get("alpn"), theirs.get("alpn")) != (["h2"], ["h2"]):
        raise Failure(f"protocols: {said}")
    if "with client" in wanted and ours.get("peer") != ["client"]:
        raise Failure(f"who is it? {said}")
    # Those who can be asked say that all but the first connection are resumed. In Qt each socket of a server is by itself.
    if count > 1 and server != "Qt":
        for found in ours, theirs:
            if "resumed" in found and found["resumed"] != ["no"] + ["yes"] * (count - 1):
                raise Failure(f"it was not resumed: {said}")


def ends_tests(options):
    ends = {"qnet in C": [options.c], "qnet in Python": [options.qnet, HERE / "ends_qt.py", "qnet"],
            "Qt": [options.qt, HERE / "ends_qt.py", "PySide6"], "Python's ssl": [sys.executable, HERE / "ends_ssl.py"], "Go": [options.go]}
    for server in ends:
        for client in ends:
            # Each with C; what is thin above it, with Qt.
            if "qnet in C" not in (server, client) and {server, client} != {"qnet in Python", "Qt"}:
                continue
            for case in CASES:
                yield f"{client} to {server}: {case}", lambda s=server, c=client, case=case: play(ends, s, c, case)


# ---- openssl s_client and s_server, with the programs of the page on TLS

def openssl_client(guide, *words, room, **options):
    """Lets openssl s_client talk to a server of the guide's within a with block."""
    @contextlib.contextmanager
    def running():
        with Running(shlex.split(guide[1]), cwd=room) as server:
            port = server.port()
            yield lambda *more: Running(
                ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", "authority.pem", "-verify_return_error",
                 "-verify_hostname", "localhost", *words, *more], stdin=subprocess.PIPE, cwd=room, **options)
    return running()


def echoes(guide, room, version):
    """Lines come back, also after the keys were changed from either side."""
    with openssl_client(guide, f"-tls{version}", room=room) as start, start() as client:
        for number in range(3):
            client.tell(f"hello {number}")
            client.hear(f"hello {number}")
            if version == "1_3":
                client.tell("kK"[number % 2])
                client.hear("KEYUPDATE")
        client.tell("Q")


def much(guide, room, version):
    """A lot comes back as it was."""
    data = bytes(range(256)) * 8192
    with openssl_client(guide, f"-tls{version}", "-quiet", room=room) as start, tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        client = start()
        with client:
            pass
        process = subprocess.Popen(client.process.args, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=room)
        limit = threading.Timer(PATIENCE, process.kill)
        limit.start()
        try:
            back = process.stdout.read(len(data))
        finally:
            limit.cancel()
            process.kill()
            process.wait()
            process.stdout.close()
    if hashlib.sha256(back).digest() != hashlib.sha256(data).digest():
        raise Failure(f"{len(back)} bytes of {len(data)} came back, or others")


def resumes(guide, room, version):
    """A session is resumed."""
    with tempfile.TemporaryDirectory() as folder, openssl_client(guide, f"-tls{version}", room=room) as start:
        for words, wanted in (["-sess_out", "New"], ["-sess_in", "Reused"]):
            with start(words, f"{folder}/session") as client:
                client.tell("hello")
                seen = []
                while (line := client.process.stdout.readline()) and line != "hello\n":
                    seen.append(line)
                client.tell("Q")
                client.rest()
            if not any(line.startswith(f"{wanted}, TLSv1.{version[-1]}") for line in seen):
                raise Failure(f"not {wanted}: {''.join(seen)[-800:]!r}")


def renegotiates(guide, room):
    """Nobody renegotiates."""
    with openssl_client(guide, "-tls1_2", room=room) as start:
        with start() as client:
            client.tell("hello")
            client.hear("hello")
            client.tell("R")
            client.hear("RENEGOTIATING")
            lines = client.rest()
        if not any("alert unexpected message" in line for line in lines):
            raise Failure(f"it was not refused: {lines}")
        with start() as client:
            client.tell("still there")
            client.hear("still there")


def refuses(guide, room, word):
    """Old protocols and weak suites are refused."""
    with openssl_client(guide, *word.split(), "-cipher", "ALL:@SECLEVEL=0" if "cipher" not in word else word.split()[-1], room=room) as start, \
            start() as client:
        with contextlib.suppress(BrokenPipeError):
            client.tell("hello")
        lines = client.rest()
    if "hello" in lines or not any("alert" in line for line in lines):
        raise Failure(f"it has not: {lines}")


def serves(guide, room, words, fails):
    """openssl s_server turns a line around, or is refused."""
    name, client = guide[0], guide[2]
    server = Running(["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", *words], stdin=subprocess.PIPE, cwd=room)
    with server:
        while line := server.process.stdout.readline():
            if match := re.match(r"ACCEPT .*:(\d+)$", line):
                break
        else:
            raise Failure("s_server has not begun")
        asked = subprocess.run([*shlex.split(client), match.group(1)], cwd=room, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                               capture_output=True, text=True, check=False)
    said = asked.stdout.strip()
    if fails and (said or not asked.returncode) or not fails and said != f"hello from {name}"[::-1]:
        raise Failure(f"the client ended with status {asked.returncode}, and said {said!r} {asked.stderr[-300:]!r}")


OURS = ["-cert", "server.pem", "-key", "server.key"]
STRANGE = ["-cert", str(CHAINS / "good.pem"), "-key", str(CHAINS / "ec.key")]
SERVERS = {
    "TLS 1.3": ([*OURS, "-tls1_3"], False), "TLS 1.2": ([*OURS, "-tls1_2"], False),
    "TLS 1.2 without tickets": ([*OURS, "-tls1_2", "-no_ticket"], False),
    "small records": ([*OURS, "-max_send_frag", "512"], False),
    "another curve": ([*OURS, "-groups", "P-384"], False), "a hello retry": ([*OURS, "-tls1_3", "-groups", "P-521:P-384"], False),
    "ChaCha20": ([*OURS, "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"], False),
    "an unknown authority": (STRANGE, True), "a certificate is wanted": ([*OURS, "-tls1_2", "-Verify", "1"], True),
    "TLS 1.1": ([*OURS, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], True),
    "RSA key exchange": ([*OURS, "-tls1_2", "-cipher", "kRSA"], True),
    "the NULL cipher": ([*OURS, "-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"], True),
}


def openssl_tests(options):
    room = options.room
    for guide in options.guide:
        for version in "1_2", "1_3":
            name = f"openssl s_client to the guide's {guide[0]}, TLS {version.replace('_', '.')}"
            yield f"{name}: lines", lambda g=guide, v=version: echoes(g, room, v)
            yield f"{name}: much", lambda g=guide, v=version: much(g, room, v)
            yield f"{name}: resumption", lambda g=guide, v=version: resumes(g, room, v)
        yield f"openssl s_client to the guide's {guide[0]}: renegotiation", lambda g=guide: renegotiates(g, room)
        for word in ("-tls1", "-tls1_1", "-tls1_2 -cipher NULL:@SECLEVEL=0", "-tls1_2 -cipher aNULL:@SECLEVEL=0", "-tls1_2 -cipher kRSA"):
            yield f"openssl s_client to the guide's {guide[0]}: {word}", lambda g=guide, w=word: refuses(g, room, w)
        for name, (words, fails) in SERVERS.items():
            yield f"the guide's {guide[0]} to openssl s_server: {name}", lambda g=guide, w=words, f=fails: serves(g, room, w, f)


# ---- whom the system trusts

def trusts_system(guide, room, environment):
    """A client that finds no authority of its own has those of the system, or what SSL_CERT_FILE and SSL_CERT_DIR name."""
    name, server, client = guide
    with tempfile.TemporaryDirectory() as folder, Running(shlex.split(server), cwd=room) as serving:
        port = serving.port()
        pathlib.Path(folder, "trusted").mkdir()
        shutil.copy(pathlib.Path(room, "authority.pem"), pathlib.Path(folder, "trusted/some.pem"))
        names = {variable: value.format(folder=folder, room=room) for variable, value in environment.items()}
        trusted = any(pathlib.Path(value).exists() for value in names.values())
        asked = subprocess.run([*shlex.split(client), str(port)], cwd=folder, timeout=PATIENCE, stdin=subprocess.DEVNULL, capture_output=True,
                               text=True, check=False, env={**os.environ, **names})
    if (asked.stdout == f"hello from {name}\n") != trusted or not trusted and asked.returncode == 0:
        raise Failure(f"the client ended with status {asked.returncode}, and said {asked.stdout!r} {asked.stderr[-300:]!r}")


SYSTEMS = {"SSL_CERT_FILE": {"SSL_CERT_FILE": "{room}/authority.pem"}, "SSL_CERT_DIR": {"SSL_CERT_DIR": "{folder}/trusted"}, "neither": {},
           "SSL_CERT_FILE of nothing": {"SSL_CERT_FILE": "{folder}/nothing.pem"}}


def system_tests(options):
    for guide in options.guide:
        for name, environment in SYSTEMS.items():
            yield f"the guide's {guide[0]} trusts the system: {name}", lambda g=guide, e=environment: trusts_system(g, options.room, e)


# ---- curl

def curl(port, *words, status=0, host="localhost", authority="root"):
    """Runs curl; returns what it wrote."""
    done = subprocess.run(["curl", "-sS", "--noproxy", "*", "--max-time", str(PATIENCE), "--cacert", CHAINS / f"{authority}.pem",
                           "--resolve", f"{host}:{port}:127.0.0.1", *words], capture_output=True, check=False, timeout=2 * PATIENCE,
                          stdin=subprocess.DEVNULL)
    if done.returncode not in (status if isinstance(status, tuple) else (status,)):
        raise Failure(f"curl ended with status {done.returncode}: {done.stderr[-400:]!r}")
    return done


def curl_tests(options):
    if not shutil.which("curl"):
        raise Failure("there is no curl")

    def with_server(test, **more):
        with Running([options.qnet, HERE / "https.py", *(f"{name}={value}" for name, value in {**GOOD, **more}.items())]) as server:
            port = server.port()
            test(port, f"https://localhost:{port}")

    def get(port, url):
        if curl(port, f"{url}/").stdout != b"TlsV1_3 \n":
            raise Failure("not what it should say")

    def get12(port, url):
        if curl(port, "--tls-max", "1.2", f"{url}/").stdout != b"TlsV1_2 \n":
            raise Failure("not what it should say")

    def download(port, url):
        body = curl(port, f"{url}/5000000").stdout
        if body != bytes(i * 7 % 251 for i in range(1000)) * 5000:
            raise Failure(f"{len(body)} bytes, or others")

    def upload(port, url):
        data = bytes(range(256)) * 8000
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            if curl(port, "--data-binary", f"@{file.name}", f"{url}/").stdout != data:
                raise Failure("something else came back")

    def keeps(port, url):
        counted = curl(port, "-o", "/dev/null", "-o", "/dev/null", "-w", "%{num_connects}", f"{url}/1000", f"{url}/2000").stdout
        if counted != b"10":
            raise Failure(f"it connected {counted} times")

    def handshakes(port, url, *words):
        """Has curl connect twice; returns in how many handshakes, and in how many of them the server showed its certificate."""
        said = curl(port, "-v", "-H", "Connection: close", *words, f"{url}/1000", f"{url}/2000").stderr
        return tuple(len(re.findall(message, said)) for message in (rb"\(OUT\), TLS handshake, Client hello \(1\)",
                                                                    rb"\(IN\), TLS handshake, Certificate \(11\)"))

    def resumes(port, url):
        if (counted := handshakes(port, url)) != (2, 1):
            raise Failure(f"handshakes and certificates: {counted}")

    def resumes12(port, url):
        # With TLS 1.2 curl wants no tickets (SSL_OP_NO_TICKET), and offers the session's number instead. No server here keeps
        # sessions: it is to show its certificate again, and not to stumble over the number.
        if (counted := handshakes(port, url, "--tls-max", "1.2")) != (2, 2):
            raise Failure(f"handshakes and certificates: {counted}")

    def other_name(port, _url):
        curl(port, f"https://other.test:{port}/", host="other.test", status=60)

    def distrusts(port, url):
        curl(port, f"{url}/", authority="other", status=60)

    def old(port, url):
        curl(port, "--tlsv1.0", "--tls-max", "1.1", "--ciphers", "DEFAULT:@SECLEVEL=0", f"{url}/", status=35)

    def shows(port, url):
        key = CHAINS / "ec.key"
        if curl(port, "--cert", CHAINS / "client.pem", "--key", key, f"{url}/").stdout != b"TlsV1_3 client\n":
            raise Failure("it does not know who asks")
        for words in ([], ["--cert", CHAINS / "strange_client.pem", "--key", key], ["--cert", CHAINS / "old_client.pem", "--key", key]):
            if curl(port, *words, f"{url}/", status=(35, 52, 56)).stdout:
                raise Failure(f"it was answered with {words}")
            curl(port, *words, "--tls-max", "1.2", f"{url}/", status=(35, 52, 56))

    tests = {"GET": get, "GET with TLS 1.2": get12, "a download": download, "an upload": upload, "two requests": keeps,
             "resumption": resumes, "resumption with TLS 1.2": resumes12,
             "another name": other_name, "an unknown authority": distrusts, "TLS 1.1": old}
    for name, test in tests.items():
        yield f"curl: {name}", lambda t=test: with_server(t)
    yield "curl: clients' certificates", lambda: with_server(shows, ask=1)


# ---- what scanners say

def echo_server(options, who):
    """The server that a scanner looks at: the guide's in C, or one of Go's."""
    command = options.guide[0][1] if who == "qnet" else [options.go, "echo", "certificate=server.pem", "key=server.key"]
    return Running(shlex.split(command) if who == "qnet" else command, patience=10 * PATIENCE, cwd=options.room)


def scan(options, who, command, result, **environment):
    with tempfile.TemporaryDirectory() as folder, echo_server(options, who) as server:
        done = subprocess.run([word.format(folder=folder) for word in command] + [f"127.0.0.1:{server.port()}"], check=False,
                              capture_output=True, text=True, timeout=10 * PATIENCE, stdin=subprocess.DEVNULL, cwd=folder,
                              env={**os.environ, **environment})
        file = pathlib.Path(folder, result)
        if not file.exists():
            raise Failure(f"it wrote nothing: {(done.stdout + done.stderr)[-400:]!r}")
        return file.read_text(encoding="utf-8")


SEVERITIES = ["OK", "INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
# What testssl.sh has to find, whatever it says of others; expressions.
NEVER = {"SSLv2": "not offered", "SSLv3": "not offered", "TLS1": "not offered", "TLS1_1": "not offered", "TLS1_2": "offered", "TLS1_3": "offered",
         "cipherlist_NULL": "not offered", "cipherlist_aNULL": "not offered", "cipherlist_EXPORT": "not offered", "cipherlist_LOW": "not offered",
         "cipherlist_3DES_IDEA": "not offered", "heartbleed": "not vulnerable", "CCS": "not vulnerable", "CRIME_TLS": "not vulnerable",
         "secure_client_renego": "(likely )?not vulnerable"}


def testssl(options):
    """testssl.sh says nothing worse than of Go's own server."""
    command = ["testssl", "--quiet", "--color", "0", "--warnings", "batch", "--nodns", "min", "--jsonfile", "{folder}/found.json",
               "-p", "-s", "-R", "-C", "-H", "-I"]

    def ask(who):
        said = json.loads(scan(options, who, command, "found.json", HEADER_MAXSLEEP="1"))
        return {one["id"]: (one["severity"], one["finding"]) for one in said}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        ours, theirs = pool.map(ask, ["qnet", "Go"])
    for name, wanted in NEVER.items():
        if not re.match(wanted, ours.get(name, ("", "it says nothing"))[1]):
            raise Failure(f"{name}: {ours.get(name)}")
    for name, (severity, finding) in ours.items():
        other = theirs.get(name, ("OK", "nothing"))
        if severity not in (*SEVERITIES, "WARN", "DEBUG"):
            raise Failure(f"{name} is {severity}: {finding}")
        if severity in SEVERITIES and SEVERITIES.index(severity) > max(1, SEVERITIES.index(other[0]) if other[0] in SEVERITIES else 1):
            raise Failure(f"{name}: {severity} {finding}; of Go {other}")


def sslscan(options):
    """sslscan says of both servers the same, and of neither anything bad."""
    def ask(who):
        found = xml.etree.ElementTree.fromstring(scan(options, who, ["sslscan", "--xml={folder}/found.xml"], "found.xml")).find("ssltest")
        return {
            "protocols": sorted((one.get("type") + one.get("version"), one.get("enabled")) for one in found.findall("protocol")),
            "ciphers": sorted((one.get("sslversion"), one.get("cipher")) for one in found.findall("cipher")),
            "groups": sorted((one.get("sslversion"), one.get("name")) for one in found.findall("group")),
            "renegotiation": found.find("renegotiation").get("supported"),
            "heartbleed": sorted(one.get("vulnerable") for one in found.findall("heartbleed")),
            "compression": [one.get("supported") for one in found.findall("compression")],
        }
    ours, theirs = ask("qnet"), ask("Go")
    if [name for name, enabled in ours["protocols"] if enabled == "1"] != ["tls1.2", "tls1.3"]:
        raise Failure(f"protocols: {ours['protocols']}")
    weak = [cipher for _, cipher in ours["ciphers"] if re.search("NULL|EXP|RC4|DES|MD5|anon|ADH|^AES|^DHE", cipher)]
    if weak or not ours["ciphers"] or "1" in ours["heartbleed"] or "1" in ours["compression"]:
        raise Failure(f"{weak} {ours}")
    if ours["renegotiation"] != "0":
        raise Failure(f"it renegotiates: {ours}")
    worse = {name: (ours[name], theirs[name]) for name in ("ciphers", "groups") if not set(ours[name]) <= set(theirs[name])}
    if worse:
        raise Failure(f"more than Go's: {worse}")


def scanner_tests(options):
    for name, test in ("testssl", testssl), ("sslscan", sslscan):
        if shutil.which(name):
            yield name, lambda test=test: test(options)
        else:
            yield name, lambda name=name: Skip(f"there is no {name}")


# ---- peers that do wrong

def wrong_tests(options):
    try:
        import wrong
    except ImportError as why:
        reason = str(why)
        yield "wrong peers", lambda: Skip(f"there is no tlslite-ng: {reason}")
        return
    authority = str(pathlib.Path(options.room, "authority.pem"))

    def with_server(test):
        with Running(shlex.split(options.guide[0][1]), cwd=options.room) as server:
            port = server.port()
            test(port)
            if not wrong.good_client(port, authority):
                raise Failure("nobody else is served any more")

    def client(port, version, change, act, taken):
        if (b"hello" in wrong.wrong_client(port, version, change, act)) != taken:
            raise Failure("it was refused" if taken else "it was answered")

    def raw(port, data):
        if (heard := wrong.raw_client(port, data)) and (heard[0] != wrong.ALERT or len(heard) != 7):
            raise Failure(f"it was answered {heard[:50]!r}")

    def server(version, change, act, taken):
        room = pathlib.Path(options.room)
        with wrong.WrongServer(room / "server.pem", room / "server.key", version, change, act) as one:
            done = subprocess.run([*shlex.split(options.guide[0][2]), str(one.port)], cwd=room, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, check=False)
        # The program prints a line if one comes, and ends with status 1 if the connection does.
        if (done.returncode, done.stdout) != ((0, "hello\n") if taken else (1, "")):
            raise Failure(f"the client ended with status {done.returncode}, and said {done.stdout!r} {done.stderr[-300:]!r}")

    for name, row in wrong.CLIENTS.items():
        yield f"wrong client: {name}", lambda row=row: with_server(lambda port: client(port, *row))
    for name, data in wrong.RAW.items():
        yield f"wrong client's first words: {name}", lambda data=data: with_server(lambda port: raw(port, data))
    for name, row in wrong.SERVERS.items():
        yield f"wrong server: {name}", lambda row=row: server(*row)


def attempt(test):
    name, function = test
    try:
        result = function()
    except Exception as why:  # whatever it is, the next ones go on
        text = str(why) if isinstance(why, Failure) else repr(why)
        return "FAIL", name, ": " + text.replace("\n", " ")
    return ("skip", name, f": {result.why}") if isinstance(result, Skip) else ("ok", name, "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in "--qnet", "--qt", "--c", "--go", "--room":
        parser.add_argument(option, required=True)
    parser.add_argument("--guide", nargs=3, action="append", required=True)
    parser.add_argument("name", nargs="?", default="")
    options = parser.parse_args()
    # The scanners take longest, and mostly wait.
    groups = scanner_tests, ends_tests, openssl_tests, system_tests, curl_tests, wrong_tests
    tests = [test for group in groups for test in group(options) if options.name in test[0]]
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for result, name, why in pool.map(attempt, tests):
            counts[result] += 1
            print(result, name + why, flush=True)
    print(f"{counts['ok']} passed, {counts['FAIL']} failed" + (f", {counts['skip']} skipped" if counts["skip"] else ""))
    return 1 if counts["FAIL"] or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
