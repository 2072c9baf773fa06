// Slots: what a link calls, with as many of the signal's arguments as it takes.
#ifndef QNET_DETAIL_SLOT_H
#define QNET_DETAIL_SLOT_H

#include <qnet/Qt>
#include <qnet/detail/link.h>
#include <qnet/detail/posted.h>

#include <cstddef>
#include <functional>
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

/// Calls from the receiver's loop, also when the connection has ended since, but not when the receiver has.
template <class R, class F, class... Args>
class QueuedLink final : public FunctionLink<R, F, Args...> {
public:
	QueuedLink(qnet_loop *loop, ObjectBase *receiver, bool single, F f)
		: FunctionLink<R, F, Args...>(receiver, single, std::move(f)), loop_(loop)
	{
	}
	QueuedLink(const QueuedLink &) = delete;
	QueuedLink &operator=(const QueuedLink &) = delete;

	void call(State *, const Args &...args) override
	{
		this->use();
		post(loop_, [holder = Holder(this), arguments = std::tuple<std::decay_t<Args>...>(args...)] {
			QueuedLink *link = holder.link;
			if (!link->lost())
				std::apply([link](const auto &...copies) { link->run(nullptr, copies...); }, arguments);
		});
	}

private:
	struct Holder {
		explicit Holder(QueuedLink *held) noexcept : link(held) {}
		Holder(const Holder &) = delete;
		Holder &operator=(const Holder &) = delete;
		Holder(Holder &&other) noexcept : link(std::exchange(other.link, nullptr)) {}
		~Holder()
		{
			if (link != nullptr)
				link->release();
		}
		QueuedLink *link;
	};

	qnet_loop *loop_;
};

/// Has f called from a loop unless receiver, of class R, is gone by then. R is void for none.
template <class R, class F>
auto tethered(ObjectBase *receiver, F &&f)
{
	return [tether = TetherHolder(receiver != nullptr ? new Tether(receiver) : nullptr), receiver,
	        f = std::decay_t<F>(std::forward<F>(f))]() mutable {
		if (!tether.holds())
			return;
		if constexpr (std::is_void_v<R>) {
			callFirst(f);
		} else if (receiver == nullptr || Callable<R, std::decay_t<F>>::now(receiver)) {
			Frame frame(nullptr, receiver);
			callFirst(f);
		}
	};
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
