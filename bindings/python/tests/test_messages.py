import pytest
import qnet
from qnet import QtMsgType, QTimer


def test_handler(messages):
    seen = []
    old = qnet.qInstallMessageHandler(lambda kind, context, text: seen.append((kind, context.category, text)))
    assert old is not None
    QTimer().setInterval(-1)
    assert len(seen) == 1 and seen[0][:2] == (QtMsgType.QtWarningMsg, "qnet") and isinstance(seen[0][2], str)
    qnet.qInstallMessageHandler(old)
    QTimer().setInterval(-1)
    assert len(seen) == 1 and len(messages) == 1
    messages.clear()


def test_default_handler(messages, capfd):
    old = qnet.qInstallMessageHandler(None)
    QTimer().setInterval(-1)
    assert "qnet" in capfd.readouterr().err
    assert qnet.qInstallMessageHandler(old) is None
    with pytest.raises(TypeError):
        qnet.qInstallMessageHandler(5)


def test_exceptions_in_the_handler(capfd):
    def fails(kind, context, text):
        raise ValueError("in the handler")

    old = qnet.qInstallMessageHandler(fails)
    QTimer().setInterval(-1)
    qnet.qInstallMessageHandler(old)
    assert "in the handler" in capfd.readouterr().err


def test_version():
    assert qnet.qVersion().split(".")[:2] == qnet.__version__.split(".")[:2]
