"""What the servers have to do."""

from __future__ import annotations

from dataclasses import dataclass

from .peers import NATIVE, PYTHON

LOAD, MEMORY, DATAGRAMS, BESIDE, LIBRARY, PROXY, SEND = "load", "memory", "datagrams", "beside", "library", "proxy", "send"
TASK, THREADS = "task", "threads"
BOTH = (NATIVE, PYTHON)


@dataclass(frozen=True)
class Scenario:
    """A case that is measured."""

    name: str
    title: str
    options: tuple[str, ...] = ()  # of load_client; of a proxy's clients, behind the proxy's name; of senders, the size; a task and how often; threads and connections of each
    kind: str = LOAD
    families: tuple[str, ...] = (NATIVE,)
    idle: int = 0  # connections that do nothing, beside the others
    active: int = 0  # connections that do something
    size: int = 64
    local: bool = False  # over local sockets
    sink: bool = False  # the server discards
    source: bool = False  # the server sends without end
    certificate: str = ""  # the server's, by its name in certificates; "" if nothing is encrypted
    idle_bytes: int = 1  # what each idle connection has echoed, where their memory is measured
    settles: float = 0.5  # seconds before that
    resumes: bool = False  # sessions, which not all servers can
    rounds: int = 3  # of a full run
    seconds: float = 1  # how much longer than usual a run takes
    note: str = ""


def _echo(name: str, title: str, active: int, size: int = 64, **more: object) -> Scenario:
    return Scenario(name, title, ("--connections", str(active), "--size", str(size)), active=active, size=size,
                    **more)  # type: ignore[arg-type]


def _task(name: str, title: str, count: int) -> Scenario:
    return Scenario(f"loop-{name}", title, (name, str(count)), kind=TASK, rounds=5)


SCENARIOS = [
    _echo("1x64", "1 connection, 64 B", 1, families=BOTH),
    _echo("10x64", "10 connections, 64 B", 10),
    _echo("100x64", "100 connections, 64 B", 100, families=BOTH, rounds=7),
    _echo("1000-open", "1,000 connections, 100 of them active, 64 B", 100, idle=900),
    _echo("100x64+5000", "100 connections and 5,000 idle ones, 64 B", 100, idle=5000, families=BOTH, rounds=7),
    _echo("100x64+9000", "100 connections and 9,000 idle ones, 64 B", 100, idle=9000, rounds=7),
    _echo("10000-open", "10,000 connections, 100 of them active, 64 B", 100, idle=9900),
    _echo("100x1KiB", "100 connections, 1 KiB", 100, 1024),
    _echo("100x4KiB", "100 connections, 4 KiB", 100, 4096, families=BOTH, rounds=7),
    _echo("64x64KiB", "64 connections, 64 KiB", 64, 65536, rounds=7),
    _echo("16x1MiB", "16 connections, 1 MiB", 16, 1 << 20),
    Scenario("churn", "connect, one message of 64 B, close; 16 at a time", ("--churn", "--connections", "16"), active=16,
             families=BOTH, rounds=7, note="A message is a whole connection; the latency is that until the echo is back."),
    Scenario("bulk", "one connection, one way: 256 KiB with each call, to a server that discards",
             ("--bulk", "--connections", "1", "--size", "262144"), active=1, size=262144, sink=True,
             note="A message is 256 KiB."),
    Scenario("low-rate", "1 connection, a message of 64 B every 10 ms", ("--interval-ms", "10", "--connections", "1"),
             active=1, seconds=2, note="Its rate says nothing; the latency shows what waking up costs. The client does not sleep."),
    *(Scenario(f"low-rate-{each}ms", f"1 connection, a message of 64 B every {each} ms",
               ("--interval-ms", each, "--connections", "1"), active=1, seconds=2, note="As above.") for each in ("1", "0.1")),
    _echo("local-100x64", "100 local sockets, 64 B", 100, local=True),
    Scenario("memory", "10,000 idle connections: resident memory", kind=MEMORY, idle=10000, families=BOTH),
    _echo("syscalls-100x64", "system calls: 100 connections, 64 B", 100, rounds=1, seconds=0.5),
    _echo("syscalls-64x64KiB", "system calls: 64 connections, 64 KiB", 64, 65536, rounds=1, seconds=0.5),
    Scenario("syscalls-churn", "system calls: connect, one message, close", ("--churn", "--connections", "16"),
             active=16, rounds=1, seconds=0.5),
    Scenario("udp", "a flood of datagrams of 64 B", kind=DATAGRAMS, rounds=3),
    Scenario("udp-beside", "a connection beside a flood of datagrams on the same loop", kind=BESIDE, rounds=3),
    Scenario("dante-64KiB", "a client with 4 connections through dante (SOCKS 5), 64 KiB", ("danted", "4", "65536"), kind=PROXY,
             rounds=7, seconds=2),
    Scenario("squid-64KiB", "a client with 4 connections through squid (HTTP), 64 KiB", ("squid", "4", "65536"), kind=PROXY,
             rounds=7, seconds=2),
    Scenario("send-256KiB", "a sender, one way, 256 KiB, four messages ahead", ("262144",), kind=SEND),
    Scenario("send-1MiB", "a sender, one way, 1 MiB, four messages ahead", ("1048576",), kind=SEND),
    Scenario("send-4MiB", "a sender, one way, 4 MiB, four messages ahead", ("4194304",), kind=SEND,
             note="Raw epoll sends from where the message is, and so does qnet with memory that is lent."),
    _task("calls", "a call on one of 100,000 objects, on two threads with a loop each", 1_000_000),
    _task("timers", "30,000 timers that are spread over 3 seconds", 30_000),
    _task("posts", "calls that are posted to the loop of another thread and back", 50_000),
    _task("waits", "a message of 64 B to and fro without a loop", 50_000),
    _task("connects", "a client that connects and closes, by address", 5_000),
    _task("connects-by-name", "a client that connects and closes, by name", 5_000),
    *(Scenario(f"threads-{threads}x{each}", f"{threads} {'threads with a loop each' if threads > 1 else 'thread'}, {each:,} connections "
               "a thread, 64 B, both ends in the process", (str(threads), str(each)), kind=THREADS, rounds=7)
      for each in (50, 4000) for threads in (1, 2)),
    Scenario("library", "loading the library", kind=LIBRARY, rounds=7),
]
P256, RSA = "p256", "rsa2048"


