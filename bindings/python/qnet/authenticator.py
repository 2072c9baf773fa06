"""What a proxy wants to know of whoever uses it. Qt: QAuthenticator"""

from __future__ import annotations

from typing import Any, Dict, Optional

from ._convert import string, text
from ._library import lib
from ._made import Made


class QAuthenticator(Made):
    """A user and a password for a proxy. Qt: QAuthenticator

    The one that a slot of proxyAuthenticationRequired is given is the library's until the slots have returned. From then
    on, as copies of it and those that a program makes, it is a plain value.
    """

    __slots__ = _q_by_init = ("_q_handle", "_user", "_password", "_realm", "_options", "_null")

    def __init__(self, other: Optional["QAuthenticator"] = None, /) -> None:
        self._q_handle: Optional[int] = None
        self._user = self._password = self._realm = ""
        self._options: Dict[str, str] = {}  # that were set here
        self._null = True
        if other is not None:
            self._user, self._password, self._realm = other.user(), other.password(), other.realm()
            self._options, self._null = dict(other._options), other.isNull()

    def __repr__(self) -> str:
        return f"<qnet.QAuthenticator {self.user()!r} for {self.realm()!r}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, QAuthenticator):
            return NotImplemented
        return (self.user(), self.password(), self.realm(), self._options, self.isNull()) == (
            other.user(),
            other.password(),
            other.realm(),
            other._options,
            other.isNull(),
        )

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> "QAuthenticator":
        return QAuthenticator(self)

    def __deepcopy__(self, _memo: Any) -> "QAuthenticator":
        return QAuthenticator(self)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'qnet.QAuthenticator' object")  # as in PySide

    def _end(self) -> None:
        """The slots have returned."""
        if self._q_handle is not None:
            self._user, self._password, self._realm = self.user(), self.password(), self.realm()
            self._null = self.isNull()
            self._q_handle = None

    def user(self) -> str:
        """The user: what was set, or else who was refused. Qt: QAuthenticator::user()"""
        return self._user if self._q_handle is None else string(lib.qnet_authenticator_user(self._q_handle))

    def setUser(self, user: str, /) -> None:
        """For NTLM it may name a domain: "DOMAIN\\\\user". Qt: QAuthenticator::setUser()"""
        data = text(user)
        self._user, self._null = user, False
        if self._q_handle is not None:
            lib.qnet_authenticator_set_user(self._q_handle, data)

    def password(self) -> str:
        """The password: what was set, or else the one that was refused. Qt: QAuthenticator::password()"""
        return self._password if self._q_handle is None else string(lib.qnet_authenticator_password(self._q_handle))

    def setPassword(self, password: str, /) -> None:
        """Qt: QAuthenticator::setPassword()"""
        data = text(password)
        self._password, self._null = password, False
        if self._q_handle is not None:
            lib.qnet_authenticator_set_password(self._q_handle, data)

    def realm(self) -> str:
        """What they are for, in the proxy's words; "" if it has none. Qt: QAuthenticator::realm()"""
        return self._realm if self._q_handle is None else string(lib.qnet_authenticator_realm(self._q_handle))

    def option(self, opt: str, /) -> Optional[str]:
        """An option; None if there is none. The realm is the option "realm". Qt: QAuthenticator::option()"""
        name = text(opt)
        if self._q_handle is None:
            return self._options.get(opt, self._realm or None if opt == "realm" else None)
        value = lib.qnet_authenticator_option(self._q_handle, name)
        return None if value is None else string(value)

    def setOption(self, opt: str, value: str, /) -> None:
        """Sets an option, a text, for other slots to read. Qt: QAuthenticator::setOption()"""
        name, data = text(opt), text(value)
        self._options[opt], self._null = value, False
        if self._q_handle is not None:
            lib.qnet_authenticator_set_option(self._q_handle, name, data)

    def isNull(self) -> bool:
        """Is nothing known, and was nothing set? Qt: QAuthenticator::isNull()"""
        return self._null if self._q_handle is None else bool(lib.qnet_authenticator_is_null(self._q_handle))


def authenticator_of(handle: int) -> QAuthenticator:
    """That of a handle, for the time of a call."""
    authenticator = QAuthenticator()
    authenticator._q_handle = handle
    return authenticator
