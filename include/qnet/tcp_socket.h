/**
 * @file tcp_socket.h
 * TCP sockets: what qnet_socket is made as; all else is in socket.h.
 */
#ifndef QNET_TCP_SOCKET_H
#define QNET_TCP_SOCKET_H

#include <qnet/global.h>
#include <qnet/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Creates an unconnected TCP socket on @p loop, owned by the caller: release it
 * with qnet_socket_delete() or qnet_socket_delete_later().
 *
 * Qt: QTcpSocket::QTcpSocket()
 */
QNET_API qnet_socket *qnet_tcp_socket_new(qnet_loop *loop);

#ifdef __cplusplus
}
#endif

#endif
