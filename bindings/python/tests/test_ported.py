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


def start(interpreter, program, *arguments):
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)
    if interpreter != QT:
        environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    return subprocess.Popen(
        [interpreter, "-W", "ignore", FOLDER / f"{program}.py", *map(str, arguments)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )


def printed(interpreter, program, *arguments):
    with start(interpreter, program, *arguments) as process:
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output.splitlines()


def compare(program, *arguments):
    qt, qnet = printed(QT, program, *arguments), printed(sys.executable, program, *arguments)
    different = [f"{number}: Qt {one!r}, qnet {other!r}" for number, (one, other) in enumerate(zip(qt, qnet)) if one != other]
    assert not different, "\n".join(different[:10])
    assert len(qt) == len(qnet)


def test_signals():
    compare("signals")


def test_application():
    compare("application")


def test_interfaces():
    compare("interfaces")


def test_byte_arrays():
    print(f"QNET_SEED={SEED}")
    compare("bytearrays", SEED, 5000)


# Few at a time: PySide6 6.12 gives back references to None that it does not have, and ends after some thousand.
@pytest.mark.parametrize("number", range(4))
def test_devices_and_data_streams(number):
    print(f"QNET_SEED={SEED}")
    compare("streams", SEED + 1000 * number, 150)


@pytest.mark.parametrize("server, client", [(QT, sys.executable), (sys.executable, QT)], ids=["PySide6-qnet", "qnet-PySide6"])
def test_data_streams_on_sockets(server, client):
    print(f"QNET_SEED={SEED}")
    with start(server, "talk", "server") as process:
        try:
            assert printed(client, "talk", "client", process.stdout.readline().strip(), SEED) == ["True 29"]
            assert process.wait(60) == 0
        finally:
            process.kill()


def test_threads():
    compare("threads")
