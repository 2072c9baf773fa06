/**
 * @file sctp_server.h
 * Servers for SCTP (QSctpServer): what a qnet_tcp_server from qnet_sctp_server_new() can
 * do beside what is in tcp_server.h. On a server of another kind these functions fail,
 * with QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR as qnet_tcp_server_server_error().
 *
 * Each connection that is accepted becomes an SCTP socket (sctp_socket.h) that belongs
 * to the server. On a system without SCTP, and through a proxy, listening fails with
 * QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR.
 */
#ifndef QNET_SCTP_SERVER_H
#define QNET_SCTP_SERVER_H

#include <qnet/global.h>
#include <qnet/loop.h>
#include <qnet/sctp_socket.h>
#include <qnet/tcp_server.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Creates an SCTP server on @p loop that does not listen, whose connections will be in
 * datagram mode. It is owned by the caller: release it with qnet_tcp_server_delete() or
 * qnet_tcp_server_delete_later().
 *
 * Qt: QSctpServer::QSctpServer()
 */
QNET_API qnet_tcp_server *qnet_sctp_server_new(qnet_loop *loop);

/**
 * Sets how many channels connections are to have at most in each direction, as
 * qnet_sctp_socket_set_maximum_channel_count() does for a socket: 0, the default, is as
 * many as the peer wants, a negative number makes them streams of bytes. A warning
 * while the server listens.
 *
 * Qt: QSctpServer::setMaximumChannelCount()
 */
QNET_API void qnet_sctp_server_set_maximum_channel_count(qnet_tcp_server *server, int count);

/**
 * Returns what qnet_sctp_server_set_maximum_channel_count() was given; -1 for streams of
 * bytes, and on failure.
 *
 * Qt: QSctpServer::maximumChannelCount()
 */
QNET_API int qnet_sctp_server_maximum_channel_count(qnet_tcp_server *server);

/**
 * Returns the first pending connection that is in datagram mode, like
 * qnet_tcp_server_next_pending_connection(), which returns those of both modes. NULL if
 * there is none.
 *
 * Qt: QSctpServer::nextPendingDatagramConnection()
 */
QNET_API qnet_socket *qnet_sctp_server_next_pending_datagram_connection(qnet_tcp_server *server);

#ifdef __cplusplus
}
#endif

#endif
