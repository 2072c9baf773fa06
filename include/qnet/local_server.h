/**
 * @file local_server.h
 * A server for programs of the same machine, on a socket that has a name: a
 * file or, with QNET_ABSTRACT_NAMESPACE_OPTION, an entry of Linux's abstract
 * namespace. Qt: QLocalServer
 *
 * Names: an absolute path is taken as it is. Any other name is a file in the
 * directory for temporary files, $TMPDIR or /tmp. In the abstract namespace each
 * sequence of bytes is a name, slashes without a meaning; a NUL within it is
 * written, and returned, as the two bytes C0 80, since it ends a string in C.
 * A path may have up to 107 bytes, and so may an abstract name.
 *
 * Limits, which Qt does not have and which are off until they are set: how many
 * connections may be open, and for how long a client may be silent. They are
 * those of a TCP server; see tcp_server.h for what counts as open and what
 * happens to a connection whose time is up. Its connections may be spread over
 * loops as those of a TCP server, too.
 */
#ifndef QNET_LOCAL_SERVER_H
#define QNET_LOCAL_SERVER_H

#include <qnet/global.h>
#include <qnet/loop.h>
#include <qnet/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/** QLocalServer::SocketOption; a set of them. Who may connect is a matter of
 *  the file's rights, the abstract namespace has none. */
typedef enum qnet_local_server_option {
	/** As the process's umask says. */
	QNET_NO_OPTIONS = 0,
	/** The user of the server's process may connect. */
	QNET_USER_ACCESS_OPTION = 1,
	/** The group of the server's process may connect. */
	QNET_GROUP_ACCESS_OPTION = 2,
	/** All others may connect. */
	QNET_OTHER_ACCESS_OPTION = 4,
	/** Everybody may connect. */
	QNET_WORLD_ACCESS_OPTION = 7,
	/** Names are in the abstract namespace. */
	QNET_ABSTRACT_NAMESPACE_OPTION = 8
} qnet_local_server_option;

/** A callback of a server without further arguments. */
typedef void (*qnet_local_server_callback)(qnet_local_server *server, void *user_data);
/** A callback of a server with one of its connections. */
typedef void (*qnet_local_server_socket_callback)(qnet_local_server *server, qnet_socket *socket, void *user_data);
/** Replaces QLocalServer::incomingConnection(): owns @p socket_descriptor. */
typedef void (*qnet_local_server_incoming_callback)(qnet_local_server *server, intptr_t socket_descriptor, void *user_data);
/** Replaces QLocalServer::hasPendingConnections(). */
typedef bool (*qnet_local_server_has_pending_callback)(qnet_local_server *server, void *user_data);
/** Replaces QLocalServer::nextPendingConnection(). */
typedef qnet_socket *(*qnet_local_server_next_pending_callback)(qnet_local_server *server, void *user_data);

/**
 * Creates a server on @p loop that does not listen, owned by the caller:
 * release it with qnet_local_server_delete() or qnet_local_server_delete_later().
 *
 * Qt: QLocalServer::QLocalServer()
 */
QNET_API qnet_local_server *qnet_local_server_new(qnet_loop *loop);

/**
 * Closes and deletes @p server at once, also from inside its own callbacks, and
 * then every socket that it still owns, before this returns. If another thread
 * is inside one of its callbacks at this moment, `destroyed` follows when that
 * has returned.
 *
 * Qt: QLocalServer::~QLocalServer()
 */
QNET_API void qnet_local_server_delete(qnet_local_server *server);

/**
 * Deletes @p server when control is back in its loop. Further calls have no
 * effect.
 *
 * Qt: QObject::deleteLater()
 */
QNET_API void qnet_local_server_delete_later(qnet_local_server *server);

/**
 * Moves @p server to @p loop (NULL: the default one), with all sockets that belong to it.
 * From any thread. What it promises, and refuses, is as in qnet_tcp_server_move_to_loop().
 *
 * Qt: QObject::moveToThread()
 */
QNET_API bool qnet_local_server_move_to_loop(qnet_local_server *server, qnet_loop *loop);

/**
 * Registers @p callback for the deletion of @p server: its last callback, made
 * exactly once. The handle is invalid by then: only its value is of use.
 * Afterwards user_data of all its callbacks may be freed. Returns 0 on failure.
 *
 * Qt: QObject::destroyed
 */
