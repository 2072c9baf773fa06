// Which loop a thread's objects belong to, and the end of a loop.
#ifndef QNET_DETAIL_THREAD_LOOP_H
#define QNET_DETAIL_THREAD_LOOP_H

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

	/// The loop, as far as it is known: none is made.
	qnet_loop *known() const noexcept { return loop_; }

	/// Has another loop used; returns the one before.
	qnet_loop *set(qnet_loop *loop)
	{
		qnet_loop *before = get();
		loop_ = loop;
		return before;
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

	void choose()
	{
		if (::syscall(SYS_gettid) != ::getpid()) {
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
