"""The package's hints are complete, and tell the users' programs what they promise."""

import pathlib
import shutil
import subprocess
import sys

import pytest
import qnet

PACKAGE = pathlib.Path(qnet.__file__).parent
HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    # One for all: most of what mypy has to do is to read the standard library's hints.
    return tmp_path_factory.mktemp("cache")


def check(tmp_path, cache, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(cache), *map(str, arguments)],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module", autouse=True)
def mypy():
    pytest.importorskip("mypy", reason="mypy is not installed")


def test_package(tmp_path, cache):
    # A copy: mypy does not look at what is installed as closely, nor may it stand beside other packages.
    copy = shutil.copytree(PACKAGE, tmp_path / "copy" / "qnet", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    code, text = check(tmp_path, cache, copy)
    assert code == 0, text


def test_program(tmp_path, cache):
    assert (PACKAGE / "py.typed").is_file()
    code, text = check(tmp_path, cache, HERE / "typed_program.py")
    assert code == 0, text


def test_that_it_can_fail(tmp_path, cache):
    (tmp_path / "wrong.py").write_text("import qnet\n\nqnet.QTcpSocket().write(5)\n")
    code, text = check(tmp_path, cache, tmp_path / "wrong.py")
    assert code == 1 and 'Argument 1 to "write"' in text
