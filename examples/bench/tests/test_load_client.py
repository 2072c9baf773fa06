#!/usr/bin/env python3
"""Tests load_client against servers whose behaviour is known.

    test_load_client.py LOAD_CLIENT
    test_load_client.py TLS_LOAD_CLIENT     against servers that encrypt
"""

import contextlib
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from suite.certificates import Certificates  # noqa: E402
from suite.scenarios import P256  # noqa: E402

DELAY = 0.02
PATIENCE = 30
ENCRYPTED = Path(sys.argv[1]).name.startswith("tls_") if len(sys.argv) > 1 else False
CERTIFICATES = Certificates()


def encryption():
    """What a server encrypts with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _, certificate, _, key = CERTIFICATES.options_of(P256)
    context.load_cert_chain(certificate, key)
    return context


class Server:
    """Serves each connection on a thread; answer(data) tells what goes back, None that the connection is closed."""

    def __init__(self, answer, tickets=2):
        self.answer = answer
        self.accepted = self.received = self.resumed = 0
        self.encryption = encryption() if ENCRYPTED else None
        if self.encryption:
            self.encryption.num_tickets = tickets
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection = self.listener.accept()[0]
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.accepted += 1
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            stack.enter_context(connection)
            if self.encryption:
                connection = stack.enter_context(self.encryption.wrap_socket(connection, server_side=True))
                self.resumed += connection.session_reused
            while data := connection.recv(1 << 16):
                self.received += len(data)
                answer = self.answer(data)
                if answer is None:
                    return
                connection.sendall(answer)

    def load(self, *options):
        """Runs the client; returns its status, its figures and its complaint."""
        ran = subprocess.run([sys.argv[1], "--port", str(self.listener.getsockname()[1]), "--seconds", "0.5", "--warmup", "0.1",
                              *options], capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.listener.close()
        return ran.returncode, {key: float(value) for key, value in (pair.split("=") for pair in ran.stdout.split())}, ran.stderr


def late(data):
    """Answers after a while."""
    time.sleep(DELAY)
    return data


def latency_is_that_of_the_server():
    _, figures, _ = Server(late).load("--connections", "2")
    for key in "p50_us", "p99_us", "p999_us":
        assert figures[key] >= DELAY * 1e6 * 63 / 64, figures
    assert figures["p50_us"] < 50 * DELAY * 1e6, figures
    # Two connections, one message in flight each.
    assert figures["rate"] <= 2 / DELAY * 1.1, figures
    assert abs(figures["messages"] / figures["seconds"] - figures["rate"]) < 1, figures


def changed_bytes_are_noticed():
    server = Server(lambda data: bytes([data[0] ^ 1]) + data[1:])
    status, _, complaint = server.load("--connections", "1")
    assert status == 1 and "differs" in complaint, complaint


def lost_bytes_are_noticed():
    lost = []
    def lose(data):
        if lost or len(data) < 2:
            return data
        lost.append(data[0])
        return data[1:] + data[:1]
    status, _, complaint = Server(lose).load("--connections", "1", "--size", "1000")
    assert status == 1 and "differs" in complaint, complaint


def a_surplus_is_noticed():
    status, _, complaint = Server(lambda data: data + b"x").load("--connections", "1")
    assert status == 1 and "more came back" in complaint, complaint


def a_closed_connection_is_noticed():
    status, _, complaint = Server(lambda data: None).load("--connections", "1")
    assert status == 1 and ("closed" in complaint or "reset" in complaint), complaint


def churn_opens_a_connection_for_each_message():
    server = Server(lambda data: data)
    status, figures, complaint = server.load("--churn", "--connections", "4")
    assert status == 0, complaint
    assert figures["messages"] <= server.accepted, (figures, server.accepted)
    assert figures["messages"] > 0.3 * server.accepted, (figures, server.accepted)


def bulk_counts_what_was_sent():
    server = Server(lambda data: b"")
    status, figures, complaint = server.load("--bulk", "--connections", "1", "--size", "65536")
    assert status == 0 and "p50_us" not in figures, (figures, complaint)
    assert 0 < figures["messages"] * 65536 < server.received + (16 << 20), (figures, server.received)


def an_interval_is_kept():
    _, figures, _ = Server(lambda data: data).load("--interval-ms", "20", "--connections", "1")
    assert 5 <= figures["messages"] <= 26, figures


def idle_connections_stay_open():
    server = Server(lambda data: data)
    status, _, complaint = server.load("--connections", "2", "--idle", "50")
    assert status == 0 and server.accepted == 52, (server.accepted, complaint)


def a_drain_counts_what_has_come():
    sent = []
    class Source(Server):
        def serve(self, connection):
            with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
                stack.enter_context(connection)
                if self.encryption:
                    connection = stack.enter_context(self.encryption.wrap_socket(connection, server_side=True))
                while True:
                    sent.append(connection.send(bytes(65536)))
    status, figures, complaint = Source(None).load("--drain", "--connections", "1", "--size", "65536")
    assert status == 0 and "p50_us" not in figures, (figures, complaint)
    assert 0 < figures["messages"] * 65536 <= sum(sent), (figures, sum(sent))


def idle_connections_have_sent_what_they_should():
    server = Server(lambda data: data)
    client = subprocess.Popen([sys.argv[1], "--port", str(server.listener.getsockname()[1]), "--idle-only", "3", "--idle-bytes", "100000"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    said = client.stdout.readline()
    assert said == "ready\n" and (server.accepted, server.received) == (3, 300000), (said, server.accepted, server.received)
    client.communicate(timeout=PATIENCE)
    server.listener.close()


def sessions_are_resumed():
    server = Server(lambda data: data)
    status, figures, complaint = server.load("--churn", "--connections", "4", "--resume")
    assert status == 0, complaint
    assert server.resumed >= figures["messages"], (figures, server.resumed)


def who_resumes_no_session_is_noticed():
    status, _, complaint = Server(lambda data: data, tickets=0).load("--churn", "--connections", "4", "--resume")
    assert status == 1 and "no session" in complaint, complaint


def a_full_handshake_is_one():
    server = Server(lambda data: data)
    status, _, complaint = server.load("--churn", "--connections", "4")
    assert status == 0 and server.resumed == 0, (server.resumed, complaint)


TESTS = [latency_is_that_of_the_server, changed_bytes_are_noticed, lost_bytes_are_noticed, a_surplus_is_noticed,
         a_closed_connection_is_noticed, churn_opens_a_connection_for_each_message, bulk_counts_what_was_sent,
         an_interval_is_kept, idle_connections_stay_open, a_drain_counts_what_has_come,
         idle_connections_have_sent_what_they_should]
if ENCRYPTED:
    TESTS += [sessions_are_resumed, who_resumes_no_session_is_noticed, a_full_handshake_is_one]


def main():
    """Runs the tests; ends with their numbers."""
    failed = 0
    for test in TESTS:
        try:
            test()
        except (AssertionError, OSError, KeyError, subprocess.TimeoutExpired) as why:
            failed += 1
            print(f"FAIL {test.__name__}: {why!r}")
        else:
            print(f"ok {test.__name__}")
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
