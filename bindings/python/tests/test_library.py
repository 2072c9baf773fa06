import inspect
import re
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


def test_every_function_is_used():
    """What C can do, Python can."""
    from qnet import _object, _server, _signal, _socket, _turn
    from qnet import address, datagram, device, hostinfo, local, loop, messages, server, socket, timer, udp

    modules = (_library, _object, _server, _signal, _socket, _turn)
    modules += (address, datagram, device, hostinfo, local, loop, messages, server, socket, timer, udp)
    sources = "".join(inspect.getsource(module) for module in modules)
    # What servers share is called by a part of its name.
    shared = re.findall(r'(?:self|server)\._c\("(\w+)"\)|_ask\("(\w+)"\)', sources)
    shared = [one or other for one, other in shared] + ["set_" + name for name in _server._VIRTUAL.values()]
    for prefix in (server.QTcpServer._prefix, local.QLocalServer._prefix):
        sources += "".join(f" {prefix}_{name} " for name in shared)
    unused = [name for name in _api.FUNCTIONS if name not in sources]
    # The loops of Python run turn by turn and end by themselves.
    assert sorted(unused) == ["qnet_host_info_abort_host_lookup", "qnet_loop_default", "qnet_loop_quit"]


def test_every_constant_is_used():
    from qnet import address, enums

    sources = inspect.getsource(enums) + inspect.getsource(address) + inspect.getsource(_library)
    constants = [name for name in dir(_api) if name.startswith("QNET_")]
    assert [name for name in constants if name not in sources] == ["QNET_LOCAL_SOCKET", "QNET_VERSION_PATCH"]


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
