#!/usr/bin/env python3
"""Measures qnet's servers against others, and writes tables and plots.

    run_bench.py                                  everything
    run_bench.py --quick                          everything in a fraction of the time, for a first look
    run_bench.py --tls                            encrypted connections, which are not part of everything
    run_bench.py --scenarios 100x64 churn         these cases alone; --list names them and the servers
    run_bench.py --servers qnet epoll other='./server --option'
                                                  these servers alone, any command among them
    run_bench.py --report results.json            writes the report of an earlier run again
    run_bench.py --check                          only tries whether every server works

A server is any command that prints "listening on 127.0.0.1:PORT" and echoes until it gets SIGTERM; for some scenarios
it also takes --local PATH, and prints "listening on PATH", or --sink, and then discards; or --certificate FILE --key FILE,
and then encrypts, --source, and then sends without end.

A run of everything writes results.md, results.json and plots/ beside this script, and the README's section; one of all that
is encrypted results.md and results.json in tls/. Any other writes to the folder of --output, build/bench if none is given.
"""

from __future__ import annotations

import argparse
import resource
import shlex
import sys
import time
from pathlib import Path
from typing import Optional

from suite import check, datagrams, library, plots, proxies, report, results, senders, system, tasks, threads
from suite.certificates import Certificates
from suite.measure import BenchError, Figures, choose_processors, run_load, run_memory, running_server
from suite.peers import EXTRA, PEERS, PYTHON, TLS_PEERS, Peer, Place, command_of, why_missing
from suite.scenarios import (BESIDE, BY_NAME, DATAGRAMS, LIBRARY, LOAD, MEMORY, PROXY, PYTHON_ROUNDS, SCENARIOS, SEND, TASK,
                             THREADS, SYSCALLS, TLS_SCENARIOS, Scenario)

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SPARE_DESCRIPTORS = 200


