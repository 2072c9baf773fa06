#!/usr/bin/env python3
"""Measures echo servers against each other with load_client.

    run_bench.py                                  epoll_echo_server against qnet_echo_server and qnet_cpp_echo_server
    run_bench.py --quick                          the same in a fraction of the time
    run_bench.py --servers a=./one 'b=./two -x'   any servers; the first is the baseline

A server is any command that prints "listening on 127.0.0.1:PORT" and echoes
until it gets SIGTERM; for the scenario "local" it also takes --local PATH, and
prints "listening on PATH". Each run starts a fresh server, so that no run inherits
anything; the servers take turns (A B A B ...), so that whatever else the machine
does hits all of them, and each is compared with the baseline's run of the same
round. The server gets one processor and the client another, where there are two.

Read the ratio of the rates first, but not alone: where the client is the slower
half, two servers can reach the same rate at different cost. That is the ratio
of the processor time per message.
"""

import argparse
import contextlib
import json
import os
import re
import resource
import select
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

# Name, and what load_client is told. {idle} is the number given with --idle.
SCENARIOS = {
    "1x64": ["--connections", "1", "--size", "64"],
    "100x64": ["--connections", "100", "--size", "64"],
    "100x64+idle": ["--connections", "100", "--size", "64", "--idle", "{idle}"],
    "local-100x64": ["--connections", "100", "--size", "64"],
    "64x64KiB": ["--connections", "64", "--size", "65536"],
}
LOCAL = {"local-100x64"}  # over a local socket
MEMORY = "memory"
START_SECONDS = 10
STOP_SECONDS = 5


class BenchError(Exception):
    """A server or the client did not do what it should."""


def start(command, cpu, **options):
    """Starts a command, pinned to a processor unless cpu is None."""
    if cpu is not None:
        # Before the command starts: some servers look at what they may use once.
        options["preexec_fn"] = lambda: os.sched_setaffinity(0, {cpu})
    try:
        return subprocess.Popen(command, text=True, **options)
    except OSError as error:
        raise BenchError(f"cannot start {shlex.join(command)}: {error}") from error


def read_line(process, seconds):
    """Returns the next line of a process's output; "" at its end."""
    if not select.select([process.stdout], [], [], seconds)[0]:
        raise BenchError(f"{shlex.join(process.args)}: no output within {seconds} s")
    return process.stdout.readline()


