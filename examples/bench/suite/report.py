"""The results as tables in Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import Optional

from . import datagrams, proxies, senders, tasks, threads
from .measure import BenchError
from .results import Results
from .scenarios import BESIDE, BY_NAME, DATAGRAMS, LIBRARY, LOAD, MEMORY, PROXY, SEND, SYSCALLS, TASK, THREADS, Scenario
from .targets import TARGETS, TLS_TARGETS, Verdict, evaluate, of

BUSY = 0.97  # from which on the client is what limits a rate
BEGIN, END = "<!-- The benchmark writes this: begin -->", "<!-- The benchmark writes this: end -->"
PEER_TITLES = {"epoll": "raw epoll in C", "qt": "Qt 6", "libuv-queued": "libuv, with requests", "libuv": "libuv, uv_try_write", "asio": "Asio",
               "openssl": "raw OpenSSL in C"}

HOW_TO_READ = """\
Every run starts a fresh server. The servers take turns (A B C A B C ...), and what is given is the median of the
rounds. A ratio is qnet's figure divided by the other's *of the same round*: its median, and in parentheses the least
and the largest. Servers in C, C++ and Go are compared with qnet in C, those in Python with qnet in Python.

The load comes from one program on epoll with a processor of its own, where there are two. It keeps one message in
flight on each connection (a closed loop): a server that stalls is sent less. Where its processor is busy all the time,
marked with *, it limits the rate, and the servers differ in the processor time per message more than in the rate.
Latencies are those that it sees, with its own queue of answers; all of them are counted.
"""
HOW_TO_READ_TLS = """\
All connections have TLS 1.3 with TLS_AES_128_GCM_SHA256 and X25519, which the client asks for, and the servers are set as
their libraries set them: OpenSSL gives a client two tickets, crypto/tls one. Raw OpenSSL reads ahead and gives its buffers
back while a connection is idle. Clients resume one of the last sessions that a server has given; Qt's resumes none.
"""


def number(value: Optional[float]) -> str:
    """Formats a figure with about three digits."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values: Sequence[float]) -> str:
    """Formats the median, and the extremes if there are some."""
    if not values:
        return "–"
    middle = number(statistics.median(values))
    return f"{middle} ({number(min(values))}–{number(max(values))})" if len(values) > 1 else middle


