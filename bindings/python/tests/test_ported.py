"""The programs of the folder `ported` print the same on PySide6 and here. QNET_TEST_QT names an interpreter that has PySide6,
which is real Qt; otherwise this one must have it."""

import os
import pathlib
import random
import subprocess
import sys

import pytest

QT = os.environ.get("QNET_TEST_QT", sys.executable)
if subprocess.run([QT, "-c", "import PySide6.QtNetwork"], stderr=subprocess.DEVNULL).returncode != 0:
    pytest.skip(f"PySide6, which is real Qt, is not installed for {QT}", allow_module_level=True)

FOLDER = pathlib.Path(__file__).with_name("ported")
SEED = int(os.environ.get("QNET_SEED") or random.randrange(1 << 30))


def printed(interpreter, program, *arguments):
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)
    if interpreter != QT:
        environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    done = subprocess.run(
        [interpreter, "-W", "ignore", FOLDER / f"{program}.py", *map(str, arguments)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def compare(program, *arguments):
    qt, qnet = printed(QT, program, *arguments), printed(sys.executable, program, *arguments)
    different = [f"{number}: Qt {one!r}, qnet {other!r}" for number, (one, other) in enumerate(zip(qt, qnet)) if one != other]
    assert not different, "\n".join(different[:10])
    assert len(qt) == len(qnet)


def test_signals():
    compare("signals")


def test_byte_arrays():
    print(f"QNET_SEED={SEED}")
    compare("bytearrays", SEED, 5000)
