/**
 * @file tcp_server.h
 * A TCP server. Qt: QTcpServer
 *
 * Limits, which Qt does not have, and which are off until they are set:
 *
 * - qnet_tcp_server_set_connection_limit(): how many connections may be open.
 *   Beyond it nothing is accepted, as with the limit of pending connections:
 *   clients wait in the system's backlog and lose nothing.
 * - qnet_tcp_server_set_address_connection_limit(): how many of them one address
 *   may have. Beyond it a connection is refused, since it must not wait in front
 *   of those from other addresses.
 * - qnet_tcp_server_set_first_byte_timeout() and
 *   qnet_tcp_server_set_idle_timeout(): for how long a client may be silent. Who
 *   limits connections wants these too: or silent clients hold all of them.
 *
 * A connection counts as open from when it was accepted until its descriptor is
 * closed: pending, taken, and also with another owner. A descriptor that went to
 * the callback of qnet_tcp_server_set_incoming_connection() is the program's and
 * does not count, unless it comes back, in a connected socket, by
 * qnet_tcp_server_add_pending_connection(). A socket that has ended and is used
 * for another connection does not count any more, nor does a connection that the
 * program has closed and of which the system still delivers the rest. Limits may
 * be changed at any time: a lower one ends no connection. But of connections that
 * were accepted while at most their total was limited only the number is known:
 * set limits before qnet_tcp_server_listen(). They hold after
 * qnet_tcp_server_close() for those that go on, and end with the server.
 *
 * A connection whose time is up emits errorOccurred with
 * QNET_SOCKET_TIMEOUT_ERROR and then `disconnected`, like one that is lost; what
 * was received and is not read yet stays readable, what is still to be sent is
 * dropped. One that is pending has ended when it is taken. The times are kept by
 * a running loop, to within a sixth: a connection never ends early, and at most
 * that much late.
 *
 * Loops: qnet_tcp_server_set_loops() spreads the connections over loops, each of
 * which a thread of its own runs. The server accepts them in its own loop, which
 * may be one of them. Each goes to the loop that has the fewest of the server's
 * open, in turn if several have, and is not pending: its socket is made there,
 * and shown to the callbacks of qnet_tcp_server_on_connection_in_loop() on the
 * thread that runs it, before anything is read. From then on it is the
 * program's, which deletes it, and outlives the server; for the limits it counts
 * as before. A message takes no lock but that of its own loop.
 *
 * - Up to qnet_tcp_server_max_pending_connections() are on their way to each
 *   loop. One that nobody runs keeps that many waiting, and the others get the
 *   rest; if all have as many, nothing is accepted.
 * - What has not arrived in a loop that is deleted, or no longer among those of
 *   the server, goes to another, or becomes pending if there is none.
 * - qnet_tcp_server_close() ends what is on its way, as what is pending, and so
 *   does qnet_tcp_server_delete(), which waits for no callback of another thread:
 *   `destroyed` follows when that has returned. Pausing keeps nothing from arriving.
 * - A server that encrypts has the handshake done in the connection's loop, and
 *   shows the connection once it is encrypted. The signals of ssl_server.h come on
 *   the thread of that loop. A handshake ends with its loop, or with the server,
 *   unless the socket has another owner; after qnet_tcp_server_close() it goes on.
 * - qnet_tcp_server_wait_for_new_connection() returns true when one was accepted,
 *   of a server that encrypts when one has arrived.
 * - With a callback of qnet_tcp_server_set_incoming_connection(), and without one
 *   of qnet_tcp_server_on_connection_in_loop(), all is as without loops.
 */
#ifndef QNET_TCP_SERVER_H
#define QNET_TCP_SERVER_H

