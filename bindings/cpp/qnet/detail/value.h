// Values of TLS: handles of C that never change, which copies share.
#ifndef QNET_DETAIL_VALUE_H
#define QNET_DETAIL_VALUE_H

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <qnet/detail/begin.h>
namespace detail {

/// A handle of C that goes with the last copy of the value. Null is the null value's.
template <class Handle, void (*release)(Handle *)>
class Value {
public:
	Value() noexcept = default;
	/// Takes the handle over.
	explicit Value(Handle *handle) : handle_(handle, [](Handle *h) {
		if (h != nullptr)
			release(h);
	})
	{
	}
	Handle *get() const noexcept { return handle_.get(); }
	void swap(Value &other) noexcept { handle_.swap(other.handle_); }

private:
	std::shared_ptr<Handle> handle_{};
};

/// The bytes that C returns with their number.
template <class Call>
std::string bytesOf(Call call)
{
	std::int64_t size = 0;
	const char *bytes = call(&size);
	return bytes != nullptr ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

/// The texts of a list of C, which ends with null.
template <class Call>
std::vector<std::string> textsOf(Call call)
{
	std::vector<std::string> texts;
	for (int i = 0; const char *text = call(i); i++)
		texts.emplace_back(text);
	return texts;
}

/// The elements that C writes to an array, made anew if there are more by then. A failure is an empty list.
template <class Element, class Call>
std::vector<Element> elementsOf(Call call)
{
	std::vector<Element> elements;
	for (int count = call(nullptr, 0); count > 0;) {
		elements.resize(static_cast<std::size_t>(count));
		count = call(elements.data(), count);
		if (count <= static_cast<int>(elements.size())) {
			elements.resize(static_cast<std::size_t>(count < 0 ? 0 : count));
			break;
		}
		elements.clear();
	}
	return elements;
}

/// The values whose handles C writes to an array. If there are more than it has room for, C is asked once more.
template <class T, class Handle, class Call>
std::vector<T> valuesOf(Call call)
{
	std::vector<Handle *> handles(32);
	for (bool again = false;; again = true) {
		const int room = static_cast<int>(handles.size()), count = call(handles.data(), room);
		std::vector<T> values;
		for (int i = 0; i < count && i < room; i++)
			values.push_back(T::fromHandle(handles[static_cast<std::size_t>(i)]));
		if (count <= room || again)
			return values;
		handles.resize(static_cast<std::size_t>(count));
	}
}

/// The handles of values, for a call during which they stay. Null ones are left out.
template <class Handle, class T>
std::vector<Handle *> handlesOf(const std::vector<T> &values)
{
	std::vector<Handle *> handles;
	for (const T &value : values)
		if (value.handle() != nullptr)
			handles.push_back(value.handle());
	return handles;
}

/// How many there are, for C.
template <class List>
int countOf(const List &list) noexcept
{
	constexpr int most = std::numeric_limits<int>::max();
	return list.size() > static_cast<std::size_t>(most) ? most : static_cast<int>(list.size());
}

} // namespace detail
#include <qnet/detail/end.h>

#endif
