/**
 * @file global.h
 * What every part of qnet shares: version, messages, connections of signals.
 *
 * Rules that hold for the whole library, and are not repeated at each function:
 *
 * - Threads: every function may be called from any thread. Callbacks run on the
 *   thread that runs the object's loop or, where a call causes them at once, on
 *   the calling thread before it returns; never on a thread of the library's own.
 *   No lock is held while a callback runs, so a callback may call anything.
 * - Handles: a NULL, deleted, foreign or wrong-type handle is refused: the
 *   function returns its failure value (false, -1, NULL or 0; the unknown error
 *   or protocol; the unconnected state) and one warning goes to the message
 *   handler. A NULL qnet_loop is no mistake: it is the default loop. Nor is NULL
 *   where a value of TLS is wanted that does not change; see ssl.h.
 * - A message that is sent while a message handler runs goes to stderr.
 * - Strings are UTF-8. A `const char *` that a function returns belongs to the
 *   object and holds until the next string-returning call on that object or its
 *   deletion.
 * - Times are in milliseconds; -1 waits without limit.
 * - Start: the library starts with the first call, not when it is loaded. Until
 *   then it has no thread, descriptor or signal handler. The first call may come
 *   from any thread, before main() and after it. Where the system does not give
 *   what is needed, it fails with its failure value and a message, and the next
 *   one tries again. The environment counts as it is then.
 * - fork(): before the first call a process may fork, and it and its children may
 *   all use the library. In the child of a process that had called it, each call
 *   fails at once with its failure value and a message; fork followed by exec
 *   works. In the child of a fork made in a callback, leave with _exit() or exec.
 * - Signals of the system: no function but qnet_loop_exit_from_signal() may be called
 *   from a signal handler.
 *   Install handlers with SA_ONSTACK: they may interrupt the library's own code,
 *   which runs on small stacks. Those that are there when a thread calls the
 *   library for the first time and when qnet_loop_exec() starts are given the
 *   flag. From the first call on the library handles SIGSEGV, SIGBUS, SIGFPE,
 *   SIGPIPE and SIGURG; what is not its own goes to the handler that was there, or
 *   has the default action. One that is installed later gets all. An alternate stack of a thread that calls the library
 *   must have sysconf(_SC_SIGSTKSZ) bytes and stay. The library's own threads
 *   block all signals but the faults, SIGCHLD, SIGPROF and SIGURG, which is why
 *   sigwait() and signalfd() hardly ever get these three. It never raises SIGPIPE.
 * - Coroutines: callbacks of one thread return in the opposite order of their
 *   beginning. On a stack of its own, a coroutine may call anything, but while a
 *   callback on another stack of the thread has not returned, qnet_loop_exec(),
 *   qnet_loop_process_events() and the functions that wait fail at once.
 * - Descriptors of the library have numbers from 3 on and are not inherited. Of a
 *   program that has closed its standard streams, something that can neither be
 *   read nor written has the numbers 0 to 2 while what opens descriptors cannot be
 *   told which: the first call, and look-ups by the C library. The system gives
 *   everything else the lowest number that is free, and so it has that until it is
 *   moved, some microseconds.
 * - Ending: exit() and its like may be called at any time, on any thread, also in
 *   a callback; what runs then may call the library. Leave no callback by
 *   longjmp(), pthread_exit() or an exception, and cancel no thread in a call.
 * - The library stays loaded: dlclose() does not unload it.
 * - Tests: with QNET_FAULTS="seed=1,short=0.2,again=0.1,..." in the environment
 *   of the first call, system calls fail on purpose, always the same for a seed.
 *   The README says what there is.
 * - Trace: with QNET_TRACE=FILE in the environment of the first call, each call of a
 *   function and each signal of an object that has a handle is appended to FILE, "-" or "" for
 *   stderr, as a line: the seconds since the first call, the thread, then "call", the
 *   function and its arguments, "return", the function and what it returns, if it returns
 *   something, or "signal", the class and the signal, the handle and a number that comes
 *   with it. Texts are shown, but for passwords; what is read and written is not. A
 *   FILE that cannot be opened is a warning. Programs with more rights than their user have no trace.
 */
#ifndef QNET_GLOBAL_H
#define QNET_GLOBAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The version of these headers; compare with qnet_version() at run time. */
#define QNET_VERSION_MAJOR 0
#define QNET_VERSION_MINOR 1
#define QNET_VERSION_PATCH 0
#define QNET_VERSION_STR "0.1.0"

