// What ties senders and receivers together: links from signals to slots, and tethers that know whether an object lives.
//
// A signal may be connected and emitted by any thread. Whoever emits it keeps its links in their places, and walks over those
// that were there when he began. Dead ones are taken out by the thread of the sender, when nobody emits; others, such as a
// receiver that is destroyed on another thread, only mark them.
#ifndef QNET_DETAIL_LINK_H
#define QNET_DETAIL_LINK_H

#include <qnet/detail/thread_loop.h>
#include <qnet/global.h>

#include <atomic>
#include <mutex>
#include <utility>

#include <qnet/detail/begin.h>
namespace detail {

class ObjectBase;
struct State;

/// Guards what several threads change: which links live, and the lists of the receivers.
inline std::mutex &linkMutex()
{
	static std::mutex &mutex = *new std::mutex; // never destroyed
	return mutex;
}

/// Held while an object and its children move to another loop, or one is asked to be deleted later. Recursive, since what C warns
/// of may lead to the program.
inline std::recursive_mutex &moveMutex()
{
	static std::recursive_mutex &mutex = *new std::recursive_mutex; // never destroyed
	return mutex;
}

/// While there are some, objects move.
inline std::atomic<int> &moves() noexcept
{
	static std::atomic<int> count{0};
	return count;
}

/// What begins to use an object that may have come from another thread waits until all of it has.
inline void awaitMoves()
{
	if (moves().load(std::memory_order_acquire) != 0)
		std::lock_guard<std::recursive_mutex> lock(moveMutex());
}

/// Knows whether an object, its receiver, still lives. It is for those who use it: a connection, a call that is queued, a
/// function that waits. With the last of them it gives up what it holds, such as the slot. Beyond that it is memory, for
/// those who only keep it, such as a Connection in the program.
class Tether {
public:
	/// The caller is the first to use it.
	explicit Tether(ObjectBase *receiver);
	Tether(const Tether &) = delete;
	Tether &operator=(const Tether &) = delete;

	/// The object; of use on its own thread, and while it is not lost.
	ObjectBase *receiver() const noexcept { return receiver_; }
	bool lost() const noexcept { return lost_.load(std::memory_order_acquire); }
	/// The loop of the object, from any thread.
	qnet_loop *loop() const noexcept { return loop_.load(std::memory_order_acquire); }

	void use() noexcept { users_.fetch_add(1, std::memory_order_relaxed); }
	void release()
	{
		if (users_.fetch_sub(1, std::memory_order_acq_rel) != 1)
			return;
		leave();
		giveUp();
		drop();
	}
	void keep() noexcept { keepers_.fetch_add(1, std::memory_order_relaxed); }
	void drop()
	{
		if (keepers_.fetch_sub(1, std::memory_order_acq_rel) == 1)
			delete this;
	}

protected:
	virtual ~Tether() = default;
	/// Nobody uses it any more.
	virtual void giveUp() noexcept {}
	/// The object is being destroyed, under the lock. Returns the state to be tidied by this thread, or null.
	virtual State *lose() noexcept { return nullptr; }

private:
	friend class ObjectBase;

	/// Leaves its object's list.
	void leave() noexcept;
	/// The same, under the lock.
	void detach() noexcept;

	std::atomic<int> users_{1};
	std::atomic<int> keepers_{1}; // the users are one
	std::atomic<bool> lost_{false};
	bool listed_ = false; // under the lock
	ObjectBase *const receiver_;
	std::atomic<qnet_loop *> loop_{nullptr};
	Tether *before_ = nullptr;
	Tether *after_ = nullptr;
};

/// Uses a tether, which may be null.
class TetherHolder {
public:
	/// Takes over a use.
	explicit TetherHolder(Tether *tether) noexcept : tether_(tether) {}
	TetherHolder(const TetherHolder &) = delete;
	TetherHolder &operator=(const TetherHolder &) = delete;
	TetherHolder(TetherHolder &&other) noexcept : tether_(std::exchange(other.tether_, nullptr)) {}
	TetherHolder &operator=(TetherHolder &&other) noexcept
	{
		std::swap(tether_, other.tether_);
		return *this;
	}
	~TetherHolder()
	{
		if (tether_ != nullptr)
			tether_->release();
	}
	/// Does the object live, or is there none?
	bool holds() const noexcept { return tether_ == nullptr || !tether_->lost(); }
	/// Its loop; there must be one.
	qnet_loop *loop() const noexcept { return tether_->loop(); }

private:
	Tether *tether_;
};

/// A connection of a signal with a slot.
class Link : public Tether {
public:
	Link(ObjectBase *receiver, bool single) : Tether(receiver), once(single) {}
	Link(const Link &) = delete;
	Link &operator=(const Link &) = delete;

