// Calls that a loop makes in its next turn.
#ifndef QNET_DETAIL_POSTED_H
#define QNET_DETAIL_POSTED_H

#include <qnet/detail/message.h>
#include <qnet/socket.h>

#include <atomic>
#include <mutex>
#include <type_traits>
#include <utility>

#include <qnet/detail/begin.h>
namespace detail {

/// A call on its way through C, which makes it at the latest when the loop ends. Those under way are in a list, so that
/// what they hold stays reachable for tools that look for leaks: the library's own memory is not searched.
class Posted {
public:
	Posted(const Posted &) = delete;
	Posted &operator=(const Posted &) = delete;

	/// Has posted called in the next turn of a loop, and deletes it. False if the library refuses.
	static bool send(qnet_loop *loop, Posted *posted)
	{
		posted->sent_.store(true, std::memory_order_release);
		if (qnet_loop_post(loop, &arrive, posted))
			return true;
		delete posted;
		return false;
	}

	/// Lends memory to a socket, which then calls posted, once, and deletes it. Returns how many bytes; if there are none,
	/// posted is not called.
	static std::int64_t lend(qnet_socket *socket, const void *data, std::int64_t size, Posted *posted)
	{
		posted->sent_.store(true, std::memory_order_release);
		const std::int64_t taken = qnet_socket_write_lent(socket, data, size, &arrive, posted);
		if (taken <= 0)
			delete posted;
		return taken;
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
	/// The C callback.
	static void arrive(void *posted) noexcept
	{
		auto *self = static_cast<Posted *>(posted);
		static_cast<void>(self->sent_.load(std::memory_order_acquire));
		guarded([self] { self->call(); });
		delete self;
	}

	struct List {
		std::mutex mutex{};
		Posted *first = nullptr;
	};
	static List &list()
	{
		static List &all = *new List; // never destroyed
		return all;
	}

	Posted *before_ = nullptr;
	Posted *after_ = nullptr;
	// For the thread sanitizer, which does not see that the library hands the call over in order.
	std::atomic<bool> sent_{false};
};

template <class F>
class PostedFunction final : public Posted {
public:
	explicit PostedFunction(F f) : f_(std::move(f)) {}

private:
	void call() override { f_(); }

	F f_;
};

/// Has f called in the next turn of a loop, on the thread that runs it.
template <class F>
bool post(qnet_loop *loop, F &&f)
{
	return Posted::send(loop, new PostedFunction<std::decay_t<F>>(std::forward<F>(f)));
}

} // namespace detail
#include <qnet/detail/end.h>

#endif
