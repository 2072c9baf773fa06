#!/usr/bin/env python3
"""Runs the programs of this folder, which are written for PySide6, on PySide6 and on qnet, against each other.

    run_ports.py --qt PYTHON --qnet PYTHON

Two interpreters: one that has PySide6, and one that has qnet. On qnet runs a copy in which nothing is replaced but the
names of the modules in the import lines. Prints "ok NAME" or "FAIL NAME: why" for each and their numbers at the end.
"""

import argparse
import contextlib
import pathlib
import queue
import re
import socket
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from demo import PATIENCE, Failure, Relay, counts, read_place, say, start, step, through_proxies  # noqa: E402
import services  # noqa: E402  the one in this folder

IMPORT = re.compile(r"^from PySide6\.Qt\w+ import ", re.M)


class Side:
    """A library that the programs run on."""

    def __init__(self, name, python, folder):
        self.name, self.python, self.folder = name, python, folder

    def start(self, program, *arguments, **options):
        return start([self.python, self.folder / f"{program}.py", *arguments], **options)

    def run(self, program, *arguments, status=0):
        """Runs a client to its end; returns its lines."""
        process = self.start(program, *arguments, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return self.finish(program, process, status)

    def finish(self, program, process, status=0):
        """Waits for a program's end; returns its lines."""
        with process:
            try:
                output, errors = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired as error:
                process.kill()
                raise Failure(f"{program} on {self.name} does not end") from error
        if process.returncode != status:
            raise Failure(f"{program} on {self.name} ended with status {process.returncode}: {(errors or '').strip()}")
        return output.splitlines()

    @contextlib.contextmanager
    def server(self, program, *arguments):
        """Runs a server for the length of a with block, then kills it; gives its port, or path."""
        process = self.start(program, *arguments, stdin=subprocess.DEVNULL)
        try:
            yield read_place(process)
            if process.poll() is not None:
                raise Failure(f"{program} on {self.name} ended before its time with status {process.returncode}")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


class Talker:
    """A program that somebody talks with."""

    def __init__(self, side, program, name, *arguments, **options):
        self.name = name
        self.process = side.start(program, *arguments, stdin=subprocess.PIPE, bufsize=1, **options)
        self.port = read_place(self.process) if program == "chat" else 0
        self.seen = []
        self.lines = queue.Queue()
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def say(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def await_line(self, wanted):
        while wanted not in self.seen:
            try:
                line = self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                line = None
            if line is None:
                raise Failure(f"{self.name} does not see {wanted!r}, only {self.seen}")
            self.seen.append(line)

    def leave(self):
        self.process.stdin.close()
        if self.process.wait(PATIENCE) != 0:
            raise Failure(f"{self.name} ended with status {self.process.returncode}")


def all_are_heard(talkers):
    """Each says something, and all others hear it."""
    for talker in talkers:
        talker.say(f"I am {talker.name}, naïvely")
        for other in talkers:
            if other is not talker:
                other.await_line(f"{talker.name}: I am {talker.name}, naïvely")


def fortunes_of(side, program):
    """The lines that the server of that name can send."""
    text = (side.folder / f"{program}.py").read_text(encoding="utf-8")
    return set(re.findall(r'^    "(.*)",$', text, re.M))


def fortunes(server_side, client_side):
    for server in "fortune_server", "threaded_fortune_server":
        known = fortunes_of(server_side, server)
        with server_side.server(server) as port:
            for client, arguments in ("fortune_client", []), ("blocking_fortune_client", ["5"]):
                with step(f"{client} on {client_side.name}, {server} on {server_side.name}"):
                    lines = client_side.run(client, port, *arguments)
                    if len(lines) != int(*arguments or ["1"]) or not set(lines) <= known:
                        raise Failure(f"it printed {lines}")


def proxied(side):
    with side.server("fortune_server") as port:
        for client in "fortune_client", "blocking_fortune_client":

            def fetch(*arguments, status=0, client=client):
                lines = side.run(client, port, *arguments, status=status)
                if status == 0 and len(lines) != 1:
                    raise Failure(f"it printed {lines}")

            through_proxies(fetch, f"{client} on {side.name}")


def refused(side):
    with socket.socket() as taken:  # bound and not listening
        taken.bind(("127.0.0.1", 0))
        for client in "fortune_client", "blocking_fortune_client":
            with step(f"{client} on {side.name} is refused"):
                side.run(client, taken.getsockname()[1], status=1)


def local_fortunes(server_side, client_side):
    known = fortunes_of(server_side, "local_fortune_server")
    with tempfile.TemporaryDirectory() as folder, \
            step(f"local_fortune_client on {client_side.name}, local_fortune_server on {server_side.name}"):
        name = f"{folder}/fortune"
        for _ in range(2):  # the second one finds what the first one, killed, has left
            with server_side.server("local_fortune_server", name) as path:
                if path != name:
                    raise Failure(f"it listens on {path}")
                lines = client_side.run("local_fortune_client", name)
                if len(lines) != 1 or lines[0] not in known:
                    raise Failure(f"it printed {lines}")
        client_side.run("local_fortune_client", name, status=1)


def datagrams(kind, sender_side, receiver_sides, options, sender_options):
    """A sender, and receivers that share a port, each of which gets everything."""
    count = 5
    names = " and ".join(side.name for side in receiver_sides)
    with step(f"{kind}_sender on {sender_side.name}, {kind}_receiver on {names}"), contextlib.ExitStack() as stack:
        receivers, port = [], 0
        for side in receiver_sides:
            process = side.start(f"{kind}_receiver", "--port", port, "--count", count, *options,
                                 stdin=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.kill)
            port = read_place(process)
            receivers.append((side, process))
        sender_side.run(f"{kind}_sender", "--port", port, "--count", count, "--interval", 1, *options, *sender_options)
        for side, process in receivers:
            lines = side.finish(f"{kind}_receiver", process)
            if lines != [f"received {kind} message {number}" for number in range(1, count + 1)]:
                raise Failure(f"the receiver on {side.name} printed {lines}")


def chat(*sides, options=()):
    talkers = []
    with step(f"a chat on {', '.join(side.name for side in sides)}"):
        try:
            for side, name in zip(sides, ("Ann", "Bob", "Cleo", "Dan")):
                newcomer = Talker(side, "chat", name, name, *[talkers[-1].port] if talkers else [], *options)
                for other in talkers:
                    other.await_line(f"* {name} is here")
                    newcomer.await_line(f"* {other.name} is here")
                talkers.append(newcomer)
            all_are_heard(talkers)
            while talkers:
                gone = talkers.pop(0)
                gone.leave()
                for other in talkers:
                    other.await_line(f"* {gone.name} has left")
        finally:
            for talker in talkers:
                talker.process.kill()
                talker.process.wait()


def needs(program):
    """Whether a service is there; says so if not."""
    if services.found(program):
        return True
    say(f"skip the programs that talk to {program}, which is not installed and could not be")
    return False


def messages(port, publisher, subscribers):
    """Messages over a broker, of both qualities, to several subscribers."""
    for qos in "0", "1":
        names = " and ".join(side.name for side in subscribers)
        with step(f"MQTT: from {publisher.name} to {names}, QoS {qos}"):
            topic = f"test/{publisher.name}/{qos}"
            talkers = []
            try:
                for side in subscribers:
                    talkers.append(Talker(side, "mqtt_client", side.name, port, "subscribe", "test/#", "4", "--qos", qos))
                    talkers[-1].await_line("subscribed")
                words = ["one", "naïve", "", "x" * 20000]
                if publisher.run("mqtt_client", port, "publish", topic, *words, "--qos", qos):
                    raise Failure("the publisher printed something")
                for talker in talkers:
                    for word in words:
                        talker.await_line(f"{topic}: {word}")
                    talker.leave()
            finally:
                for talker in talkers:
                    talker.process.kill()
                    talker.process.wait()


def broker(*sides):
    if not needs("mosquitto"):
        return
    with services.mosquitto() as port:
        for publisher in sides:
            messages(port, publisher, sides)
        for side in sides:
            with step(f"MQTT: {side.name} keeps a quiet connection"):
                talker = Talker(side, "mqtt_client", side.name, port, "subscribe", "quiet", "0", "--keep-alive", "1", "--pings", "2")
                talker.await_line("subscribed")
                talker.leave()
    for side in sides:
        with step(f"MQTT: {side.name} is told that there is no broker"):
            side.run("mqtt_client", services.free_port(), "publish", "a", "b", status=1)


def irc(*sides):
    """A talk on an IRC server between all sides."""
    if not needs("ngircd"):
        return
    with services.ngircd() as port, contextlib.ExitStack() as stack:
        with step(f"IRC: a talk on {', '.join(side.name for side in sides)}"):
            talkers = []
            for side, name in zip(sides, ("Ann", "Bob", "Cleo", "Dan")):
                newcomer = Talker(side, "irc_client", name, port, name, "#talk", "--password", "letmein")
                stack.callback(newcomer.process.wait)
                stack.callback(newcomer.process.kill)
                others = ", ".join(talker.name for talker in talkers)
                newcomer.await_line("joined #talk" + (f" with {others}" if others else ""))
                for other in talkers:
                    other.await_line(f"* {name} is here")
                talkers.append(newcomer)
            all_are_heard(talkers)
            talkers[0].say(f"/msg {talkers[1].name} between us")
            talkers[1].await_line(f"{talkers[0].name} (to you): between us")
            while talkers:
                gone = talkers.pop(0)
                gone.leave()
                for other in talkers:
                    other.await_line(f"* {gone.name} has left")
        for side in sides[:2]:
            with step(f"IRC: {side.name} is not let in without a password"):
                side.run("irc_client", port, "Eve", "#talk", status=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--qt", required=True, help="an interpreter with PySide6")
    parser.add_argument("--qnet", required=True, help="an interpreter with qnet")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ported = pathlib.Path(folder)
        for source in set(HERE.glob("*.py")) - {pathlib.Path(__file__).resolve(), pathlib.Path(services.__file__).resolve()}:
            text = source.read_text(encoding="utf-8")
            (ported / source.name).write_text(IMPORT.sub("from qnet import ", text), encoding="utf-8")
        qt, qnet = Side("PySide6", options.qt, HERE), Side("qnet", options.qnet, ported)
        for server_side in qt, qnet:
            for client_side in qt, qnet:
                fortunes(server_side, client_side)
                local_fortunes(server_side, client_side)
                for receivers in ([client_side], [client_side, qt if client_side is qnet else qnet]):
                    datagrams("broadcast", server_side, receivers, [], ["--host", "127.255.255.255"])
                    datagrams("multicast", server_side, receivers, ["--interface", "lo"], [])
        proxied(qt)
        proxied(qnet)
        refused(qt)
        refused(qnet)
        chat(qt, qt, qt)
        chat(qnet, qnet, qnet)
        chat(qt, qnet, qt, qnet)
        broker(qt, qnet)
        irc(qt, qnet, qt, qnet)
        with Relay() as relay:
            options = ["--proxy", relay.urls()["socks5"]]
            chat(qt, qnet, qt, options=options)
            with step("the chat goes through the proxy"):
                if relay.relayed != 3:
                    raise Failure(f"{relay.relayed} of 3 connections do")
    say(f"\n{counts['passed']} passed, {counts['failed']} failed")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