#include <qnet/global.h>
#include <qnet/host_address.h>
#include <qnet/loop.h>
#include <qnet/network_proxy.h>
#include <qnet/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A callback of a server without further arguments. */
typedef void (*qnet_tcp_server_callback)(qnet_tcp_server *server, void *user_data);
/** A callback of a server with an error. */
typedef void (*qnet_tcp_server_error_callback)(qnet_tcp_server *server, qnet_error error, void *user_data);
/** A callback of a server with an address, which holds during the call only. */
typedef void (*qnet_tcp_server_address_callback)(qnet_tcp_server *server, const qnet_host_address *address, void *user_data);
/** A callback of a server with one of its connections. */
typedef void (*qnet_tcp_server_socket_callback)(qnet_tcp_server *server, qnet_socket *socket, void *user_data);
/** Replaces QTcpServer::incomingConnection(): owns @p socket_descriptor. */
typedef void (*qnet_tcp_server_incoming_callback)(qnet_tcp_server *server, intptr_t socket_descriptor, void *user_data);
/** Replaces QTcpServer::hasPendingConnections(). */
typedef bool (*qnet_tcp_server_has_pending_callback)(qnet_tcp_server *server, void *user_data);
/** Replaces QTcpServer::nextPendingConnection(). */
typedef qnet_socket *(*qnet_tcp_server_next_pending_callback)(qnet_tcp_server *server, void *user_data);

/**
 * Creates a server on @p loop that does not listen, owned by the caller:
 * release it with qnet_tcp_server_delete() or qnet_tcp_server_delete_later().
 *
 * Qt: QTcpServer::QTcpServer()
 */
QNET_API qnet_tcp_server *qnet_tcp_server_new(qnet_loop *loop);

/**
 * Closes and deletes @p server at once, also from inside its own callbacks, and
 * then every socket that it still owns, before this returns. If another thread is inside one of its
 * callbacks at this moment, `destroyed` follows when that has returned.
 *
 * Qt: QTcpServer::~QTcpServer()
 */
QNET_API void qnet_tcp_server_delete(qnet_tcp_server *server);

/**
 * Deletes @p server when control is back in its loop. Further calls have no
 * effect.
 *
 * Qt: QObject::deleteLater()
 */
QNET_API void qnet_tcp_server_delete_later(qnet_tcp_server *server);

/**
 * Moves @p server to @p loop (NULL: the default one), with all sockets that belong to it:
 * those that are pending, those that were taken and have no other owner, and those whose
 * handshake is under way. From any thread. What it promises is as in
 * qnet_socket_move_to_loop(). Nothing of it can move, and false is returned, if the system
 * has no room to watch all.
 *
 * Qt: QObject::moveToThread()
 */
QNET_API bool qnet_tcp_server_move_to_loop(qnet_tcp_server *server, qnet_loop *loop);

/**
 * Registers @p callback for the deletion of @p server: its last callback, made
 * exactly once. The handle is invalid by then: only its value is of use.
 * Afterwards user_data of all its callbacks may be freed. Returns 0 on failure.
 *
 * Qt: QObject::destroyed
 */
QNET_API qnet_connection qnet_tcp_server_on_destroyed(qnet_tcp_server *server, qnet_tcp_server_callback callback, void *user_data);

/**
 * Listens on @p address (NULL: QNET_ADDRESS_ANY, both families) and @p port, 0
 * for one that the system chooses. Returns false if it could not, with
 * qnet_tcp_server_server_error() set, or if it listens already (a warning). Emits
 * `listening` before it returns true, see qnet_tcp_server_on_listening().
 *
 * Through a proxy (see network_proxy.h; not at a loopback address) it is the proxy
 * that listens. It is only asked to here: this waits for nothing, and returns false for
 * what fails at once, such as a user that SOCKS cannot carry. Later `listening` is emitted
 * once the proxy listens, or acceptError for each failure (Qt's listen waits up to 5
 * seconds and returns false), after which it is asked again; isListening is true all the
 * time. Each connection to the proxy brings one of a client, and the next is asked for at
 * once, at the same port if the proxy grants that.
 *
 * Qt: QTcpServer::listen()
 */
QNET_API bool qnet_tcp_server_listen(qnet_tcp_server *server, const qnet_host_address *address, uint16_t port);

/**
 * Stops listening and deletes the pending connections that nobody has taken.
 *
 * Qt: QTcpServer::close()
 */
QNET_API void qnet_tcp_server_close(qnet_tcp_server *server);

/**
 * Tells whether @p server listens.
 *
 * Qt: QTcpServer::isListening()
 */
QNET_API bool qnet_tcp_server_is_listening(qnet_tcp_server *server);

/**
 * Returns the address on which @p server listens in @p address; the null
 * address, and false, if it does not listen. Through a proxy it is what the proxy
 * tells. If the proxy has not answered yet this waits for it, the calling thread alone,
 * until 5 seconds after qnet_tcp_server_listen() at most, so that programs written for Qt
 * find there what they expect; from a callback of `listening` or acceptError on it does
 * not wait. What the proxy has not told is what was asked for.
 *
 * Qt: QTcpServer::serverAddress()
 */