	bool live() const noexcept { return live_.load(std::memory_order_acquire); }
	/// Marks it as dead, under the lock. False if it was.
	bool kill() noexcept;
	/// The receiver where one is named to disconnect it; a function that has none is the sender's, as in Qt.
	const ObjectBase *receiverOf(const ObjectBase *sender) const noexcept { return receiver() != nullptr ? receiver() : sender; }
	/// Is this the connection with that slot? kind names the slot's type.
	virtual bool connects(const void *kind, const void *slot) const noexcept
	{
		(void)kind;
		(void)slot;
		return false;
	}

	const bool once;
	State *state = nullptr; // null once the signal is gone; changed under the lock
	Link *next = nullptr;   // in the signal

protected:
	State *lose() noexcept override;

private:
	std::atomic<bool> live_{true};
};

/// Ends a connection. False if it was at its end. Slots may be destroyed by this.
bool cut(Link *link);

/// How a signal of C is registered.
struct Native {
	qnet_connection (*listen)(void *handle, void *signal);
};

/// What a signal has once it is connected. It outlives the signal while that is being emitted.
struct State {
	State(ObjectBase *object, const Native *registrar) : thread(threadMark()), native(registrar) { belong(object); }
	State(const State &) = delete;
	State &operator=(const State &) = delete;

	/// Is this the thread of the signal?
	bool here() const noexcept;
	void belong(ObjectBase *object) noexcept;
	/// Takes over a use of link. The signal may be gone after that.
	void add(Link *link);
	/// Takes dead links out, unless an emission is under way.
	void tidy()
	{
		if (dirty.load(std::memory_order_acquire))
			purge();
	}
	void purge();
	/// Returns the dead links, and the registration if no link is left; with the mutex.
	Link *takeDead(qnet_connection &unused);
	/// Releases what takeDead() has returned. What the slots hold may be destroyed, and the state with it.
	static void release(Link *dead, qnet_connection unused);
	/// The signal is gone.
	void close();
	void destroy();

	/// Ends the connections for which chosen() is true; returns whether there were any.
	template <class Chosen>
	bool cutIf(Chosen chosen);

	std::mutex mutex{}; // of the next four; taken before linkMutex()
	Link *first = nullptr;
	Link *last = nullptr;
	unsigned depth = 0; // emissions under way
	bool closed = false; // who ends the last emission destroys it
	std::atomic<bool> gone{false};
	std::atomic<bool> dirty{false};
	std::atomic<const void *> thread; // of the sender; null once that was moved, until it emits
	const Native *const native;
	void *signal = nullptr;
	ObjectBase *owner = nullptr;
	State *before = nullptr; // in the owner
	State *after = nullptr;
	qnet_connection registration = 0;
};

/// An emission keeps the state.
class Emission {
public:
	explicit Emission(State *state) noexcept : state_(state)
	{
		if (state->thread.load(std::memory_order_acquire) == nullptr) {
			awaitMoves();
			state->thread.store(threadMark(), std::memory_order_relaxed);
		}
		std::lock_guard<std::mutex> lock(state->mutex);
		++state->depth;
		first_ = state->first;
		last_ = state->last;
	}
	Emission(const Emission &) = delete;
	Emission &operator=(const Emission &) = delete;
	~Emission()
	{
		bool closed = false;
		Link *dead = nullptr;
		qnet_connection unused = 0;
		{
			std::lock_guard<std::mutex> lock(state_->mutex);
			if (--state_->depth != 0)
				return;
			closed = state_->closed;
			if (!closed && state_->dirty.load(std::memory_order_acquire))
				dead = state_->takeDead(unused);
		}
		// Unless it is closed another thread may destroy the state from here on.
		if (closed)
			state_->destroy();
		else
			State::release(dead, unused);
	}

