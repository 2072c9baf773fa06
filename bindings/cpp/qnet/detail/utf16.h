// Texts are UTF-8 here, and UTF-16 in what Qt's programs exchange.
#ifndef QNET_DETAIL_UTF16_H
#define QNET_DETAIL_UTF16_H

#include <qnet/QDebug>

#include <cstddef>
#include <string>
#include <string_view>

#include <qnet/detail/begin.h>

namespace detail {

inline constexpr long replacement = 0xfffd;

/// What is no UTF-8 becomes U+FFFD.
inline std::u16string toUtf16(std::string_view text)
{
	std::u16string units;
	units.reserve(text.size());
	for (std::size_t at = 0; at < text.size();) {
		long code = character(text, at);
		if (code < 0)
			code = replacement;
		if (code < 0x10000) {
			units += static_cast<char16_t>(code);
		} else {
			units += static_cast<char16_t>(0xd7c0 + (code >> 10));
			units += static_cast<char16_t>(0xdc00 + (code & 0x3ff));
		}
	}
	return units;
}

/// Half of a pair becomes U+FFFD.
inline std::string fromUtf16(std::u16string_view units)
{
	std::string text;
	text.reserve(units.size());
	for (std::size_t at = 0; at < units.size(); at++) {
		long code = units[at];
		if (code >= 0xd800 && code < 0xe000) {
			const bool pair = code < 0xdc00 && at + 1 < units.size() && (units[at + 1] & 0xfc00) == 0xdc00;
			code = pair ? 0x10000 + ((code - 0xd800) << 10 | (units[++at] - 0xdc00)) : replacement;
		}
		const auto put = [&text](long byte) { text += static_cast<char>(byte); };
		if (code < 0x80) {
			put(code);
			continue;
		}
		if (code < 0x800) {
			put(0xc0 | code >> 6);
		} else {
			if (code < 0x10000) {
				put(0xe0 | code >> 12);
			} else {
				put(0xf0 | code >> 18);
				put(0x80 | (code >> 12 & 0x3f));
			}
			put(0x80 | (code >> 6 & 0x3f));
		}
		put(0x80 | (code & 0x3f));
	}
	return text;
}

} // namespace detail

#include <qnet/detail/end.h>

#endif
