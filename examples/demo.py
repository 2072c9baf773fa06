#!/usr/bin/env python3
"""Starts the example servers, lets clients talk to them and checks what comes back.

    demo.py --bin DIR [--mib N] [--all]

DIR has the compiled programs of examples/c. Prints "ok NAME" or "FAIL NAME: why" after each step and their numbers at
the end; exit status 0 only if all went well.
"""

import argparse
import contextlib
import ctypes
import os
import pathlib
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from relay import Relay  # noqa: E402  the one in this folder

PATIENCE = 30  # seconds for what takes a fraction of one

counts = {"passed": 0, "failed": 0}


class Failure(Exception):
    """Why a step failed."""


def say(text):
    print(text, flush=True)


@contextlib.contextmanager
def step(name):
    """A step: what fails in the block fails it, and the next ones go on."""
    try:
        yield
    except (Failure, OSError, subprocess.TimeoutExpired) as why:
        counts["failed"] += 1
        say(f"FAIL {name}: {why}")
    else:
        counts["passed"] += 1
        say(f"ok {name}")


def die_with_parent():
    """Has the system end the new process with this one, whatever ends it."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def start(command, **options):
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, encoding="utf-8",
                            errors="replace", preexec_fn=die_with_parent, **options)


def run(*command, status=0, **options):
    """Runs a client that must end with a status; returns its output."""
    process = start(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    with process:
        try:
            output, errors = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise Failure(f"{command[0]} does not end") from error
    if process.returncode != status:
        raise Failure(f"{pathlib.Path(command[0]).name} ended with status {process.returncode}: {errors.strip()}")
    return output


def read_place(process):
    """Waits until a server says where it listens; returns the port, or the path."""
    if not select.select([process.stdout], [], [], PATIENCE)[0]:
        raise Failure(f"{process.args[0]} does not start")
    line = process.stdout.readline()
    match = re.fullmatch(r"listening on (?:[\d.]+:(\d+)|(/.*))\n", line)
    if not match:
        raise Failure(f"{process.args[0]} said {line!r} instead of where it listens")
    return int(match.group(1)) if match.group(1) else match.group(2)


@contextlib.contextmanager
def server(*command, ends=0, by=signal.SIGTERM):
    """Runs a server for the length of a with block; gives its port, or path. On that signal it must end with that status."""
    process = start(command, stdin=subprocess.DEVNULL)
    try:
        place = read_place(process)
        where = place if isinstance(place, str) else f"127.0.0.1:{place}"
        say(f"$ {shlex.join(str(word) for word in command)}\nlistening on {where}")
        yield place
        if process.poll() is not None:
            raise Failure(f"{command[0]} ended before its time with status {process.returncode}")
        process.send_signal(by)
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"{command[0]} does not end on {by.name}") from error
        if status != ends:
            raise Failure(f"{command[0]} ended with status {status}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def install(*packages):
    """Installs Debian packages where that is possible."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say(f"installing {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ["apt-get", "-q", "update"], ["apt-get", "-q", "install", "-y", *packages]:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment, check=False)


def plain_clients(port):
    """Clients that know nothing of qnet, as commands; at least one, unless this machine has none."""
    commands = {"socat": ["socat", "-u", f"TCP:127.0.0.1:{port}", "STDOUT"], "nc": ["nc", "127.0.0.1", str(port)]}
    if not any(map(shutil.which, commands)):
        install("socat", "netcat-openbsd")
    return {name: command for name, command in commands.items() if shutil.which(name)}


