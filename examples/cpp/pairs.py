#!/usr/bin/env python3
"""Runs the C++ programs of this folder as they were built on Qt and on qnet, each server with each client.

    pairs.py --qt DIR --qnet DIR

Prints "ok NAME" or "FAIL NAME: why" for each pair and their numbers at the end; exit status 0 only if all went well.
"""

import argparse
import contextlib
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import demo  # noqa: E402  the one folder up


def serve(program):
    """These programs leave SIGTERM alone."""
    return demo.server(program, ends=-signal.SIGTERM)


def fortunes(server, client):
    with serve(server) as port:
        for _ in range(3):
            demo.check_fortune(demo.run(client, "--port", port))


@contextlib.contextmanager
def running(*command):
    """Runs a program for the length of a with block, then kills it."""
    process = demo.start(command, stdin=subprocess.DEVNULL)
    limit = threading.Timer(demo.PATIENCE, process.kill)
    limit.start()
    try:
        yield process
    finally:
        limit.cancel()
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def place(process):
    """Where a program says it listens."""
    line = process.stdout.readline()
    if not line.startswith("listening on "):
        raise demo.Failure(f"it said {line!r} instead of where it listens")
    return line[len("listening on "):].rstrip("\n")


def local_fortunes(server, client, folder):
    name = folder / "fortune"
    for _ in range(2):  # the second finds what the first one, killed, has left behind
        with running(server, "--name", name) as process:
            if place(process) != str(name):
                raise demo.Failure("it listens elsewhere")
            for _ in range(3):
                demo.check_fortune(demo.run(client, "--name", name))
    demo.run(client, "--name", name, status=1)
    name.unlink()


def datagrams(word, sender, receivers, to):
    """A sender and two receivers that share a port. to has the options for (all of them, the sender)."""
    common, extra = to
    count = 3
    with contextlib.ExitStack() as stack:
        port, processes = 0, []
        for receiver in receivers:
            processes.append(stack.enter_context(running(receiver, "--port", port, "--count", count, *common)))
            port = int(place(processes[-1]).rpartition(":")[2])
        stack.enter_context(running(sender, "--port", port, *common, *extra))
        for process in processes:
            numbers = [int(number) for number in re.findall(rf"^received {word} message (\d+)$", process.stdout.read(), re.M)]
            if process.wait(demo.PATIENCE) != 0 or len(numbers) != count:
                raise demo.Failure(f"a receiver ended with status {process.returncode} after {len(numbers)} datagrams")
            if numbers != list(range(numbers[0], numbers[0] + count)):
                raise demo.Failure(f"a receiver got {numbers}")


class Peer:
    """A chat client that is told what to say."""

    def __init__(self, program, port, name, *options):
        self.process = demo.start([program, "--port", port, *options], stdin=subprocess.PIPE)
        self.limit = threading.Timer(demo.PATIENCE, self.process.kill)  # which ends what hear() waits for
        self.limit.start()
        self.name = name
        self.say(name)
        self.hear(f"welcome, {name}")

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self, wanted):
        line = self.process.stdout.readline()
        if line != wanted + "\n":
            raise demo.Failure(f"{self.name} heard {line!r}, not {wanted!r}")

    def leave(self):
        self.process.stdin.close()
        if status := self.process.wait(demo.PATIENCE):
            raise demo.Failure(f"{self.name} ended with status {status}")

    def end(self):
        self.limit.cancel()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pipe in self.process.stdin, self.process.stdout:
            with contextlib.suppress(OSError):
                pipe.close()


def proxied_chat(server, client):
    """A peer that is connected through a proxy."""
    with serve(server) as port, demo.Relay() as relay:
        for url in relay.urls().values():
            peer = Peer(client, port, "anna", "--proxy", url)
            try:
                peer.leave()
            finally:
                peer.end()
        if relay.relayed != 2:
            raise demo.Failure("it went past the proxy")


