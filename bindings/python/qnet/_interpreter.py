"""Only the main interpreter can use the library, which there is once in a process.

Another one would share the default loop, the message handler and the callbacks with it. ctypes calls back into the
interpreter that the calling thread belongs to: the functions of another would run in the wrong one, or, before Python
3.12, wait for ever for a lock that their own thread has.
"""

from __future__ import annotations

_WHY = (
    "qnet cannot be used in a subinterpreter: the library is there once in a process, and calls back into the main "
    "interpreter. Import it there (with mod_wsgi: WSGIApplicationGroup %{GLOBAL}), or use a process instead."
)

try:
    import ctypes
except ImportError as error:
    # Python 3.12 refuses it to some subinterpreters.
    if "subinterpreter" not in str(error):
        raise
    raise ImportError(_WHY) from error


def _is_main() -> bool:
    here, main = ctypes.pythonapi.PyInterpreterState_Get, ctypes.pythonapi.PyInterpreterState_Main
    here.restype = main.restype = ctypes.c_void_p
    return bool(here() == main())


if not _is_main():
    raise ImportError(_WHY)
