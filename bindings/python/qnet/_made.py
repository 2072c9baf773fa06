"""How objects are made: by __init__(), which a subclass must not leave out, and what stands for something in C but once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Generic, Tuple, TypeVar, overload

T = TypeVar("T")


def class_name(thing: object) -> str:
    """The name of an object's class as the program knows it."""
    cls = type(thing)
    if cls.__module__.startswith("qnet."):
        return f"qnet.{cls.__qualname__}"
    return cls.__qualname__ if cls.__module__ == "__main__" else f"{cls.__module__}.{cls.__qualname__}"


def not_made(thing: object) -> RuntimeError:
    return RuntimeError(f"{type(thing).__name__}: the base class's __init__() has not been called")


class Made:
    """What has attributes that only __init__() sets."""

    __slots__ = ()

    _q_by_init: Tuple[str, ...] = ()
    """Their names."""

    if not TYPE_CHECKING:  # for which nothing is missing

        def __getattr__(self, name: str) -> Any:
            if name in self._q_by_init:
                raise not_made(self)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class Single:
    """What stands for something in C: a copy would stand for the same, and delete it. PySide refuses it likewise."""

    __slots__ = ()

    def __reduce__(self) -> Any:
        # Also for copy and deepcopy, and in a subclass that does not say how it is to be made anew.
        raise TypeError(f"cannot pickle {class_name(self)!r} object")

    def _q_make(self, attribute: str) -> None:
        """Called by __init__(): RuntimeError if the attribute that it sets is there."""
        if attribute in self.__dict__:
            raise RuntimeError(f"you can't initialize a {type(self).__name__!r} object twice")


class Readable(Generic[T]):
    """What readable() makes."""

    def __init__(self, function: Callable[[Any], T]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, thing: None, owner: Any = None) -> "Readable[T]": ...

    @overload
    def __get__(self, thing: object, owner: Any = None) -> T: ...

    def __get__(self, thing: Any, owner: Any = None) -> Any:
        return self if thing is None else self._function(thing)


def readable(function: Callable[[Any], T]) -> Readable[T]:
    """A decorator as Python's property, of a name that Qt does not have: a subclass may have something else of that name,
    and its objects may set it."""
    return Readable(function)
