"""The end of the interpreter: whatever is going on, the process ends in time, with its own exit status and silently."""

import os
import subprocess
import sys
import textwrap

import pytest

BEGIN = """
    import sys, threading
    import qnet
    from qnet import *
    def until(condition):
        while not condition():
            QCoreApplication.processEvents(QEventLoop.WaitForMoreEvents, 20)
    server = QTcpServer()
    server.newConnection.connect(lambda: None)
    assert server.listen(QHostAddress.LocalHost)
    client = QTcpSocket()
    client.stateChanged.connect(lambda state: None)
    client.connectToHost(QHostAddress.LocalHost, server.serverPort())
    until(server.hasPendingConnections)
    accepted = server.nextPendingConnection()
"""

ENDS = {
    "with a connection": "",
    "with data in flight": "client.write(bytes(1 << 20))",
    "with a timer": "timer = QTimer(); timer.timeout.connect(lambda: None); timer.start(0)",
    "with calls to come": "qnet.post(lambda: 1 / 0); QTimer.singleShot(0, lambda: 1 / 0)",
    "with a look-up": "QHostInfo.lookupHost('localhost', lambda info: 1 / 0)",
    "with deletions to come": "client.deleteLater(); accepted.deleteLater()",
    "with an application": "app = QCoreApplication([])",
    "with a message handler": "qnet.qInstallMessageHandler(lambda *message: 1 / 0)",
    "with a cycle": "client.me = client; client.readyRead.connect(lambda: client)",
    "with slots for the end": "for x in (server, client, accepted): x.destroyed.connect(lambda: 1 / 0)",
    "with overrides": """
        class Mine(QTcpServer):
            def incomingConnection(self, handle): 1 / 0
            def hasPendingConnections(self): 1 / 0
            def nextPendingConnection(self): 1 / 0
        mine = Mine()
        assert mine.listen(QHostAddress.LocalHost)
        client.abort()
        client.connectToHost(QHostAddress.LocalHost, mine.serverPort())
    """,
    "in a slot": """
        def leave(): raise SystemExit(0)
        QTimer.singleShot(0, leave)
        QCoreApplication.exec()
        1 / 0
    """,
    "with a daemon that runs a loop": """
        running = threading.Event()
        def run():
            with Loop() as loop:
                QTimer.singleShot(0, running.set)
                loop.exec()
        threading.Thread(target=run, daemon=True).start()
        running.wait()
    """,
    "with a busy daemon": """
        running = threading.Event()
        def run():
            with Loop() as loop:
                timer = QTimer()
                timer.timeout.connect(running.set)
                timer.start(0)
                loop.exec()
        threading.Thread(target=run, daemon=True).start()
        running.wait()
    """,
    "with a daemon that waits": """
        threading.Thread(target=client.waitForReadyRead, args=(-1,), daemon=True).start()
    """,
    "with an exit function": """
        import atexit
        atexit.register(lambda: (client.state(), client.write(b'x'), client.delete()))
    """,
    "with references in the module of the package": "qnet.kept = [server, client, accepted, QTimer(), Loop()]",
}


def run(program):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONFAULTHANDLER": "1"}
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        timeout=30,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("end", ENDS)
def test_end(end):
    done = run(textwrap.dedent(BEGIN) + textwrap.dedent(ENDS[end]))
    assert (done.returncode, done.stdout) == (0, "")


def test_exit_status():
    done = run("import qnet, sys; qnet.QTimer.singleShot(0, lambda: sys.exit(7)); qnet.QCoreApplication.exec()")
    assert (done.returncode, done.stdout) == (7, "")


def test_an_exception_in_a_slot_is_printed():
    done = run(
        textwrap.dedent(
            """
            import qnet
            def fails(): raise ValueError("in a slot")
            qnet.QTimer.singleShot(0, fails)
            qnet.QTimer.singleShot(1, qnet.QCoreApplication.quit)
            raise SystemExit(qnet.QCoreApplication.exec())
            """
        )
    )
    assert done.returncode == 0 and "ValueError: in a slot" in done.stdout and "in fails" in done.stdout


def test_interrupt_by_the_keyboard():
    program = """
        import os, signal, threading, qnet
        qnet.QTimer.singleShot(0, lambda: threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start())
        try:
            qnet.QCoreApplication.exec()
        except KeyboardInterrupt:
            print("interrupted")
    """
    done = run(textwrap.dedent(program))
    assert (done.returncode, done.stdout) == (0, "interrupted\n")