@contextlib.contextmanager
def running_server(command, cpu, local=False):
    """Runs a server for the length of a with block; gives its process and how the client reaches it."""
    folder = tempfile.mkdtemp() if local else None
    if folder:
        command = [*command, "--local", os.path.join(folder, "echo")]
    process = start(command, cpu, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        line = read_line(process, START_SECONDS)
        match = re.match(r"listening on (/.*)$" if local else r"listening on 127\.0\.0\.1:(\d+)$", line)
        if not match:
            raise BenchError(f"{shlex.join(command)}: said {line!r} instead of where it listens")
        yield process, ["--local" if local else "--port", match.group(1)]
        if process.poll() is not None:
            raise BenchError(f"{shlex.join(command)}: ended by itself with status {process.returncode}")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                print(f"{shlex.join(command)}: does not end on SIGTERM, killed", file=sys.stderr)
                process.kill()
                process.wait()
        process.stdout.close()
        if folder:
            shutil.rmtree(folder)


def run_load(client, server, where, cpu, seconds, warmup, arguments):
    """Runs the client once; returns its figures."""
    command = [client, *where, "--server-pid", str(server.pid),
               "--seconds", str(seconds), "--warmup", str(warmup), *arguments]
    process = start(command, cpu, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    with process:
        try:
            output = process.communicate(timeout=seconds + warmup + 60)[0]
        except BaseException as error:
            process.kill()
            if isinstance(error, subprocess.TimeoutExpired):
                raise BenchError(f"{shlex.join(command)}: does not end") from error
            raise
    if process.returncode != 0:
        raise BenchError(f"{shlex.join(command)}: failed with status {process.returncode}")
    return {key: float(value) for key, value in (pair.split("=") for pair in output.split())}


def resident_bytes(pid):
    """Returns the memory of a process that is resident now."""
    for path, key in ((f"/proc/{pid}/smaps_rollup", "Rss:"), (f"/proc/{pid}/status", "VmRSS:")):
        with contextlib.suppress(OSError), open(path, encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith(key):
                    return int(line.split()[1]) * 1024
    raise BenchError(f"the resident memory of process {pid} cannot be read")


def run_memory(client, server, where, cpu, idle, settle):
    """Returns the server's memory before, and per idle connection."""
    # What the first connections cost once and for all is not to be counted.
    run_load(client, server, where, cpu, 0.2, 0, ["--connections", "20"])
    time.sleep(settle)
    before = resident_bytes(server.pid)
    command = [client, *where, "--idle-only", str(idle)]
    process = start(command, cpu, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with process:  # which ends the client's input, and with it the client
        if read_line(process, 60) != "ready\n":
            raise BenchError(f"{shlex.join(command)}: failed")
        time.sleep(settle)
        after = resident_bytes(server.pid)
    return {"before": before, "after": after, "per_connection": (after - before) / idle}


def spread(values):
    """Formats minimum, median and maximum."""
    return f"{min(values):.3f} {statistics.median(values):.3f} {max(values):.3f}"


def table(header, rows):
    """Prints rows of text in columns: the first two to the left, the rest to the right."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = [cell.ljust(width) if i < 2 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())


def report_rates(servers, results):
    """Prints the table of the scenarios under load."""
    baseline = next(iter(servers))
    rows = []
    for scenario, runs in results.items():
        for name in servers:
            def median(key):
                return statistics.median(run[key] for run in runs[name])

            def ratios(key):
                if name == baseline:
                    return "1"
                pairs = zip(runs[name], runs[baseline])
                values = [ours[key] / theirs[key] for ours, theirs in pairs if min(ours[key], theirs[key]) > 0]
                return spread(values) if values else "-"

            cpu = median("cpu_us")
            rows.append([scenario, name, f"{median('rate'):,.0f}", ratios("rate"),
                         f"{median('p50_us'):.0f}", f"{median('p99_us'):.0f}",
                         f"{cpu:.2f}" if cpu >= 0 else "-", ratios("cpu_us")])
    print(f"\nMedians; ratios to {baseline} of the same round as minimum, median, maximum\n")
    table(["scenario", "server", "messages/s", "ratio", "p50 us", "p99 us", "cpu us/msg", "ratio"], rows)


def report_memory(servers, runs, idle):
    """Prints the table of the memory per idle connection."""
    rows = []
    for name in servers:
        each = [run["per_connection"] for run in runs[name]]
        rows.append([name, f"{idle:,} idle",
                     f"{statistics.median(run['before'] for run in runs[name]) / 2**20:.1f}",
                     f"{statistics.median(run['after'] for run in runs[name]) / 2**20:.1f}",
                     f"{min(each):,.0f} {statistics.median(each):,.0f} {max(each):,.0f}"])
    print("\nResident memory of the server (the system's own for each socket is not in it)\n")
    table(["server", "connections", "MiB before", "MiB after", "bytes each: min, median, max"], rows)


def parse_arguments():
    """Returns the command line's settings; fills in what depends on others."""
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--servers", nargs="+", metavar="NAME=COMMAND",
                        help="what to compare, the baseline first (epoll and qnet)")
    parser.add_argument("--bin-dir", default=here, metavar="DIR",
                        help="where load_client and the two servers are (beside this script)")
    parser.add_argument("--scenarios", nargs="+", choices=[*SCENARIOS, MEMORY],
                        default=[*SCENARIOS, MEMORY], metavar="NAME",
                        help=f"which of {', '.join([*SCENARIOS, MEMORY])} (all)")
    parser.add_argument("--rounds", type=int, help="runs of each server (7; quick: 3)")
    parser.add_argument("--seconds", type=float, help="time that counts in each run (3; quick: 1)")
    parser.add_argument("--warmup", type=float, help="time before it (1; quick: 0.3)")
    parser.add_argument("--idle", type=int, default=5000, help="number of idle connections (5000)")
    parser.add_argument("--quick", action="store_true", help="short runs, for a first look")
    parser.add_argument("--no-pin", action="store_true", help="leave the processors to the system")
    parser.add_argument("--json", metavar="FILE", help="write every run's figures to this file too")
    arguments = parser.parse_args()

    arguments.rounds = arguments.rounds or (3 if arguments.quick else 7)
    arguments.seconds = arguments.seconds or (1 if arguments.quick else 3)
    if arguments.warmup is None:
        arguments.warmup = 0.3 if arguments.quick else 1
    if min(arguments.rounds, arguments.seconds, arguments.idle) <= 0 or arguments.warmup < 0:
        parser.error("numbers must be positive")
    arguments.client = os.path.join(arguments.bin_dir, "load_client")
    servers = {}
    for pair in arguments.servers or []:
        name, equals, command = pair.partition("=")
        if not (name and equals and command.strip()) or name in servers:
            parser.error(f"not NAME=COMMAND with a name of its own: {pair}")
        servers[name] = shlex.split(command)
    arguments.servers = servers or {
        name: [os.path.join(arguments.bin_dir, f"{name}_echo_server")] for name in ("epoll", "qnet", "qnet_cpp")}
    return arguments


def choose_processors(pin):
    """Returns one processor for the server and one for the client, or None twice."""
    usable = sorted(os.sched_getaffinity(0)) if pin else []
    return usable[:2] if len(usable) >= 2 else [None, None]


def main():
    """Runs everything and prints the tables; returns the exit status."""
    arguments = parse_arguments()
    # For the servers and the client, which inherit it.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server_cpu, client_cpu = choose_processors(not arguments.no_pin)
    if server_cpu is None:
        print("servers and client share the processors")
    else:
        print(f"servers on processor {server_cpu}, client on processor {client_cpu}")

    results = {scenario: {name: [] for name in arguments.servers} for scenario in arguments.scenarios}
    for scenario in arguments.scenarios:
        for turn in range(arguments.rounds):
            for name, command in arguments.servers.items():
                with running_server(command, server_cpu, scenario in LOCAL) as (server, where):
                    if scenario == MEMORY:
                        run = run_memory(arguments.client, server, where, client_cpu,
                                         arguments.idle, 0.2 if arguments.quick else 1)
                        figure = f"{run['per_connection']:,.0f} bytes per idle connection"
                    else:
                        options = [option.format(idle=arguments.idle) for option in SCENARIOS[scenario]]
                        run = run_load(arguments.client, server, where, client_cpu,
                                       arguments.seconds, arguments.warmup, options)
                        figure = f"{run['rate']:,.0f} messages/s"
                results[scenario][name].append(run)
                print(f"{scenario}, round {turn + 1} of {arguments.rounds}, {name}: {figure}", flush=True)

    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"servers": arguments.servers, "seconds": arguments.seconds,
                       "idle": arguments.idle, "results": results}, file, indent=1)
    memory = results.pop(MEMORY, None)
    if results:
        report_rates(arguments.servers, results)
    if memory:
        report_memory(arguments.servers, memory, arguments.idle)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as problem:
        sys.exit(f"run_bench.py: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
