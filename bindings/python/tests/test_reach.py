"""What C can do, Python can: every function and constant of the C interface is used by the package."""

import ast
import pathlib
import re

import qnet
from qnet import _api

# The version is put together of its parts, and qnet's kinds of sockets beyond Qt's are asked for by class.
NOT_NEEDED = {"QNET_LOCAL_SOCKET"}


# What Python does in its own way: the handlers of its signal module run where everything may be called, and copies share
# a handle.
OTHERWISE = {"qnet_loop_exit_from_signal", "qnet_network_interface_copy"}

# What is for C alone: texts and pointers, which Python has in its own way.
FOR_C = re.compile(
    r"qnet_\w+_user_data|qnet_timer_(interval|is_single_shot|timer_id)|qnet_socket_write_string|qnet_socket_(peer|local)_text|qnet_host_port_\w+|"
    r"qnet_(msg_type|error|state|option|socket_kind|open_mode|network_layer_protocol|host_info_error_code|"
    r"network_proxy_type|notifier_kind|ssl_protocol|ssl_mode|alert_type|ssl_error_code)_name"
)


def used_names():
    """Every whole word that the package's code uses as an attribute, a name or a text. Lists do not count: that of
    the generated declarations, and that of the functions that wait."""
    names, prefixes, shared = set(), set(), set()
    for path in pathlib.Path(qnet.__file__).parent.glob("*.py"):
        if path.name == "_api.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        listed = {id(one) for node in ast.walk(tree) if isinstance(node, ast.Set) for one in node.elts}
        for node in ast.walk(tree):
            if id(node) in listed:
                continue
            if isinstance(node, ast.Attribute):
                names.add(node.attr)
                # self._c.close, or c.close: a function that each class of servers has under its prefix.
                if getattr(node.value, "attr", getattr(node.value, "id", None)) in ("c", "_q_c"):
                    shared.add(node.attr)
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "_q_prefix":
                prefixes.add(ast.literal_eval(node.value))
            elif isinstance(node, ast.Name):
                names.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)
    assert len(prefixes) == 2 and "close" in shared
    return names | {f"{prefix}_{name}" for prefix in prefixes for name in shared}


def test_every_function_is_used():
    missing = sorted(name for name in set(_api.FUNCTIONS) - used_names() - OTHERWISE if not FOR_C.fullmatch(name))
    assert not missing, f"the package does not use {', '.join(missing)}"


def test_every_constant_is_used():
    constants = {name for name in dir(_api) if name.startswith("QNET_")}
    missing = sorted(constants - used_names() - NOT_NEEDED)
    assert not missing, f"the package does not use {', '.join(missing)}"


def test_names_are_compared_as_a_whole():
    """The test above could not fail if the use of a longer name counted for a shorter one."""
    names = used_names()
    assert "qnet_socket_read" in names and "qnet_socket_rea" not in names