	/// The links that there were when it began; null if there were none.
	Link *first() const noexcept { return first_; }
	Link *last() const noexcept { return last_; }

private:
	State *state_;
	Link *first_ = nullptr;
	Link *last_ = nullptr;
};

/// A slot that runs, for QObject::sender().
class Frame {
public:
	Frame(State *state, ObjectBase *receiver) noexcept : state_(state), receiver_(receiver), outer_(top()) { top() = this; }
	Frame(const Frame &) = delete;
	Frame &operator=(const Frame &) = delete;
	~Frame() { top() = outer_; }

	static ObjectBase *sender(const ObjectBase *receiver) noexcept
	{
		for (Frame *frame = top(); frame != nullptr; frame = frame->outer_)
			if (frame->receiver_ == receiver)
				return frame->state_ != nullptr && !frame->state_->gone ? frame->state_->owner : nullptr;
		return nullptr;
	}

private:
	static Frame *&top() noexcept
	{
		static thread_local Frame *frame = nullptr;
		return frame;
	}

	State *state_;
	ObjectBase *receiver_;
	Frame *outer_;
};

/// What there is of an object, which its destructors take apart.
enum class Left : unsigned char {
	Whole,
	Library, // the classes of the library: those of the program are gone
	Base     // nothing but the QObject
};

/// The part of QObject that signals need to know.
class ObjectBase {
public:
	ObjectBase(const ObjectBase &) = delete;
	ObjectBase &operator=(const ObjectBase &) = delete;

protected:
	explicit ObjectBase(qnet_loop *loop) noexcept : loop_(loop) {}
	virtual ~ObjectBase()
	{
		// Signals of a class between have closed their states; those of the program need not be members.
		while (signals_ != nullptr)
			signals_->belong(nullptr);
		// Its children, whose last words came after its own, may have been connected with it once more.
		loseTethers();
	}

	/// Ends the connections with slots of this object.
	void loseTethers()
	{
		for (;;) {
			State *state;
			{
				std::lock_guard<std::mutex> lock(linkMutex());
				Tether *tether = tethers_;
				if (tether == nullptr)
					return;
				tether->detach();
				tether->lost_.store(true, std::memory_order_release);
				state = tether->lose();
			}
			// Without the lock the tether may be gone.
			if (state != nullptr)
				state->tidy();
		}
	}

	/// The object, which is no longer touched by another thread, belongs to another loop from now on.
	void rehome(qnet_loop *loop) noexcept
	{
		loop_.store(loop, std::memory_order_release);
		for (State *state = signals_; state != nullptr; state = state->after)
			state->thread.store(nullptr, std::memory_order_release);
		std::lock_guard<std::mutex> lock(linkMutex());
		for (Tether *tether = tethers_; tether != nullptr; tether = tether->after_)
			tether->loop_.store(loop, std::memory_order_release);
	}

	void *handle_ = nullptr; // of C
	std::atomic<qnet_loop *> loop_;
	State *signals_ = nullptr;
	bool blocked_ = false;
	Left left_ = Left::Whole;

private:
	friend class Tether;
	friend struct State;
	friend struct Access;

