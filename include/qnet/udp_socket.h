/**
 * @file udp_socket.h
 * UDP sockets: what a qnet_socket can do with datagrams; all else is in
 * socket.h. On a socket of another kind these functions fail with
 * QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR.
 *
 * As in Qt a socket becomes usable by qnet_socket_bind(), by its first
 * qnet_udp_socket_write_datagram(), or, for one peer alone, by
 * qnet_socket_connect_to_host(), after which qnet_socket_write() and
 * qnet_socket_read() work too. readyRead is emitted once until something is
 * read, and again as long as there is more.
 *
 * Beyond Qt: datagrams are taken from the system many at a time (recvmmsg, and
 * GRO on descriptors that the library has made), ahead of their being read. Who
 * polls the descriptor beside the library does not see those any more; the
 * functions below do. In one readyRead 64 datagrams can be read: after these a
 * handler that reads all there is finds no more, the loop's other sockets have
 * their turn, and readyRead is emitted again. So a flood does not keep the loop.
 *
 * Beyond Qt: when the network reports that nobody receives what a connected
 * socket sends, and no call has told so, errorOccurred(QNET_CONNECTION_REFUSED_ERROR)
 * follows the readyRead that Qt emits then. The socket stays connected.
 *
 * Network interfaces are given by their index, as if_nametoindex() tells it; 0
 * is the system's choice.
 */
#ifndef QNET_UDP_SOCKET_H
#define QNET_UDP_SOCKET_H

#include <qnet/global.h>
#include <qnet/host_address.h>
#include <qnet/loop.h>
#include <qnet/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A datagram and the way that it came or is to go: zeroed, but for what is to
 * be sent, where to and its port, it goes as the system chooses.
 * Qt: QNetworkDatagram
 */
typedef struct qnet_datagram {
	/** The bytes; may be NULL if there are none. */
	void *data;
	/** How many bytes there are. */
	int64_t size;
	/** For qnet_udp_socket_read_datagrams(): the room at `data` in bytes. */
	int64_t capacity;
	/** Where it came from. To be sent: which of this machine's addresses it is
	 *  to come from; the null address, or one that stands for all, as that of a
	 *  zeroed struct does, is the system's choice. */
	qnet_host_address sender;
	/** Where it goes to. To be sent on a connected socket: the null address,
	 *  or 0.0.0.0 with the port 0, as in a zeroed struct, is the peer's. */
	qnet_host_address destination;
	/** The sender's port; not looked at when sent. */
	uint16_t sender_port;
	/** The destination's port. */
	uint16_t destination_port;
	/** The interface it came in or is to go out by; 0: unknown, or the system's
	 *  choice. */
	uint32_t interface_index;
	/** The hop limit (IPv4: TTL) that it came with, -1 if unknown, or is to
	 *  have, up to 255; -1 or 0: the system's choice. */
	int hop_limit;
} qnet_datagram;

/**
 * Creates an unbound UDP socket on @p loop, owned by the caller: release it
 * with qnet_socket_delete() or qnet_socket_delete_later().
 *
 * Qt: QUdpSocket::QUdpSocket()
 */
QNET_API qnet_socket *qnet_udp_socket_new(qnet_loop *loop);

/* Receiving --------------------------------------------------------------- */

/**
 * Tells whether a datagram can be read. False, with a warning, if @p socket is
 * neither bound nor connected.
 *
 * Qt: QUdpSocket::hasPendingDatagrams()
 */
QNET_API bool qnet_udp_socket_has_pending_datagrams(qnet_socket *socket);

/**
 * Returns the size of the next datagram in bytes, which may be 0; -1 if there
 * is none.
 *
 * Qt: QUdpSocket::pendingDatagramSize()
 */
QNET_API int64_t qnet_udp_socket_pending_datagram_size(qnet_socket *socket);

/**
 * Reads the next datagram into @p data, at most @p max_size bytes of it: the
 * rest is dropped. Writes where it came from to @p address and @p port, unless
 * NULL. Returns the number of bytes read, which may be 0; -1 if there is no
 * datagram (QNET_TEMPORARY_ERROR), when the network has reported an error of an
 * earlier one (QNET_CONNECTION_REFUSED_ERROR), or for a bad argument.
 *
 * Qt: QUdpSocket::readDatagram()
 */
QNET_API int64_t qnet_udp_socket_read_datagram(qnet_socket *socket, void *data, int64_t max_size, qnet_host_address *address, uint16_t *port);

/**
 * Reads the next datagram, at most @p max_size bytes of it (-1: all), into
 * @p datagram: with its way as far as it is known. Its data, followed by a NUL
 * that does not count, belongs to @p socket and holds until the next
 * string-returning call or its deletion. Returns false, with nothing changed,
 * if there is none or @p datagram is NULL (a warning).
 *
 * Qt: QUdpSocket::receiveDatagram()
 */
