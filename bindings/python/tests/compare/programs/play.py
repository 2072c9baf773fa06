#!/usr/bin/env python3
"""Plays programs on one library (COMPARE_BACKEND): reads them from stdin and writes their traces to stdout, as JSON, a
line each; first the names of the rules for what is not compared. A process plays thousands."""

import json
import os
import pathlib
import sys
import traceback

# On a single processor, what was sent has arrived when what is sent after it has (peer.deliver). The threads of a
# library that is loaded later are there, too.
processors = sorted(os.sched_getaffinity(0))
os.sched_setaffinity(0, [processors[int(os.environ["COMPARE_PROCESSOR"]) % len(processors)]])
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import alike        # noqa: E402
import backend      # noqa: E402
import peer         # noqa: E402
import streams      # noqa: E402
import tls_sockets  # noqa: E402
import trace        # noqa: E402


def play(source):
    """The trace of a program, which is the text of a scenario."""
    scenarios = []
    recorder = trace.Recorder()
    backend.on_warning(recorder.warning)
    try:
        exec(compile(source, "program", "exec"), {"net": backend.net, "peer": peer, "scenario": scenarios.append, "tls": tls_sockets})
        scenarios[0](recorder)
    except Exception:
        recorder.failure(traceback.format_exc())
    recorder.finish()
    return recorder.lines


def main():
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(what):
        out.write(json.dumps(what) + "\n")
        out.flush()
    answer([*alike.RULES, *streams.RULES])
    for source in sys.stdin:
        answer(play(json.loads(source)))
    os._exit(0)


if __name__ == "__main__":
    main()
