// Slots: what a link calls, with as many of the signal's arguments as it takes.
#ifndef QNET_DETAIL_SLOT_H
#define QNET_DETAIL_SLOT_H

#include <qnet/Qt>
#include <qnet/detail/link.h>

#include <cstddef>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace qnet {
namespace detail {

template <class F, class Arguments, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>)
{
	return std::is_invocable_v<F &, std::tuple_element_t<I, Arguments>...>;
}

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

/// A signal as a function that emits it.
template <class S>
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

/// May a slot of a receiver of class R be called? Not when R is a program's class of which only the base is left.
template <class R>
bool whole(ObjectBase *receiver) noexcept
{
#if defined(__cpp_rtti) || defined(__GXX_RTTI)
	if constexpr (!std::is_same_v<R, typename R::LibraryClass>)
		return !Access::dying(receiver) || dynamic_cast<const R *>(receiver) != nullptr;
#endif
	static_cast<void>(receiver);
	return true;
}

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
			return kind == &mark<F> && f_ == *static_cast<const F *>(slot);
		else
			return Link::connects(kind, slot);
	}

protected:
	template <class T>
	struct IsComparable : std::false_type {};
	template <class O, class M>
	struct IsComparable<Bound<O, M>> : std::true_type {};
	template <class S>
	struct IsComparable<Forward<S>> : std::true_type {};

	void run(State *emitting, const Args &...args)
	{
		if constexpr (std::is_void_v<R>) {
			static_cast<void>(emitting);
			callFirst(f_, args...);
		} else {
			if (!whole<R>(this->receiver()))
				return;
			Frame frame(emitting, this->receiver());
			callFirst(f_, args...);
		}
	}

private:
	F f_;
};

/// Calls at once.
template <class R, class F, class... Args>
class DirectLink final : public FunctionLink<R, F, Args...> {
public:
	using FunctionLink<R, F, Args...>::FunctionLink;
	void call(State *emitting, const Args &...args) override { this->run(emitting, args...); }
};

/// Calls from the receiver's loop.
template <class R, class F, class... Args>
class QueuedLink final : public FunctionLink<R, F, Args...> {
public:
	QueuedLink(qnet_loop *loop, ObjectBase *receiver, bool single, F f)
		: FunctionLink<R, F, Args...>(receiver, single, std::move(f)), loop_(loop)
	{
	}

	void call(State *, const Args &...args) override
	{
		this->keep();
		post(loop_, [holder = Holder(this), arguments = std::tuple<std::decay_t<Args>...>(args...)] {
			QueuedLink *link = holder.link;
			if (!link->lost())
				std::apply([link](const auto &...copies) { link->run(nullptr, copies...); }, arguments);
		});
	}

private:
	struct Holder {
		explicit Holder(QueuedLink *held) noexcept : link(held) {}
		Holder(Holder &&other) noexcept : link(std::exchange(other.link, nullptr)) {}
		~Holder()
		{
			if (link != nullptr)
				link->drop();
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
		} else if (receiver == nullptr || whole<R>(receiver)) {
			Frame frame(nullptr, receiver);
			callFirst(f);
		}
	};
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
		return Forward<Target>{&(receiver->*slot)};
	} else {
		return S(std::forward<Slot>(slot));
	}
}

} // namespace detail
} // namespace qnet

#endif
