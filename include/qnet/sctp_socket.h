/**
 * @file sctp_socket.h
 * SCTP sockets (QSctpSocket): what a qnet_socket from qnet_sctp_socket_new() can do
 * beside what is in socket.h. On a socket of another kind these functions fail with
 * QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR. So does connecting, binding and taking over
 * a descriptor on a system without SCTP, which is there on Linux where the kernel has
 * the module `sctp`; the text says so.
 *
 * SCTP is connected and loses nothing, as TCP, and has messages, as UDP. A connection
 * has channels in each direction, of which each keeps its order: a message that is
 * late holds up those of its own channel only. In datagram mode, which is the default,
 * qnet_sctp_socket_write_datagram() sends a message on the current write channel, and
 * qnet_sctp_socket_read_datagram() reads one of the current read channel; socket.h has
 * the functions that choose them (qnet_socket_set_current_read_channel(),
 * qnet_socket_set_current_write_channel()) and the signals. With
 * qnet_sctp_socket_set_maximum_channel_count() and -1 the connection is a stream of
 * bytes instead, used as that of a TCP socket.
 *
 * In datagram mode qnet_socket_read(), qnet_socket_write() and the like work too, but
 * know no boundaries: a write goes out as one message or as several of 32 KiB, and a
 * message that was read in part is shorter. (In Qt it is none any more.)
 * qnet_socket_bytes_available(), qnet_socket_bytes_to_write(), readyRead, bytesWritten
 * and the wait functions are about the current channels. The read buffer's limit is for
 * all channels together, and no more is read once it is reached, but a message is
 * always read whole; so is the write buffer's limit, under which a message has room or
 * not. qnet_socket_write_lent() makes a copy, qnet_socket_send_file() is refused.
 *
 * SCTP has no half-open connections: when the peer ends it both directions are over,
 * whatever qnet_socket_set_allow_half_open() was given, and
 * qnet_socket_close_write_channel() is refused. As in Qt no proxy knows the way: with
 * one the error is QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR.
 *
 * Beyond Qt: short messages do not wait for others (QNET_LOW_DELAY_OPTION is on), and
 * the receive buffer is larger than the system's default, with which long messages take
 * a hundred times as long.
 */
#ifndef QNET_SCTP_SOCKET_H
#define QNET_SCTP_SOCKET_H

#include <qnet/global.h>
#include <qnet/loop.h>
#include <qnet/socket.h>
#include <qnet/udp_socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Creates an unconnected SCTP socket on @p loop, in datagram mode, owned by the caller:
 * release it with qnet_socket_delete() or qnet_socket_delete_later().
 *
 * Qt: QSctpSocket::QSctpSocket()
 */
QNET_API qnet_socket *qnet_sctp_socket_new(qnet_loop *loop);

/**
 * Sets how many channels the connections to come are to have at most, in each
 * direction: up to 65535, of which the peer may want fewer; 0, the default, leaves it
 * to the peer, and to the system if the peer does so, too. With a negative number they
 * are streams of bytes. Only on an unconnected socket: else it is a warning.
 * qnet_socket_read_channel_count() and qnet_socket_write_channel_count() tell how many
 * a connection has got.
 *
 * Qt: QSctpSocket::setMaximumChannelCount()
 */
QNET_API void qnet_sctp_socket_set_maximum_channel_count(qnet_socket *socket, int count);

/**
 * Returns what qnet_sctp_socket_set_maximum_channel_count() was given; -1 for a stream
 * of bytes, and on failure.
 *
 * Qt: QSctpSocket::maximumChannelCount()
 */
QNET_API int qnet_sctp_socket_maximum_channel_count(qnet_socket *socket);

/**
 * Tells whether there are messages, and not a stream of bytes.
 *
 * Qt: QSctpSocket::isInDatagramMode()
 */
QNET_API bool qnet_sctp_socket_is_in_datagram_mode(qnet_socket *socket);

/**
 * Reads the next message of the current read channel into @p datagram: whole, with the
 * peer as its sender and this side as its destination. Its data, followed by a NUL that
 * does not count, belongs to @p socket and holds until the next string-returning call
 * or its deletion. Returns false, with nothing changed, if there is none. A stream of
 * bytes, a socket that is not open for reading, a transaction under way and a NULL
 * @p datagram are QNET_OPERATION_ERROR, with a warning.
 *
 * Messages may have 16 MiB. One that is longer ends the connection with
 * QNET_DATAGRAM_TOO_LARGE_ERROR. What has come stays to be read after its end.
 *
 * Qt: QSctpSocket::readDatagram()
 */
QNET_API bool qnet_sctp_socket_read_datagram(qnet_socket *socket, qnet_datagram *datagram);

/**
 * Has @p size bytes of @p data sent as one message on the current write channel, in the
 * order of that channel, at the end of the loop's turn. Returns false if they are not
 * taken, with the reason as qnet_socket_error(), which is not signalled, and the
 * connection goes on: QNET_DATAGRAM_TOO_LARGE_ERROR if the system takes no messages
 * that long (Linux: twice net.core.wmem_max, some 400 KiB by default, and for processes
 * with CAP_NET_ADMIN 16 MiB; Qt ends the connection); QNET_TEMPORARY_ERROR if the write
 * buffer's limit leaves no room now; QNET_OPERATION_ERROR if @p size is 0, which SCTP
 * has no messages of, if it is over that limit, and if the connection has no such
 * channel. A stream of bytes and a socket that is not connected or not open for writing
 * are QNET_OPERATION_ERROR, with a warning, and so are bad arguments.
 *
 * Qt: QSctpSocket::writeDatagram()
 */
QNET_API bool qnet_sctp_socket_write_datagram(qnet_socket *socket, const void *data, int64_t size);

#ifdef __cplusplus
}
#endif

#endif
