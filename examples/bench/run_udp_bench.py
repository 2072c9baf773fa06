#!/usr/bin/env python3
"""Measures receivers of datagrams against each other, and a connection beside a flood.

    run_udp_bench.py            recvmmsg in C, qnet one by one, in batches and without GRO, and Qt where it was built
    run_udp_bench.py --quick    the same in a fraction of the time

Each receiver is flooded by udp_flood, which sends trains of datagrams (UDP GSO) and so more than any of them can
take; the figure is what the receiver has read. The receivers take turns, each in a fresh process, and are compared
within their round: with the C program, and with Qt. Then a connection echoes, one message at a time, through a qnet
server whose loop reads a flooded UDP socket too. The receiver gets one processor, the senders the other.
"""

import argparse
import contextlib
import os
import re
import statistics
import subprocess
import sys

from run_bench import BenchError, START_SECONDS, choose_processors, read_line, spread, start, table

RECEIVERS = {
    "recvmmsg": ["recvmmsg_udp_receiver", "{warmup}", "{seconds}"],
    "qnet": ["qnet_udp_receiver", "{warmup}", "{seconds}"],
    "qnet batch": ["qnet_udp_receiver", "{warmup}", "{seconds}", "batch"],
    "qnet singly": ["qnet_udp_receiver", "{warmup}", "{seconds}", "singly"],
    "qt": ["qt_udp_receiver", "{warmup}", "{seconds}"],
}
BASELINES = ["recvmmsg", "qt"]


@contextlib.contextmanager
def ended(process):
    """Kills a process after a with block."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def port_of(process, what):
    """Returns the port in the next line of a process's output."""
    line = read_line(process, START_SECONDS)
    match = re.match(what + r" 127\.0\.0\.1:(\d+)$", line)
    if not match:
        raise BenchError(f"{process.args[0]}: said {line!r} instead of its port")
    return match.group(1)


def flood(options, port, cpu):
    """Starts the sender."""
    sender = start([os.path.join(options.bin_dir, "udp_flood"), port, str(options.size)], cpu, stdin=subprocess.DEVNULL)
    # So that a client on the same processor waits for the server and not for the sender's time slice.
    os.sched_setscheduler(sender.pid, os.SCHED_IDLE, os.sched_param(0))
    return sender


def measure(options, command, cpus):
    """Returns how many datagrams a receiver reads in a second."""
    command = [word.format(warmup=options.warmup, seconds=options.seconds) for word in command]
    command[0] = os.path.join(options.bin_dir, command[0])
    with ended(start(command, cpus[0], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)) as receiver:
        port = port_of(receiver, "listening on")
        with ended(flood(options, port, cpus[1])):
            line = read_line(receiver, options.warmup + options.seconds + 30)
    return float(dict(pair.split("=") for pair in line.split())["rate"])


def measure_beside(options, cpus, flooded):
    """Returns the figures of a connection beside a flood, or beside silence."""
    with ended(start([os.path.join(options.bin_dir, "qnet_flooded_server")], cpus[0], stdin=subprocess.DEVNULL,
                     stdout=subprocess.PIPE)) as server, contextlib.ExitStack() as stack:
        datagrams, port = port_of(server, "datagrams to"), port_of(server, "listening on")
        if flooded:
            stack.enter_context(ended(flood(options, datagrams, cpus[1])))
        client = start([os.path.join(options.bin_dir, "load_client"), "--port", port, "--server-pid", str(server.pid),
                        "--connections", "1", "--size", "64", "--seconds", str(options.seconds), "--warmup",
                        str(options.warmup)], cpus[1], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        with client:
            try:
                output = client.communicate(timeout=options.seconds + options.warmup + 60)[0]
            except BaseException:
                client.kill()
                raise
        if client.returncode != 0:
            raise BenchError(f"load_client: failed with status {client.returncode}")
        server.kill()
        seen = re.findall(r"datagrams=(\d+)", server.stdout.read())
    figures = {key: float(value) for key, value in (pair.split("=") for pair in output.split())}
    figures["datagrams"] = float(seen[-1]) / (len(seen) / 2) if seen else 0.0
    return figures


def report(rates):
    """Prints the table of the receivers."""
    rows = []
    for name, values in rates.items():
        row = [name, "", f"{statistics.median(values):,.0f}"]
        for baseline in BASELINES:
            row.append("1" if name == baseline else "-" if baseline not in rates else
                       spread([ours / theirs for ours, theirs in zip(values, rates[baseline])]))
        rows.append(row)
    print("\nDatagrams read in a second, medians; ratios within a round as minimum, median, maximum\n")
    table(["receiver", "", "datagrams/s", *(f"ratio to {baseline}" for baseline in BASELINES)], rows)


def report_beside(runs):
    """Prints the table of the connection beside a flood."""
    rows = [[name, "", *(f"{statistics.median(run[key] for run in figures):,.0f}"
                         for key in ("rate", "p50_us", "p99_us", "datagrams"))] for name, figures in runs.items()]
    print("\nOne connection that echoes, beside a UDP socket on the same loop, medians\n")
    table(["the UDP socket is", "", "echoes/s", "p50 us", "p99 us", "datagrams/s"], rows)


def main():
    """Runs everything and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin-dir", default=os.path.dirname(os.path.abspath(__file__)), metavar="DIR",
                        help="where the programs are (beside this script)")
    parser.add_argument("--size", type=int, default=64, help="bytes of each datagram (64)")
    parser.add_argument("--rounds", type=int, help="runs of each receiver (7; quick: 3)")
    parser.add_argument("--seconds", type=float, help="time that counts in each run (2; quick: 1)")
    parser.add_argument("--warmup", type=float, default=0.3, help="time before it (0.3)")
    parser.add_argument("--quick", action="store_true", help="short runs, for a first look")
    parser.add_argument("--no-pin", action="store_true", help="leave the processors to the system")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 7)
    options.seconds = options.seconds or (1 if options.quick else 2)
    cpus = choose_processors(not options.no_pin)

    receivers = {name: command for name, command in RECEIVERS.items()
                 if os.path.exists(os.path.join(options.bin_dir, command[0]))}
    if "qt" not in receivers:
        print("no comparison with Qt: qt_udp_receiver was not built (Debian: qt6-base-dev)")
    rates = {name: [] for name in receivers}
    beside = {"silent": [], "flooded": []}
    for turn in range(options.rounds):
        for name, command in receivers.items():
            rates[name].append(measure(options, command, cpus))
            print(f"round {turn + 1} of {options.rounds}, {name}: {rates[name][-1]:,.0f} datagrams/s", flush=True)
        for name, runs in beside.items():
            runs.append(measure_beside(options, cpus, name == "flooded"))
            print(f"round {turn + 1} of {options.rounds}, {name}: p99 {runs[-1]['p99_us']:.0f} us", flush=True)
    report(rates)
    report_beside(beside)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as problem:
        sys.exit(f"run_udp_bench.py: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
