"""What help() shows of an attribute: the text below it in the source."""

from __future__ import annotations

import functools
from typing import Dict, Optional


@functools.lru_cache(maxsize=None)
def _texts(cls: type) -> Dict[str, str]:
    """The texts below the attributes of a class, by their names."""
    import ast
    import inspect
    import textwrap

    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):
        return {}  # there is no source
    found: Dict[str, str] = {}
    body = getattr(tree.body[0], "body", [])
    for one, below in zip(body, body[1:]):
        if isinstance(one, ast.Assign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            if isinstance(below.value.value, str):
                found.update((target.id, below.value.value) for target in one.targets if isinstance(target, ast.Name))
    return found


def below(cls: Optional[type], name: str) -> Optional[str]:
    """The text below an attribute of a class, if there is one."""
    return None if cls is None else _texts(cls).get(name)