class Settings:
    """What the command line asks for."""

    def __init__(self) -> None:
        description = (__doc__ or "").split("\n", maxsplit=1)
        parser = argparse.ArgumentParser(description=description[0], epilog=description[1],
                                         formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--servers", nargs="+", metavar="NAME[=COMMAND]", help="what to compare (all)")
        parser.add_argument("--tls", action="store_true", help="encrypted connections")
        parser.add_argument("--scenarios", nargs="+", choices=list(BY_NAME), metavar="NAME", help="which cases (all)")
        parser.add_argument("--quick", action="store_true", help="short runs, for a first look")
        parser.add_argument("--rounds", type=int, help="runs of each server (3 to 7, by scenario; quick: 1 or 2)")
        parser.add_argument("--seconds", type=float, help="time that counts in each run (1; quick: 0.3)")
        parser.add_argument("--warmup", type=float, help="time before it (0.3; quick: 0.1)")
        parser.add_argument("--idle-limit", type=int, metavar="N", help="open no more idle connections than so many")
        parser.add_argument("--bin-dir", default=str(ROOT / "build/bin"), metavar="DIR", help="where the programs are")
        parser.add_argument("--python", default=sys.executable, metavar="PROGRAM", help="runs the servers in Python")
        parser.add_argument("--no-pin", action="store_true", help="leave the processors to the system")
        parser.add_argument("--output", type=Path, metavar="DIR", help="where results are written")
        parser.add_argument("--readme", type=Path, metavar="FILE", help="put the section of the README into this file")
        parser.add_argument("--report", type=Path, metavar="FILE", help="measure nothing: report on a results.json")
        parser.add_argument("--check", action="store_true", help="measure nothing: try every server")
        parser.add_argument("--list", action="store_true", help="name scenarios and servers")
        given = parser.parse_args()

        self.quick: bool = given.quick
        self.seconds: float = given.seconds if given.seconds is not None else 0.3 if self.quick else 1
        self.warmup: float = given.warmup if given.warmup is not None else 0.1 if self.quick else 0.3
        self.rounds: Optional[int] = given.rounds
        self.idle_limit: Optional[int] = given.idle_limit
        if self.seconds <= 0 or self.warmup < 0 or (self.rounds or 1) < 1 or (self.idle_limit or 1) < 1:
            parser.error("numbers must be positive")
        self.pin: bool = not given.no_pin
        self.check: bool = given.check
        self.list: bool = given.list
        self.report: Optional[Path] = given.report
        self.place = Place.of(given.bin_dir, given.python)
        self.scenarios = [BY_NAME[name] for name in given.scenarios] if given.scenarios else TLS_SCENARIOS if given.tls else SCENARIOS
        self.tls: bool = given.tls or all(scenario.certificate for scenario in self.scenarios)
        if any(bool(scenario.certificate) != self.tls for scenario in self.scenarios):
            parser.error("encrypted cases and others are not measured together")
        try:
            self.peers = choose_peers(given.servers, TLS_PEERS if self.tls else PEERS)
        except BenchError as problem:
            parser.error(str(problem))
        complete = not (self.quick or given.servers or given.scenarios or given.rounds or given.seconds
                        or given.idle_limit)
        home = HERE / "tls" if self.tls else HERE
        publish = not given.output and (complete if not self.report else self.report.resolve() == home / "results.json")
        self.output: Path = given.output or (home if publish else ROOT / "build/bench")
        self.readme: Optional[Path] = given.readme or (ROOT / "README.md" if publish and not self.tls else None)

    def rounds_of(self, scenario: Scenario) -> int:
        """How often each server runs a scenario."""
        if self.rounds:
            return self.rounds
        return min(scenario.rounds, 1 if scenario.rounds <= 3 else 2) if self.quick else scenario.rounds

    def idle_of(self, scenario: Scenario) -> int:
        """How many idle connections there are."""
        return min(scenario.idle, self.idle_limit or scenario.idle)


def choose_peers(names: Optional[list[str]], peers: list[Peer]) -> list[Peer]:
    """Returns the peers of these names, or all that are measured if none are named."""
    known = {peer.name: peer for peer in peers}
    if not names:
        return [peer for peer in peers if peer.name not in EXTRA]
    chosen = []
    for word in names:
        name, equals, command = word.partition("=")
        if equals and command.strip():
            chosen.append(Peer(name, name, command=tuple(shlex.split(command))))
        elif word in known:
            chosen.append(known[word])
        else:
            raise BenchError(f"neither NAME=COMMAND nor one of {', '.join(known)}: {word}")
    if len({peer.name for peer in chosen}) < len(chosen):
        raise BenchError("two servers of one name")
    return chosen


class Bench:
    """Runs the scenarios and collects what comes of them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cpus = choose_processors(settings.pin)
        self.client = str(settings.place.programs / ("tls_load_client" if settings.tls else "load_client"))
        self.certificates = Certificates()
        self.found = results.Results()
        self.found.system = system.describe(settings.place, self.cpus)
        self.found.settings = {"each run": f"{settings.seconds:g} s after {settings.warmup:g} s that do not count"
                                           + (" (quick)" if settings.quick else "")}
        if settings.idle_limit:
            self.found.settings["idle connections"] = f"{settings.idle_limit:,} at most, whatever the case is called"
        self.peers = []
        for peer in settings.peers:
            if why := why_missing(peer, settings.place):
                self.leave_out(peer.name, why)
            else:
                self.peers.append(peer)
                self.found.servers[peer.name] = results.Server(peer.title, peer.family)

    def leave_out(self, name: str, why: str) -> None:
        """Notes what is not measured, and says so."""
        self.found.left_out[name] = why
        print(f"left out: {name}: {why}", flush=True)

    def run(self) -> results.Results:
        """Runs everything."""
        for scenario in self.settings.scenarios:
            self.run_scenario(scenario)
        return self.found

    def run_scenario(self, scenario: Scenario) -> None:
        """Runs a scenario: all that take part, in turns."""
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        needed = self.settings.idle_of(scenario) + scenario.active + SPARE_DESCRIPTORS
        if hard not in (-1, resource.RLIM_INFINITY) and hard < needed:
            self.leave_out(scenario.name, f"needs {needed:,} descriptors of the {hard:,} that are allowed (ulimit -Hn)")
            return
        runners = self.runners(scenario)
        rounds = self.settings.rounds_of(scenario)
        for turn in range(rounds):
            for name, most in runners.items():
                if turn >= most:
                    continue
                where = f"{scenario.name}, round {turn + 1} of {min(rounds, most)}, {name}"
                figures = None
                try:
                    figures = self.run_once(scenario, name)
                    print(f"{where}: {summary(figures)}", flush=True)
                except BenchError as problem:
                    print(f"{where}: failed: {problem}", flush=True)
                    self.found.failures.append(f"{where}: {problem}")
                self.found.add(scenario.name, name, figures)

    def runners(self, scenario: Scenario) -> dict[str, int]:
        """Returns who takes part in a scenario, and in how many rounds at most."""
        many = max(self.settings.rounds or 0, scenario.rounds)
        if scenario.kind in (DATAGRAMS, PROXY, SEND, TASK, THREADS):
            programs = self.settings.place.programs
            if scenario.kind == PROXY:
                missing = {name: proxies.why_missing(programs, name, scenario.options[0]) for name in proxies.CLIENTS}
            elif scenario.kind == SEND:
                missing = {name: senders.why_missing(programs, name) for name in senders.SENDERS}
            elif scenario.kind == TASK:
                missing = {name: tasks.why_missing(programs, name) for name in tasks.PROGRAMS}
            elif scenario.kind == THREADS:
                missing = {name: threads.why_missing(programs, name) for name in threads.PROGRAMS}
            else:
                missing = {name: datagrams.why_missing(programs, name) for name in datagrams.RECEIVERS}
            for name, why in missing.items():
                if why:
                    self.leave_out(f"{name} ({scenario.name})", why)
            return {name: many for name, why in missing.items() if not why}
        if scenario.kind == BESIDE:
            return {name: many for name in datagrams.BESIDE}
        if scenario.kind == LIBRARY:
            return {name: many for name in library.LIBRARIES}
        # A server that was given as a command takes part in everything.
        return {peer.name: many if peer.family != PYTHON else self.settings.rounds or PYTHON_ROUNDS
                for peer in self.peers if peer.family in scenario.families and (peer.resumes or not scenario.resumes)}

    def run_once(self, scenario: Scenario, name: str) -> Figures:
        """Runs a scenario once."""
        seconds = self.settings.seconds * scenario.seconds
        programs = self.settings.place.programs
        if scenario.kind == DATAGRAMS:
            return datagrams.measure(programs, name, self.cpus, seconds)
        if scenario.kind == BESIDE:
            # Its server tells twice a second what it has read.
            return datagrams.measure_beside(programs, name == "flooded", self.cpus, max(seconds, 1))
        if scenario.kind == PROXY:
            proxy, *options = scenario.options
            return proxies.measure(programs, name, proxy, options, self.cpus, seconds, self.settings.warmup)
        if scenario.kind == SEND:
            return senders.measure(programs, name, scenario.options[0], self.cpus, seconds, self.settings.warmup)
        if scenario.kind == TASK:
            task, count = scenario.options
            return tasks.measure(programs, name, task, max(100, int(int(count) * min(seconds, 1))))
        if scenario.kind == THREADS:
            return threads.measure(programs, name, *scenario.options, seconds, self.settings.warmup)
        if scenario.kind == LIBRARY:
            return library.measure(programs, name, self.cpus[0])
        peer = next(peer for peer in self.peers if peer.name == name)
        idle = self.settings.idle_of(scenario)
        how = [*self.certificates.options_of(scenario.certificate), *(["--sink"] if scenario.sink else []),
               *(["--source"] if scenario.source else [])]
        with running_server(command_of(peer, self.settings.place), self.cpus[0], self.settings.place.environment,
                            scenario.local, how) as (pid, where):
            if scenario.kind == MEMORY:
                return run_memory(self.client, pid, where, self.cpus[1], idle, ["--idle-bytes", str(scenario.idle_bytes)],
                                  0.5 if self.settings.quick else scenario.settles)
            assert scenario.kind == LOAD
            options = [*scenario.options, "--idle", str(idle)] if idle else list(scenario.options)
            if scenario.name.startswith(SYSCALLS):
                options.append("--count-syscalls")
            return run_load(self.client, pid, where, self.cpus[1], seconds, self.settings.warmup, options)


def summary(figures: Figures) -> str:
    """Returns a run's figure that matters."""
    for key, text in (("syscalls", "{:,.2f} system calls per message"), ("bytes_each", "{:,.0f} bytes per idle connection"),
                      ("load_us", "{:,.0f} us"), ("rate", "{:,.0f}/s")):
        if key in figures:
            return text.format(figures[key])
    return "nothing"


def write(found: results.Results, settings: Settings) -> None:
    """Writes all that is made of the results."""
    output = settings.output
    output.mkdir(parents=True, exist_ok=True)
    if not settings.report:
        found.save(output / "results.json")
    (output / "results.md").write_text(report.write(found), encoding="utf-8")
    drawn: dict[str, str] = {}
    if not settings.tls:
        try:
            drawn = plots.write(found, output / "plots")
        except ImportError as why:
            print(f"no plots: {why}")
    print(f"written: {output / 'results.md'}" + (f", {len(drawn)} plots" if drawn else ""))
    if settings.readme:
        folder = "examples/bench"
        section = report.readme_section(found, folder, {f"plots/{file}": title for file, title in drawn.items()})
        readme = settings.readme.read_text(encoding="utf-8")
        settings.readme.write_text(report.put_into(readme, section), encoding="utf-8")


def show_list() -> None:
    """Names what there is."""
    for what, scenarios, peers in (("", SCENARIOS, PEERS), (" (--tls)", TLS_SCENARIOS, TLS_PEERS)):
        print(f"scenarios{what}:")
        for scenario in scenarios:
            print(f"  {scenario.name:20} {scenario.title}")
        print(f"servers{what}:")
        for peer in peers:
            print(f"  {peer.name:20} {peer.title}{' (only if named)' if peer.name in EXTRA else ''}")


def main() -> int:
    """Does what the command line asks for; returns the exit status."""
    settings = Settings()
    if settings.list:
        show_list()
        return 0
    if settings.check:
        return check.run(settings.peers, settings.place, settings.tls)
    if settings.report:
        write(results.load(settings.report), settings)
        return 0
    # For the servers and the client, which inherit it.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    began = time.monotonic()
    found = Bench(settings).run()
    found.settings["took"] = f"{(time.monotonic() - began) / 60:.1f} minutes"
    write(found, settings)
    for line in filter(None, [*report.missed_targets(found), report.targets_summary(found)]):
        print(line)
    return 1 if found.failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as problem:
        sys.exit(f"run_bench.py: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