QNET_API bool qnet_udp_socket_receive_datagram(qnet_socket *socket, int64_t max_size, qnet_datagram *datagram);

/**
 * Reads up to @p count datagrams into the array @p datagrams, each to its
 * `data`, at most `capacity` bytes of it: the rest is dropped. Returns how many
 * were read and sets their other members; -1, with the errors of
 * qnet_udp_socket_read_datagram(), if there was none. Not in Qt: one call for
 * many datagrams.
 *
 * Beyond Qt: many datagrams with one call.
 */
QNET_API int qnet_udp_socket_read_datagrams(qnet_socket *socket, qnet_datagram *datagrams, int count);

/**
 * Returns how many datagrams the system has dropped, because they were not read
 * in time, since @p socket has its descriptor; -1 if it has none. They count
 * from the moment at which they are dropped. The system counts packets: where it
 * drops trains of datagrams, these are taken to be as long as the one that came
 * through next. The count is exact for senders that send one by one, and for all
 * with QNET_RECEIVE_TRAINS_OPTION set to 0. Not in Qt.
 *
 * Beyond Qt: how many the system has dropped.
 */
QNET_API int64_t qnet_udp_socket_dropped_datagrams(qnet_socket *socket);

/* Sending ----------------------------------------------------------------- */

/**
 * Sends @p size bytes of @p data as one datagram to @p address and @p port, at
 * once, and emits bytesWritten before it returns. Binds a socket that is not
 * bound. A NULL @p address is the peer of a connected socket. Returns @p size;
 * -1, with the error set and signalled, if it cannot be sent
 * (QNET_DATAGRAM_TOO_LARGE_ERROR), or for a bad argument (a warning).
 *
 * Where a proxy is still to say that it passes datagrams on, a copy waits for that: up to
 * 1024 datagrams and 64 KiB of data, which qnet_socket_bytes_to_write() counts. One more is
 * QNET_TEMPORARY_ERROR. They are sent in their order, and bytesWritten is emitted for each
 * then; a socket that is closed meanwhile sends them first, in QNET_CLOSING_STATE. They are
 * dropped by qnet_socket_abort(), with the socket, and if the proxy fails, which
 * errorOccurred says.
 *
 * Qt: QUdpSocket::writeDatagram(const char *, qint64, const QHostAddress &, quint16)
 */
QNET_API int64_t qnet_udp_socket_write_datagram(qnet_socket *socket, const void *data, int64_t size, const qnet_host_address *address, uint16_t port);

/**
 * Sends the @p count datagrams of the array @p datagrams in their order, at
 * once and with few system calls: those of one size that go the same way as
 * trains (GSO). Each has its own destination, and may have a sender, an
 * interface and a hop limit; `capacity` and `sender_port` do not count. Emits
 * bytesWritten once, with the sum; where they wait for a proxy, as in
 * qnet_udp_socket_write_datagram(), later for each. Returns how many were sent; if that is
 * not all, the error of the next one is set and signalled, and -1 stands for none.
 * With one datagram this is QUdpSocket::writeDatagram(const QNetworkDatagram &).
 * Not in Qt: one call for many.
 *
 * Beyond Qt: many datagrams with one call.
 */
QNET_API int qnet_udp_socket_write_datagrams(qnet_socket *socket, const qnet_datagram *datagrams, int count);

/* Multicast --------------------------------------------------------------- */

/**
 * Joins the multicast group @p address on the interface @p interface_index.
 * @p socket must be bound, for a group of IPv4 to an address of IPv4
 * (QNET_ADDRESS_ANY_IPV4): else this is a warning. Returns false if it could
 * not, also if it is a member already.
 *
 * Qt: QUdpSocket::joinMulticastGroup()
 */
QNET_API bool qnet_udp_socket_join_multicast_group(qnet_socket *socket, const qnet_host_address *address, uint32_t interface_index);

/**
 * Leaves the multicast group @p address on the interface that was given when it
 * was joined. Returns false if @p socket is no member.
 *
 * Qt: QUdpSocket::leaveMulticastGroup()
 */
QNET_API bool qnet_udp_socket_leave_multicast_group(qnet_socket *socket, const qnet_host_address *address, uint32_t interface_index);

/**
 * Returns the index of the interface that multicast datagrams are sent from, as
 * it was set; 0 if it is the system's choice.
 *
 * Qt: QUdpSocket::multicastInterface()
 */
QNET_API uint32_t qnet_udp_socket_multicast_interface(qnet_socket *socket);

/**
 * Sends multicast datagrams from the interface @p interface_index. @p socket
 * must be bound. Returns false, with the error set and signalled, if there is
 * no such interface.
 *
 * Qt: QUdpSocket::setMulticastInterface()
 */
QNET_API bool qnet_udp_socket_set_multicast_interface(qnet_socket *socket, uint32_t interface_index);

#ifdef __cplusplus
}
#endif

#endif
