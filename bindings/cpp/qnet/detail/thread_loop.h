// Which loop a thread's objects belong to, and the end of a loop.
#ifndef QNET_DETAIL_THREAD_LOOP_H
#define QNET_DETAIL_THREAD_LOOP_H

#include <qnet/detail/order.h>
#include <qnet/detail/waiting.h>
#include <qnet/loop.h>

#include <sys/syscall.h>
#include <unistd.h>

#include <qnet/detail/begin.h>
namespace detail {

/// Deletes a loop. Calls that were posted are made; what waits for a time or a look-up goes with it.
inline void endLoop(qnet_loop *loop)
{
	Waiting::drop(loop);
	qnet_loop_delete(loop);
	Waiting::drop(loop); // of other threads
}

/// The loop that the objects made on this thread belong to: the default loop on the main thread, a loop of its own,
/// made at first use, on another one.
class ThreadLoop {
public:
	static ThreadLoop &here()
	{
		static thread_local ThreadLoop loop;
		return loop;
	}

	ThreadLoop(const ThreadLoop &) = delete;
	ThreadLoop &operator=(const ThreadLoop &) = delete;

	qnet_loop *get()
	{
		if (!chosen_)
			choose();
		return loop_;
	}

	/// Is a loop this thread's, or one that it runs? None is made.
	bool has(qnet_loop *loop)
	{
		if (!chosen_ && isMain())
			chosen_ = true;
		return (chosen_ && same(loop_, loop)) || Running::here(loop, same);
	}

	/// The loop, as far as it is known: none is made.
	qnet_loop *known() const noexcept { return loop_; }

	/// Has another loop used; returns the one before.
	qnet_loop *set(qnet_loop *loop)
	{
		qnet_loop *before = get();
		loop_ = loop;
		return before;
	}

	/// Makes a loop that of a thread that begins.
	void begin(qnet_loop *loop) noexcept
	{
		loop_ = loop;
		chosen_ = true;
	}

	/// Are they the same, of which null is the default loop?
	static bool same(qnet_loop *a, qnet_loop *b)
	{
		return a == b || ((a == nullptr || b == nullptr) && (a != nullptr ? a : b) == qnet_loop_default());
	}

	/// Makes the default loop this thread's, unless it has one already.
	void claimDefault() { chosen_ = true; }

private:
	ThreadLoop() = default;
	~ThreadLoop()
	{
		if (own_ != nullptr)
			endLoop(own_);
	}

	static bool isMain() noexcept { return ::syscall(SYS_gettid) == ::getpid(); }

	void choose()
	{
		if (!isMain()) {
			own_ = qnet_loop_new();
			if (own_ == nullptr)
				fail("qnet: no loop could be made for this thread");
			loop_ = own_;
		}
		chosen_ = true;
	}

	qnet_loop *loop_ = nullptr; // the default loop
	qnet_loop *own_ = nullptr;
	bool chosen_ = false;
};

inline qnet_loop *threadLoop()
{
	return ThreadLoop::here().get();
}

/// Tells threads apart.
inline const void *threadMark() noexcept
{
	static thread_local char mark;
	return &mark;
}

} // namespace detail
#include <qnet/detail/end.h>

#endif