QNET_API bool qnet_tcp_server_server_address(qnet_tcp_server *server, qnet_host_address *address);

/**
 * Returns the port on which @p server listens; 0 if it does not. Through a proxy it
 * is what the proxy tells, waited for as by qnet_tcp_server_server_address(), or, if
 * that has not told, what was asked for. It may be another one after each connection.
 *
 * Qt: QTcpServer::serverPort()
 */
QNET_API uint16_t qnet_tcp_server_server_port(qnet_tcp_server *server);

/**
 * Returns the last error; a successful listen does not clear it. To listen when it listens
 * already is a QNET_OPERATION_ERROR, unlike in Qt, where the error before stays.
 *
 * Qt: QTcpServer::serverError()
 */
QNET_API qnet_error qnet_tcp_server_server_error(qnet_tcp_server *server);

/**
 * Returns the last error as text, "" if there was none.
 *
 * Qt: QTcpServer::errorString()
 */
QNET_API const char *qnet_tcp_server_error_string(qnet_tcp_server *server);

/**
 * Tells whether a connection waits to be taken, or what the callback of
 * qnet_tcp_server_set_has_pending_connections() answers.
 *
 * Qt: QTcpServer::hasPendingConnections()
 */
QNET_API bool qnet_tcp_server_has_pending_connections(qnet_tcp_server *server);

/**
 * Takes the next pending connection, or what the callback of
 * qnet_tcp_server_set_next_pending_connection() returns; NULL if there is none.
 * The socket belongs to @p server, and is deleted with it, until it is deleted
 * by the caller or given another owner with qnet_socket_set_owner().
 *
 * Qt: QTcpServer::nextPendingConnection()
 */
QNET_API qnet_socket *qnet_tcp_server_next_pending_connection(qnet_tcp_server *server);

/**
 * Waits up to @p msec milliseconds (-1: without limit) for a connection,
 * without a running loop, and accepts it: the signals are emitted before this
 * returns true. If as many are pending as may be (see
 * qnet_tcp_server_set_max_pending_connections()) it returns true as soon as another
 * one is there, which is not accepted. Sets @p timed_out, unless NULL, to whether the
 * time ran out; on a server that does not listen it is left alone and false returned.
 *
 * Qt: QTcpServer::waitForNewConnection()
 */
QNET_API bool qnet_tcp_server_wait_for_new_connection(qnet_tcp_server *server, int msec, bool *timed_out);

/**
 * Returns how many connections may be pending, 30 unless set; -1 on failure.
 *
 * Qt: QTcpServer::maxPendingConnections()
 */
QNET_API int qnet_tcp_server_max_pending_connections(qnet_tcp_server *server);

/**
 * Limits the pending connections to @p count: at the limit @p server stops
 * accepting until one is taken, and the rest waits in the system's backlog.
 *
 * Qt: QTcpServer::setMaxPendingConnections()
 */
QNET_API void qnet_tcp_server_set_max_pending_connections(qnet_tcp_server *server, int count);

/**
 * Sets the proxy that @p server listens at, from the next qnet_tcp_server_listen()
 * on. NULL or QNET_DEFAULT_PROXY is the application's, see network_proxy.h. A
 * server that listens at a loopback address needs none and uses none.
 *
 * Qt: QTcpServer::setProxy()
 */
QNET_API void qnet_tcp_server_set_proxy(qnet_tcp_server *server, const qnet_network_proxy *proxy);

/**
 * Writes what qnet_tcp_server_set_proxy() was given to @p proxy, the default proxy
 * unless it was set. What @p proxy was is released. Release it with
 * qnet_network_proxy_clear(). Returns false on failure.
 *
 * Qt: QTcpServer::proxy()
 */
QNET_API bool qnet_tcp_server_proxy(qnet_tcp_server *server, qnet_network_proxy *proxy);

/**
 * Returns the backlog handed to the system by listen, 50 unless set; -1 on
 * failure.
 *
 * Qt: QTcpServer::listenBacklogSize()
 */
QNET_API int qnet_tcp_server_listen_backlog_size(qnet_tcp_server *server);