def table(header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Makes a table whose first columns are flush left, and the others right."""
    lines = [header, ["---" if i < left else "--:" for i in range(len(header))], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _title(results: Results, server: str) -> str:
    return results.servers[server].title if server in results.servers else server


def _compared(results: Results, scenario: str, server: str, key: str) -> str:
    subject = results.subject_of(scenario, server)
    if subject is None:
        return "–"
    return "1" if subject == server else spread(results.ratios(scenario, subject, server, key))


def _load_table(results: Results, scenario: Scenario) -> str:
    name = scenario.name
    rows = []
    for server in results.runs[name]:
        busy = results.median(name, server, "client_busy")
        mark = " *" if busy is not None and busy >= BUSY and "--interval-ms" not in scenario.options else ""
        rate = results.median(name, server, "rate")
        rows.append([
            _title(results, server), number(rate) + mark,
            *([f"{rate * scenario.size / 1e6:,.0f}" if rate else "–"] if scenario.size >= 4096 else []),
            _compared(results, name, server, "rate"),
            *(number(results.median(name, server, key)) for key in ("p50_us", "p99_us", "p999_us")),
            number(results.median(name, server, "cpu_us")), _compared(results, name, server, "cpu_us")])
    header = ["server", "messages/s", *(["MB/s"] if scenario.size >= 4096 else []), "qnet's ratio", "p50 µs", "p99 µs",
              "p99.9 µs", "CPU µs/message", "qnet's ratio"]
    return table(header, rows)


def _memory_table(results: Results, scenario: Scenario) -> str:
    def mebibytes(server: str, key: str) -> str:
        value = results.median(scenario.name, server, key)
        return "–" if value is None else f"{value / 2**20:.1f}"

    return table(["server", "MiB before", "MiB with them", "bytes each", "qnet's ratio"],
                 [[_title(results, server), mebibytes(server, "before"), mebibytes(server, "after"),
                   spread(results.values(scenario.name, server, "bytes_each")),
                   _compared(results, scenario.name, server, "bytes_each")] for server in results.runs[scenario.name]])


def _syscalls_table(results: Results) -> str:
    scenarios = [name for name in results.runs if name.startswith(SYSCALLS)]
    servers = list(dict.fromkeys(server for name in scenarios for server in results.runs[name]))
    return table(["server", *(BY_NAME[name].title.removeprefix("system calls: ") for name in scenarios)],
                 [[_title(results, server), *(number(results.median(name, server, "syscalls")) for name in scenarios)]
                  for server in servers])


def _datagrams_table(results: Results, scenario: Scenario) -> str:
    name = scenario.name

    def ratio(ours: str, theirs: str) -> str:
        return "1" if ours == theirs else spread(results.ratios(name, ours, theirs, "rate"))

    return table(["receiver", "datagrams/s", "ratio to recvmmsg", "ratio to Qt"],
                 [[datagrams.RECEIVERS[one][0], number(results.median(name, one, "rate")), ratio(one, "recvmmsg"),
                   ratio(one, "qt")] for one in results.runs[name]])


def _beside_table(results: Results, scenario: Scenario) -> str:
    return table(["the UDP socket sees", "echoes/s", "p50 µs", "p99 µs", "datagrams/s"],
                 [[datagrams.BESIDE[one], *(number(results.median(scenario.name, one, key))
                                            for key in ("rate", "p50_us", "p99_us", "datagrams"))]
                  for one in results.runs[scenario.name]])


def _library_table(results: Results, scenario: Scenario) -> str:
    rows = []
    for one in results.runs[scenario.name]:
        size = results.median(scenario.name, one, "bytes")
        rows.append([{"qt": "libQt6Network", "qnet": "libqnet"}.get(one, one),
                     spread([value / 1000 for value in results.values(scenario.name, one, "load_us")]),
                     number(results.median(scenario.name, one, "libraries")), "–" if size is None else f"{size / 1e6:.1f}"])
    return table(["library", "ms to load, and for a first call", "files", "MB"], rows)


def _proxy_table(results: Results, scenario: Scenario) -> str:
    name = scenario.name

    def ratio(ours: str, theirs: str) -> str:
        return "1" if ours == theirs else spread(results.ratios(name, ours, theirs, "cpu_us"))

    return table(["client", "messages/s", "CPU µs/message", "ratio to epoll", "ratio to Qt"],
                 [[proxies.TITLES[one], *(number(results.median(name, one, key)) for key in ("rate", "cpu_us")),
                   ratio(one, "epoll"), ratio(one, "qt")] for one in results.runs[name]])


def _send_table(results: Results, scenario: Scenario) -> str:
    name = scenario.name
    return table(["sender", "messages/s", "MB/s", "ratio to epoll", "CPU µs/message", "ratio to epoll"],
                 [[senders.SENDERS[one][0], number(results.median(name, one, "rate")),
                   number((results.median(name, one, "rate") or 0) * int(scenario.options[0]) / 1e6),
                   "1" if one == "epoll" else spread(results.ratios(name, one, "epoll", "rate")),
                   number(results.median(name, one, "cpu_us")),
                   "1" if one == "epoll" else spread(results.ratios(name, one, "epoll", "cpu_us"))]
                  for one in results.runs[name]])


def _task_table(results: Results, scenario: Scenario) -> str:
    name = scenario.name
    return table(["with", "times/s", "CPU µs each", "ratio"],
                 [[tasks.TITLES[one], *(number(results.median(name, one, key)) for key in ("rate", "cpu_us")),
                   "1" if one == "epoll" else spread(results.ratios(name, one, "epoll", "cpu_us"))]
                  for one in results.runs[name]])


def _threads_table(results: Results, scenario: Scenario) -> str:
    name = scenario.name

    def ratio(one: str, key: str) -> str:
        return "1" if one == "handed" else spread(results.ratios(name, one, "handed", key))

    return table(["with", "messages/s", "ratio", "CPU µs/message", "ratio"],
                 [[threads.PROGRAMS[one][0], number(results.median(name, one, "rate")), ratio(one, "rate"),
                   number(results.median(name, one, "cpu_us")), ratio(one, "cpu_us")] for one in results.runs[name]])


TABLES = {LOAD: _load_table, MEMORY: _memory_table, DATAGRAMS: _datagrams_table, BESIDE: _beside_table,
          LIBRARY: _library_table, PROXY: _proxy_table, SEND: _send_table, TASK: _task_table,
          THREADS: _threads_table}


def _verdict(verdict: Verdict) -> str:
    if verdict.measured is None:
        return f"{verdict.bound}: –"
    mark = "✓" if verdict.reached else "✗"
    unit = f" {verdict.bound.unit}" if verdict.bound.unit else ""
    return f"{verdict.bound}: **{number(verdict.measured)}{unit}** {mark}"


def targets_table(results: Results) -> str:
    """The targets: each bound, what was measured, and whether that is within it."""
    verdicts = {(verdict.target.title, verdict.peer): _verdict(verdict) for verdict in evaluate(results)}
    wanted, peers = of(results)
    return table(["case", *(PEER_TITLES[peer] for peer in peers)],
                 [[target.title, *(verdicts.get((target.title, peer), "") for peer in peers)] for target in wanted],
                 left=5)


def targets_summary(results: Results) -> str:
    """How many targets were reached; "" if none was measured."""
    measured = [verdict for verdict in evaluate(results) if verdict.reached is not None]
    if not measured:
        return ""
    text = f"{sum(verdict.reached is True for verdict in measured)} of {len(measured)} targets reached"
    unmeasured = sum(len(target.bounds) for target in of(results)[0]) - len(measured)
    return text + (f", {unmeasured} not measured." if unmeasured else ".")


def missed_targets(results: Results) -> list[str]:
    """Which targets were measured and not reached."""
    return [f"{verdict.target.title} against {PEER_TITLES[verdict.peer]}: {_verdict(verdict).replace('*', '')}"
            for verdict in evaluate(results) if verdict.reached is False]


def write(results: Results) -> str:
    """Returns the whole report."""
    tls = of(results)[0] is TLS_TARGETS
    command = "make bench-tls" if tls else "make bench"
    parts = [f"# Benchmark results{': encrypted connections' if tls else ''}\n",
             f"Written by `{command}`; the figures of every run are in `results.json`.\n",
             table(["", ""], [[key, value] for key, value in {**results.system, **results.settings}.items()], left=2),
             HOW_TO_READ, *([HOW_TO_READ_TLS] if tls else [])]
    if summary := targets_summary(results):
        parts += ["## Targets\n", "qnet's C server divided by each peer, as above: the bound, the measured ratio, and "
                  "whether it holds.\n", targets_table(results), summary + "\n"]
    if results.left_out:
        parts += ["## Left out\n", "\n".join(f"- {name}: {why}" for name, why in results.left_out.items()) + "\n"]
    if results.failures:
        parts += ["## Failed runs\n", "\n".join(f"- {failure}" for failure in results.failures) + "\n"]
    for name in results.runs:
        if name.startswith(SYSCALLS):
            continue
        scenario = BY_NAME[name]
        parts.append(f"## {scenario.title[0].upper()}{scenario.title[1:]}\n")
        if scenario.note:
            parts.append(scenario.note + "\n")
        parts.append(TABLES[scenario.kind](results, scenario))
    if any(name.startswith(SYSCALLS) for name in results.runs):
        parts += ["## System calls of the server per message\n", _syscalls_table(results)]
    return "\n".join(parts)


# What the README tells: these peers, of the cases.
README_PEERS = {"epoll": "raw epoll in C", "qt": "Qt 6", "libuv": "libuv", "asio": "Asio"}
README_PLOT = "rate-connections.svg"


def ratios_table(results: Results) -> str:
    """qnet's figure divided by each peer's, case by case."""
    found = {(verdict.target.title, verdict.peer): verdict for verdict in evaluate(results)}

    def cell(title: str, peer: str) -> str:
        verdict = found[title, peer]
        unit = f" {verdict.bound.unit}" if verdict.bound.unit and verdict.measured is not None else ""
        return number(verdict.measured) + unit

    return table(["case", *README_PEERS.values()],
                 [[target.title, *(cell(target.title, peer) for peer in README_PEERS)] for target in TARGETS])


def readme_section(results: Results, folder: str, plots: dict[str, str]) -> str:
    """Returns what stands in the README: a plot, if it is among those by file and title, and a table of ratios."""
    lines = [f"![{title}]({folder}/{file})" for file, title in plots.items() if file.endswith(README_PLOT)]
    system = results.system
    return "\n".join([
        BEGIN, "", *lines, "",
        f"An echo server in C on qnet, divided by one on each of the others: the median of the ratios within a round. Of "
        f"rates more is better; of p99 and memory, less. Measured on {system.get('processor', 'an unknown processor')} "
        f"({system.get('processors', '?')} processors), Linux {system.get('kernel', '?')}, {system.get('date', '')}. "
        f"[All figures]({folder}/results.md).", "",
        ratios_table(results).strip(), "", END])


def put_into(text: str, section: str) -> str:
    """Replaces what stands between the marks."""
    begin, end = text.find(BEGIN), text.find(END)
    if not 0 <= begin < end:
        raise BenchError("there are no marks for the benchmark's part")
    return text[:begin] + section + text[end + len(END):]
