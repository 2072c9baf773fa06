// Bytes and texts on their way between programs, C++ and C.
#ifndef QNET_DETAIL_TEXT_H
#define QNET_DETAIL_TEXT_H

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <qnet/detail/begin.h>
namespace detail {

/// What functions take as bytes or text: a std::string_view, but a null pointer is an empty one, as for Qt's classes.
class View : public std::string_view {
public:
	constexpr View() noexcept = default;
	constexpr View(const char *text) noexcept
		: std::string_view(text != nullptr ? std::string_view(text) : std::string_view())
	{
	}
	constexpr View(const char *data, std::size_t size) noexcept : std::string_view(data, size) {}
	template <class T, class = std::enable_if_t<std::is_convertible_v<const T &, std::string_view> &&
	                                            !std::is_convertible_v<const T &, const char *>>>
	constexpr View(const T &text) noexcept : std::string_view(text)
	{
	}
};

/// A text for C, which ends at a NUL. One inside is two bytes that UTF-8 does not have: names of local servers may have
/// some, and no other name is taken for what stands before it.
inline std::string toC(std::string_view text)
{
	std::string bytes;
	for (char c : text)
		if (c == '\0')
			bytes += "\xc0\x80";
		else
			bytes += c;
	return bytes;
}

/// A text of C, which may be null.
inline std::string fromC(const char *bytes)
{
	std::string text = bytes != nullptr ? bytes : "";
	for (std::size_t at = 0; (at = text.find("\xc0\x80", at)) != std::string::npos; at++)
		text.replace(at, 2, 1, '\0');
	return text;
}

/// A text with the letters of ASCII small.
inline std::string small(std::string_view text)
{
	std::string letters(text);
	for (char &c : letters)
		if (c >= 'A' && c <= 'Z')
			c = static_cast<char>(c - 'A' + 'a');
	return letters;
}

} // namespace detail
#include <qnet/detail/end.h>

#endif