/**
 * Sets the backlog for the next listen: how many connections the system
 * completes before they are accepted.
 *
 * Qt: QTcpServer::setListenBacklogSize()
 */
QNET_API void qnet_tcp_server_set_listen_backlog_size(qnet_tcp_server *server, int size);

/**
 * Stops accepting; connections wait in the system's backlog.
 *
 * Qt: QTcpServer::pauseAccepting()
 */
QNET_API void qnet_tcp_server_pause_accepting(qnet_tcp_server *server);

/**
 * Accepts again after qnet_tcp_server_pause_accepting().
 *
 * Qt: QTcpServer::resumeAccepting()
 */
QNET_API void qnet_tcp_server_resume_accepting(qnet_tcp_server *server);

/**
 * Returns the descriptor that listens, which @p server owns; -1 if there is
 * none. Through a proxy it is the connection to the proxy.
 *
 * Qt: QTcpServer::socketDescriptor()
 */
QNET_API intptr_t qnet_tcp_server_socket_descriptor(qnet_tcp_server *server);

/**
 * Takes over @p socket_descriptor, a listening stream socket from elsewhere
 * (systemd's socket activation, another process), which @p server owns when
 * this returns true. Otherwise it is left alone and qnet_tcp_server_server_error()
 * set.
 *
 * Qt: QTcpServer::setSocketDescriptor()
 */
QNET_API bool qnet_tcp_server_set_socket_descriptor(qnet_tcp_server *server, intptr_t socket_descriptor);

/**
 * Sets an option of the listening descriptor, most of which its connections
 * inherit. Returns false if the system refuses. Before
 * qnet_tcp_server_listen() it is kept, and set on every descriptor that
 * @p server makes from then on; false only for what is no option. What the
 * system refuses then is left out, but without QNET_REUSE_PORT_OPTION or
 * QNET_BIND_TO_INTERFACE_OPTION listening fails.
 *
 * Beyond Qt: options of a server's descriptor, also before it listens.
 */
QNET_API bool qnet_tcp_server_set_socket_option(qnet_tcp_server *server, qnet_option option, int value);

/**
 * Returns an option's value as the system has it; -1 if @p server does not
 * listen, for an unknown option, or on failure.
 *
 * Beyond Qt: options of a server's descriptor.
 */
QNET_API int qnet_tcp_server_socket_option(qnet_tcp_server *server, qnet_option option);

/**
 * Sets whether the connections that @p server accepts from now on may be
 * half-open, as qnet_socket_set_allow_half_open() does for each of them. What
 * qnet_tcp_server_set_incoming_connection() takes over is left alone. Off at
 * first.
 *
 * Beyond Qt: half-open connections.
 */
QNET_API void qnet_tcp_server_set_allow_half_open(qnet_tcp_server *server, bool allow);

/**
 * Tells whether connections that @p server accepts may be half-open.
 *
 * Beyond Qt: half-open connections.
 */
QNET_API bool qnet_tcp_server_allow_half_open(qnet_tcp_server *server);

/**
 * Makes @p socket a pending connection of @p server, which owns it then and
 * emits pendingConnectionAvailable; for use in the callback of
 * qnet_tcp_server_set_incoming_connection().
 *
 * Qt: QTcpServer::addPendingConnection()
 */
QNET_API void qnet_tcp_server_add_pending_connection(qnet_tcp_server *server, qnet_socket *socket);

/**
 * Makes @p callback replace what @p server does with an accepted descriptor:
 * making a socket of it and adding that as pending. The callback owns the
 * descriptor. NULL restores the original.
 *
 * Qt: QTcpServer::incomingConnection()
 */
QNET_API void qnet_tcp_server_set_incoming_connection(qnet_tcp_server *server, qnet_tcp_server_incoming_callback callback, void *user_data);

/**
 * Makes @p callback answer qnet_tcp_server_has_pending_connections(). NULL
 * restores the original; inside the callback the function answers as the
 * original.
 *
 * Qt: an override of QTcpServer::hasPendingConnections()
 */
QNET_API void qnet_tcp_server_set_has_pending_connections(qnet_tcp_server *server, qnet_tcp_server_has_pending_callback callback, void *user_data);

