/**
 * @file local_socket.h
 * Local sockets: connections between programs of the same machine. What they
 * share with other sockets, among it reading, writing, waiting and
 * qnet_socket_disconnect_from_host(), is in socket.h; their servers, and what a
 * name is, are in local_server.h. Qt: QLocalSocket
 *
 * On a socket of another kind the functions below fail with
 * QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR; and so do, on a local socket, those
 * for hosts and ports.
 */
#ifndef QNET_LOCAL_SOCKET_H
#define QNET_LOCAL_SOCKET_H

#include <qnet/global.h>
#include <qnet/local_server.h>
#include <qnet/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Creates an unconnected local socket on @p loop, owned by the caller: release
 * it with qnet_socket_delete() or qnet_socket_delete_later().
 *
 * Qt: QLocalSocket::QLocalSocket()
 */
QNET_API qnet_socket *qnet_local_socket_new(qnet_loop *loop);

/**
 * Connects to the server @p name; NULL: the one that
 * qnet_local_socket_set_server_name() has named. @p mode is a set of
 * qnet_open_mode, usually QNET_READ_WRITE. Before this returns there is either a
 * connection, with the signals stateChanged and connected, or a failure, with
 * errorOccurred while the state is still QNET_CONNECTING_STATE:
 * QNET_HOST_NOT_FOUND_ERROR if there is no such name,
 * QNET_CONNECTION_REFUSED_ERROR if nobody listens there (any more) and
 * QNET_SOCKET_ACCESS_ERROR if the file's rights do not allow it.
 *
 * Only if the server's queue is full the socket stays connecting and tries again
 * from the loop, or from qnet_socket_wait_for_connected(), until there is room;
 * after 30 seconds that is QNET_SOCKET_TIMEOUT_ERROR. The device is not open
 * before it is connected: nothing can be written early.
 *
 * On a socket that is not unconnected: errorOccurred(QNET_OPERATION_ERROR), and
 * the present connection stays. A mode that allows neither reading nor writing is
 * refused, as by qnet_socket_connect_to_host().
 *
 * Qt: QLocalSocket::connectToServer()
 */
QNET_API void qnet_local_socket_connect_to_server(qnet_socket *socket, const char *name, int mode);

/**
 * Sets the name of the server for the next connect; NULL is "". Only while
 * unconnected, otherwise it is a warning.
 *
 * Qt: QLocalSocket::setServerName()
 */
QNET_API void qnet_local_socket_set_server_name(qnet_socket *socket, const char *name);

/**
 * Returns the name of the server, as given to connect, or the last part of an
 * inherited descriptor's path. It is forgotten when the connection ends.
 *
 * Qt: QLocalSocket::serverName()
 */
QNET_API const char *qnet_local_socket_server_name(qnet_socket *socket);

/**
 * Returns the path, or abstract name, of the server that @p socket is connected
 * to; "" if it is not.
 *
 * Qt: QLocalSocket::fullServerName()
 */
QNET_API const char *qnet_local_socket_full_server_name(qnet_socket *socket);

/**
 * Sets the options for the next connect, of which there is one:
 * QNET_ABSTRACT_NAMESPACE_OPTION, else QNET_NO_OPTIONS. Only while unconnected,
 * otherwise it is a warning.
 *
 * Qt: QLocalSocket::setSocketOptions()
 */
QNET_API void qnet_local_socket_set_socket_options(qnet_socket *socket, int options);

/**
 * Returns the options, QNET_ABSTRACT_NAMESPACE_OPTION or QNET_NO_OPTIONS; -1 on
 * failure.
 *
 * Qt: QLocalSocket::socketOptions()
 */
QNET_API int qnet_local_socket_socket_options(qnet_socket *socket);

/**
 * Writes who is at the other end to @p pid, @p uid and @p gid, each unless
 * NULL: the ids of the process that connected or, for the client, that made the
 * server listen, as they were at that moment. The system vouches for them. A
 * process of another pid namespace is 0. Returns false, and -1 in each, if
 * @p socket is not connected.
 *
 * Beyond Qt: who is at the other end.
 */
QNET_API bool qnet_local_socket_peer_credentials(qnet_socket *socket, int64_t *pid, int64_t *uid, int64_t *gid);

/**
 * Takes @p size bytes of @p data to send, at least one, as qnet_socket_write()
 * does, and with the first of them the @p count open descriptors in
 * @p descriptors. They are duplicated: the caller may close his own at once.
 * The peer gets descriptors of its own for the same files, if it asks for them;
 * each keeps its place among what is written before and after, however that is
 * sent. Returns how many bytes were taken, 0 and no descriptor if
 * qnet_socket_set_write_buffer_limit() leaves no room, and -1 on failure, with
 * qnet_socket_error() set: QNET_SOCKET_RESOURCE_ERROR for more than 253, or if
 * no more can be open, and QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR for one that
 * is not open or for no bytes. While the user has more descriptors under way
 * than one process may have open (RLIMIT_NOFILE) they wait, with what is
 * written after them, until peers have read some. Not sent ones are closed
 * with the connection.
 *
 * Beyond Qt: passing open descriptors.
 */
QNET_API int64_t qnet_local_socket_write_with_descriptors(qnet_socket *socket, const void *data, int64_t size, const intptr_t *descriptors, int count);

/**
 * Sets whether @p socket receives the descriptors that its peer sends. Without
 * it, the default, the system closes them on arrival, unnoticed. Set it before
 * connecting or, for a server's socket, in newConnection: what has been read
 * already came without.
 *
 * Beyond Qt: passing open descriptors.
 */
QNET_API void qnet_local_socket_set_receives_descriptors(qnet_socket *socket, bool on);

/**
 * Tells whether @p socket receives descriptors.
 *
 * Beyond Qt: passing open descriptors.
 */
QNET_API bool qnet_local_socket_receives_descriptors(qnet_socket *socket);

/**
 * Returns how many received descriptors wait to be taken; -1 on failure. They
 * have come at the latest when readyRead tells of the first byte that they were
 * sent with. At 506 nothing more is read until some are taken. If the
 * process's descriptors have run out, those that came are lost:
 * errorOccurred(QNET_SOCKET_RESOURCE_ERROR), and the connection stays.
 *
 * Beyond Qt: passing open descriptors.
 */
QNET_API int qnet_local_socket_descriptors_available(qnet_socket *socket);

/**
 * Moves up to @p max received descriptors to @p descriptors, in the order in
 * which they were sent, and returns how many; -1 on failure. They are the
 * caller's then, and close on exec. What is never taken is closed by
 * qnet_socket_close(), qnet_socket_abort(), the next connect and the socket's
 * deletion, not by the peer's end.
 *
 * Beyond Qt: passing open descriptors.
 */
QNET_API int qnet_local_socket_take_descriptors(qnet_socket *socket, intptr_t *descriptors, int max);

#ifdef __cplusplus
}
#endif

#endif
