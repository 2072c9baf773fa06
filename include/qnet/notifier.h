/**
 * @file notifier.h
 * Notifiers of descriptors: any descriptor, of a pipe, a terminal, a device, an
 * eventfd, signalfd, timerfd or inotify, of a library that has a socket of its own,
 * is watched by a loop beside the sockets.
 *
 * A notifier is told again in each turn for as long as the descriptor is ready:
 * read what there is, or disable it. A notifier for writing is activated in nearly
 * every turn: enable it while there is something to write. The descriptor stays the
 * program's: it is never read, written or closed, and may be in blocking mode.
 *
 * - An end or an error of the descriptor activates notifiers of all types.
 * - What the system cannot wait for, as a regular file or /dev/null, is ready for
 *   reading and writing at once, and always.
 * - There may be any number of notifiers for a descriptor. A second one of the same
 *   type is a warning; both are activated.
 * - Disable or delete the notifier before its descriptor is closed. Whose descriptor
 *   was closed nevertheless is disabled, with a warning, when the loop finds out:
 *   when it is about to sleep. A number that has been used again by then is watched
 *   as what it is now.
 */
#ifndef QNET_NOTIFIER_H
#define QNET_NOTIFIER_H

#include <qnet/global.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a notifier is told of, with the values of QSocketNotifier::Type. */
typedef enum qnet_notifier_kind {
	/** There is something to read, or the end. */
	QNET_NOTIFIER_READ = 0,
	/** Something can be written. */
	QNET_NOTIFIER_WRITE = 1,
	/** There is urgent data, or what else poll(2) calls POLLPRI. */
	QNET_NOTIFIER_EXCEPTION = 2
} qnet_notifier_kind;

/** A notifier's callback. */
typedef void (*qnet_notifier_callback)(qnet_notifier *notifier, void *user_data);
/** The callback of activated: @p descriptor is ready for what @p type is. */
typedef void (*qnet_notifier_activated_callback)(qnet_notifier *notifier, intptr_t descriptor, qnet_notifier_kind type, void *user_data);

/**
 * Creates a notifier on @p loop for @p type of @p descriptor, enabled, and owned by
 * the caller: release it with qnet_notifier_delete(). With a negative descriptor it
 * is made, with a warning, but not valid and not enabled. Returns NULL, with a
 * warning, if there is no such type.
 *
 * Qt: QSocketNotifier::QSocketNotifier(qintptr, Type)
 */
QNET_API qnet_notifier *qnet_notifier_new(qnet_loop *loop, intptr_t descriptor, qnet_notifier_kind type);

/**
 * The same without a descriptor yet: give it one with qnet_notifier_set_socket(),
 * and then enable it.
 *
 * Qt: QSocketNotifier::QSocketNotifier(Type)
 */
QNET_API qnet_notifier *qnet_notifier_new_without_socket(qnet_loop *loop, qnet_notifier_kind type);

/**
 * Disables and deletes @p notifier at once, also from inside its own callback.
 *
 * Qt: QSocketNotifier::~QSocketNotifier()
 */
QNET_API void qnet_notifier_delete(qnet_notifier *notifier);

/**
 * Deletes @p notifier when control is back in its loop.
 *
 * Qt: QObject::deleteLater()
 */
QNET_API void qnet_notifier_delete_later(qnet_notifier *notifier);

/**
 * Moves @p notifier to @p loop (NULL: the default one), from any thread. If it is enabled
 * it is activated there from now on. When this returns, the old loop begins no more
 * callbacks of @p notifier; if somebody is inside one, it moves as soon as that
 * returns. Returns false, with a warning, if @p notifier or @p loop is deleted, or there are
 * no descriptors left for the library's own.
 *
 * Qt: QObject::moveToThread()
 */
QNET_API bool qnet_notifier_move_to_loop(qnet_notifier *notifier, qnet_loop *loop);

/**
 * Sets the descriptor, and disables @p notifier; a negative one is none.
 *
 * Qt: QSocketNotifier::setSocket()
 */
QNET_API void qnet_notifier_set_socket(qnet_notifier *notifier, intptr_t descriptor);

/**
 * Returns the descriptor; -1 if there is none, and on failure.
 *
 * Qt: QSocketNotifier::socket()
 */
QNET_API intptr_t qnet_notifier_socket(qnet_notifier *notifier);

/**
 * Returns what @p notifier is told of; QNET_NOTIFIER_READ on failure.
 *
 * Qt: QSocketNotifier::type()
 */
QNET_API qnet_notifier_kind qnet_notifier_type(qnet_notifier *notifier);

/**
 * Reports whether there is a descriptor.
 *
 * Qt: QSocketNotifier::isValid()
 */
QNET_API bool qnet_notifier_is_valid(qnet_notifier *notifier);

/**
 * Reports whether the descriptor is watched.
 *
 * Qt: QSocketNotifier::isEnabled()
 */
QNET_API bool qnet_notifier_is_enabled(qnet_notifier *notifier);

/**
 * Has the descriptor watched, or no more. Without one nothing happens. If it is
 * closed, or there are no descriptors left for the library's own, @p notifier stays
 * disabled, with a warning.
 *
 * Qt: QSocketNotifier::setEnabled()
 */
QNET_API void qnet_notifier_set_enabled(qnet_notifier *notifier, bool enabled);

/**
 * Registers @p callback for each turn in which the descriptor is ready. Returns 0
 * on failure.
 *
 * Qt: QSocketNotifier::activated(QSocketDescriptor, QSocketNotifier::Type)
 */
QNET_API qnet_connection qnet_notifier_on_activated(qnet_notifier *notifier, qnet_notifier_activated_callback callback, void *user_data);

/**
 * Registers @p callback for the end of @p notifier, its last callback. Returns 0 on
 * failure.
 *
 * Qt: QObject::destroyed
 */
QNET_API qnet_connection qnet_notifier_on_destroyed(qnet_notifier *notifier, qnet_notifier_callback callback, void *user_data);

/**
 * Keeps a pointer with @p notifier, for the program alone: the library neither reads nor frees
 * what it points to. NULL, as at first, is none. It is forgotten when the object is gone:
 * free what it points to in destroyed, whose callback can still ask for it, or after
 * qnet_notifier_delete().
 *
 * Beyond Qt: QObject::setProperty() with a pointer.
 */
QNET_API void qnet_notifier_set_user_data(qnet_notifier *notifier, void *user_data);

/**
 * Returns what qnet_notifier_set_user_data() was given; NULL if there is none, and on failure.
 *
 * Beyond Qt: see qnet_notifier_set_user_data().
 */
QNET_API void *qnet_notifier_user_data(qnet_notifier *notifier);

#ifdef __cplusplus
}
#endif

#endif