QNET_API qnet_connection qnet_local_server_on_destroyed(qnet_local_server *server, qnet_local_server_callback callback, void *user_data);

/**
 * Listens under @p name; see above for names. Returns false if it could not,
 * with qnet_local_server_server_error() set, or if it listens already (a
 * warning): QNET_ADDRESS_IN_USE_ERROR if there is a file already, also that of
 * a server which was killed (see qnet_local_server_remove_server());
 * QNET_HOST_NOT_FOUND_ERROR for a name that is empty or too long or a directory
 * that does not exist; QNET_SOCKET_ACCESS_ERROR for one where no file may be
 * made; QNET_SOCKET_RESOURCE_ERROR if descriptors have run out.
 *
 * The file is made with exactly the rights that
 * qnet_local_server_set_socket_options() asks for: there is no moment at which
 * anybody else could connect. The umask is not touched, and not heeded unless
 * there are no options.
 *
 * Qt: QLocalServer::listen(const QString &)
 */
QNET_API bool qnet_local_server_listen(qnet_local_server *server, const char *name);

/**
 * Takes over @p socket_descriptor, a listening local stream socket from
 * elsewhere (systemd's socket activation, another process), which @p server
 * owns when this returns true; otherwise it is left alone and
 * qnet_local_server_server_error() set. Its file is removed by
 * qnet_local_server_close(), as if @p server had made it.
 *
 * Qt: QLocalServer::listen(qintptr)
 */
QNET_API bool qnet_local_server_listen_descriptor(qnet_local_server *server, intptr_t socket_descriptor);

/**
 * Stops listening, removes the file, unless it is another server's by now, and
 * deletes the pending connections that nobody has taken. It also clears the
 * last error.
 *
 * Qt: QLocalServer::close()
 */
QNET_API void qnet_local_server_close(qnet_local_server *server);

/**
 * Removes the file that a server named @p name has left behind, for example
 * when it was killed. Returns true if it is gone, or never was. What is not a
 * socket is left alone, with a warning; if a server still listens there that is
 * a warning too, and nobody will find that server any more. Abstract names need
 * no removal: they go with the server's process.
 *
 * Qt: QLocalServer::removeServer()
 */
QNET_API bool qnet_local_server_remove_server(const char *name);

/**
 * Tells whether @p server listens.
 *
 * Qt: QLocalServer::isListening()
 */
QNET_API bool qnet_local_server_is_listening(qnet_local_server *server);

/**
 * Returns the name that listen was given, or the last part of an inherited
 * descriptor's path; "" if @p server does not listen.
 *
 * Qt: QLocalServer::serverName()
 */
QNET_API const char *qnet_local_server_server_name(qnet_local_server *server);

/**
 * Returns the path, or abstract name, under which @p server listens; "" if it
 * does not.
 *
 * Qt: QLocalServer::fullServerName()
 */
QNET_API const char *qnet_local_server_full_server_name(qnet_local_server *server);

/**
 * Returns the last error; a successful listen does not clear it.
 *
 * Qt: QLocalServer::serverError()
 */
QNET_API qnet_error qnet_local_server_server_error(qnet_local_server *server);

/**
 * Returns the last error as text, "" if there was none.
 *
 * Qt: QLocalServer::errorString()
 */
QNET_API const char *qnet_local_server_error_string(qnet_local_server *server);

/**
 * Sets the options for the next listen, a set of qnet_local_server_option.
 *
 * Qt: QLocalServer::setSocketOptions()
 */
QNET_API void qnet_local_server_set_socket_options(qnet_local_server *server, int options);

/**
 * Returns the options, a set of qnet_local_server_option; -1 on failure.
 *
 * Qt: QLocalServer::socketOptions()
 */
QNET_API int qnet_local_server_socket_options(qnet_local_server *server);

/**
 * Returns the descriptor that listens, which @p server owns; -1 if there is
 * none.
 *
 * Qt: QLocalServer::socketDescriptor()
 */
QNET_API intptr_t qnet_local_server_socket_descriptor(qnet_local_server *server);

/**
 * Tells whether a connection waits to be taken, or what the callback of
 * qnet_local_server_set_has_pending_connections() answers.
 *
 * Qt: QLocalServer::hasPendingConnections()
 */