/**
 * Makes @p callback answer qnet_tcp_server_next_pending_connection(). NULL
 * restores the original; inside the callback the function answers as the
 * original.
 *
 * Qt: an override of QTcpServer::nextPendingConnection()
 */
QNET_API void qnet_tcp_server_set_next_pending_connection(qnet_tcp_server *server, qnet_tcp_server_next_pending_callback callback, void *user_data);

/**
 * Spreads the connections that are accepted from now on over @p count @p loops, of
 * which NULL is the default one: see above. Register the callback of
 * qnet_tcp_server_on_connection_in_loop() before. With a @p count of 0 they become
 * pending again, as at first; those that have arrived are not concerned. A loop that
 * is named twice counts once. Returns false, with a warning, and changes nothing, for a
 * loop that is none, @p loops of NULL, or a negative @p count.
 *
 * Beyond Qt: servers for several threads.
 */
QNET_API bool qnet_tcp_server_set_loops(qnet_tcp_server *server, qnet_loop *const *loops, int count);

/**
 * Returns how many loops connections are spread over, 0 for none; -1 on failure. One that
 * was deleted counts until the server has something for it.
 *
 * Beyond Qt: see qnet_tcp_server_set_loops().
 */
QNET_API int qnet_tcp_server_loop_count(qnet_tcp_server *server);

/**
 * Registers @p callback for each connection that arrives in a loop of
 * qnet_tcp_server_set_loops(). It is called on the thread that runs the loop of @p socket,
 * for several connections at the same time if they are in several loops. @p socket is
 * connected, has no owner, and is to be deleted by the program. If this is disconnected
 * while a connection is about to be shown, that connection ends. Returns 0 on failure.
 *
 * Beyond Qt: see qnet_tcp_server_set_loops().
 */
QNET_API qnet_connection qnet_tcp_server_on_connection_in_loop(qnet_tcp_server *server, qnet_tcp_server_socket_callback callback, void *user_data);

/**
 * Registers @p callback for each accepted connection, after it is pending.
 * Returns 0 on failure.
 *
 * Qt: QTcpServer::newConnection
 */
QNET_API qnet_connection qnet_tcp_server_on_new_connection(qnet_tcp_server *server, qnet_tcp_server_callback callback, void *user_data);

/**
 * Registers @p callback for each connection that was added to the pending ones;
 * it comes before newConnection. Returns 0 on failure.
 *
 * Qt: QTcpServer::pendingConnectionAvailable
 */
QNET_API qnet_connection qnet_tcp_server_on_pending_connection_available(qnet_tcp_server *server, qnet_tcp_server_callback callback, void *user_data);

/**
 * Registers @p callback for each failure to accept, such as descriptors having
 * run out (QNET_SOCKET_RESOURCE_ERROR). Returns 0 on failure. Beyond Qt,
 * accepting is tried again by itself after 50 ms, then twice as long each time
 * up to a second, and goes on once it works. Through a proxy, so is what keeps the proxy
 * from listening, the first time too, or from bringing a connection.
 *
 * Qt: QTcpServer::acceptError
 */
QNET_API qnet_connection qnet_tcp_server_on_accept_error(qnet_tcp_server *server, qnet_tcp_server_error_callback callback, void *user_data);

/**
 * Registers @p callback for when @p server listens: address and port can be read then.
 * It is called from within qnet_tcp_server_listen() or
 * qnet_tcp_server_set_socket_descriptor(); through a proxy later, from the loop or
 * qnet_tcp_server_wait_for_new_connection(), once the proxy listens, and again when that
 * is at another address or port, or after acceptError. Returns 0 on failure.
 *
 * Beyond Qt: listening through a proxy without waiting.
 */
QNET_API qnet_connection qnet_tcp_server_on_listening(qnet_tcp_server *server, qnet_tcp_server_callback callback, void *user_data);

