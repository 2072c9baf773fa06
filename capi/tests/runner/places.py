"""Where things are, in the source tree and in what is built."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = ROOT / "build"
WORK = BUILD / "tests"
LOGS = BUILD / "test-logs"
LIBRARY = BUILD / "libqnet.so"
