#!/usr/bin/env python3
"""Lists the C functions that the C++ headers do not call.

    reach.py FOLDER     the installed headers, those of C and of C++ in one folder

Reads the functions from the C headers themselves, so that a new one is missed at once. Exits with 1 if one is missing,
or if one is listed below without need.
"""

import pathlib
import re
import sys

# What C++ does in its own way, and how.
OTHERWISE = {
    "qnet_local_server_delete_later": "QObject::deleteLater() deletes the C++ object, which deletes the server",
    "qnet_local_server_on_destroyed": "QObject::destroyed is emitted by the C++ object's destructor",
    "qnet_network_interface_copy": "copies of a QNetworkInterface share the handle",
    "qnet_notifier_delete_later": "QObject::deleteLater() deletes the C++ object, which deletes the notifier",
    "qnet_notifier_on_destroyed": "QObject::destroyed is emitted by the C++ object's destructor",
    "qnet_tcp_server_delete_later": "QObject::deleteLater() deletes the C++ object, which deletes the server",
    "qnet_tcp_server_on_destroyed": "QObject::destroyed is emitted by the C++ object's destructor",
}

# What is for C alone: texts and pointers, which C++ has in its own way.
FOR_C = re.compile(r"qnet_\w+_user_data|qnet_timer_(interval|is_single_shot)|qnet_socket_write_string|qnet_socket_(peer|local)_text|qnet_host_port_\w+|"
                   r"qnet_(msg_type|error|state|option|socket_kind|open_mode|network_layer_protocol|host_info_error_code|"
                   r"network_proxy_type|notifier_kind|ssl_protocol|ssl_mode|alert_type|ssl_error_code)_name")

COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def code(path):
    """A header without its comments."""
    return COMMENTS.sub(" ", path.read_text(encoding="utf-8"))


def main():
    folder = pathlib.Path(sys.argv[1])
    headers = sorted(folder.glob("*.h"))
    functions = {name for header in headers
                 for name in re.findall(r"^QNET_API [^;]*?\b(qnet_\w+)\(", code(header), re.M)}
    if not functions:
        sys.exit(f"there are no functions in {folder}")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path not in headers)
    used = {name for path in files for name in re.findall(r"\bqnet_\w+", code(path))}

    missing = sorted(name for name in functions - used - OTHERWISE.keys() if not FOR_C.fullmatch(name))
    stale = sorted(name for name in OTHERWISE if name in used or name not in functions)
    for name in missing:
        print(f"{name} is called by no C++ header")
    for name in stale:
        print(f"{name} is listed as done otherwise, but it is called or does not exist")
    print(f"{len(functions) - len(missing)} of {len(functions)} functions are reachable from C++")
    return 1 if missing or stale else 0


if __name__ == "__main__":
    sys.exit(main())
