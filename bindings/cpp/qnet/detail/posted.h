// Calls that a loop makes later, and which loop a thread's objects belong to.
#ifndef QNET_DETAIL_POSTED_H
#define QNET_DETAIL_POSTED_H

#include <qnet/detail/message.h>
#include <qnet/loop.h>
#include <qnet/timer.h>

#include <mutex>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <sys/syscall.h>
#include <unistd.h>

namespace qnet {
namespace detail {

/// A call on its way through C. Those under way are in a list, so that what they hold stays reachable for tools that
/// look for leaks: the library's own memory is not searched.
class Posted {
public:
	Posted(const Posted &) = delete;
	Posted &operator=(const Posted &) = delete;

	/// The C callback.
	static void arrive(void *posted) noexcept
	{
		auto *self = static_cast<Posted *>(posted);
		guarded([self] { self->call(); });
		delete self;
	}

	/// Has posted called in the next turn of a loop, and deletes it. False if the library refuses.
	static bool send(qnet_loop *loop, Posted *posted)
	{
		if (qnet_loop_post(loop, &arrive, posted))
			return true;
		delete posted;
		return false;
	}

	/// The same after msec milliseconds.
	static bool send(qnet_loop *loop, int msec, Posted *posted)
	{
		if (qnet_timer_single_shot(loop, msec, &arrive, posted))
			return true;
		delete posted;
		return false;
	}

protected:
	Posted()
	{
		std::lock_guard<std::mutex> lock(list().mutex);
		after_ = list().first;
		if (after_ != nullptr)
			after_->before_ = this;
		list().first = this;
	}
	virtual ~Posted()
	{
		std::lock_guard<std::mutex> lock(list().mutex);
		(before_ != nullptr ? before_->after_ : list().first) = after_;
		if (after_ != nullptr)
			after_->before_ = before_;
	}
	virtual void call() = 0;

private:
	struct List {
		std::mutex mutex;
		Posted *first = nullptr;
	};
	static List &list()
	{
		static List &all = *new List; // never destroyed
		return all;
	}

	Posted *before_ = nullptr;
	Posted *after_ = nullptr;
};

template <class F>
class PostedFunction final : public Posted {
public:
	explicit PostedFunction(F f) : f_(std::move(f)) {}

private:
	void call() override { f_(); }

	F f_;
};

template <class F>
Posted *posted(F &&f)
{
	return new PostedFunction<std::decay_t<F>>(std::forward<F>(f));
}

/// Has f called in the next turn of a loop, on the thread that runs it.
template <class F>
bool post(qnet_loop *loop, F &&f)
{
	return Posted::send(loop, posted(std::forward<F>(f)));
}

/// How many loops this thread is about to delete: look-ups that are under way then end without a call, as in Qt.
inline int &loopsEnding() noexcept
{
	static thread_local int count = 0;
	return count;
}

inline void deleteLoop(qnet_loop *loop) noexcept
{
	loopsEnding()++;
	qnet_loop_delete(loop);
	loopsEnding()--;
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
			deleteLoop(own_);
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
} // namespace qnet

#endif
