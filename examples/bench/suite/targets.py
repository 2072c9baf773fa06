"""What qnet is to reach against each peer, and whether it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .results import Results

SUBJECT = "qnet"
BYTES = "B"  # of a bound on qnet's own figure, instead of one on a ratio


@dataclass(frozen=True)
class Bound:
    """At least, or at most, so much."""

    least: bool
    value: float
    unit: str = ""

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.value:g}{' ' + self.unit if self.unit else ''}"

    def holds(self, figure: float) -> bool:
        """Tells whether a figure is within the bound."""
        return figure >= self.value if self.least else figure <= self.value


def at_least(value: float) -> Bound:
    """Of a rate, qnet's divided by the peer's."""
    return Bound(True, value)


def at_most(value: float, unit: str = "") -> Bound:
    """Of a latency or of memory."""
    return Bound(False, value, unit)


@dataclass(frozen=True)
class Target:
    """The bounds of one case, by peer."""

    title: str
    scenario: str
    key: str
    bounds: dict[str, Bound]


def _rates(title: str, scenario: str, epoll: float, qt: float, libuv: float, asio: float) -> Target:
    return Target(title, scenario, "rate", {"epoll": at_least(epoll), "qt": at_least(qt), "libuv-queued": at_least(libuv),
                                            "libuv": at_least(libuv), "asio": at_least(asio)})


# libuv twice: as its guide has it, with a buffer and a request for each message, and at its fastest, with one buffer and
# uv_try_write().
PEERS = ("epoll", "qt", "libuv-queued", "libuv", "asio")
TARGETS = [
    _rates("100 × 64 B", "100x64", 0.97, 1.6, 1.2, 1.0),
    _rates("100 × 64 B + 5,000 idle", "100x64+5000", 0.97, 10, 1.3, 1.0),
    _rates("100 × 64 B + 9,000 idle", "100x64+9000", 0.97, 20, 1.3, 1.0),
    _rates("100 × 4 KiB", "100x4KiB", 0.95, 1.6, 1.4, 1.0),
    _rates("64 × 64 KiB", "64x64KiB", 0.9, 1.8, 2, 1.05),
    _rates("connect, one message, close", "churn", 0.95, 1.0, 1.0, 1.0),
    Target("p99 at 100 × 64 B", "100x64", "p99_us",
           {"epoll": at_most(1.1), "qt": at_most(0.7), "libuv-queued": at_most(1.0), "libuv": at_most(1.0),
            "asio": at_most(1.1)}),
    Target("resident bytes per idle connection", "memory", "bytes_each",
           {"epoll": at_most(600, BYTES), "qt": at_most(0.3), "libuv-queued": at_most(1.0), "libuv": at_most(1.0),
            "asio": at_most(0.1)}),
]


def _times(title: str, scenario: str, openssl: float, qt: Optional[float] = None) -> Target:
    return Target(title, scenario, "cpu_us", {"openssl": at_most(openssl), **({"qt": at_most(qt)} if qt else {})})


# Of the processor time of an operation. Go signs with RSA more slowly than OpenSSL.
TLS_PEERS = ("openssl", "qt")
TLS_TARGETS = [
    _times("1 × 64 B", "tls-1x64", 1.1, 0.75),
    _times("100 × 64 B", "tls-100x64", 1.1, 0.75),
    _times("100 × 64 B + 2,000 idle", "tls-100x64+2000", 1.15, 0.35),
    _times("64 × 64 KiB", "tls-64x64KiB", 1.15, 0.85),
    _times("one way in", "tls-in", 1.2, 0.85),
    _times("one way out", "tls-out", 1.15, 0.85),
    _times("full handshake, P-256", "tls-p256", 1.25, 0.5),
    _times("full handshake, RSA-2048", "tls-rsa2048", 2.8),
    _times("resumed handshake", "tls-resumed", 1.25),
    Target("resident bytes per idle connection", "tls-memory", "bytes_each", {"openssl": at_most(8000, BYTES)}),
    Target("the same, 10 s after bulk data", "tls-memory-bulk", "bytes_each", {"openssl": at_most(8000, BYTES)}),
]


def of(results: Results) -> tuple[list[Target], tuple[str, ...]]:
    """Returns the targets of what was measured, and the peers that they are about."""
    if any(target.scenario in results.runs for target in TLS_TARGETS):
        return TLS_TARGETS, TLS_PEERS
    return TARGETS, PEERS


@dataclass(frozen=True)
class Verdict:
    """What was measured for a bound; None if it was not."""

    target: Target
    peer: str
    bound: Bound
    measured: Optional[float]

    @property
    def reached(self) -> Optional[bool]:
        """Whether it was reached; None if that was not measured."""
        return None if self.measured is None else self.bound.holds(self.measured)


def evaluate(results: Results) -> list[Verdict]:
    """Holds the results against every bound."""
    verdicts = []
    for target in of(results)[0]:
        for peer, bound in target.bounds.items():
            if bound.unit == BYTES:
                measured = results.median(target.scenario, SUBJECT, target.key)
            else:
                measured = results.ratio(target.scenario, SUBJECT, peer, target.key)
            verdicts.append(Verdict(target, peer, bound, measured))
    return verdicts
