// Tells the thread sanitizer in what order threads do things: the library's own locks it does not see.
#ifndef QNET_DETAIL_ORDER_H
#define QNET_DETAIL_ORDER_H

#include <qnet/loop.h>

#include <atomic>

#include <qnet/detail/begin.h>
namespace detail {

/// How often loops were ended or woken.
inline std::atomic<unsigned> &loopSignals() noexcept
{
	static std::atomic<unsigned> count{0};
	return count;
}

/// What this thread has done comes before it ends or wakes a loop.
inline void beforeLoops() noexcept
{
	loopSignals().fetch_add(1, std::memory_order_release);
}

/// What this thread does now comes after what ended or woke the loop that it has run.
inline void afterLoop() noexcept
{
	static_cast<void>(loopSignals().load(std::memory_order_acquire));
}

inline void exitLoop(qnet_loop *loop, int code)
{
	beforeLoops();
	qnet_loop_exit(loop, code);
}

inline void interruptLoop(qnet_loop *loop)
{
	beforeLoops();
	qnet_loop_interrupt(loop);
}

inline void wakeLoop(qnet_loop *loop)
{
	beforeLoops();
	qnet_loop_post(loop, [](void *) noexcept {}, nullptr);
}

/// A loop that this thread is running.
class Running {
public:
	explicit Running(qnet_loop *loop) noexcept : loop_(loop), outer_(innermost()) { innermost() = this; }
	Running(const Running &) = delete;
	Running &operator=(const Running &) = delete;
	~Running() { innermost() = outer_; }

	/// Does this thread run a loop that is the same?
	template <class Same>
	static bool here(qnet_loop *loop, Same same)
	{
		for (const Running *running = innermost(); running != nullptr; running = running->outer_)
			if (same(running->loop_, loop))
				return true;
		return false;
	}

	/// The innermost; another if there is none.
	static qnet_loop *nowOr(qnet_loop *other) noexcept { return innermost() != nullptr ? innermost()->loop_ : other; }

private:
	static Running *&innermost() noexcept
	{
		static thread_local Running *running = nullptr;
		return running;
	}

	qnet_loop *loop_;
	Running *outer_;
};

inline int runLoop(qnet_loop *loop)
{
	const Running running(loop);
	const int code = qnet_loop_exec(loop);
	afterLoop();
	return code;
}

inline bool turnLoop(qnet_loop *loop, int msec)
{
	const Running running(loop);
	const bool did = qnet_loop_process_events(loop, msec);
	afterLoop();
	return did;
}

} // namespace detail
#include <qnet/detail/end.h>

#endif