	Tether *tethers_ = nullptr;
};

/// What templates outside of the hierarchy need of an object.
struct Access {
	static qnet_loop *loop(const ObjectBase *object) noexcept { return object->loop_.load(std::memory_order_acquire); }
	static void *handle(const ObjectBase *object) noexcept { return object->handle_; }
	static bool blocked(const ObjectBase *object) noexcept { return object->blocked_; }
	static Left left(const ObjectBase *object) noexcept { return object->left_; }
};

inline Tether::Tether(ObjectBase *receiver) : receiver_(receiver)
{
	if (receiver == nullptr)
		return;
	std::lock_guard<std::mutex> lock(linkMutex());
	listed_ = true;
	loop_.store(Access::loop(receiver), std::memory_order_release);
	after_ = receiver->tethers_;
	if (after_ != nullptr)
		after_->before_ = this;
	receiver->tethers_ = this;
}

inline void Tether::leave() noexcept
{
	if (receiver_ == nullptr)
		return;
	std::lock_guard<std::mutex> lock(linkMutex());
	detach();
}

inline void Tether::detach() noexcept
{
	if (!listed_)
		return;
	listed_ = false;
	(before_ != nullptr ? before_->after_ : receiver_->tethers_) = after_;
	if (after_ != nullptr)
		after_->before_ = before_;
	before_ = after_ = nullptr;
}

inline bool Link::kill() noexcept
{
	if (!live())
		return false;
	live_.store(false, std::memory_order_release);
	if (state != nullptr)
		state->dirty.store(true, std::memory_order_release);
	return true;
}

inline State *Link::lose() noexcept
{
	kill();
	return state != nullptr && state->here() ? state : nullptr;
}

inline bool cut(Link *link)
{
	State *state;
	{
		std::lock_guard<std::mutex> lock(linkMutex());
		if (!link->kill())
			return false;
		state = link->state != nullptr && link->state->here() ? link->state : nullptr;
	}
	if (state != nullptr)
		state->tidy();
	return true;
}

inline bool State::here() const noexcept
{
	// Who has connected the objects of a loop may leave them to the thread that runs it then.
	return thread.load(std::memory_order_relaxed) == threadMark() && (owner == nullptr || Access::loop(owner) == ThreadLoop::here().known());
}

inline void State::belong(ObjectBase *object) noexcept
{
	if (owner == object)
		return;
	if (owner != nullptr) {
		(before != nullptr ? before->after : owner->signals_) = after;
		if (after != nullptr)
			after->before = before;
		before = after = nullptr;
	}
	owner = object;
	if (owner != nullptr) {
		after = owner->signals_;
		if (after != nullptr)
			after->before = this;
		owner->signals_ = this;
	}
}

inline void State::add(Link *link)
{
	{
		std::lock_guard<std::mutex> lock(mutex);
		{
			std::lock_guard<std::mutex> marks(linkMutex());
			link->state = this;
		}
		(last != nullptr ? last->next : first) = link;
		last = link;
		if (native != nullptr && registration == 0 && Access::handle(owner) != nullptr)
			registration = native->listen(Access::handle(owner), signal);
	}
	if (here())
		tidy();
}

inline void State::purge()
{
	Link *dead = nullptr;
	qnet_connection unused = 0;
	{
		std::lock_guard<std::mutex> guard(mutex);
		if (depth != 0)
			return;
		dead = takeDead(unused);
	}
	release(dead, unused);
}

inline Link *State::takeDead(qnet_connection &unused)
{
	Link *dead = nullptr;
	dirty.store(false, std::memory_order_release);
	Link **end = &first;
	last = nullptr;
	std::lock_guard<std::mutex> lock(linkMutex());
	while (Link *link = *end) {
		if (link->live()) {
			last = link;
			end = &link->next;
			continue;
		}
		*end = link->next;
		link->next = dead;
		link->state = nullptr;
		dead = link;
	}
	if (first == nullptr)
		unused = std::exchange(registration, 0);
	return dead;
}

inline void State::release(Link *dead, qnet_connection unused)
{
	if (unused != 0)
		qnet_disconnect(unused);
	while (dead != nullptr)
		std::exchange(dead, dead->next)->release();
}

inline void State::close()
{
	qnet_connection unused = 0;
	{
		std::lock_guard<std::mutex> guard(mutex);
		unused = std::exchange(registration, 0);
	}
	if (unused != 0)
		qnet_disconnect(unused);
	gone = true;
	{
		std::lock_guard<std::mutex> guard(mutex);
		std::lock_guard<std::mutex> lock(linkMutex());
		for (Link *link = first; link != nullptr; link = link->next) {
			link->kill();
			link->state = nullptr;
		}
	}
	belong(nullptr);
	bool emitted;
	{
		std::lock_guard<std::mutex> lock(mutex);
		closed = true;
		emitted = depth != 0;
	}
	if (!emitted)
		destroy();
}

inline void State::destroy()
{
	Link *link = first;
	delete this;
	while (link != nullptr)
		std::exchange(link, link->next)->release();
}

template <class Chosen>
bool State::cutIf(Chosen chosen)
{
	bool any = false;
	{
		Emission keep(this);
		for (Link *link = keep.first(); link != nullptr; link = link != keep.last() ? link->next : nullptr) {
			std::lock_guard<std::mutex> lock(linkMutex());
			if (link->live() && chosen(link))
				any |= link->kill();
		}
	}
	return any;
}

} // namespace detail
#include <qnet/detail/end.h>

#endif
