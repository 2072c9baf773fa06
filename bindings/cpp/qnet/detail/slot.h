// Slots: what a link calls, with as many of the signal's arguments as it takes.
#ifndef QNET_DETAIL_SLOT_H
#define QNET_DETAIL_SLOT_H

#include <qnet/Qt>
#include <qnet/detail/link.h>
#include <qnet/detail/posted.h>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <qnet/detail/begin.h>

class QObject;

namespace detail {

template <class F, class Arguments, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>)
{
	return std::is_invocable_v<F &, std::tuple_element_t<I, Arguments>...>;
}

/// Can an argument be copied, as far as is known? Not if its type is only declared: connections with slots of this thread do
/// without.
template <class T, class = void>
struct IsCopied : std::false_type {};
template <class T>
struct IsCopied<T, std::void_t<decltype(sizeof(std::decay_t<T>))>> : std::is_constructible<std::decay_t<T>, const T &> {};

/// How many of the arguments F takes, as many as possible; -1 if it cannot be called with any number of them.
template <class F, class Arguments, std::size_t N = std::tuple_size_v<Arguments>>
constexpr int arity()
{
	if constexpr (takes<F, Arguments>(std::make_index_sequence<N>()))
		return static_cast<int>(N);
	else if constexpr (N == 0)
		return -1;
	else
		return arity<F, Arguments, N - 1>();
}

template <class F, class Arguments, std::size_t... I>
void callWith(F &f, const Arguments &arguments, std::index_sequence<I...>)
{
	static_cast<void>(std::invoke(f, std::get<I>(arguments)...));
}

/// Calls f with the first of the arguments.
template <class F, class... Args>
void callFirst(F &f, const Args &...args)
{
	using Arguments = std::tuple<const Args &...>;
	constexpr int n = arity<F, Arguments>();
	static_assert(n >= 0, "the slot cannot be called with the signal's arguments, or with fewer of them");
	if constexpr (n >= 0)
		callWith(f, Arguments(args...), std::make_index_sequence<static_cast<std::size_t>(n)>());
}

/// The class whose member M points to.
template <class M>
struct MemberOf;
template <class T, class C>
struct MemberOf<T C::*> {
	using Class = C;
};

/// A method of an object as a function.
template <class Object, class Method>
struct Bound {
	Object *object;
	Method method;

	template <class... Args>
	std::enable_if_t<std::is_invocable_v<Method, Object *, Args...>> operator()(Args &&...args) const
	{
		static_cast<void>(std::invoke(method, object, std::forward<Args>(args)...));
	}
	bool operator==(const Bound &other) const { return object == other.object && method == other.method; }
};

/// A signal of class C as a function that emits it.
template <class C, class S>
struct Forward {
	S *signal;

	template <class... Args>
	std::enable_if_t<std::is_invocable_v<S &, Args...>> operator()(Args &&...args) const
	{
		(*signal)(std::forward<Args>(args)...);
	}
	bool operator==(const Forward &other) const { return signal == other.signal; }
};

/// Its address names a type.
template <class T>
inline constexpr char mark{};

/// Is C a class of the library, and no program's?
template <class C, class = void>
struct OfLibrary : std::false_type {};
template <class C>
struct OfLibrary<C, std::void_t<typename C::LibraryClass>> : std::is_same<C, typename C::LibraryClass> {};

/// May F, a slot of a receiver of class R, still be called? Not when the class is gone that it is a member of. Where the
/// receiver is but the context of a function, it is R that must not be gone; of the library's classes, which a function
/// hardly needs then, the QObject is enough, as in Qt.
template <class R, class F>
struct Callable {
	static bool now(const ObjectBase *receiver) noexcept
	{
		return Access::left(receiver) == Left::Whole || OfLibrary<R>::value;
	}
};
template <class C>
struct MemberCallable {
	static bool now(const ObjectBase *receiver) noexcept
	{
		const Left left = Access::left(receiver);
		return left == Left::Whole || std::is_same_v<C, QObject> || (left == Left::Library && OfLibrary<C>::value);
	}
};
template <class R, class O, class M>
struct Callable<R, Bound<O, M>> : MemberCallable<typename MemberOf<M>::Class> {};
template <class R, class C, class S>
struct Callable<R, Forward<C, S>> : MemberCallable<C> {};

