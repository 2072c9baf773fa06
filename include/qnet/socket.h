/**
 * @file socket.h
 * Sockets: QIODevice and QAbstractSocket as one handle. Make one with
 * qnet_tcp_socket_new(), qnet_udp_socket_new() or qnet_sctp_socket_new(), or take it
 * from a server.
 *
 * Nothing is sent or signalled inside qnet_socket_write(): what was written is
 * sent together at the end of the loop's turn, by qnet_socket_flush() or by a
 * wait function. A socket that was opened with QNET_UNBUFFERED sends at once what
 * the system takes, though, and with UDP each qnet_socket_write() sends a datagram
 * at once and emits bytesWritten before it returns, and each qnet_socket_read()
 * takes a datagram, of which it drops what does not fit.
 */
#ifndef QNET_SOCKET_H
#define QNET_SOCKET_H

#include <qnet/global.h>
#include <qnet/host_address.h>
#include <qnet/loop.h>
#include <qnet/network_proxy.h>

#ifdef __cplusplus
extern "C" {
#endif

/** QAbstractSocket::SocketType; from 64 on beyond Qt. */
typedef enum qnet_socket_kind {
	QNET_TCP_SOCKET = 0,
	QNET_UDP_SOCKET = 1,
	QNET_SCTP_SOCKET = 2,
	QNET_LOCAL_SOCKET = 64,
	QNET_UNKNOWN_SOCKET_TYPE = -1
} qnet_socket_kind;

/** QAbstractSocket::SocketError */
typedef enum qnet_error {
	QNET_CONNECTION_REFUSED_ERROR = 0,
	QNET_REMOTE_HOST_CLOSED_ERROR = 1,
	QNET_HOST_NOT_FOUND_ERROR = 2,
	QNET_SOCKET_ACCESS_ERROR = 3,
	QNET_SOCKET_RESOURCE_ERROR = 4,
	QNET_SOCKET_TIMEOUT_ERROR = 5,
	QNET_DATAGRAM_TOO_LARGE_ERROR = 6,
	QNET_NETWORK_ERROR = 7,
	QNET_ADDRESS_IN_USE_ERROR = 8,
	QNET_SOCKET_ADDRESS_NOT_AVAILABLE_ERROR = 9,
	QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR = 10,
	QNET_UNFINISHED_SOCKET_OPERATION_ERROR = 11,
	QNET_PROXY_AUTHENTICATION_REQUIRED_ERROR = 12,
	QNET_SSL_HANDSHAKE_FAILED_ERROR = 13,
	QNET_PROXY_CONNECTION_REFUSED_ERROR = 14,
	QNET_PROXY_CONNECTION_CLOSED_ERROR = 15,
	QNET_PROXY_CONNECTION_TIMEOUT_ERROR = 16,
	QNET_PROXY_NOT_FOUND_ERROR = 17,
	QNET_PROXY_PROTOCOL_ERROR = 18,
	QNET_OPERATION_ERROR = 19,
	QNET_SSL_INTERNAL_ERROR = 20,
	QNET_SSL_INVALID_USER_DATA_ERROR = 21,
	QNET_TEMPORARY_ERROR = 22,
	QNET_UNKNOWN_SOCKET_ERROR = -1
} qnet_error;

/** QAbstractSocket::SocketState */
typedef enum qnet_state {
	QNET_UNCONNECTED_STATE = 0,
	QNET_HOST_LOOKUP_STATE = 1,
	QNET_CONNECTING_STATE = 2,
	QNET_CONNECTED_STATE = 3,
	QNET_BOUND_STATE = 4,
	QNET_LISTENING_STATE = 5,
	QNET_CLOSING_STATE = 6
} qnet_state;

/**
 * QAbstractSocket::SocketOption; those from 64 on are qnet's own. The multicast
 * options and the type of service hold for both families where a socket uses
 * both, as one that is bound to QNET_ADDRESS_ANY does.
 */
typedef enum qnet_option {
	QNET_LOW_DELAY_OPTION = 0,
	QNET_KEEP_ALIVE_OPTION = 1,
	QNET_MULTICAST_TTL_OPTION = 2,
	QNET_MULTICAST_LOOPBACK_OPTION = 3,
	QNET_TYPE_OF_SERVICE_OPTION = 4,
	QNET_SEND_BUFFER_SIZE_SOCKET_OPTION = 5,
	QNET_RECEIVE_BUFFER_SIZE_SOCKET_OPTION = 6,
	QNET_PATH_MTU_SOCKET_OPTION = 7,
	/** Seconds without data before the first probe (TCP_KEEPIDLE). */
	QNET_KEEP_ALIVE_IDLE_OPTION = 8,
	/** Seconds between probes (TCP_KEEPINTVL). */
	QNET_KEEP_ALIVE_INTERVAL_OPTION = 9,
	/** Unanswered probes after which the connection is lost (TCP_KEEPCNT). */
	QNET_KEEP_ALIVE_COUNT_OPTION = 10,
	/** Milliseconds for which sent data may stay unacknowledged, 0: as the
	 *  system decides (TCP_USER_TIMEOUT). */
	QNET_USER_TIMEOUT_OPTION = 64,
	/** 1: several sockets may be bound to, or listen on, one port, if each of
	 *  them has this set before (SO_REUSEPORT). */
	QNET_REUSE_PORT_OPTION = 65,
	/** 1, as UDP sockets begin: the system may hand over several datagrams of
	 *  one sender as one packet (UDP_GRO), which is much faster. */
	QNET_RECEIVE_TRAINS_OPTION = 66,
	/** The index of a network interface, as if_nametoindex() tells it: nothing
	 *  is sent or received but by it; 0: by any (SO_BINDTOIFINDEX). Set it
	 *  before binding, connecting or listening. */
	QNET_BIND_TO_INTERFACE_OPTION = 67
} qnet_option;

/** QAbstractSocket::BindFlag; a bind mode is a set of them. */
typedef enum qnet_bind_flag {
	QNET_DEFAULT_FOR_PLATFORM = 0,
	QNET_SHARE_ADDRESS = 1,
	QNET_DONT_SHARE_ADDRESS = 2,
	QNET_REUSE_ADDRESS_HINT = 4
} qnet_bind_flag;

/** QAbstractSocket::PauseMode; a set of them. */
typedef enum qnet_pause_mode {
	QNET_PAUSE_NEVER = 0,
	QNET_PAUSE_ON_SSL_ERRORS = 1
} qnet_pause_mode;

/** QIODeviceBase::OpenModeFlag; an open mode is a set of them. */
typedef enum qnet_open_mode {
	QNET_NOT_OPEN = 0,
	QNET_READ_ONLY = 1,
	QNET_WRITE_ONLY = 2,
	QNET_READ_WRITE = 3,
	QNET_APPEND = 4,
	QNET_TRUNCATE = 8,
	/** Reading turns "\r\n" into "\n". */
	QNET_TEXT = 16,
	/**
	 * Reads and writes go past the buffers to the system, and there is no
	 * bytesWritten. As in Qt only where a TCP socket connects to a host: a
	 * descriptor that is taken over, and a local socket, is always buffered.
	 */
	QNET_UNBUFFERED = 32
} qnet_open_mode;

/** A part of what qnet_socket_write_parts() writes. */
typedef struct qnet_write_part {
	/** Where it is; may be NULL if it is empty. */
	const void *data;
	/** How many bytes it has. */
	int64_t size;
} qnet_write_part;

/** A callback of a socket without further arguments. */
typedef void (*qnet_socket_callback)(qnet_socket *socket, void *user_data);
/** A callback of a socket with its new state. */
typedef void (*qnet_socket_state_callback)(qnet_socket *socket, qnet_state state, void *user_data);
/** A callback of a socket with an error. */
typedef void (*qnet_socket_error_callback)(qnet_socket *socket, qnet_error error, void *user_data);
/** A callback of a socket with a number of bytes. */
typedef void (*qnet_socket_bytes_callback)(qnet_socket *socket, int64_t bytes, void *user_data);
/** Called with the number of a channel. */
typedef void (*qnet_socket_channel_callback)(qnet_socket *socket, int channel, void *user_data);
/** Called with the number of a channel and a number of bytes. */
typedef void (*qnet_socket_channel_bytes_callback)(qnet_socket *socket, int channel, int64_t bytes, void *user_data);
/** A callback of a socket that fills @p authenticator for @p proxy; both hold during
 *  the call only. */
typedef void (*qnet_socket_authentication_callback)(qnet_socket *socket, const qnet_network_proxy *proxy, qnet_authenticator *authenticator, void *user_data);

/* Lifetime ---------------------------------------------------------------- */

/**
 * Aborts and deletes @p socket at once, also from inside its own callbacks.
 * Data not yet sent is dropped; of a connection, the signals of
 * qnet_socket_abort() are emitted, then `destroyed`. If another thread is inside one of its
 * callbacks at this moment, `destroyed` follows when that has returned.
 *
 * Qt: QAbstractSocket::~QAbstractSocket()
 */
QNET_API void qnet_socket_delete(qnet_socket *socket);

/**
 * Deletes @p socket when control is back in its loop. Further calls have no
 * effect.
 *
 * Qt: QObject::deleteLater()
 */
QNET_API void qnet_socket_delete_later(qnet_socket *socket);

/**
 * Makes @p owner, a qnet_tcp_server or qnet_local_server of the same loop,
 * delete @p socket when it is deleted itself; NULL: only the caller does.
 * Returns false, with a warning, if the server is of another loop, or @p owner
 * no server.
 *
 * Qt: QObject::setParent()
 */
QNET_API bool qnet_socket_set_owner(qnet_socket *socket, void *owner);

/**
 * Moves @p socket, of any kind, to @p loop (NULL: the default one), which makes its
 * callbacks from then on: on the thread that runs it, and under its lock. From any
 * thread, also in a callback of @p socket.
 *
 * Everything goes with it: the connection, or the attempt to make one, at any stage and
 * also through a proxy; what is unread and unsent, a transaction, limits, time-outs, pauses,
 * a TLS handshake, a deletion that was asked for. What happens meanwhile is not lost: the
 * new loop signals it. The limits of the server that has accepted the connection go on to
 * count it.
 *
 * When this returns, the old loop begins no more callbacks of @p socket. If somebody is
 * inside one, or in one of the wait functions of @p socket, that event is first brought
 * to its end where it is, with all that it still emits; then the socket moves, before
 * anything else happens to it. A loop that is run inside a callback of the socket belongs
 * to that callback. If it cannot move any more by then, it stays, with a warning.
 *
 * Returns true if it has moved, or will, or belongs to @p loop already (then it stays,
 * whatever was asked before). Returns false, with a warning, and moves nothing: if it
 * belongs to a server (see qnet_socket_set_owner(), and qnet_tcp_server_move_to_loop(),
 * which moves it with the server); while a server has it encrypted; if @p socket or @p loop
 * is deleted, or the system has no room for one more descriptor to be watched.
 *
 * Qt: QObject::moveToThread(), which only the object's own thread may call.
 */
QNET_API bool qnet_socket_move_to_loop(qnet_socket *socket, qnet_loop *loop);

/**
 * Registers @p callback for the deletion of @p socket: its last callback, made
 * exactly once. The handle is invalid by then: only its value is of use.
 * Afterwards user_data of all its callbacks may be freed. Returns 0 on failure.
 *
 * Qt: QObject::destroyed
 */
QNET_API qnet_connection qnet_socket_on_destroyed(qnet_socket *socket, qnet_socket_callback callback, void *user_data);

/* Connecting and disconnecting -------------------------------------------- */

/**
 * Connects to @p host, a name or an address, and @p port. The end is signalled
 * by connected or errorOccurred. @p mode is a set of qnet_open_mode, usually
 * QNET_READ_WRITE; one that allows neither reading nor writing, such as 0, is refused
 * with errorOccurred(QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR), where Qt connects a device
 * that is not open. @p protocol limits the addresses, QNET_ANY_IP_PROTOCOL does
 * not. On a socket that is not unconnected: errorOccurred(QNET_OPERATION_ERROR)
 * and a warning, and the present connection stays. A NULL @p host is refused
 * with a warning.
 *
 * Beyond Qt: the addresses of a name are tried as RFC 8305 says. The families
 * alternate, the next address is tried 250 ms after the one before, or at once
 * when that has failed, and the first to connect wins; each is given up after
 * 30 seconds. At most eight are tried at once, and all are given up after two
 * minutes. Names are looked up as by qnet_host_info_lookup_host(), without blocking
 * the loop; qnet_socket_abort() cancels that. A lack of descriptors is
 * QNET_SOCKET_RESOURCE_ERROR, in looking up as in connecting.
 *
 * Qt: QAbstractSocket::connectToHost(const QString &)
 */
QNET_API void qnet_socket_connect_to_host(qnet_socket *socket, const char *host, uint16_t port, int mode, qnet_network_layer_protocol protocol);

/**
 * Limits the attempts to connect that begin from now on to @p msec milliseconds each, from the
 * call that begins one to connected: look-ups, all addresses and what proxies need count
 * together, the handshake of TLS does not. After that the attempt ends with
 * errorOccurred(QNET_SOCKET_TIMEOUT_ERROR). 0, as at first, sets no limit but those that
 * qnet_socket_connect_to_host() and qnet_local_socket_connect_to_server() have anyway. A negative value is refused
 * with a warning.
 *
 * Beyond Qt: qnet_socket_wait_for_connected() alone has a time there.
 */
QNET_API void qnet_socket_set_connect_timeout(qnet_socket *socket, int msec);

/**
 * Returns what qnet_socket_set_connect_timeout() was given; -1 on failure.
 *
 * Beyond Qt: see qnet_socket_set_connect_timeout().
 */
QNET_API int qnet_socket_connect_timeout(qnet_socket *socket);

/**
 * Connects to @p address and @p port; otherwise as
 * qnet_socket_connect_to_host(). A NULL @p address is the null address, which
 * is not found.
 *
 * Qt: QAbstractSocket::connectToHost(const QHostAddress &)
 */
QNET_API void qnet_socket_connect_to_address(qnet_socket *socket, const qnet_host_address *address, uint16_t port, int mode);

/**
 * Sends what is still to be written, then closes the connection; while
 * connecting, once connected. Emits disconnected at the end.
 *
 * Qt: QAbstractSocket::disconnectFromHost(), QLocalSocket::disconnectFromServer()
 */
QNET_API void qnet_socket_disconnect_from_host(qnet_socket *socket);

/**
 * Closes the connection at once and drops what was still to be written.
 *
 * Qt: QAbstractSocket::abort()
 */
QNET_API void qnet_socket_abort(qnet_socket *socket);

/**
 * Closes the device: emits aboutToClose, drops unread data, then disconnects as
 * qnet_socket_disconnect_from_host() does. Data that still arrives is dropped.
 *
 * Qt: QAbstractSocket::close()
 */
QNET_API void qnet_socket_close(qnet_socket *socket);

/* One direction after the other, beyond Qt ---------------------------------- */

/**
 * Sets whether a connection of @p socket goes on when the peer has ended its
 * direction, as a client does that has sent its request (`shutdown(SHUT_WR)`,
 * `nc -N`): the present one, unless that has come already, and those to come.
 * Off at first.
 *
 * On: readChannelFinished is emitted, once, and the state stays
 * QNET_CONNECTED_STATE. What has been received can be read, and behind it
 * qnet_socket_read() returns -1; what is written is sent. The connection ends
 * when the program ends it: by qnet_socket_disconnect_from_host(),
 * qnet_socket_close() or qnet_socket_abort(), or by
 * qnet_socket_close_write_channel(), after which it disconnects by itself. It
 * also ends, with QNET_REMOTE_HOST_CLOSED_ERROR, when it is reset, or the other
 * end of a local socket is closed. A TCP peer that is gone altogether looks like
 * one that still listens, until something is sent to it.
 *
 * Off: the peer's end is that of the connection, as in Qt
 * (QNET_REMOTE_HOST_CLOSED_ERROR, then disconnected). But what was written
 * until then is sent first, however long that takes; Qt drops it.
 *
 * It has no effect on UDP sockets.
 *
 * Beyond Qt: half-open connections.
 */
QNET_API void qnet_socket_set_allow_half_open(qnet_socket *socket, bool allow);

/**
 * Tells whether connections of @p socket may be half-open.
 *
 * Beyond Qt: half-open connections.
 */
QNET_API bool qnet_socket_allow_half_open(qnet_socket *socket);

/**
 * Tells whether the peer of a half-open connection has ended its direction, so
 * that nothing more will come: readChannelFinished was emitted for the present
 * connection.
 *
 * Beyond Qt: half-open connections.
 */
QNET_API bool qnet_socket_is_read_channel_finished(qnet_socket *socket);

/**
 * Ends the direction to the peer, who finds an end behind what is written until
 * now, once that is sent. Reading goes on, and qnet_socket_write() returns -1
 * with QNET_OPERATION_ERROR. While connecting it counts for the connection that
 * is made. The connection ends with the peer's direction: see
 * qnet_socket_set_allow_half_open(), which need not be on for this. A warning if
 * there is no connection; QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR on a UDP
 * socket.
 *
 * Beyond Qt: what QProcess::closeWriteChannel() is for a process.
 */
QNET_API void qnet_socket_close_write_channel(qnet_socket *socket);

/* Binding and descriptors --------------------------------------------------- */

/**
 * Binds @p socket to @p address (NULL: QNET_ADDRESS_ANY) and @p port (0: one
 * that the system chooses) before it connects. @p mode is a set of
 * qnet_bind_flag. Returns false, with the error set and signalled, if it could
 * not.
 *
 * Where a UDP socket has a proxy, that is asked to pass its datagrams on, and this waits
 * for nothing (Qt's bind waits up to 5 seconds): it returns true, the state is
 * QNET_BOUND_STATE, and what is written goes out once the proxy does, see
 * qnet_udp_socket_write_datagram(). If it does not, errorOccurred says so, and the binding
 * ends as when the proxy ends it later: QNET_CLOSING_STATE, QNET_UNCONNECTED_STATE,
 * `disconnected`. The port is the proxy's, and qnet_socket_local_port() 0. What fails at
 * once, such as a user that SOCKS cannot carry, is false. A proxy that cannot pass
 * datagrams on at all is an error without a signal, as in Qt.
 *
 * Qt: QAbstractSocket::bind()
 */
QNET_API bool qnet_socket_bind(qnet_socket *socket, const qnet_host_address *address, uint16_t port, int mode);

/**
 * Takes over @p socket_descriptor, open and from anywhere, as being in @p state
 * and open in @p mode. @p socket owns it when this returns true; otherwise it
 * is left alone and the error set.
 *
 * Qt: QAbstractSocket::setSocketDescriptor()
 */
QNET_API bool qnet_socket_set_socket_descriptor(qnet_socket *socket, intptr_t socket_descriptor, qnet_state state, int mode);

/**
 * Returns the descriptor, which @p socket owns; -1 if there is none.
 *
 * Qt: QAbstractSocket::socketDescriptor()
 */
QNET_API intptr_t qnet_socket_socket_descriptor(qnet_socket *socket);

/* Reading ----------------------------------------------------------------- */

/**
 * Reads up to @p max_size bytes into @p data. Returns how many were read: 0 if
 * there are none now; -1 if none will come any more, if the socket is not open
 * for reading, or for a bad argument (a warning).
 *
 * Qt: QIODevice::read(char *, qint64)
 */
QNET_API int64_t qnet_socket_read(qnet_socket *socket, void *data, int64_t max_size);

/**
 * Reads all that is there. Returns it, followed by a NUL that does not count,
 * and its size in @p size, unless NULL. It belongs to @p socket and holds until
 * the next string-returning call or its deletion. NULL on failure only; where
 * there is no memory for it all, nothing is taken.
 *
 * Qt: QIODevice::readAll()
 */
QNET_API const char *qnet_socket_read_all(qnet_socket *socket, int64_t *size);

/**
 * Reads up to and with the next "\n", at most @p max_size - 1 bytes, into
 * @p data and ends it with a NUL. Returns the number of bytes without the NUL;
 * 0 if there are none now, -1 on failure. @p max_size must be 2 or more.
 *
 * Qt: QIODevice::readLine(char *, qint64)
 */
QNET_API int64_t qnet_socket_read_line(qnet_socket *socket, char *data, int64_t max_size);

/**
 * Tells whether a whole line can be read.
 *
 * Qt: QIODevice::canReadLine()
 */
QNET_API bool qnet_socket_can_read_line(qnet_socket *socket);

/**
 * Reads one byte into @p c, unless NULL. Returns false if there is none.
 *
 * Qt: QIODevice::getChar()
 */
QNET_API bool qnet_socket_get_char(qnet_socket *socket, char *c);

/**
 * Puts the byte @p c back before what is to be read next.
 *
 * Qt: QIODevice::ungetChar()
 */
QNET_API void qnet_socket_unget_char(qnet_socket *socket, char c);

/**
 * Copies up to @p max_size bytes to @p data without taking them. Returns how
 * many; -1 on failure.
 *
 * Qt: QIODevice::peek(char *, qint64)
 */
QNET_API int64_t qnet_socket_peek(qnet_socket *socket, void *data, int64_t max_size);

/**
 * Returns where the first of the bytes that can be read are, and writes their
 * number to @p size. They may be fewer than qnet_socket_bytes_available(). NULL
 * and 0 when there are none, or on failure. In a callback of a buffered socket
 * they are mostly not copied for it.
 *
 * The memory belongs to the socket and must not be changed. It is valid until
 * the callback from which this was called returns, and no longer than until
 * the socket is read from, closed, aborted or deleted, by any thread, or a
 * string of it is asked for: qnet_socket_skip() takes what was used. It may be
 * written, to this socket or to another, as any other memory; then, if it is
 * much, it is mostly not copied for that either.
 *
 * Beyond Qt: reading without a copy.
 */
QNET_API const char *qnet_socket_peek_buffer(qnet_socket *socket, int64_t *size);

/**
 * Reads up to @p max_size bytes and writes them to @p file, the descriptor of a
 * regular file, at its position. It remains the caller's. Returns how many bytes:
 * no more than 1 MiB in one call, and fewer if the disk is full; the rest can
 * still be read. 0 if there are none now; -1 if none will come any more, or
 * nothing could be written (qnet_socket_error_string() says why). It waits for
 * the disk if it must. A UDP socket fails with
 * QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR.
 *
 * Beyond Qt: receiving files.
 */
QNET_API int64_t qnet_socket_read_to_file(qnet_socket *socket, intptr_t file, int64_t max_size);

/**
 * Takes up to @p max_size bytes and drops them. Returns how many, as
 * qnet_socket_read() would: with QNET_TEXT carriage returns do not count. 0 if
 * there are none now, -1 if none will come any more or on failure.
 *
 * Qt: QIODevice::skip()
 */
QNET_API int64_t qnet_socket_skip(qnet_socket *socket, int64_t max_size);

/**
 * Returns how many bytes can be read now; -1 on failure.
 *
 * Qt: QIODevice::bytesAvailable()
 */
QNET_API int64_t qnet_socket_bytes_available(qnet_socket *socket);

/**
 * Tells whether there is nothing to read now.
 *
 * Qt: QIODevice::atEnd()
 */
QNET_API bool qnet_socket_at_end(qnet_socket *socket);

/**
 * Limits what is kept for reading to @p size bytes; 0 does not, and with a
 * negative size nothing is read. At the limit nothing is read from the system, so
 * that the peer must wait, until there is room again: after a part was read, too (in
 * Qt only in a callback of readyRead, and otherwise once all was read). What a
 * transaction has read goes on taking room until it is committed. A limit below the
 * largest piece that the program takes at once stops the connection: the piece never
 * becomes whole.
 *
 * Qt: QAbstractSocket::setReadBufferSize()
 */
QNET_API void qnet_socket_set_read_buffer_size(qnet_socket *socket, int64_t size);

/**
 * Returns the limit of the read buffer in bytes, 0 for none; -1 on failure.
 *
 * Qt: QAbstractSocket::readBufferSize()
 */
QNET_API int64_t qnet_socket_read_buffer_size(qnet_socket *socket);

/**
 * Starts a transaction: what is read is kept until it is committed or rolled
 * back. Starting one inside another is a warning.
 *
 * Qt: QIODevice::startTransaction()
 */
QNET_API void qnet_socket_start_transaction(qnet_socket *socket);

/**
 * Ends the transaction and drops what was read in it.
 *
 * Qt: QIODevice::commitTransaction()
 */
QNET_API void qnet_socket_commit_transaction(qnet_socket *socket);

/**
 * Ends the transaction and makes what was read in it readable again.
 *
 * Qt: QIODevice::rollbackTransaction()
 */
QNET_API void qnet_socket_rollback_transaction(qnet_socket *socket);

/**
 * Tells whether a transaction is under way.
 *
 * Qt: QIODevice::isTransactionStarted()
 */
QNET_API bool qnet_socket_is_transaction_started(qnet_socket *socket);

/* Writing ----------------------------------------------------------------- */

/**
 * Takes @p size bytes of @p data to send. Returns how many were taken: all
 * (fewer only with qnet_socket_set_write_buffer_limit()), or -1 if the socket
 * is not open for writing, not connected or its write channel closed, or for a
 * bad argument (a warning). @p data may be reused at once.
 *
 * Nothing is sent yet: what a callback writes leaves when it has returned, at the end of the
 * loop's turn, all of it together; what is written outside of callbacks leaves when the loop
 * runs next, or in a qnet_socket_wait_for_*(). qnet_socket_flush() sends at once. What the
 * peer does not take stays in memory: a reader who is slow is held back by nobody but the
 * program, which looks at qnet_socket_bytes_to_write() and goes on in bytesWritten, or sets
 * qnet_socket_set_write_buffer_limit(). A sender who is too fast is held back by
 * qnet_socket_set_read_buffer_size().
 *
 * Qt: QIODevice::write(const char *, qint64)
 */
QNET_API int64_t qnet_socket_write(qnet_socket *socket, const void *data, int64_t size);

/**
 * Is qnet_socket_write() of @p count parts, one behind the other: none of them
 * need be copied together before. A UDP socket makes one datagram of them.
 *
 * Beyond Qt: writing gathered parts.
 */
QNET_API int64_t qnet_socket_write_parts(qnet_socket *socket, const qnet_write_part *parts, int count);

/**
 * Is qnet_socket_write() without a copy: for files in memory, pictures, answers
 * that many get. The memory at @p data stays the caller's, is lent, and must not
 * change until @p released is called with @p user_data. It may be lent as often
 * as one likes, to several sockets too.
 *
 * If the result is positive, @p released is called once, for that many bytes:
 * when they were sent (before bytesWritten says so of the last of them), or
 * dropped, because the connection was aborted, has failed, or the socket was
 * deleted. It is called never from within this function, but from within others
 * that send or drop them, such as qnet_socket_abort() and qnet_socket_delete(),
 * or by whoever runs the loop, on that thread; it may follow destroyed. In the
 * child of a fork(), and once the process ends, it is not called any more. With
 * 0 or -1 nothing was lent. NULL is for memory that never changes.
 *
 * A TLS connection encrypts from where the memory lies. A UDP socket fails with
 * QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR.
 *
 * Beyond Qt: writing without a copy.
 */
QNET_API int64_t qnet_socket_write_lent(qnet_socket *socket, const void *data, int64_t size, qnet_loop_callback released, void *user_data);

/**
 * Has @p size bytes of a file sent, from @p offset on, behind what was written
 * before, and in front of what is written then; with a size of -1, all up to
 * its end. They count in qnet_socket_bytes_to_write() and in bytesWritten as
 * others do, and for the write buffer's limit, but take no memory.
 *
 * @p file is the descriptor of a regular file, open for reading. It remains the
 * caller's, who may close it at once: the socket has one of its own until all is
 * sent. The position in it does not count, nor does it change. Returns how many
 * bytes were taken, like qnet_socket_write(); -1 if the file has not so many.
 *
 * What is sent is what the file holds by then. If it has become shorter, or
 * cannot be read, the connection ends with QNET_UNKNOWN_SOCKET_ERROR: the peer was
 * to get bytes that are not there.
 *
 * The system copies from the file to a plain connection; on an encrypted one the
 * file is read piece by piece. Either waits for the disk if it must. A UDP socket
 * fails with QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR.
 *
 * Beyond Qt: sending files.
 */
QNET_API int64_t qnet_socket_send_file(qnet_socket *socket, intptr_t file, int64_t offset, int64_t size);

/**
 * The same as qnet_socket_write() with the bytes of @p text, without its NUL. -1 with a
 * warning if it is NULL. For text that is put together see print.h.
 *
 * Beyond Qt: QIODevice::write(const char *) has a name of its own here.
 */
QNET_API int64_t qnet_socket_write_string(qnet_socket *socket, const char *text);

/**
 * Takes the byte @p c to send. Returns false on failure.
 *
 * Qt: QIODevice::putChar()
 */
QNET_API bool qnet_socket_put_char(qnet_socket *socket, char c);

/**
 * Sends as much as the system takes now. Returns true if that was anything.
 *
 * Qt: QAbstractSocket::flush()
 */
QNET_API bool qnet_socket_flush(qnet_socket *socket);

/**
 * Returns how many bytes are still to be sent; -1 on failure.
 *
 * Qt: QIODevice::bytesToWrite()
 */
QNET_API int64_t qnet_socket_bytes_to_write(qnet_socket *socket);

/**
 * Limits what is kept to be sent to @p limit bytes; 0, the default, does not.
 * qnet_socket_write() then takes no more than fits and returns how much that
 * was, 0 if nothing; once no more than @p mark bytes, fewer than @p limit, are
 * left the callbacks of qnet_socket_on_write_buffer_drained() are called.
 * Other values are refused with a warning.
 *
 * Beyond Qt: a limit on what is to be sent.
 */
QNET_API void qnet_socket_set_write_buffer_limit(qnet_socket *socket, int64_t limit, int64_t mark);

/**
 * Returns the limit of what is kept to be sent in bytes, 0 for none; -1 on
 * failure.
 *
 * Beyond Qt: a limit on what is to be sent.
 */
QNET_API int64_t qnet_socket_write_buffer_limit(qnet_socket *socket);

/**
 * Sets whether a write that does not fit under the limit of
 * qnet_socket_set_write_buffer_limit() takes nothing, instead of as much as
 * fits: a message is sent whole, later, or not at all. It then returns 0, and
 * the callbacks of qnet_socket_on_write_buffer_drained() follow; or -1, with
 * QNET_OPERATION_ERROR, if it is longer than the limit. Off at first.
 *
 * Beyond Qt: a limit on what is to be sent.
 */
QNET_API void qnet_socket_set_writes_whole(qnet_socket *socket, bool on);

/**
 * Tells whether a write takes all or nothing.
 *
 * Beyond Qt: a limit on what is to be sent.
 */
QNET_API bool qnet_socket_writes_whole(qnet_socket *socket);

/* Channels ------------------------------------------------------------------ */

/*
 * An SCTP socket may have many channels in each direction (see sctp_socket.h), with the
 * numbers from 0 on. All others have one, 0: choosing another is a warning there. (Qt
 * lets it be chosen, and ends the process when it is used.)
 */

/**
 * Returns how many channels can be read: 0 before there is a connection or if the socket
 * is not open for reading; -1 on failure. They stay when the connection ends, until the
 * socket is closed or connected again.
 *
 * Qt: QIODevice::readChannelCount()
 */
QNET_API int qnet_socket_read_channel_count(qnet_socket *socket);

/**
 * Returns how many channels can be written: 0 without a connection or if the socket is
 * not open for writing; -1 on failure.
 *
 * Qt: QIODevice::writeChannelCount()
 */
QNET_API int qnet_socket_write_channel_count(qnet_socket *socket);

/**
 * Returns the channel that is read; -1 on failure.
 *
 * Qt: QIODevice::currentReadChannel()
 */
QNET_API int qnet_socket_current_read_channel(qnet_socket *socket);

/**
 * Has @p channel read from now on, of an SCTP socket one from 0 to 65534. It need not
 * exist: there is nothing to read then. What was not read of another channel stays. A
 * warning during a transaction.
 *
 * Qt: QIODevice::setCurrentReadChannel()
 */
QNET_API void qnet_socket_set_current_read_channel(qnet_socket *socket, int channel);

/**
 * Returns the channel that is written; -1 on failure.
 *
 * Qt: QIODevice::currentWriteChannel()
 */
QNET_API int qnet_socket_current_write_channel(qnet_socket *socket);

/**
 * Has @p channel written from now on, of an SCTP socket one from 0 to 65534. Writing
 * fails if the connection has no such channel.
 *
 * Qt: QIODevice::setCurrentWriteChannel()
 */
QNET_API void qnet_socket_set_current_write_channel(qnet_socket *socket, int channel);

/* Waiting, without a running loop ------------------------------------------ */

/**
 * Waits up to @p msec milliseconds (-1: without limit) until connected. Returns
 * false after the time (QNET_SOCKET_TIMEOUT_ERROR; the attempt is given up) or
 * if connecting failed.
 *
 * Qt: QAbstractSocket::waitForConnected()
 */
QNET_API bool qnet_socket_wait_for_connected(qnet_socket *socket, int msec);

/**
 * Waits up to @p msec milliseconds (-1: without limit) until disconnected.
 * Returns false after the time (QNET_SOCKET_TIMEOUT_ERROR) or if the socket was
 * not connected (a warning).
 *
 * Qt: QAbstractSocket::waitForDisconnected()
 */
QNET_API bool qnet_socket_wait_for_disconnected(qnet_socket *socket, int msec);

/**
 * Waits up to @p msec milliseconds (-1: without limit) until new data has
 * arrived and readyRead was emitted. Returns false after the time
 * (QNET_SOCKET_TIMEOUT_ERROR), after an error, when disconnected, when the peer
 * of a half-open connection has ended its direction, and at once while the read
 * buffer is full (see qnet_socket_set_read_buffer_size()).
 *
 * Qt: QAbstractSocket::waitForReadyRead()
 */
QNET_API bool qnet_socket_wait_for_ready_read(qnet_socket *socket, int msec);

/**
 * Waits up to @p msec milliseconds (-1: without limit) until data was sent and
 * bytesWritten emitted. Returns false if there is nothing to send, after the
 * time (QNET_SOCKET_TIMEOUT_ERROR), after an error, or when disconnected.
 *
 * Qt: QAbstractSocket::waitForBytesWritten()
 */
QNET_API bool qnet_socket_wait_for_bytes_written(qnet_socket *socket, int msec);

/* State -------------------------------------------------------------------- */

/**
 * Returns the state; QNET_UNCONNECTED_STATE on failure.
 *
 * Qt: QAbstractSocket::state()
 */
QNET_API qnet_state qnet_socket_state(qnet_socket *socket);

/**
 * Returns the last error; QNET_UNKNOWN_SOCKET_ERROR if there was none. It is that of the
 * last call that failed, or of what has ended the connection since: a call that makes no
 * sense, such as a write on a socket that is not open, is a QNET_OPERATION_ERROR here,
 * where Qt goes on telling the error of an earlier call. What only asks or waits, such
 * as qnet_socket_wait_for_ready_read() when the connection is over, sets no error of its own:
 * it leaves the one that has ended the connection.
 *
 * Qt: QAbstractSocket::error()
 */
QNET_API qnet_error qnet_socket_error(qnet_socket *socket);

/**
 * Returns the last error as text.
 *
 * Qt: QIODevice::errorString()
 */
QNET_API const char *qnet_socket_error_string(qnet_socket *socket);

/**
 * Tells whether @p socket is connected, or bound, and its descriptor usable.
 *
 * Qt: QAbstractSocket::isValid()
 */
QNET_API bool qnet_socket_is_valid(qnet_socket *socket);

/**
 * Tells whether the device is open: from the start of connecting to
 * qnet_socket_close().
 *
 * Qt: QIODevice::isOpen()
 */
QNET_API bool qnet_socket_is_open(qnet_socket *socket);

/**
 * Tells whether the device is open for reading.
 *
 * Qt: QIODevice::isReadable()
 */
QNET_API bool qnet_socket_is_readable(qnet_socket *socket);

/**
 * Tells whether the device is open for writing, and its write channel not
 * closed.
 *
 * Qt: QIODevice::isWritable()
 */
QNET_API bool qnet_socket_is_writable(qnet_socket *socket);

/**
 * Returns the open mode, a set of qnet_open_mode; -1 on failure.
 *
 * Qt: QIODevice::openMode()
 */
QNET_API int qnet_socket_open_mode(qnet_socket *socket);

/**
 * Tells whether the device is sequential: always true.
 *
 * Qt: QIODevice::isSequential()
 */
QNET_API bool qnet_socket_is_sequential(qnet_socket *socket);

/**
 * Returns the kind of socket: QNET_TCP_SOCKET, QNET_UDP_SOCKET or
 * QNET_LOCAL_SOCKET.
 *
 * Qt: QAbstractSocket::socketType()
 */
QNET_API qnet_socket_kind qnet_socket_socket_type(qnet_socket *socket);

/**
 * Writes the address on this side to @p address; the null address, and false,
 * when neither connected nor bound.
 *
 * Qt: QAbstractSocket::localAddress()
 */
QNET_API bool qnet_socket_local_address(qnet_socket *socket, qnet_host_address *address);

/**
 * Returns the port on this side; 0 when neither connected nor bound.
 *
 * Qt: QAbstractSocket::localPort()
 */
QNET_API uint16_t qnet_socket_local_port(qnet_socket *socket);

/**
 * Writes the peer's address to @p address; the null address, and false, when
 * not connected.
 *
 * Qt: QAbstractSocket::peerAddress()
 */
QNET_API bool qnet_socket_peer_address(qnet_socket *socket, qnet_host_address *address);

/**
 * Returns the peer's name as given to connect; "" if there was none.
 *
 * Qt: QAbstractSocket::peerName()
 */
QNET_API const char *qnet_socket_peer_name(qnet_socket *socket);

/**
 * Returns the peer's port; 0 when not connected.
 *
 * Qt: QAbstractSocket::peerPort()
 */
QNET_API uint16_t qnet_socket_peer_port(qnet_socket *socket);

/**
 * Returns the peer's address and port as one text, such as "127.0.0.1:80" or "[::1]:80",
 * which qnet_host_port_parse() takes apart. For a local socket it is the server's
 * full name. "" if there is none, and NULL on failure.
 *
 * Beyond Qt: QAbstractSocket::peerAddress() and peerPort() in one.
 */
QNET_API const char *qnet_socket_peer_text(qnet_socket *socket);

/**
 * Returns the address and port on this side as one text, as
 * qnet_socket_peer_text() does for the peer. "" for a local socket.
 *
 * Beyond Qt: QAbstractSocket::localAddress() and localPort() in one.
 */
QNET_API const char *qnet_socket_local_text(qnet_socket *socket);

/**
 * Returns an option's value as the system has it; -1 without a descriptor, for
 * an unknown option, or on failure.
 *
 * Qt: QAbstractSocket::socketOption()
 */
QNET_API int qnet_socket_socket_option(qnet_socket *socket, qnet_option option);

/**
 * Sets an option of the descriptor that there is. Returns false if the system
 * refuses.
 *
 * Beyond Qt, where it is lost: without a descriptor the option is kept, and set
 * on every one that @p socket makes from then on, before it binds or connects;
 * false only for what is no option. What the system refuses then is left out,
 * but without QNET_REUSE_PORT_OPTION or QNET_BIND_TO_INTERFACE_OPTION binding
 * or connecting fails.
 *
 * Qt: QAbstractSocket::setSocketOption()
 */
QNET_API bool qnet_socket_set_socket_option(qnet_socket *socket, qnet_option option, int value);

/**
 * Returns when to pause, a set of qnet_pause_mode; -1 on failure.
 *
 * Qt: QAbstractSocket::pauseMode()
 */
QNET_API int qnet_socket_pause_mode(qnet_socket *socket);

/**
 * Sets when to pause, a set of qnet_pause_mode.
 *
 * Qt: QAbstractSocket::setPauseMode()
 */
QNET_API void qnet_socket_set_pause_mode(qnet_socket *socket, int mode);

/**
 * Resumes after a pause.
 *
 * Qt: QAbstractSocket::resume()
 */
QNET_API void qnet_socket_resume(qnet_socket *socket);

/**
 * Returns the protocol tag, a free text; "" unless set.
 *
 * Qt: QAbstractSocket::protocolTag()
 */
QNET_API const char *qnet_socket_protocol_tag(qnet_socket *socket);

/**
 * Sets the protocol tag; NULL is "".
 *
 * Qt: QAbstractSocket::setProtocolTag()
 */
QNET_API void qnet_socket_set_protocol_tag(qnet_socket *socket, const char *tag);

/**
 * Sets the proxy of connections to come: a connection that is there or under way
 * stays as it is. NULL or QNET_DEFAULT_PROXY is the application's, see
 * network_proxy.h; QNET_NO_PROXY connects directly. Local sockets have no proxy and
 * ignore it.
 *
 * Through a proxy, qnet_socket_peer_name() is the host as it was asked for, and
 * qnet_socket_peer_address() the null address if the proxy looks it up. What
 * becomes of the connection is told as without one; the errors of proxies are
 * those of the proxy itself. Options are those of the descriptor that is connected
 * to it.
 *
 * Qt: QAbstractSocket::setProxy()
 */
QNET_API void qnet_socket_set_proxy(qnet_socket *socket, const qnet_network_proxy *proxy);

/**
 * Writes what qnet_socket_set_proxy() was given to @p proxy, the default proxy
 * unless it was set. What @p proxy was is released. Release it with
 * qnet_network_proxy_clear(). Returns false on failure.
 *
 * Qt: QAbstractSocket::proxy()
 */
QNET_API bool qnet_socket_proxy(qnet_socket *socket, qnet_network_proxy *proxy);

/* For those who build their own kind of socket (protected in Qt) ------------ */

/**
 * Sets what qnet_socket_local_address() tells; nothing else.
 *
 * Qt: QAbstractSocket::setLocalAddress()
 */
QNET_API void qnet_socket_set_local_address(qnet_socket *socket, const qnet_host_address *address);

/**
 * Sets what qnet_socket_local_port() tells; nothing else.
 *
 * Qt: QAbstractSocket::setLocalPort()
 */
QNET_API void qnet_socket_set_local_port(qnet_socket *socket, uint16_t port);

/**
 * Sets what qnet_socket_peer_address() tells; nothing else.
 *
 * Qt: QAbstractSocket::setPeerAddress()
 */
QNET_API void qnet_socket_set_peer_address(qnet_socket *socket, const qnet_host_address *address);

/**
 * Sets what qnet_socket_peer_name() tells; nothing else. NULL is "".
 *
 * Qt: QAbstractSocket::setPeerName()
 */
QNET_API void qnet_socket_set_peer_name(qnet_socket *socket, const char *name);

/**
 * Sets what qnet_socket_peer_port() tells; nothing else.
 *
 * Qt: QAbstractSocket::setPeerPort()
 */
QNET_API void qnet_socket_set_peer_port(qnet_socket *socket, uint16_t port);

/**
 * Sets what qnet_socket_error() tells, without a signal.
 *
 * Qt: QAbstractSocket::setSocketError()
 */
QNET_API void qnet_socket_set_socket_error(qnet_socket *socket, qnet_error error);

/**
 * Sets what qnet_socket_state() tells, without a signal.
 *
 * Qt: QAbstractSocket::setSocketState()
 */
QNET_API void qnet_socket_set_socket_state(qnet_socket *socket, qnet_state state);

/* Signals. Each function returns 0 on failure. ------------------------------ */

/**
 * Registers @p callback for the connection being made.
 *
 * Qt: QAbstractSocket::connected
 */
QNET_API qnet_connection qnet_socket_on_connected(qnet_socket *socket, qnet_socket_callback callback, void *user_data);

/**
 * Registers @p callback for the end of a connection. @p socket may be deleted
 * in it.
 *
 * Qt: QAbstractSocket::disconnected
 */
QNET_API qnet_connection qnet_socket_on_disconnected(qnet_socket *socket, qnet_socket_callback callback, void *user_data);

/**
 * Registers @p callback for each error.
 *
 * Qt: QAbstractSocket::errorOccurred
 */
QNET_API qnet_connection qnet_socket_on_error_occurred(qnet_socket *socket, qnet_socket_error_callback callback, void *user_data);

/**
 * Registers @p callback for the end of a name's look-up, with success.
 *
 * Qt: QAbstractSocket::hostFound
 */
QNET_API qnet_connection qnet_socket_on_host_found(qnet_socket *socket, qnet_socket_callback callback, void *user_data);

/**
 * Registers @p callback for each change of state.
 *
 * Qt: QAbstractSocket::stateChanged
 */
QNET_API qnet_connection qnet_socket_on_state_changed(qnet_socket *socket, qnet_socket_state_callback callback, void *user_data);

/**
 * Registers @p callback for the arrival of data. It is not called again while
 * it runs. Sockets whose data the loop finds at the same time are all read
 * before the first of them is called back: from one's callback, another's data
 * can be seen before its own.
 *
 * Qt: QIODevice::readyRead
 */
QNET_API qnet_connection qnet_socket_on_ready_read(qnet_socket *socket, qnet_socket_callback callback, void *user_data);

/**
 * Registers @p callback for data handed to the system, with the number of
 * bytes.
 *
 * Qt: QIODevice::bytesWritten
 */
QNET_API qnet_connection qnet_socket_on_bytes_written(qnet_socket *socket, qnet_socket_bytes_callback callback, void *user_data);

/**
 * Registers @p callback for the arrival of data on a channel, the current one or another:
 * for each message of an SCTP socket in datagram mode. For the current one readyRead
 * comes first. Unlike that it is also called while it runs. Sockets with one channel tell
 * of channel 0.
 *
 * Qt: QIODevice::channelReadyRead
 */
QNET_API qnet_connection qnet_socket_on_channel_ready_read(qnet_socket *socket, qnet_socket_channel_callback callback, void *user_data);

/**
 * Registers @p callback for data handed to the system on a channel, the current one or
 * another. For the current one bytesWritten comes first.
 *
 * Qt: QIODevice::channelBytesWritten
 */
QNET_API qnet_connection qnet_socket_on_channel_bytes_written(qnet_socket *socket, qnet_socket_channel_bytes_callback callback, void *user_data);

/**
 * Registers @p callback for there being room again after a write was cut short
 * by qnet_socket_set_write_buffer_limit().
 *
 * Beyond Qt: room again after the write limit.
 */
QNET_API qnet_connection qnet_socket_on_write_buffer_drained(qnet_socket *socket, qnet_socket_callback callback, void *user_data);

/**
 * Registers @p callback for qnet_socket_close(), before anything is closed.
 *
 * Qt: QIODevice::aboutToClose
 */
QNET_API qnet_connection qnet_socket_on_about_to_close(qnet_socket *socket, qnet_socket_callback callback, void *user_data);

/**
 * Registers @p callback for the end of what can be received: at the end of a
 * connection or, of one that may be half-open, with the peer's end.
 *
 * Qt: QIODevice::readChannelFinished
 */
QNET_API qnet_connection qnet_socket_on_read_channel_finished(qnet_socket *socket, qnet_socket_callback callback, void *user_data);

/**
 * Registers @p callback for a proxy that wants a user and a password, see
 * authenticator.h: the attempt goes on when it returns, with what it has filled in.
 * If that was refused already, or nothing was filled in, the error is
 * QNET_PROXY_AUTHENTICATION_REQUIRED_ERROR. What a proxy has accepted is kept for
 * the process, and used for the next connection without asking. Wait functions that
 * are called in it for @p socket return false at once.
 *
 * Qt: QAbstractSocket::proxyAuthenticationRequired
 */
QNET_API qnet_connection qnet_socket_on_proxy_authentication_required(qnet_socket *socket, qnet_socket_authentication_callback callback, void *user_data);

/**
 * Keeps a pointer with @p socket, for the program alone: the library neither reads nor frees
 * what it points to. NULL, as at first, is none. It is forgotten when the object is gone:
 * free what it points to in destroyed, whose callback can still ask for it, or after
 * qnet_socket_delete().
 *
 * Beyond Qt: QObject::setProperty() with a pointer.
 */
QNET_API void qnet_socket_set_user_data(qnet_socket *socket, void *user_data);

/**
 * Returns what qnet_socket_set_user_data() was given; NULL if there is none, and on failure.
 *
 * Beyond Qt: see qnet_socket_set_user_data().
 */
QNET_API void *qnet_socket_user_data(qnet_socket *socket);

#ifdef __cplusplus
}
#endif

#endif