/** The version as one number, 0xMMNNPP, fit for comparison in `#if`. */
#define QNET_VERSION_CHECK(major, minor, patch) (((major) << 16) | ((minor) << 8) | (patch))
#define QNET_VERSION QNET_VERSION_CHECK(QNET_VERSION_MAJOR, QNET_VERSION_MINOR, QNET_VERSION_PATCH)

/** Marks each function of the public interface. */
#define QNET_API extern

#ifdef __cplusplus
extern "C" {
#endif

/** An event loop; see loop.h. */
typedef struct qnet_loop qnet_loop;
/** A TCP socket (and every other QIODevice of the library); see socket.h. */
typedef struct qnet_socket qnet_socket;
/** A TCP server; see tcp_server.h. */
typedef struct qnet_tcp_server qnet_tcp_server;
/** A server of local sockets; see local_server.h. */
typedef struct qnet_local_server qnet_local_server;
/** A timer; see timer.h. */
typedef struct qnet_timer qnet_timer;
/** A notifier of a descriptor; see notifier.h. */
typedef struct qnet_notifier qnet_notifier;
/** A host name look-up and its result; see host_info.h. */
typedef struct qnet_host_info qnet_host_info;
/** What a proxy wants to know; see authenticator.h. */
typedef struct qnet_authenticator qnet_authenticator;
/** A certificate; see ssl_certificate.h. */
typedef struct qnet_ssl_certificate qnet_ssl_certificate;
/** An extension of a certificate; see ssl_certificate_extension.h. */
typedef struct qnet_ssl_certificate_extension qnet_ssl_certificate_extension;
/** A private or public key; see ssl_key.h. */
typedef struct qnet_ssl_key qnet_ssl_key;
/** What is wrong with a certificate; see ssl_error.h. */
typedef struct qnet_ssl_error qnet_ssl_error;
/** How connections are encrypted; see ssl_configuration.h. */
typedef struct qnet_ssl_configuration qnet_ssl_configuration;
/** What the issuer of a certificate says of it; see ocsp_response.h. */
typedef struct qnet_ocsp_response qnet_ocsp_response;

/**
 * One registration of a callback for a signal, as the qnet_*_on_* functions
 * return it. 0 is no registration. Values are never used twice.
 */
typedef uint64_t qnet_connection;

/** The kind of a message, with the values of QtMsgType. */
typedef enum qnet_msg_type {
	QNET_DEBUG_MSG = 0,
	QNET_WARNING_MSG = 1,
	QNET_CRITICAL_MSG = 2,
	QNET_FATAL_MSG = 3,
	QNET_INFO_MSG = 4
} qnet_msg_type;

/**
 * Receives the library's messages. @p message holds during the call only.
 * May be called from any thread that calls the library, several at once.
 */
typedef void (*qnet_message_handler)(qnet_msg_type type, const char *message, void *user_data);

/**
 * Installs @p handler for every message that Qt would print with qWarning();
 * NULL restores the default, which prints a line to stderr. @p user_data is
 * handed to the handler and must live as long as it is installed.
 *
 * Messages about a call have one form: the function, what is wrong, and the object with its
 * class, its handle and where it is connected or listens, if it is:
 * "qnet_socket_write: the socket is not open (QTcpSocket 0x55d0c8, peer 127.0.0.1:80)".
 *
 * Qt: qInstallMessageHandler()
 */
QNET_API void qnet_set_message_handler(qnet_message_handler handler, void *user_data);

/**
 * Returns the version of the library that is loaded, such as "0.1.0"; a static
 * string.
 *
 * Qt: qVersion()
 */
QNET_API const char *qnet_version(void);

/**
 * Returns the version of the library that is loaded as one number, to compare
 * with QNET_VERSION_CHECK().
 *
 * Qt: QLibraryInfo::version()
 */
QNET_API uint32_t qnet_version_number(void);

/**
 * Reports whether this process was forked from one that had called the library:
 * then each call fails, apart from this one, qnet_set_message_handler(),
 * qnet_version() and qnet_version_number(), which work everywhere and are no
 * first call.
 *
 * Beyond Qt: living in a process that forks.
 */
QNET_API bool qnet_is_forked(void);

/**
 * Removes the registration @p connection. Returns true if it was there. No new
 * call of its callback starts afterwards; one that runs on another thread at
 * this moment may still be under way. Registrations also go with their object.
 *
 * Qt: QObject::disconnect(QMetaObject::Connection)
 */
QNET_API bool qnet_disconnect(qnet_connection connection);

#ifdef __cplusplus
}
#endif

#endif