def _tls(name: str, title: str, certificate: str = P256, **more: object) -> Scenario:
    return Scenario(f"tls-{name}", title, certificate=certificate, **more)  # type: ignore[arg-type]


def _tls_echo(name: str, title: str, active: int, size: int = 64, **more: object) -> Scenario:
    return _tls(name, title, options=("--connections", str(active), "--size", str(size)), active=active, size=size, rounds=7,
                **more)


def _tls_shake(name: str, title: str, certificate: str, resumes: bool = False) -> Scenario:
    return _tls(name, title, certificate, options=("--churn", "--connections", "16", *(["--resume"] if resumes else [])), active=16,
                families=BOTH, rounds=7, resumes=resumes, note="A message is a whole connection; the latency is that until the echo is back.")


TLS_SCENARIOS = [
    _tls_echo("1x64", "1 connection, 64 B", 1),
    _tls_echo("100x64", "100 connections, 64 B", 100, families=BOTH),
    _tls_echo("100x64+2000", "100 connections and 2,000 idle ones, 64 B", 100, idle=2000),
    _tls_echo("64x64KiB", "64 connections, 64 KiB", 64, 65536, families=BOTH),
    _tls("in", "one connection, one way to the server, which discards: 256 KiB with each call",
         options=("--bulk", "--connections", "1", "--size", "262144"), active=1, size=262144, sink=True, rounds=7,
         families=BOTH, note="A message is 256 KiB."),
    _tls("out", "one connection, one way from the server, which sends 64 KiB with each call",
         options=("--drain", "--connections", "1", "--size", "262144"), active=1, size=262144, source=True, rounds=7,
         families=BOTH, note="A message is 256 KiB."),
    _tls_shake("p256", "connect, full handshake (ECDSA P-256), one message of 64 B, close; 16 at a time", P256),
    _tls_shake("rsa2048", "connect, full handshake (RSA-2048), one message of 64 B, close; 16 at a time", RSA),
    _tls_shake("resumed", "connect, resumed handshake, one message of 64 B, close; 16 at a time", P256, True),
    _tls("memory", "2,000 idle connections, after 5 s: resident memory", kind=MEMORY, idle=2000, settles=5, families=BOTH),
    _tls("memory-bulk", "2,000 idle connections, 10 s after each has echoed 256 KiB: resident memory", kind=MEMORY, idle=2000,
         idle_bytes=262144, settles=10, families=BOTH),
]
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS + TLS_SCENARIOS}
SYSCALLS = "syscalls-"  # how the names of those begin that count them
PYTHON_ROUNDS = 3  # at most, where the rest has more: they are slow, and no target hangs on them
