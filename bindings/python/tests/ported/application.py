"""QCoreApplication: a program for PySide6 and for qnet, which must print the same."""

import os
import sys

try:
    from qnet import QCoreApplication, QEventLoop, QTimer
except ImportError:
    from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer


def later(*functions):
    QTimer.singleShot(0, lambda: [function() for function in functions])


def say(text):
    return lambda: print("  ", text)


def main():
    QCoreApplication.setOrganizationName("org")
    app = QCoreApplication(["some/program", "-x", "é"])
    print(QCoreApplication.instance() is app, app.arguments(), app.applicationName(), app.organizationName())
    print(app.applicationPid() == os.getpid(), os.path.isfile(app.applicationFilePath()),
          app.applicationDirPath() == os.path.dirname(app.applicationFilePath()))
    for name in "applicationName", "applicationVersion", "organizationName", "organizationDomain":
        getattr(app, f"{name}Changed").connect(say(f"{name} changed"))
        setter = getattr(QCoreApplication, "set" + name[0].upper() + name[1:])
        for text in "a", "a", "b":
            setter(text)
        print(getattr(QCoreApplication, name)())
    app.setApplicationName("")
    print(app.applicationName())
    app.aboutToQuit.connect(say("about to quit"))
    app.quit()
    later(app.quit, say("after quit"))
    print(app.exec())
    later(lambda: app.exit(3), say("after exit"))
    print(QCoreApplication.exec())
    later(app.quit, lambda: app.exit(5))
    print(app.exec())
    inner = QEventLoop()
    later(lambda: later(app.quit), lambda: print("inner", inner.exec()))
    print(app.exec())
    timer = QTimer()
    timer.timeout.connect(app.quit)
    timer.start(1)
    print(app.exec())
    sys.stdout.flush()
    os._exit(0)


main()