QNET_API bool qnet_local_server_has_pending_connections(qnet_local_server *server);

/**
 * Takes the next pending connection, or what the callback of
 * qnet_local_server_set_next_pending_connection() returns; NULL if there is
 * none. The socket belongs to @p server, and is deleted with it, until it is
 * deleted by the caller or given another owner with qnet_socket_set_owner().
 *
 * Qt: QLocalServer::nextPendingConnection()
 */
QNET_API qnet_socket *qnet_local_server_next_pending_connection(qnet_local_server *server);

/**
 * Waits up to @p msec milliseconds (-1: without limit) for a connection,
 * without a running loop, and accepts one, however many may be pending: the signal
 * is emitted before this returns. Returns whether a connection is pending then, new
 * or not; sets @p timed_out, unless NULL, to whether the time ran out. On a server
 * that does not listen both are false.
 *
 * Qt: QLocalServer::waitForNewConnection()
 */
QNET_API bool qnet_local_server_wait_for_new_connection(qnet_local_server *server, int msec, bool *timed_out);

/**
 * Returns the limit of pending connections, 30 unless set; -1 on failure.
 *
 * Qt: QLocalServer::maxPendingConnections()
 */
QNET_API int qnet_local_server_max_pending_connections(qnet_local_server *server);

/**
 * Limits the pending connections to @p count: at the limit @p server stops
 * accepting until one is taken, and the rest waits in the system's backlog.
 *
 * Qt: QLocalServer::setMaxPendingConnections()
 */
QNET_API void qnet_local_server_set_max_pending_connections(qnet_local_server *server, int count);

/**
 * Returns the backlog handed to the system by listen, 50 unless set; -1 on
 * failure.
 *
 * Qt: QLocalServer::listenBacklogSize()
 */
QNET_API int qnet_local_server_listen_backlog_size(qnet_local_server *server);

/**
 * Sets the backlog for the next listen: how many connections wait in the system
 * before further clients have to wait.
 *
 * Qt: QLocalServer::setListenBacklogSize()
 */
QNET_API void qnet_local_server_set_listen_backlog_size(qnet_local_server *server, int size);

/**
 * Sets whether the connections that @p server accepts from now on may be
 * half-open, as qnet_socket_set_allow_half_open() does for each of them. What
 * qnet_local_server_set_incoming_connection() takes over is left alone. Off at
 * first.
 *
 * Beyond Qt: half-open connections.
 */
QNET_API void qnet_local_server_set_allow_half_open(qnet_local_server *server, bool allow);

/**
 * Tells whether connections that @p server accepts may be half-open.
 *
 * Beyond Qt: half-open connections.
 */
QNET_API bool qnet_local_server_allow_half_open(qnet_local_server *server);

/**
 * Makes @p socket, a local one, a pending connection of @p server, which owns
 * it then and emits newConnection; for use in the callback of
 * qnet_local_server_set_incoming_connection().
 *
 * Qt: QLocalServer::addPendingConnection()
 */
QNET_API void qnet_local_server_add_pending_connection(qnet_local_server *server, qnet_socket *socket);

/**
 * Makes @p callback replace what @p server does with an accepted descriptor:
 * making a socket of it and adding that as pending. The callback owns the
 * descriptor. NULL restores the original.
 *
 * Qt: QLocalServer::incomingConnection()
 */
QNET_API void qnet_local_server_set_incoming_connection(qnet_local_server *server, qnet_local_server_incoming_callback callback, void *user_data);

/**
 * Makes @p callback answer qnet_local_server_has_pending_connections(). NULL
 * restores the original; inside the callback the function answers as the
 * original.
 *
 * Qt: an override of QLocalServer::hasPendingConnections()
 */
QNET_API void qnet_local_server_set_has_pending_connections(qnet_local_server *server, qnet_local_server_has_pending_callback callback, void *user_data);

/**
 * Makes @p callback answer qnet_local_server_next_pending_connection(). NULL
 * restores the original; inside the callback the function answers as the
 * original.
 *
 * Qt: an override of QLocalServer::nextPendingConnection()
 */
QNET_API void qnet_local_server_set_next_pending_connection(qnet_local_server *server, qnet_local_server_next_pending_callback callback, void *user_data);

