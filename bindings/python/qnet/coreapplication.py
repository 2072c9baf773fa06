"""The application. Qt: QCoreApplication"""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, List, Optional, Sequence

from . import _turn, enums
from ._convert import integer
from ._object import QObject
from ._signal import Signal
from .loop import execute, exit_all, process_events

#: what the application is called, by the signal that tells of a change
_names: Dict[str, str] = {}


def _set(signal: str, value: str) -> None:
    if not isinstance(value, str):
        raise TypeError(f"a str is needed, not {type(value).__name__}")
    changed = _names.get(signal, "") != value
    _names[signal] = value
    app = QCoreApplication._q_instance
    if changed and app is not None:
        getattr(app, signal).emit()


class QCoreApplication(QObject):
    """The default loop as an application. There is one at a time. It makes the default loop that of the thread that makes
    it, which need not be the main one. Qt: QCoreApplication"""

    aboutToQuit = Signal()
    """exec() is about to return, after quit() or exit(); at once in these. Qt: QCoreApplication::aboutToQuit"""
    applicationNameChanged = Signal()
    """Qt: QCoreApplication::applicationNameChanged"""
    applicationVersionChanged = Signal()
    """Qt: QCoreApplication::applicationVersionChanged"""
    organizationNameChanged = Signal()
    """Qt: QCoreApplication::organizationNameChanged"""
    organizationDomainChanged = Signal()
    """Qt: QCoreApplication::organizationDomainChanged"""

    _q_instance: Optional["QCoreApplication"] = None
    _q_runs = 0  # how many of its exec() are under way
    _q_told = False  # that they are about to end

    def __init__(self, args: Sequence[str] = (), /, **keywords: Any) -> None:
        if QCoreApplication._q_instance is not None:
            raise RuntimeError("there is a QCoreApplication already")
        _turn.claim_default()
        super().__init__(**keywords)
        self._q_loop = None
        self._q_arguments = list(args)
        QCoreApplication._q_instance = self

    @staticmethod
    def instance() -> Optional["QCoreApplication"]:
        """Qt: QCoreApplication::instance()"""
        return QCoreApplication._q_instance

    # ---- what it is

    @staticmethod
    def arguments() -> List[str]:
        """What it was made with. Qt: QCoreApplication::arguments()"""
        app = QCoreApplication._q_instance
        return list(app._q_arguments) if app is not None else list(sys.argv)

    @staticmethod
    def applicationName() -> str:
        """What it was given; else the name of the program, from its arguments. Qt: QCoreApplication::applicationName()"""
        arguments = QCoreApplication.arguments() or sys.argv
        return _names.get("applicationNameChanged") or os.path.basename(arguments[0] if arguments else "")

    @staticmethod
    def setApplicationName(application: str) -> None:
        """Qt: QCoreApplication::setApplicationName()"""
        _set("applicationNameChanged", application)

    @staticmethod
    def applicationVersion() -> str:
        """Qt: QCoreApplication::applicationVersion()"""
        return _names.get("applicationVersionChanged", "")

    @staticmethod
    def setApplicationVersion(version: str) -> None:
        """Qt: QCoreApplication::setApplicationVersion()"""
        _set("applicationVersionChanged", version)

    @staticmethod
    def organizationName() -> str:
        """Qt: QCoreApplication::organizationName()"""
        return _names.get("organizationNameChanged", "")

    @staticmethod
    def setOrganizationName(orgName: str) -> None:
        """Qt: QCoreApplication::setOrganizationName()"""
        _set("organizationNameChanged", orgName)

    @staticmethod
    def organizationDomain() -> str:
        """Qt: QCoreApplication::organizationDomain()"""
        return _names.get("organizationDomainChanged", "")

    @staticmethod
    def setOrganizationDomain(orgDomain: str) -> None:
        """Qt: QCoreApplication::setOrganizationDomain()"""
        _set("organizationDomainChanged", orgDomain)

    @staticmethod
    def applicationFilePath() -> str:
        """Where the interpreter is. Qt: QCoreApplication::applicationFilePath()"""
        return os.path.realpath(sys.executable)

    @staticmethod
    def applicationDirPath() -> str:
        """The folder that it is in. Qt: QCoreApplication::applicationDirPath()"""
        return os.path.dirname(QCoreApplication.applicationFilePath())

    @staticmethod
    def applicationPid() -> int:
        """The number of the process. Qt: QCoreApplication::applicationPid()"""
        return os.getpid()

    @staticmethod
    def startingUp() -> bool:
        """Is there none yet? Qt: QCoreApplication::startingUp()"""
        return QCoreApplication._q_instance is None

    # ---- its loop

    @staticmethod
    def exec() -> int:
        """Runs the default loop until exit() or quit(), and returns the exit code; -1 at once if another thread runs
        it. Ctrl-C ends it as KeyboardInterrupt. Qt: QCoreApplication::exec()"""
        app = QCoreApplication._q_instance
        if app is None:
            return execute(None)
        app._q_runs += 1
        app._q_told = False
        try:
            return execute(None)
        finally:
            QCoreApplication._q_tell()
            app._q_runs -= 1

    exec_ = exec

    @staticmethod
    def _q_tell() -> None:
        app = QCoreApplication._q_instance
        if app is not None and app._q_runs and not app._q_told:
            app._q_told = True
            app.aboutToQuit.emit()

    @staticmethod
    def exit(retcode: int = 0) -> None:
        """Makes every exec() of the default loop return retcode. Qt: QCoreApplication::exit()"""
        code = integer(retcode)
        QCoreApplication._q_tell()
        exit_all(None, code)

    @staticmethod
    def quit() -> None:
        """exit(0). Qt: QCoreApplication::quit()"""
        QCoreApplication.exit(0)

    @staticmethod
    def processEvents(
        flags: enums.ProcessEventsFlag = enums.ProcessEventsFlag.AllEvents, maxtime: Optional[int] = None, /
    ) -> None:
        """One turn of the default loop; with a time in milliseconds, turns until there is nothing more to do or the
        time is over. Qt: QCoreApplication::processEvents()"""
        process_events(None, flags, maxtime)

    def _q_finish(self) -> None:
        if QCoreApplication._q_instance is self:
            QCoreApplication._q_instance = None
        super()._q_finish()

    def shutdown(self) -> None:
        """Makes room for another QCoreApplication. PySide: QCoreApplication.shutdown()"""
        QObject.delete(self)