/**
 * Returns how many connections that @p server has accepted are open; -1 on
 * failure. See above for what counts.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API int qnet_tcp_server_open_connections(qnet_tcp_server *server);

/**
 * Returns how many connections may be open, 0 for any number; -1 on failure.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API int qnet_tcp_server_connection_limit(qnet_tcp_server *server);

/**
 * Limits the open connections to @p count, 0 for any number. At the limit
 * @p server stops accepting until one ends, and clients wait in the system's backlog.
 * A negative @p count is a warning and changes nothing.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API void qnet_tcp_server_set_connection_limit(qnet_tcp_server *server, int count);

/**
 * Returns how many connections one address may have, 0 for any number; -1 on
 * failure.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API int qnet_tcp_server_address_connection_limit(qnet_tcp_server *server);

/**
 * Limits the open connections of each address to @p count, 0 for any number.
 * One more is reset at once and counted by qnet_tcp_server_refused_connections();
 * newConnection is not emitted for it, nor is it handed to the callback of
 * qnet_tcp_server_set_incoming_connection(). An IPv4 address and the same one
 * mapped to IPv6 are one, and so are all IPv6 addresses with the same first bits:
 * see qnet_tcp_server_set_address_prefix_length(). A negative @p count is a
 * warning and changes nothing.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API void qnet_tcp_server_set_address_connection_limit(qnet_tcp_server *server, int count);

/**
 * Returns how many of the first bits of an IPv6 address tell clients apart, 64
 * unless set; -1 on failure.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API int qnet_tcp_server_address_prefix_length(qnet_tcp_server *server);

/**
 * Sets how many of the first bits of an IPv6 address tell clients apart, for
 * qnet_tcp_server_set_address_connection_limit(). Whoever has one address of the
 * internet usually has the 2^64 with the same 64 bits, or more: then 64 or 56 is
 * right. Within one local network all share 64 bits: there it is 128. Link-local
 * addresses are always told apart by all bits, with their scope. A @p length that
 * is not from 1 to 128 is a warning and changes nothing.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API void qnet_tcp_server_set_address_prefix_length(qnet_tcp_server *server, int length);

/**
 * Returns how many connections were refused because their address had too many,
 * since @p server was made; -1 on failure.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API int64_t qnet_tcp_server_refused_connections(qnet_tcp_server *server);

/**
 * Registers @p callback for each connection that was refused because its address
 * had too many; it is told the address. Who wants to log that should mind that a
 * client may cause it as often as it likes. Returns 0 on failure.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API qnet_connection qnet_tcp_server_on_connection_refused(qnet_tcp_server *server, qnet_tcp_server_address_callback callback, void *user_data);

/**
 * Returns after how many milliseconds an idle connection ends, 0 for never; -1
 * on failure.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API int qnet_tcp_server_idle_timeout(qnet_tcp_server *server);

/**
 * Ends connections that make no progress for @p msec milliseconds, 0 for never.
 * Progress is a byte that was received, or one that was sent and that the other
 * end has acknowledged. So a client that
 * takes nothing, while there is something for it, is idle; what the program
 * writes makes no difference, nor does for how long it works on an answer: choose
 * a longer time. A client whose data waits because the program does not read is
 * not idle, unless it leaves an answer untaken itself. A connection that ends
 * with an untaken answer is reset: it would stay in the system's memory.
 * A client that sends a byte now and then is not idle: how long a request may
 * take as a whole is for the program to say. A negative @p msec is a warning and
 * changes nothing.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API void qnet_tcp_server_set_idle_timeout(qnet_tcp_server *server, int msec);

/**
 * Returns how many milliseconds the first byte of a connection may take, 0 for
 * any time; -1 on failure.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API int qnet_tcp_server_first_byte_timeout(qnet_tcp_server *server);

/**
 * Ends connections from which nothing was received @p msec milliseconds after
 * they were accepted, 0 for never. What they were sent makes no difference. A
 * negative @p msec is a warning and changes nothing.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API void qnet_tcp_server_set_first_byte_timeout(qnet_tcp_server *server, int msec);

/**
 * Keeps a pointer with @p server, for the program alone: the library neither reads nor frees
 * what it points to. NULL, as at first, is none. It is forgotten when the object is gone:
 * free what it points to in destroyed, whose callback can still ask for it, or after
 * qnet_tcp_server_delete().
 *
 * Beyond Qt: QObject::setProperty() with a pointer.
 */
QNET_API void qnet_tcp_server_set_user_data(qnet_tcp_server *server, void *user_data);

/**
 * Returns what qnet_tcp_server_set_user_data() was given; NULL if there is none, and on failure.
 *
 * Beyond Qt: see qnet_tcp_server_set_user_data().
 */
QNET_API void *qnet_tcp_server_user_data(qnet_tcp_server *server);

#ifdef __cplusplus
}
#endif

#endif