/// A link of a signal with these arguments.
template <class... Args>
class SlotLink : public Link {
public:
	using Link::Link;
	virtual void call(State *emitting, const Args &...args) = 0;
};

/// What all links with a kind of function share. R is the receiver's class, or void.
template <class R, class F, class... Args>
class FunctionLink : public SlotLink<Args...> {
public:
	FunctionLink(ObjectBase *receiver, bool single, F f) : SlotLink<Args...>(receiver, single), f_(std::move(f)) {}

	bool connects(const void *kind, const void *slot) const noexcept override
	{
		if constexpr (std::is_class_v<F> && IsComparable<F>::value)
			return kind == &mark<F> && *f_ == *static_cast<const F *>(slot);
		else
			return Link::connects(kind, slot);
	}

protected:
	template <class T>
	struct IsComparable : std::false_type {};
	template <class O, class M>
	struct IsComparable<Bound<O, M>> : std::true_type {};
	template <class C, class S>
	struct IsComparable<Forward<C, S>> : std::true_type {};

	void run(State *emitting, const Args &...args)
	{
		if constexpr (std::is_void_v<R>) {
			static_cast<void>(emitting);
			callFirst(*f_, args...);
		} else {
			if (!Callable<R, F>::now(this->receiver()))
				return;
			Frame frame(emitting, this->receiver());
			callFirst(*f_, args...);
		}
	}

private:
	void giveUp() noexcept override { f_.reset(); }

	std::optional<F> f_; // while the link is used
};

/// Calls at once.
template <class R, class F, class... Args>
class DirectLink final : public FunctionLink<R, F, Args...> {
public:
	using FunctionLink<R, F, Args...>::FunctionLink;
	void call(State *emitting, const Args &...args) override { this->run(emitting, args...); }
};

/// Lets a thread wait for a call that another one makes, or drops.
class Gate {
public:
	void wait()
	{
		std::unique_lock<std::mutex> lock(mutex_);
		while (!open_)
			opened_.wait(lock);
	}
	/// Opens it when it is destroyed.
	struct Opens {
		void operator()(Gate *gate) const
		{
			std::lock_guard<std::mutex> lock(gate->mutex_);
			gate->open_ = true;
			gate->opened_.notify_all(); // under the lock: the gate is gone soon
		}
	};
	using Opener = std::unique_ptr<Gate, Opens>;

private:
	std::mutex mutex_{};
	std::condition_variable opened_{};
	bool open_ = false;
};

/// Calls as the connection says. A call on its way is made also when the connection has ended since, but not when the
/// receiver has; it follows the receiver to another loop.
template <class R, class F, class... Args>
class ObjectLink final : public FunctionLink<R, F, Args...> {
public:
	ObjectLink(Qt::ConnectionType how, ObjectBase *receiver, bool single, F f)
		: FunctionLink<R, F, Args...>(receiver, single, std::move(f)), how_(how)
	{
	}