def chat(server, clients):
    """Three peers, of both kinds."""
    with serve(server) as port, contextlib.ExitStack() as stack:
        peers = []
        for name, program in zip(("anna", "bert", "cleo"), (*clients, clients[0])):
            peers.append(Peer(program, port, name))
            stack.callback(peers[-1].end)
            for other in peers[:-1]:
                other.hear(f"{name} has joined")
        for peer in peers:
            peer.say(f"hello from {peer.name}")
            for other in peers:
                if other is not peer:
                    other.hear(f"{peer.name}: hello from {peer.name}")
        anna, bert, cleo = peers
        anna.leave()
        for other in bert, cleo:
            other.hear("anna has left")


def curl(*arguments):
    """What curl writes to stdout, as bytes."""
    done = subprocess.run(["curl", "-sS", "--max-time", str(demo.PATIENCE), "--noproxy", "*", *map(str, arguments)], capture_output=True, check=False)
    if done.returncode != 0:
        raise demo.Failure(f"curl {arguments}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def expect(what, got, wanted):
    if got != wanted:
        raise demo.Failure(f"{what}: {got[:200]!r}, not {wanted[:200]!r}")


def talk(port, request):
    """What a server answers until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), demo.PATIENCE) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as answer:
            return answer.read()


def http(server, folder):
    """Files, parts of them, what is refused, and many requests at once."""
    big = bytes(n * n % 251 for n in range(3 << 20))
    (folder / "sub").mkdir(exist_ok=True)
    for name, content in {"index.html": b"top", "sub/index.html": b"below", "a b.txt": b"blank", "empty": b"", "big": big}.items():
        (folder / name).write_bytes(content)
    if not (folder / "out").is_symlink():
        (folder / "out").symlink_to("/etc/passwd")
    with serve_folder(server, folder) as port:
        url = f"http://127.0.0.1:{port}"

        def status(*arguments):
            return curl("-o", "/dev/null", "-w", "%{http_code}", *arguments).decode()

        expect("/", curl(url + "/"), b"top")
        expect("/sub", curl(url + "/sub?query"), b"below")
        expect("a blank", curl(url + "/a%20b.txt"), b"blank")
        expect("an empty file", curl(url + "/empty"), b"")
        expect("a large file", curl(url + "/big"), big)
        for part, wanted in {"10-19": big[10:20], "-7": big[-7:], f"{len(big) - 5}-": big[-5:], "0-99999999": big}.items():
            expect(f"the bytes {part}", curl("-r", part, url + "/big"), wanted)
        for wanted, arguments in {"200": ["-I", url + "/big"], "206": ["-r", "0-0", url + "/big"],
                                  "416": ["-r", f"{len(big)}-", url + "/big"], "405": ["-X", "DELETE", url + "/"],
                                  "413": ["-d", "text", url + "/"], "404": [url + "/nothing"]}.items():
            expect(f"the status of {arguments}", status(*arguments), wanted)
        for outside in "/out", "/../../../etc/passwd", "/sub/..%2f..%2f..%2fetc/passwd", "/%00":
            expect(f"the status of {outside}", status("--path-as-is", url + outside), "404")
        connects = curl("-o", "/dev/null", "-w", "%{num_connects} ", url + "/", "-o", "/dev/null", url + "/sub/").decode()
        expect("connections of two requests", connects, "1 0 ")

        def ask(path, more="", line="GET {} HTTP/1.1"):
            return f"{line.format(path)}\r\nHost: here\r\n{more}\r\n".encode()

        many = ask("/") * 500 + ask("/big") + ask("/sub/", "Connection: close\r\n")
        answer = talk(port, many)
        if answer.count(b"HTTP/1.1 200 OK") != 502 or answer.count(b"\r\n\r\ntop") != 500 or big not in answer:
            raise demo.Failure(f"pipelining: {answer.count(b'HTTP/1.1 200 OK')} answers")
        if not answer.endswith(b"below"):
            raise demo.Failure("pipelining: the last answer is not that of the last request")
        for what, request in {"no request": b"hello\r\n\r\n", "no host": b"GET / HTTP/1.1\r\n\r\n", "a bad field": ask("/", "a b: c\r\n")}.items():
            expect(what, talk(port, request)[:12], b"HTTP/1.1 400")
        expect("a head without end", talk(port, b"GET / HTTP/1.1\r\na: " + b"x" * 16381)[:12], b"HTTP/1.1 431")
        if not talk(port, b"GET / HTTP/1.0\r\n\r\n").endswith(b"top"):
            raise demo.Failure("HTTP/1.0 is not served")


@contextlib.contextmanager
def serve_folder(program, folder):
    with demo.server(program, "--root", folder, ends=-signal.SIGTERM) as port:
        yield port


def single_instance(first, later, folder):
    """The first instance gets what later ones are given; a crash does not stand in the way."""
    name = folder / "single"
    for crash in True, False:
        with running(first, name, "unused") as process:
            expect("the first", process.stdout.readline(), "first\n")
            for arguments in ["hello", "world"], [], ["x" * 50000]:
                expect("a later one", demo.run(later, name, *arguments), "passed on\n")
                expect("what the first got", process.stdout.readline(), " ".join(["got", *arguments]) + "\n")
            if crash:
                continue  # running() kills it, and its socket stays
            demo.run(later, name, "quit")
            process.stdout.read()
            if process.wait(demo.PATIENCE) != 0:
                raise demo.Failure(f"the first ended with status {process.returncode}")
    if name.exists():
        raise demo.Failure("the socket is still there")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for kind in "qt", "qnet":
        parser.add_argument(f"--{kind}", type=pathlib.Path, required=True, help=f"where the programs on {kind} are")
    kinds = {kind: path.resolve() for kind, path in vars(parser.parse_args()).items()}

    for one, servers in kinds.items():
        for other, clients in kinds.items():
            for server in "fortune_server", "threaded_fortune_server":
                for client in "fortune_client", "blocking_fortune_client":
                    with demo.step(f"{server} on {one}, {client} on {other}"):
                        fortunes(servers / server, clients / client)
            with demo.step(f"local_fortune_server on {one}, local_fortune_client on {other}"):
                with tempfile.TemporaryDirectory() as folder:
                    local_fortunes(servers / "local_fortune_server", clients / "local_fortune_client",
                                   pathlib.Path(folder))
            with demo.step(f"single_instance on {one}, later ones on {other}"):
                with tempfile.TemporaryDirectory() as folder:
                    single_instance(servers / "single_instance", clients / "single_instance", pathlib.Path(folder))
            with demo.step(f"chat_server on {one}, chat_client on {other} and the other"):
                rest = next(path for kind, path in kinds.items() if kind != other)
                chat(servers / "chat_server", [clients / "chat_client", rest / "chat_client"])
        with demo.step(f"http_server on {one}, curl"):
            with tempfile.TemporaryDirectory() as folder:
                http(servers / "http_server", pathlib.Path(folder))
        with serve(servers / "fortune_server") as port:
            for client in "fortune_client", "blocking_fortune_client":

                def fetch(*arguments, status=0, client=client):
                    output = demo.run(servers / client, "--port", port, *arguments, status=status)
                    if status == 0:
                        demo.check_fortune(output)

                demo.through_proxies(fetch, f"{client} on {one}")
        with demo.step(f"chat_client on {one} through proxies"):
            proxied_chat(servers / "chat_server", servers / "chat_client")
        receivers = list(kinds.values())
        with demo.step(f"broadcast_sender on {one}, broadcast_receiver on both"):
            datagrams("broadcast", servers / "broadcast_sender", [path / "broadcast_receiver" for path in receivers],
                      ([], ["--to", "127.255.255.255"]))
        with demo.step(f"multicast_sender on {one}, multicast_receiver on both"):
            datagrams("multicast", servers / "multicast_sender", [path / "multicast_receiver" for path in receivers],
                      (["--interface", "lo"], []))
        # Bound and not listening: nobody else can be given the port meanwhile.
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            for client in "fortune_client", "blocking_fortune_client", "chat_client":
                with demo.step(f"{client} on {one} is refused"):
                    demo.run(servers / client, "--port", taken.getsockname()[1], status=1)
    print(f"{demo.counts['passed']} passed, {demo.counts['failed']} failed")
    return 1 if demo.counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
