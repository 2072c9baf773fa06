"""The one place that knows which library is under comparison.

COMPARE_BACKEND=qt is Qt through PySide6, COMPARE_BACKEND=qnet is the package qnet. Everything else in this folder
uses `net`, whose class names, signatures, enumerations and signals are those of PySide6.
"""

import io
import os
import pathlib
import sys
from types import SimpleNamespace

NAME = os.environ.get("COMPARE_BACKEND", "qt")
CLASSES = ("QTcpSocket QTcpServer QLocalSocket QLocalServer QUdpSocket QNetworkDatagram QNetworkInterface QHostAddress "
           "QHostInfo QNetworkProxy QNetworkProxyQuery QNetworkProxyFactory QAuthenticator QAbstractSocket QTimer QIODevice "
           "QSocketNotifier QThread "
           "QIODeviceBase QCoreApplication QEventLoop QObject QSsl QSslCertificate QSslCertificateExtension QSslCipher "
           "QSslConfiguration QSslEllipticCurve QSslError QSslKey QSslServer QSslSocket QOcspResponse QCryptographicHash").split()

net = SimpleNamespace()
_warning_sinks = []


def on_warning(function):
    """Calls function(text) for every warning that the library prints; nothing reaches stderr any more."""
    _warning_sinks[:] = [function] if function else []


def _warn(text):
    for sink in _warning_sinks:
        sink(text)


def _load_qt():
    import shiboken6
    from PySide6 import QtCore, QtNetwork
    for name in CLASSES:
        setattr(net, name, getattr(QtNetwork, name, None) or getattr(QtCore, name))
    net.version = QtCore.qVersion()
    net.seconds = lambda date: date.toSecsSinceEpoch() if date.isValid() else None
    buffers = []                              # a QBuffer does not keep its data

    def device(data):
        buffers.append(QtCore.QByteArray(data))
        buffer = QtCore.QBuffer(buffers[-1])
        buffer.open(QtCore.QIODeviceBase.OpenModeFlag.ReadOnly)
        return buffer
    net.device = device
    net.delete = shiboken6.delete

    def handler(kind, context, text):
        if kind != QtCore.QtMsgType.QtDebugMsg:
            _warn(text)
    QtCore.qInstallMessageHandler(handler)

    class Receiver(QtCore.QObject):
        """A queued call needs an object with a signal, and a look-up with an id needs one with a slot."""
        queued = QtCore.Signal(object)

        def __init__(self, function=None):
            super().__init__()
            self.function = function
            self.queued.connect(lambda f: f(), QtCore.Qt.ConnectionType.QueuedConnection)

        @QtCore.Slot(QtNetwork.QHostInfo)
        def found(self, info):
            self.function(info)

    poster = Receiver()
    receivers = []
    receivers.append(poster)
    net.post = poster.queued.emit

    def lookup(name, function):
        receivers.append(Receiver(function))
        return QtNetwork.QHostInfo.lookupHost(name, receivers[-1], QtCore.SLOT("found(QHostInfo)"))
    net.lookup = lookup


def _load_qnet():
    sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))     # the package beside the tests
    import qnet
    for name in CLASSES:
        setattr(net, name, getattr(qnet, name))
    net.version = qnet.qVersion()
    net.seconds = lambda date: date and int(date.timestamp())
    net.device = io.BytesIO                   # a device of data
    net.delete = lambda thing: thing.delete()
    net.post = qnet.post                      # post(function): a queued call
    net.lookup = qnet.QHostInfo.lookupHost    # lookupHost(name, function) -> id
    qnet.qInstallMessageHandler(lambda kind, context, text: _warn(text))


{"qt": _load_qt, "qnet": _load_qnet}[NAME]()
net.name = NAME
net.app = net.QCoreApplication([])
# Short names that nearly every scenario needs.
net.Mode = net.QIODeviceBase.OpenModeFlag
net.State = net.QAbstractSocket.SocketState
net.Error = net.QAbstractSocket.SocketError
net.Option = net.QAbstractSocket.SocketOption
net.Bind = net.QAbstractSocket.BindFlag
net.Protocol = net.QAbstractSocket.NetworkLayerProtocol
net.LocalState = net.QLocalSocket.LocalSocketState
net.LocalError = net.QLocalSocket.LocalSocketError
net.Access = net.QLocalServer.SocketOption
net.Special = net.QHostAddress.SpecialAddress
net.ProxyType = net.QNetworkProxy.ProxyType
net.Capability = net.QNetworkProxy.Capability
net.SslMode = net.QSslSocket.SslMode
net.Verify = net.QSslSocket.PeerVerifyMode
net.Tls = net.QSsl.SslProtocol
net.SslOption = net.QSsl.SslOption
net.SslError = net.QSslError.SslError


def process_events(msec=0):
    """Runs the loop for msec milliseconds, or once without waiting."""
    if not msec:
        net.QCoreApplication.processEvents()
        return
    loop = net.QEventLoop()
    net.QTimer.singleShot(msec, loop.quit)
    loop.exec()