@contextlib.contextmanager
def plain_socket(port):
    """A connection without qnet, to be read like a file."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        with connection.makefile(encoding="utf-8") as file:
            yield file


def check_fortune(output):
    say("  " + output.rstrip())
    if not re.fullmatch(r"[^\n]+\n", output):
        raise Failure(f"{output!r} is not a line")


def through_proxies(fetch, client):
    """Has a client, which fetch() runs with options and the status that it must end with, use proxies of both kinds."""
    with Relay() as relay:
        for kind, url in relay.urls().items():
            with step(f"{client} through {kind}"):
                before = relay.relayed
                fetch("--proxy", url)
                if relay.relayed != before + 1:
                    raise Failure("it went past the proxy")
        for kind, url in relay.urls("me:wrong").items():
            with step(f"{client} is refused by {kind}"):
                fetch("--proxy", url, status=1)
    with step(f"{client} with a proxy that is none"):
        fetch("--proxy", "ftp://127.0.0.1:21", status=2)


def fortunes(programs):
    say("\n== The fortune server: a line for each client ==")
    with step("fortune_server"), server(programs / "fortune_server") as port:
        with step("fortune_client"):
            check_fortune(run(programs / "fortune_client", "--port", port))
        with step("blocking_fortune_client"):
            check_fortune(run(programs / "blocking_fortune_client", "--port", port))
        for client in "fortune_client", "blocking_fortune_client":

            def fetch(*arguments, status=0, client=client):
                output = run(programs / client, "--port", port, *arguments, status=status)
                if status == 0:
                    check_fortune(output)

            through_proxies(fetch, client)
        others = plain_clients(port)
        for name, command in others.items():
            with step(f"fortune by {name}"):
                check_fortune(run(*command))
        if not others:
            say("neither socat nor nc is here or can be installed: a socket of Python's stands in for them")
            with step("fortune by a plain socket"):
                with plain_socket(port) as file:
                    check_fortune(file.read())


def echo_through(programs, mib):
    say("\n== The same through proxies ==")
    with step("echo_server"), server(programs / "echo_server", by=signal.SIGINT) as port:

        def fetch(*arguments, status=0):
            run(programs / "echo_progress_client", "--port", port, "--mib", mib, *arguments, status=status)

        through_proxies(fetch, "echo_progress_client")


def echo(programs, mib):
    say(f"\n== The echo server: {mib} MiB there and back ==")
    with step("echo_server"), server(programs / "echo_server") as port, step(f"{mib} MiB through the echo server"):
        lines = []
        client = start([programs / "echo_progress_client", "--port", port, "--mib", mib], stdin=subprocess.DEVNULL)
        with client:
            try:
                # It gives up by itself when nothing moves.
                for line in client.stdout:
                    lines.append(line)
                    say("  " + line.rstrip())
            finally:
                client.kill()
        if client.returncode != 0:
            raise Failure(f"echo_progress_client ended with status {client.returncode}")
        sums = re.findall(r"^(?:sent|received) +([0-9a-f]{64})$", "".join(lines), re.M)
        if len(sums) != 2 or sums[0] != sums[1]:
            raise Failure("the sums are not equal")
        if sum("came back" in line for line in lines) < 2:
            raise Failure("no progress was shown")


def clock(programs):
    say("\n== embed_poll: a line at each tick, from a program with a poll loop of its own ==")
    with step("embed_poll"), server(programs / "embed_poll", "--interval", 20) as port, step("three ticks"):
        with plain_socket(port) as file:
            for _ in range(3):
                line = file.readline()
                say("  " + line.rstrip())
                if not line.endswith("\n"):
                    raise Failure("the connection ended")


def multicast(programs):
    say("\n== Multicast, on the loopback interface ==")
    with step("multicast"):
        receiver = start([programs / "multicast_receiver", "--interface", "lo", "--count", 3], stdin=subprocess.DEVNULL)
        with receiver:
            try:
                match = re.fullmatch(r"listening on [\d.]+:(\d+)\n", receiver.stdout.readline())
                if not match:
                    raise Failure("the receiver does not start")
                run(programs / "multicast_sender", "--interface", "lo", "--port", match.group(1), "--interval", 20)
                output = receiver.communicate(timeout=PATIENCE)[0]
            finally:
                receiver.kill()
        say("".join("  " + line for line in output.splitlines(True)).rstrip("\n"))
        if re.findall(r"message \d+", output) != ["message 1", "message 2", "message 3"]:
            raise Failure(f"{output!r} is something else")


def files(programs):
    say("\n== local_file_server: open files for other programs, over a local socket ==")
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "letter").write_text("Passed from hand to hand.\n", encoding="utf-8")
        name = folder + "/files"
        with step("local_file_server"), server(programs / "local_file_server", "--directory", folder, "--name", name):
            with step("local_file_client"):
                output = run(programs / "local_file_client", "--name", name, "letter")
                say("  " + output.rstrip())
                if output != "Passed from hand to hand.\n":
                    raise Failure(f"{output!r} is not the letter")
            with step("a file that is not there"):
                run(programs / "local_file_client", "--name", name, "none", status=1)
        with step("local_file_client without a server"):
            run(programs / "local_file_client", "--name", name, "letter", status=1)


def refusals(programs):
    say("\n== Clients without a server ==")
    # Bound and not listening: nobody else can be given the port meanwhile.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        for name in "fortune_client", "blocking_fortune_client", "echo_progress_client":
            with step(f"{name} is refused"):
                run(programs / name, "--port", port, status=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="where the programs are")
    parser.add_argument("--mib", type=int, default=256, help="how much goes through the echo server (256)")
    parser.add_argument("--all", action="store_true",
                        help="also embed_poll, local sockets, multicast, and clients without a server")
    options = parser.parse_args()
    sys.stdout.reconfigure(errors="replace")  # fortunes come in many languages
    # So that the servers are ended then too.
    for number in signal.SIGTERM, signal.SIGHUP:
        signal.signal(number, lambda number, frame: sys.exit(128 + number))

    programs = options.bin.resolve()
    fortunes(programs)
    echo(programs, options.mib)
    if options.all:
        echo_through(programs, min(options.mib, 16))
        clock(programs)
        multicast(programs)
        files(programs)
        refusals(programs)
    say(f"\n{counts['passed']} passed, {counts['failed']} failed")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