	void call(State *emitting, const Args &...args) override
	{
		switch (how_) {
		case Qt::AutoConnection:
			if (isHere(emitting))
				this->run(emitting, args...);
			else
				queue<std::tuple<std::decay_t<Args>...>>(Gate::Opener(), args...);
			break;
		case Qt::BlockingQueuedConnection:
			if (isHere(emitting)) {
				warn("QObject: dead lock detected while activating a BlockingQueuedConnection: the receiver belongs to this thread");
				break;
			}
			{
				Gate gate;
				queue<std::tuple<const Args &...>>(Gate::Opener(&gate), args...);
				gate.wait();
			}
			break;
		default:
			queue<std::tuple<std::decay_t<Args>...>>(Gate::Opener(), args...);
			break;
		}
	}

private:
	/// A call on its way.
	template <class Arguments>
	struct Call {
		Call(ObjectLink *held, Gate::Opener opener, const Args &...args)
			: link(held), loop(held->loop()), gate(std::move(opener)), arguments(args...)
		{
			held->use();
		}
		Call(const Call &) = delete;
		Call &operator=(const Call &) = delete;
		Call(Call &&other)
			: link(std::exchange(other.link, nullptr)), loop(other.loop), gate(std::move(other.gate)), arguments(std::move(other.arguments))
		{
		}
		~Call()
		{
			if (link != nullptr)
				link->release();
		}

		void operator()()
		{
			awaitMoves();
			if (link->lost())
				return;
			if (qnet_loop *now = link->loop(); now != loop) {
				loop = now;
				post(now, std::move(*this));
				return;
			}
			std::apply([this](const auto &...each) { link->run(nullptr, each...); }, arguments);
		}

		ObjectLink *link;
		qnet_loop *loop;
		Gate::Opener gate; // after the arguments are gone
		Arguments arguments;
	};

	/// Is the emission on the receiver's thread? The library emits on the sender's.
	bool isHere(const State *emitting) const
	{
		if (emitting->native != nullptr && emitting->owner != nullptr)
			return Access::loop(emitting->owner) == this->loop();
		return ThreadLoop::here().has(this->loop());
	}

	template <class Arguments>
	void queue(Gate::Opener gate, const Args &...args)
	{
		qnet_loop *loop = this->loop();
		post(loop, Call<Arguments>(this, std::move(gate), args...));
	}

	const Qt::ConnectionType how_;
};

/// A call of f in the loop of receiver, of class R, unless that is gone by then; it follows the receiver to another loop. R is
/// void for none.
template <class R, class F>
struct Tethered {
	void operator()()
	{
		awaitMoves();
		if (!tether.holds())
			return;
		if (receiver != nullptr && tether.loop() != loop) {
			loop = tether.loop();
			post(loop, std::move(*this));
			return;
		}
		if constexpr (std::is_void_v<R>) {
			callFirst(f);
		} else if (receiver == nullptr || Callable<R, F>::now(receiver)) {
			Frame frame(nullptr, receiver);
			callFirst(f);
		}
	}

	TetherHolder tether;
	ObjectBase *receiver;
	qnet_loop *loop;
	F f;
};
template <class R, class F>
auto tethered(ObjectBase *receiver, F &&f)
{
	return Tethered<R, std::decay_t<F>>{TetherHolder(receiver != nullptr ? new Tether(receiver) : nullptr), receiver,
	                                    receiver != nullptr ? Access::loop(receiver) : nullptr, std::forward<F>(f)};
}

/// Is the slot a null pointer, to a function or to a member? Then who is to take it warns, and does not.
template <class Slot>
bool refused(const char *who, const Slot &slot)
{
	if constexpr (std::is_pointer_v<Slot> || std::is_member_pointer_v<Slot>) {
		if (slot == nullptr) {
			warn(std::string(who) + ": the slot is null");
			return true;
		}
	}
	return false;
}

/// Makes a function of what a program may give as a slot of receiver: a method, a signal's member pointer or a function.
template <class Receiver, class Slot>
auto functionOf(Receiver *receiver, Slot &&slot)
{
	using S = std::decay_t<Slot>;
	if constexpr (std::is_member_function_pointer_v<S>) {
		return Bound<Receiver, S>{receiver, slot};
	} else if constexpr (std::is_member_object_pointer_v<S>) {
		using Target = std::remove_reference_t<decltype(receiver->*slot)>;
		return Forward<typename MemberOf<S>::Class, Target>{&(receiver->*slot)};
	} else {
		return S(std::forward<Slot>(slot));
	}
}

} // namespace detail
#include <qnet/detail/end.h>

#endif
