"""Signals, slots and properties of a program's own classes. Qt: Signal, Slot and Property of PySide"""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Tuple, TypeVar

from . import _signal

F = TypeVar("F", bound=Callable[..., Any])

_NUMBERS = (int, float)


def _number(kind: type) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if isinstance(value, _NUMBERS):
            return kind(value)
        raise TypeError

    return convert


def _list(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return list(value)
    raise TypeError


#: what arguments are converted by, if they are not of the type already; others must be
_CONVERTERS: Dict[Any, Callable[[Any], Any]] = {int: _number(int), float: _number(float), bool: bool, list: _list}

#: what may be None: everything but the values that Qt knows
_NEVER_NONE = (int, float, bool, str, bytes, bytearray, list, dict)


def _fit(name: str, kind: Any, value: Any) -> Any:
    """An argument as the signal is declared with it."""
    if not isinstance(kind, type) or kind is object or type(value) is kind:
        return value  # a type by its name in C++, or any
    if value is None and not issubclass(kind, _NEVER_NONE):
        return value
    if kind in (bytes, bytearray) and isinstance(value, (bytes, bytearray)):
        return value
    convert = _CONVERTERS.get(kind)
    if convert is not None:
        try:
            return convert(value)
        except TypeError:
            pass
    elif isinstance(value, kind):
        return value
    raise TypeError(f"the signal {name} takes {kind.__name__}, not {type(value).__name__}")


class Signal(_signal.Signal):
    """A signal of a class of one's own: `found = Signal(str)` in a subclass of QObject, and `self.found.emit("it")`.

    What is emitted must be of the types that it is declared with; numbers are converted. With a tuple of types for each,
    Signal((int,), (str,)) declares it several times: `self.found[str].emit("it")`. PySide: Signal
    """

    def __init__(self, *types: Any, name: Optional[str] = None, arguments: Any = None) -> None:
        super().__init__()
        several = bool(types) and all(isinstance(one, (tuple, list)) for one in types)
        self._overloads: Tuple[Tuple[Any, ...], ...] = tuple(map(tuple, types)) if several else (types,)

    def _types(self, name: str) -> Tuple[Any, ...]:
        for which in self._overloads:
            if name == self._named(which):
                return which
        return self._overloads[0]

    def _named(self, types: Tuple[Any, ...]) -> str:
        if types == self._overloads[0]:
            return self.name
        return f"{self.name}[{','.join(getattr(one, '__name__', str(one)) for one in types)}]"

    def _another(self, types: Any) -> str:
        wanted = tuple(types) if isinstance(types, (tuple, list)) else (types,)
        if wanted not in self._overloads:
            raise IndexError(f"the signal {self.name} is not declared with {wanted!r}")
        return self._named(wanted)

    def _arity(self, name: str) -> Optional[int]:
        return len(self._types(name))

    def _fit(self, name: str, arguments: Tuple[Any, ...]) -> Tuple[Any, ...]:
        types = self._types(name)
        _signal.check_count(name, arguments, len(types))
        return tuple(_fit(name, kind, value) for kind, value in zip(types, arguments))


def Slot(*types: Any, name: Optional[str] = None, result: Any = None) -> Callable[[F], F]:
    """A decorator that does nothing: every function can be connected. PySide: Slot"""

    def same(function: F) -> F:
        return function

    return same


class Property(property):
    """A property of an object: `Property(int, get, set)`, or `@Property(int)` before a function, as Python's property
    otherwise. QObject.property() and setProperty() know it by its name. PySide: Property"""

    def __init__(
        self,
        type: Any,
        fget: Optional[Callable[[Any], Any]] = None,
        fset: Optional[Callable[[Any, Any], None]] = None,
        freset: Optional[Callable[[Any], None]] = None,
        doc: str = "",
        notify: Optional[_signal.Signal] = None,
        **_keywords: Any,
    ) -> None:
        super().__init__(fget, fset, freset, doc or None)
        self.type, self.notify = type, notify

    def __call__(self, getter: Callable[[Any], Any]) -> "Property":
        return Property(self.type, getter, self.fset, self.fdel, getter.__doc__ or "", self.notify)

    def getter(self, fget: Callable[[Any], Any]) -> "Property":
        """PySide: Property.getter"""
        return Property(self.type, fget, self.fset, self.fdel, self.__doc__ or "", self.notify)

    def setter(self, fset: Callable[[Any, Any], None]) -> "Property":
        """PySide: Property.setter"""
        return Property(self.type, self.fget, fset, self.fdel, self.__doc__ or "", self.notify)

    write = setter

    def deleter(self, fdel: Callable[[Any], None]) -> "Property":
        """PySide: Property.deleter"""
        return Property(self.type, self.fget, self.fset, fdel, self.__doc__ or "", self.notify)

