/**
 * @file timer.h
 * Timers, with the resolution of one millisecond on the monotonic clock. They
 * never fire early.
 */
#ifndef QNET_TIMER_H
#define QNET_TIMER_H

#include <qnet/global.h>
#include <qnet/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A timer's callback. */
typedef void (*qnet_timer_callback)(qnet_timer *timer, void *user_data);

/**
 * Creates a stopped, repeating timer of interval 0 on @p loop, owned by the
 * caller: release it with qnet_timer_delete().
 *
 * Qt: QTimer::QTimer()
 */
QNET_API qnet_timer *qnet_timer_new(qnet_loop *loop);

/**
 * Stops and deletes @p timer at once, also from inside its own callback.
 *
 * Qt: QTimer::~QTimer()
 */
QNET_API void qnet_timer_delete(qnet_timer *timer);

/**
 * Moves @p timer to @p loop (NULL: the default one), from any thread. If it runs it fires
 * there when it would have fired here. When this returns, the old loop begins no more
 * callbacks of @p timer; if somebody is inside one, the timer moves as soon as that
 * returns. Returns false, with a warning, if @p timer or @p loop is deleted.
 *
 * Qt: QObject::moveToThread()
 */
QNET_API bool qnet_timer_move_to_loop(qnet_timer *timer, qnet_loop *loop);

/**
 * Starts @p timer, or starts it anew: it fires after @p msec milliseconds and,
 * unless it is single-shot, each further @p msec. 0 fires in every turn of the
 * loop; a negative value keeps the interval that was set.
 *
 * Qt: QTimer::start(), QTimer::start(int)
 */
QNET_API void qnet_timer_start(qnet_timer *timer, int msec);

/**
 * Stops @p timer; its callbacks are not called again until it is started.
 *
 * Qt: QTimer::stop()
 */
QNET_API void qnet_timer_stop(qnet_timer *timer);

/**
 * Tells whether @p timer is running. A single-shot timer no longer is when its
 * callback runs.
 *
 * Qt: QTimer::isActive()
 */
QNET_API bool qnet_timer_is_active(qnet_timer *timer);

/**
 * Makes @p timer fire once for each start instead of repeatedly.
 *
 * Qt: QTimer::setSingleShot()
 */
QNET_API void qnet_timer_set_single_shot(qnet_timer *timer, bool single_shot);

/**
 * Sets the interval in milliseconds, 0 or more; a running timer starts anew
 * with it. A negative value is refused with a warning.
 *
 * Qt: QTimer::setInterval()
 */
QNET_API void qnet_timer_set_interval(qnet_timer *timer, int msec);

/**
 * Returns the interval in milliseconds; -1 on failure.
 *
 * Qt: QTimer::interval()
 */
QNET_API int qnet_timer_interval(qnet_timer *timer);

/**
 * Returns in how many milliseconds @p timer fires, rounded up; 0 if it is due; -1 if it
 * is not running, and on failure.
 *
 * Qt: QTimer::remainingTime()
 */
QNET_API int qnet_timer_remaining_time(qnet_timer *timer);

/**
 * Reports whether @p timer fires once for each start.
 *
 * Qt: QTimer::isSingleShot()
 */
QNET_API bool qnet_timer_is_single_shot(qnet_timer *timer);

/**
 * Returns a number of the present run of @p timer, from 1 on: each start gives another
 * one, also of another timer. -1 if it is not running, and on failure.
 *
 * Qt: QTimer::timerId()
 */
QNET_API int qnet_timer_timer_id(qnet_timer *timer);

/**
 * Registers @p callback for each expiry of @p timer. Returns 0 on failure.
 *
 * Qt: QTimer::timeout
 */
QNET_API qnet_connection qnet_timer_on_timeout(qnet_timer *timer, qnet_timer_callback callback, void *user_data);

/**
 * Calls @p callback with @p user_data once, on @p loop, after @p msec
 * milliseconds; 0 is its next turn. It is not called if @p loop is deleted
 * before: when qnet_loop_delete() returns, @p user_data may be freed. Returns
 * false, with a warning, if @p callback is NULL or @p msec negative.
 *
 * Qt: QTimer::singleShot()
 */
QNET_API bool qnet_timer_single_shot(qnet_loop *loop, int msec, qnet_loop_callback callback, void *user_data);

/**
 * Keeps a pointer with @p timer, for the program alone: the library neither reads nor frees
 * what it points to. NULL, as at first, is none. It is forgotten when the object is gone:
 * free what it points to after
 * qnet_timer_delete().
 *
 * Beyond Qt: QObject::setProperty() with a pointer.
 */
QNET_API void qnet_timer_set_user_data(qnet_timer *timer, void *user_data);

/**
 * Returns what qnet_timer_set_user_data() was given; NULL if there is none, and on failure.
 *
 * Beyond Qt: see qnet_timer_set_user_data().
 */
QNET_API void *qnet_timer_user_data(qnet_timer *timer);

#ifdef __cplusplus
}
#endif

#endif
