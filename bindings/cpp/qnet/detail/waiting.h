// What waits for a call from C that does not come if its loop ends before: timed calls and look-ups.
#ifndef QNET_DETAIL_WAITING_H
#define QNET_DETAIL_WAITING_H

#include <qnet/detail/message.h>
#include <qnet/timer.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <qnet/detail/begin.h>
namespace detail {

/// C knows them by a number, which is taken once: by the call, by who gives it up, or by the end of the loop. Here they
/// are also reachable for tools that look for leaks, which do not search the library's own memory.
class Waiting {
public:
	enum Kind { Timed, HostLookup };

	Waiting(const Waiting &) = delete;
	Waiting &operator=(const Waiting &) = delete;
	virtual ~Waiting() = default;

	/// Has begin(data, waiting) ask C for a call with data, and waits for it. Returns the number, from 1; -1 if begin()
	/// returns false.
	template <class W, class Begin>
	static int start(qnet_loop *loop, std::unique_ptr<W> waiting, Begin begin)
	{
		All &all = Waiting::all();
		// The call, on another thread, waits for the lock until this one is listed.
		std::lock_guard<std::recursive_mutex> lock(all.mutex);
		const int number = all.next();
		if (!begin(reinterpret_cast<void *>(static_cast<std::intptr_t>(number)), *waiting))
			return -1;
		waiting->loop_ = loop;
		all.byNumber.emplace(number, std::move(waiting));
		return number;
	}

	/// What a call with data is for; null if that was taken.
	template <class W>
	static std::unique_ptr<W> arrived(void *data)
	{
		return take<W>(static_cast<int>(reinterpret_cast<std::intptr_t>(data)));
	}

	template <class W>
	static std::unique_ptr<W> take(int number)
	{
		All &all = Waiting::all();
		std::lock_guard<std::recursive_mutex> lock(all.mutex);
		auto found = all.byNumber.find(number);
		if (found == all.byNumber.end() || found->second->kind_ != W::kind)
			return nullptr;
		std::unique_ptr<W> waiting(static_cast<W *>(found->second.release()));
		all.byNumber.erase(found);
		return waiting;
	}

	/// Destroys those of a loop that ends.
	static void drop(qnet_loop *loop)
	{
		std::vector<std::unique_ptr<Waiting>> dropped;
		All &all = Waiting::all();
		std::lock_guard<std::recursive_mutex> lock(all.mutex);
		for (auto each = all.byNumber.begin(); each != all.byNumber.end();) {
			if (each->second->loop_ != loop) {
				++each;
				continue;
			}
			dropped.push_back(std::move(each->second));
			each = all.byNumber.erase(each);
		}
	}

protected:
	explicit Waiting(Kind kind) noexcept : kind_(kind) {}

private:
	struct All {
		/// Recursive, since what C warns of may lead to the program, and that here.
		std::recursive_mutex mutex{};
		std::unordered_map<int, std::unique_ptr<Waiting>> byNumber{};
		int last = 0;

		int next()
		{
			do
				last = last == std::numeric_limits<int>::max() ? 1 : last + 1;
			while (byNumber.count(last) != 0);
			return last;
		}
	};
	static All &all()
	{
		static All &all = *new All; // never destroyed
		return all;
	}

	const Kind kind_;
	qnet_loop *loop_ = nullptr;
};

/// A call after a time.
class TimedCall : public Waiting {
public:
	static constexpr Kind kind = Timed;

	/// The C callback.
	static void arrive(void *data) noexcept
	{
		guarded([data] {
			if (std::unique_ptr<TimedCall> timed = arrived<TimedCall>(data))
				timed->call();
		});
	}

protected:
	TimedCall() noexcept : Waiting(kind) {}
	virtual void call() = 0;
};

template <class F>
class TimedFunction final : public TimedCall {
public:
	explicit TimedFunction(F f) : f_(std::move(f)) {}

private:
	void call() override { f_(); }

	F f_;
};

/// Has f called on the thread that runs a loop, after msec milliseconds. False if the library refuses.
template <class F>
bool callAfter(qnet_loop *loop, int msec, F &&f)
{
	using Call = TimedFunction<std::decay_t<F>>;
	return Waiting::start(loop, std::make_unique<Call>(std::forward<F>(f)), [loop, msec](void *data, TimedCall &) {
		return qnet_timer_single_shot(loop, msec, &TimedCall::arrive, data);
	}) > 0;
}

} // namespace detail
#include <qnet/detail/end.h>

#endif
