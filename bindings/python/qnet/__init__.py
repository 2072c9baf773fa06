"""Qt's networking classes without Qt.

The names, signatures, enumerations and signals are those of PySide6.QtNetwork and PySide6.QtCore:

    QTcpSocket, QTcpServer              connections, and what accepts them
    QSslSocket, QSslServer              the same, encrypted; QSslConfiguration, QSslCertificate, QSslKey, QSslError, ...
    QUdpSocket, QNetworkDatagram        datagrams
    QSctpSocket, QSctpServer            connections with messages, on several channels
    QLocalSocket, QLocalServer          connections between programs of the same machine
    QHostAddress, QHostInfo, QNetworkInterface      addresses, names, this machine's interfaces
    QNetworkProxy, QNetworkProxyFactory             ways through proxies
    QCoreApplication, QEventLoop, QTimer, QThread, QSocketNotifier      loops, and what they drive
    QObject, Signal, Slot, Property, Qt             what they are made of, for classes of one's own
    QIODevice, QBuffer, QByteArray, QDataStream     devices, and what goes through them
    qnet.asyncio                        await connections, data and datagrams in an asyncio program

help(qnet.QTcpSocket) and the like tell what each has. What a device returns is bytes, with QByteArray's methods besides. What
is asked of an object that has been deleted raises RuntimeError. Every function may be called from any thread; slots are called
on the thread that runs the object's loop or, where a call causes a signal at once, on the calling thread. A process that has
only imported the package may fork, and use it in the child; once it has made or called anything, every call in a child of
os.fork() fails with a warning.
"""

import importlib
from typing import Any

from . import _interpreter as _interpreter  # which refuses all but the main one, before anything else
from . import _api
from .address import QHostAddress, QIPv6Address
from .authenticator import QAuthenticator
from .bytearray import QByteArray
from .datagram import QNetworkDatagram
from .datastream import QDataStream
from .declare import Property, Signal, Slot
from .certificate import QSslCertificate, QSslCertificateExtension, QSslError
from .cipher import QSslCipher, QSslEllipticCurve
from .configuration import QSslConfiguration
from .coreapplication import QCoreApplication
from .enums import QtMsgType
from .hostinfo import QHostInfo
from .interface import QNetworkAddressEntry, QNetworkInterface
from .iodevice import QBuffer, QIODevice, QIODeviceBase
from .key import QSslKey
from .local import PeerCredentials, QLocalServer, QLocalSocket
from .loop import Loop, QEventLoop, post
from .messages import QMessageLogContext, isForked, qInstallMessageHandler, qVersion
from .metaobject import QMetaObject
from .notifier import QSocketDescriptor, QSocketNotifier
from ._object import QObject
from .ocsp import QOcspResponse
from .proxy import QNetworkProxy
from .proxyfactory import QNetworkProxyFactory, QNetworkProxyQuery
from ._signal import Connection, SignalInstance
from .qt import Qt
from .sctp import QSctpServer, QSctpSocket
from .server import QTcpServer
from .ssl import QCryptographicHash, QSsl
from .sslserver import QSslServer
from .sslsocket import QSslSocket
from .sslenums import QOcspCertificateStatus, QOcspRevocationReason
from .socket import QAbstractSocket, QTcpSocket
from .thread import QThread
from .timer import QTimer
from .udp import QUdpSocket
from ._usage import Usage, usage


def __getattr__(name: str) -> Any:
    if name == "asyncio":  # loaded when it is asked for
        return importlib.import_module(".asyncio", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__version__ = f"{_api.QNET_VERSION_MAJOR}.{_api.QNET_VERSION_MINOR}.{_api.QNET_VERSION_PATCH}"

__all__ = [
    "Connection",
    "Loop",
    "PeerCredentials",
    "Property",
    "QAbstractSocket",
    "QAuthenticator",
    "QBuffer",
    "QByteArray",
    "QCryptographicHash",
    "QCoreApplication",
    "QDataStream",
    "QEventLoop",
    "QHostAddress",
    "QHostInfo",
    "QIODevice",
    "QIODeviceBase",
    "QIPv6Address",
    "QLocalServer",
    "QLocalSocket",
    "QMessageLogContext",
    "QMetaObject",
    "QNetworkAddressEntry",
    "QNetworkDatagram",
    "QNetworkInterface",
    "QNetworkProxy",
    "QNetworkProxyFactory",
    "QNetworkProxyQuery",
    "QObject",
    "QOcspCertificateStatus",
    "QOcspResponse",
    "QOcspRevocationReason",
    "QSctpServer",
    "QSctpSocket",
    "QSocketDescriptor",
    "QSocketNotifier",
    "QSsl",
    "QSslCertificate",
    "QSslCertificateExtension",
    "QSslCipher",
    "QSslConfiguration",
    "QSslEllipticCurve",
    "QSslError",
    "QSslKey",
    "QSslServer",
    "QSslSocket",
    "QTcpServer",
    "QTcpSocket",
    "QThread",
    "QTimer",
    "QUdpSocket",
    "Qt",
    "QtMsgType",
    "Signal",
    "SignalInstance",
    "Slot",
    "Usage",
    "isForked",
    "post",
    "qInstallMessageHandler",
    "qVersion",
    "usage",
]
