// Names of local servers: bytes in C++, texts without a NUL in C.
#ifndef QNET_DETAIL_LOCAL_NAME_H
#define QNET_DETAIL_LOCAL_NAME_H

#include <string>
#include <string_view>

namespace qnet {
namespace detail {

/// A name for C, where a NUL, which abstract names may have, is two bytes that UTF-8 does not have.
inline std::string toLocalName(std::string_view name)
{
	std::string text;
	for (char c : name)
		if (c == '\0')
			text += "\xc0\x80";
		else
			text += c;
	return text;
}

/// A name of C, which may be null.
inline std::string fromLocalName(const char *text)
{
	std::string name = text != nullptr ? text : "";
	for (std::size_t at = 0; (at = name.find("\xc0\x80", at)) != std::string::npos; at++)
		name.replace(at, 2, 1, '\0');
	return name;
}

} // namespace detail
} // namespace qnet

#endif
