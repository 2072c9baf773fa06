"""Plots, as SVG whose text can be read on a light and on a dark page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .results import Results
from .scenarios import BY_NAME

GREY = "#7d8590"
# Name, colour, mark; qnet last, on top.
LINES = {
    "epoll": ("raw epoll (C)", GREY, "s"),
    "libuv": ("libuv", "#c9860a", "^"),
    "asio": ("Asio", "#a06cd5", "v"),
    "qt": ("Qt 6", "#2f9e5f", "D"),
    "go": ("Go's net", "#1b9fb5", "P"),
    "qnet": ("qnet (C)", "#e0483e", "o"),
}
CONNECTIONS = {1: "1x64", 10: "10x64", 100: "100x64", 1000: "1000-open", 10000: "10000-open"}
SIZES = {64: "100x64", 1024: "100x1KiB", 4096: "100x4KiB", 65536: "64x64KiB", 1 << 20: "16x1MiB"}
SIZE_NAMES = {64: "64 B", 1024: "1 KiB", 4096: "4 KiB", 65536: "64 KiB", 1 << 20: "1 MiB"}

Points = tuple[list[float], list[float]]


def connection_points(results: Results, server: str, key: str, scale: float) -> Points:
    """Returns a server's figures by the number of connections."""
    found = [(float(count), results.median(name, server, key)) for count, name in CONNECTIONS.items()]
    points = [(count, value * scale) for count, value in found if value is not None]
    return [x for x, _ in points], [y for _, y in points]


def size_points(results: Results, server: str) -> Points:
    """Returns a server's rates by the size of the messages, in parts of the rate of raw epoll."""
    found = [(float(size), 1.0 if server == "epoll" and results.values(name, server, "rate")
              else results.ratio(name, server, "epoll", "rate")) for size, name in SIZES.items()]
    points = [(size, value) for size, value in found if value is not None]
    return [x for x, _ in points], [y for _, y in points]


def _draw_lines(axes: Any, results: Results, points: Callable[[str], Points]) -> None:
    for server, (title, colour, mark) in LINES.items():
        x, y = points(server)
        if x:
            axes.plot(x, y, label=title, color=colour, marker=mark, markersize=5,
                      linewidth=2.6 if server == "qnet" else 1.5, zorder=3 if server == "qnet" else 2)
    if axes.lines:
        axes.legend(frameon=False, labelcolor=GREY, fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))


def _connections_axis(axes: Any) -> None:
    axes.set_xscale("log")
    axes.set_xticks(list(CONNECTIONS), [f"{count:,}" for count in CONNECTIONS])
    axes.minorticks_off()
    axes.set_xlabel("open connections, 100 of them active at most")


def _rates(axes: Any, results: Results) -> None:
    _draw_lines(axes, results, lambda server: connection_points(results, server, "rate", 1e-3))
    _connections_axis(axes)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("thousand messages/s")


def _latencies(axes: Any, results: Results) -> None:
    _draw_lines(axes, results, lambda server: connection_points(results, server, "p99_us", 1))
    axes.set_yscale("log")
    _connections_axis(axes)
    axes.set_ylabel("p99 latency, µs")


def _sizes(axes: Any, results: Results) -> None:
    _draw_lines(axes, results, lambda server: size_points(results, server))
    axes.set_xscale("log", base=2)
    axes.set_xticks(list(SIZES), [SIZE_NAMES[size] for size in SIZES])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel("size of a message")
    axes.set_ylabel("rate, raw epoll = 1")


def _memory(axes: Any, results: Results) -> None:
    bars = [(results.servers[server].title, results.median("memory", server, "bytes_each"), server)
            for server in results.runs.get("memory", {}) if server in results.servers]
    shown = sorted(((title, value, server) for title, value, server in bars if value is not None and value > 0),
                   key=lambda bar: -bar[1])
    if not shown:
        return
    places = range(len(shown))
    axes.barh(places, [value for _, value, _ in shown], height=0.6,
              color=[LINES["qnet"][1] if server.startswith("qnet") else GREY for _, _, server in shown])
    for place, (_, value, _) in zip(places, shown):
        axes.annotate(f"{value:,.0f} B", (value, place), xytext=(4, 0), textcoords="offset points", va="center",
                      color=GREY, fontsize=9)
    axes.set_xscale("log")
    axes.set_xlim(right=max(value for _, value, _ in shown) * 3)
    axes.set_yticks(places, [title for title, _, _ in shown])
    axes.set_xlabel("resident bytes per idle connection")


PLOTS: dict[str, tuple[str, Callable[[Any, Results], None]]] = {
    "rate-connections.svg": ("Messages per second against the number of connections, 64 B", _rates),
    "p99-connections.svg": ("p99 latency against the number of connections, 64 B", _latencies),
    "rate-size.svg": ("Rate against the size of messages", _sizes),
    "memory.svg": ("Memory per idle connection", _memory),
}


def write(results: Results, folder: Path) -> dict[str, str]:
    """Writes all plots for which there are figures; returns their files and titles."""
    import matplotlib  # type: ignore[import-not-found,unused-ignore] # here, because only plots need it

    matplotlib.use("svg")
    from matplotlib import pyplot

    # Text stays text, and the same figures give the same file.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "qnet", "font.family": "sans-serif",
                                "text.color": GREY, "axes.labelcolor": GREY, "axes.edgecolor": GREY,
                                "xtick.color": GREY, "ytick.color": GREY, "axes.titlecolor": GREY})
    written = {}
    folder.mkdir(parents=True, exist_ok=True)
    for file, (title, draw) in PLOTS.items():
        figure, axes = pyplot.subplots(figsize=(7.2, 3.4), layout="constrained")
        axes.grid(color=GREY, alpha=0.25, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes, results)
        if axes.lines or axes.patches:
            axes.set_title(title, fontsize=11, loc="left")
            figure.savefig(folder / file, transparent=True, metadata={"Date": None})
            written[file] = title
        pyplot.close(figure)
    return written


assert set(CONNECTIONS.values()) | set(SIZES.values()) <= set(BY_NAME)
