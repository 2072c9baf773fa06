"""The figures of all runs, and what is said of them: medians, and ratios within a round."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Optional

from .measure import Figures
from .peers import NATIVE, PYTHON

# What the others of a family are compared with; where it was not measured, the first that was.
SUBJECTS = {NATIVE: "qnet", PYTHON: "qnet-python"}


@dataclass(frozen=True)
class Server:
    """What the report says of a peer."""

    title: str
    family: str


@dataclass
class Results:
    """All that a run of the suite has found."""

    system: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)  # and why
    failures: list[str] = field(default_factory=list)
    # By scenario and server, one entry for each round; None where the run failed.
    runs: dict[str, dict[str, list[Optional[Figures]]]] = field(default_factory=dict)

    def add(self, scenario: str, server: str, figures: Optional[Figures]) -> None:
        """Adds a run."""
        self.runs.setdefault(scenario, {}).setdefault(server, []).append(figures)

    def values(self, scenario: str, server: str, key: str) -> list[float]:
        """Returns a figure of every run that has it."""
        return [run[key] for run in self.runs.get(scenario, {}).get(server, []) if run is not None and key in run]

    def median(self, scenario: str, server: str, key: str) -> Optional[float]:
        """Returns the median of a figure; None if no run has it."""
        values = self.values(scenario, server, key)
        return statistics.median(values) if values else None

    def ratios(self, scenario: str, server: str, other: str, key: str) -> list[float]:
        """Returns a server's figures divided by another's of the same round."""
        runs = self.runs.get(scenario, {})
        pairs = zip(runs.get(server, []), runs.get(other, []))
        return [ours[key] / theirs[key] for ours, theirs in pairs
                if ours is not None and theirs is not None and ours.get(key, 0) > 0 and theirs.get(key, 0) > 0]

    def ratio(self, scenario: str, server: str, other: str, key: str) -> Optional[float]:
        """Returns the median of the ratios; None if there are none."""
        values = self.ratios(scenario, server, other, key)
        return statistics.median(values) if values else None

    def subject_of(self, scenario: str, server: str) -> Optional[str]:
        """Returns which server this one is compared with, itself perhaps; None if there is none."""
        family = self.servers[server].family if server in self.servers else NATIVE
        alike = [name for name in self.runs.get(scenario, {}) if name in self.servers and self.servers[name].family == family]
        return SUBJECTS[family] if SUBJECTS[family] in alike else next(iter(alike), None)

    def save(self, path: Path) -> None:
        """Writes everything to a file, a line for each run."""
        lines = []
        for key, value in asdict(self).items():
            if key != "runs":
                lines.append(f"{json.dumps(key)}: {json.dumps(value, indent=1)}")
        scenarios = []
        for scenario, servers in self.runs.items():
            each = ",\n  ".join(f"{json.dumps(server)}: [\n   " + ",\n   ".join(map(json.dumps, runs)) + "\n  ]"
                                for server, runs in servers.items())
            scenarios.append(f"{json.dumps(scenario)}: {{\n  {each}\n }}")
        lines.append('"runs": {\n ' + ",\n ".join(scenarios) + "\n}")
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def load(path: Path) -> Results:
    """Reads what save() has written."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    stored["servers"] = {name: Server(**server) for name, server in stored["servers"].items()}
    return Results(**stored)
