/**
 * @file loop.h
 * The event loop: it waits for descriptors and timers and runs the callbacks of
 * the objects that belong to it.
 *
 * One thread runs a loop at a time: an attempt to run it from a second one fails
 * with a warning. Running it again from inside a callback (a nested loop) is
 * allowed. Wherever a `qnet_loop *` is taken, NULL is the default loop.
 */
#ifndef QNET_LOOP_H
#define QNET_LOOP_H

#include <qnet/global.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A call posted to a loop. */
typedef void (*qnet_loop_callback)(void *user_data);

/**
 * Creates a loop, owned by the caller: release it with qnet_loop_delete().
 * Returns NULL with a warning when the process has no descriptors left (a loop
 * takes three).
 *
 * Qt: QEventLoop::QEventLoop()
 */
QNET_API qnet_loop *qnet_loop_new(void);

/**
 * Deletes @p loop: calls still posted are made before this returns, look-ups under
 * way (qnet_host_info_lookup_host()) fail, with their callbacks, its nested
 * executions end with -1, the handle becomes invalid. Its objects live on until
 * they are deleted themselves, and their wait functions still work, but no loop
 * runs them any more: to delete one later is to delete it at once. The default loop
 * cannot be deleted (a warning).
 *
 * Qt: QEventLoop::~QEventLoop()
 */
QNET_API void qnet_loop_delete(qnet_loop *loop);

/**
 * Returns the default loop, which exists for as long as the process.
 * NULL only when it could not be made: no descriptors left.
 */
QNET_API qnet_loop *qnet_loop_default(void);

/**
 * Runs @p loop on the calling thread until qnet_loop_exit() or
 * qnet_loop_quit(), and returns the exit code given there. Returns -1 at once
 * if the loop runs on another thread.
 *
 * Qt: QCoreApplication::exec(), QEventLoop::exec()
 */
QNET_API int qnet_loop_exec(qnet_loop *loop);

/**
 * Makes every running qnet_loop_exec() of @p loop, nested ones too, return
 * @p code once control is back in it. Nothing more is polled or signalled
 * before, as with qnet_loop_interrupt(). Does nothing if none is running: to end
 * a loop that is about to be run, post a call that quits it.
 *
 * Qt: QCoreApplication::exit()
 */
QNET_API void qnet_loop_exit(qnet_loop *loop, int code);

/**
 * The same as qnet_loop_exit(loop, 0).
 *
 * Qt: QCoreApplication::quit()
 */
QNET_API void qnet_loop_quit(qnet_loop *loop);

/**
 * Ends @p loop from a signal handler, and from anywhere else: the one function of the
 * library that a handler may call, since it is async-signal-safe. The running
 * qnet_loop_exec() of @p loop, nested ones too, return @p code as with qnet_loop_exit();
 * if none is running, the next returns it at once, so that a signal that comes too early is not
 * lost. A qnet_loop_process_events() that sleeps returns. Several
 * calls before the loop ends count as one, with the last code.
 *
 * Returns true if there is such a loop, which the default one (NULL) counts as also before the
 * first call of another function. It gives no message, and leaves errno alone. It is no first call
 * of the library. Returns false in a forked child.
 *
 * Beyond Qt: where no function may be called from a handler.
 */
QNET_API bool qnet_loop_exit_from_signal(qnet_loop *loop, int code);

/**
 * Runs one turn of @p loop on the calling thread: posted calls, descriptors,
 * timers, then what was written is sent. Waits up to @p msec milliseconds for
 * something to do: 0 does not wait, -1 waits without limit. Returns true if
 * anything was done, false after the time or if the loop runs on another thread.
 *
 * Qt: QCoreApplication::processEvents(WaitForMoreEvents); unlike Qt, one turn.
 */
QNET_API bool qnet_loop_process_events(qnet_loop *loop, int msec);

/**
 * Ends the turns of @p loop that are under way, each as soon as the callback that
 * it is in has returned; from any thread. Nothing more is polled or signalled
 * then: what is left is for the next turn. What was written is still sent, and
 * signalled in the next turn. A turn that sleeps ends at once; if none is under
 * way, the next one does not sleep.
 *
 * What is ended is a turn, not qnet_loop_exec(), which begins the next: see
 * qnet_loop_exit(). This is for programs that call qnet_loop_process_events()
 * until something has happened, and nothing else is to happen first. What one
 * event causes is not cut: when a connection ends, for example, all that this
 * emits is emitted.
 *
 * Qt: QAbstractEventDispatcher::interrupt()
 */
QNET_API void qnet_loop_interrupt(qnet_loop *loop);

/**
 * Returns a descriptor that is readable whenever @p loop has work (events,
 * expired timers, calls posted by other threads, data to send), for a host's
 * own poll, epoll, GLib, libuv or asyncio loop: whenever it is readable, call
 * qnet_loop_process_events(loop, 0). It belongs to the loop: do not read or
 * close it. Inside a callback the turn is not over: who polls it there calls
 * qnet_loop_process_events(loop, 0) once before.
 */
QNET_API intptr_t qnet_loop_fd(qnet_loop *loop);

/**
 * Calls @p callback with @p user_data once, in the next turn of @p loop, on the
 * thread that runs it. Calls are made in the order in which they were posted.
 * Returns false, with a warning, if @p callback is NULL.
 *
 * Qt: QMetaObject::invokeMethod(Qt::QueuedConnection)
 */
QNET_API bool qnet_loop_post(qnet_loop *loop, qnet_loop_callback callback, void *user_data);

/**
 * Interrupts the waits of the calling thread while @p fd is readable: for hosts
 * whose signal handlers, or other threads, are to end a wait by writing to a
 * pipe or an eventfd. -1, as at first, interrupts none. Other threads' waits are
 * not concerned. The descriptor stays the caller's: it is polled, never read, and
 * must be open as long as it is set.
 *
 * An interrupted wait is one of the qnet_socket_wait_for_*() and
 * qnet_*_server_wait_for_new_connection(). It returns false at once, and nothing
 * else happens that the end of its time would cause: no error is set, nothing is
 * emitted, an attempt to connect goes on. Call it again to wait on. So is it with
 * qnet_tcp_server_server_port() and qnet_tcp_server_server_address() while they wait for a
 * proxy: they return what is known. Loops are not interrupted: poll qnet_loop_fd() beside
 * the descriptor.
 *
 * Like qnet_loop_exec(), this gives signal handlers the flag SA_ONSTACK.
 *
 * Beyond Qt: nothing ends Qt's waits.
 */
QNET_API void qnet_set_interrupt_fd(int fd);

/**
 * Tells whether a wait of the calling thread was interrupted since it asked last.
 *
 * Beyond Qt: see qnet_set_interrupt_fd().
 */
QNET_API bool qnet_interrupted(void);

#ifdef __cplusplus
}
#endif

#endif
