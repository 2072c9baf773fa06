import inspect
import os
import subprocess
import sys
import sysconfig

import pytest
import qnet
from qnet import _api, _library


def load_with(**environment):
    done = subprocess.run(
        [sys.executable, "-c", "import qnet"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        stderr=subprocess.PIPE,
        text=True,
        timeout=30,
    )
    return done.returncode, done.stderr


def test_missing_library(tmp_path):
    code, text = load_with(QNET_LIBRARY=str(tmp_path / "nothing.so"))
    assert code == 1 and "ImportError" in text and "nothing.so" in text and "QNET_LIBRARY" in text


def test_wrong_library():
    import ctypes.util

    other = ctypes.util.find_library("c")
    code, text = load_with(QNET_LIBRARY=other)
    assert code == 1 and "ImportError" in text and "does not fit" in text


def test_chosen_library():
    place = _library.places()[0]
    assert load_with(QNET_LIBRARY=os.path.abspath(place))[0] == 0


def test_musl(monkeypatch):
    monkeypatch.setattr(sysconfig, "get_config_var", lambda name: "cpython-312-x86_64-linux-musl")
    assert _library.on_musl()
    with pytest.raises(ImportError, match="musl"):
        _library.load()


def test_version(monkeypatch):
    monkeypatch.setattr(_api, "QNET_VERSION_MINOR", 99)
    with pytest.raises(ImportError, match="this package needs 0.99"):
        _library.load()


def test_everything_public_is_documented():
    missing = []
    for name in qnet.__all__:
        thing = getattr(qnet, name)
        if not (thing.__doc__ or "").strip():
            missing.append(name)
        if inspect.isclass(thing) and thing.__module__.startswith("qnet"):
            for attribute, value in vars(thing).items():
                function = value.__func__ if isinstance(value, staticmethod) else value
                if inspect.isfunction(function) and not attribute.startswith("_") and not function.__doc__:
                    missing.append(f"{name}.{attribute}")
    assert not missing


def test_importing_in_a_forked_child():
    """The library was called before the fork, the package is there only after it."""
    program = f"""
import ctypes, os
ctypes.CDLL({os.path.abspath(_library.places()[0])!r}).qnet_loop_default()
child = os.fork()
if child:
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
import qnet
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE, text=True, timeout=30,
    )
    assert done.returncode == 1 and "ImportError: qnet cannot be used in this process: it was forked" in done.stderr
