// The timers that QObject::startTimer() starts, each with a number.
#ifndef QNET_DETAIL_OBJECT_TIMERS_H
#define QNET_DETAIL_OBJECT_TIMERS_H

#include <qnet/detail/message.h>
#include <qnet/timer.h>

#include <atomic>
#include <map>
#include <memory>

#include <qnet/detail/begin.h>

class QObject;

namespace detail {

/// Those of one object, which end with it.
class ObjectTimers {
public:
	/// What an object gets when the time of one is over.
	using Handler = void (*)(QObject *object, int id);

	ObjectTimers() = default;
	ObjectTimers(const ObjectTimers &) = delete;
	ObjectTimers &operator=(const ObjectTimers &) = delete;
	~ObjectTimers()
	{
		for (const auto &each : timers_)
			qnet_timer_delete(each.second->handle);
	}

	/// The number of a new one; 0 if there is none to be had.
	int start(qnet_loop *loop, QObject *object, Handler handler, int msec)
	{
		static std::atomic<int> last{0};
		auto timer = std::make_unique<Timer>();
		timer->object = object;
		timer->handler = handler;
		timer->handle = qnet_timer_new(loop);
		if (timer->handle == nullptr)
			return 0;
		timer->id = ++last;
		qnet_timer_on_timeout(timer->handle, &arrive, timer.get());
		qnet_timer_start(timer->handle, msec);
		const int id = timer->id;
		timers_[id] = std::move(timer);
		return id;
	}
	bool kill(int id)
	{
		const auto found = timers_.find(id);
		if (found == timers_.end())
			return false;
		qnet_timer_delete(found->second->handle);
		timers_.erase(found);
		return true;
	}
	/// Makes them those of another loop. False if one cannot be moved.
	bool moveTo(qnet_loop *loop)
	{
		bool moved = true;
		for (const auto &each : timers_)
			moved = qnet_timer_move_to_loop(each.second->handle, loop) && moved;
		return moved;
	}

private:
	struct Timer {
		QObject *object = nullptr;
		Handler handler = nullptr;
		qnet_timer *handle = nullptr;
		int id = 0;
	};

	static void arrive(qnet_timer *, void *data) noexcept
	{
		const Timer timer = *static_cast<const Timer *>(data); // the handler may kill it
		guarded([&timer] { timer.handler(timer.object, timer.id); });
	}

	std::map<int, std::unique_ptr<Timer>> timers_{};
};

} // namespace detail

#include <qnet/detail/end.h>

#endif