/**
 * Spreads the connections that are accepted from now on over @p count @p loops, of
 * which NULL is the default one. What holds for this is in tcp_server.h, at
 * qnet_tcp_server_set_loops() and before.
 *
 * Beyond Qt: servers for several threads.
 */
QNET_API bool qnet_local_server_set_loops(qnet_local_server *server, qnet_loop *const *loops, int count);

/**
 * Returns how many loops connections are spread over, 0 for none; -1 on failure.
 *
 * Beyond Qt: see qnet_local_server_set_loops().
 */
QNET_API int qnet_local_server_loop_count(qnet_local_server *server);

/**
 * Registers @p callback for each connection that arrives in a loop of
 * qnet_local_server_set_loops(), as qnet_tcp_server_on_connection_in_loop() does. Returns 0
 * on failure.
 *
 * Beyond Qt: see qnet_local_server_set_loops().
 */
QNET_API qnet_connection qnet_local_server_on_connection_in_loop(qnet_local_server *server, qnet_local_server_socket_callback callback, void *user_data);

/**
 * Registers @p callback for each connection that has become pending. Returns 0
 * on failure. Beyond Qt, a server that could not accept, because descriptors
 * had run out, tries again by itself, where Qt's stops listening: after 50 ms,
 * then twice as long each time up to a second.
 *
 * Qt: QLocalServer::newConnection
 */
QNET_API qnet_connection qnet_local_server_on_new_connection(qnet_local_server *server, qnet_local_server_callback callback, void *user_data);

/**
 * Returns how many connections that @p server has accepted are open; -1 on
 * failure. See tcp_server.h for what counts.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API int qnet_local_server_open_connections(qnet_local_server *server);

/**
 * Returns how many connections may be open, 0 for any number; -1 on failure.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API int qnet_local_server_connection_limit(qnet_local_server *server);

/**
 * Limits the open connections to @p count, 0 for any number. At the limit
 * @p server stops accepting until one ends, and programs that connect wait.
 * A negative @p count is a warning and changes nothing.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API void qnet_local_server_set_connection_limit(qnet_local_server *server, int count);

/**
 * Returns after how many milliseconds an idle connection ends, 0 for never; -1
 * on failure.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API int qnet_local_server_idle_timeout(qnet_local_server *server);

/**
 * Ends connections that make no progress for @p msec milliseconds, 0 for never.
 * Progress is a byte that was received, or one that was sent and that the other
 * end could be handed. So a client that
 * takes nothing, while there is something for it, is idle; what the program
 * writes makes no difference, nor does for how long it works on an answer: choose
 * a longer time. A client whose data waits because the program does not read is
 * not idle, unless it leaves an answer untaken itself.
 * A client that sends a byte now and then is not idle: how long a request may
 * take as a whole is for the program to say. A negative @p msec is a warning and
 * changes nothing.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API void qnet_local_server_set_idle_timeout(qnet_local_server *server, int msec);

/**
 * Returns how many milliseconds the first byte of a connection may take, 0 for
 * any time; -1 on failure.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API int qnet_local_server_first_byte_timeout(qnet_local_server *server);

/**
 * Ends connections from which nothing was received @p msec milliseconds after
 * they were accepted, 0 for never. What they were sent makes no difference. A
 * negative @p msec is a warning and changes nothing.
 *
 * Beyond Qt: limits for servers.
 */
QNET_API void qnet_local_server_set_first_byte_timeout(qnet_local_server *server, int msec);

/**
 * Keeps a pointer with @p server, for the program alone: the library neither reads nor frees
 * what it points to. NULL, as at first, is none. It is forgotten when the object is gone:
 * free what it points to in destroyed, whose callback can still ask for it, or after
 * qnet_local_server_delete().
 *
 * Beyond Qt: QObject::setProperty() with a pointer.
 */
QNET_API void qnet_local_server_set_user_data(qnet_local_server *server, void *user_data);

/**
 * Returns what qnet_local_server_set_user_data() was given; NULL if there is none, and on failure.
 *
 * Beyond Qt: see qnet_local_server_set_user_data().
 */
QNET_API void *qnet_local_server_user_data(qnet_local_server *server);

#ifdef __cplusplus
}
#endif

#endif
