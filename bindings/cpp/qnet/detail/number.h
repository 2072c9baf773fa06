// Numbers as text, whatever the program's locale: as QByteArray and QLocale::C have them.
#ifndef QNET_DETAIL_NUMBER_H
#define QNET_DETAIL_NUMBER_H

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <locale.h>
#include <string>
#include <string_view>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#include <qnet/detail/begin.h>

namespace detail {

constexpr bool isSpace(char c) noexcept
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/// What a text says, and whether it says a number at all.
template <class T>
struct Read {
	T value{};
	bool ok = false;
};

/// Digits from `at` on as a number. Moves behind them; not ok if there are none, or too many.
inline Read<std::uint64_t> readDigits(std::string_view text, std::size_t &at, unsigned base)
{
	Read<std::uint64_t> number;
	bool tooMany = false;
	for (; at < text.size(); at++) {
		const char c = text[at];
		const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
		                       : c >= 'a' && c <= 'z' ? static_cast<unsigned>(c - 'a') + 10
		                       : c >= 'A' && c <= 'Z' ? static_cast<unsigned>(c - 'A') + 10
		                                              : 99;
		if (digit >= base)
			break;
		number.ok = true;
		if (number.value > (std::numeric_limits<std::uint64_t>::max() - digit) / base)
			tooMany = true;
		number.value = number.value * base + digit;
	}
	number.ok = number.ok && !tooMany;
	return number;
}

/// The magnitude and the sign of a whole text, with space around it. Base 0 is what a prefix says, as in C++.
inline Read<std::uint64_t> readInteger(std::string_view text, int base, bool &negative)
{
	negative = false;
	if (base != 0 && (base < 2 || base > 36))
		return {};
	std::size_t at = 0;
	while (at < text.size() && isSpace(text[at]))
		at++;
	if (at < text.size() && (text[at] == '-' || text[at] == '+'))
		negative = text[at++] == '-';
	const auto prefixed = [&](char letter) {
		// Without a digit behind it the zero is a number, and the letter is no part of it.
		return at + 2 < text.size() && text[at] == '0' && (text[at + 1] | 0x20) == letter;
	};
	if ((base == 0 || base == 16) && prefixed('x')) {
		base = 16;
		at += 2;
	} else if ((base == 0 || base == 2) && prefixed('b')) {
		base = 2;
		at += 2;
	} else if (base == 0) {
		base = at < text.size() && text[at] == '0' ? 8 : 10;
	}
	Read<std::uint64_t> number = readDigits(text, at, static_cast<unsigned>(base));
	while (at < text.size() && isSpace(text[at]))
		at++;
	number.ok = number.ok && (at == text.size() || text[at] == '\0');
	return number;
}

/// A text as a number of type T; 0 and not ok if it is none, or out of range.
template <class T>
Read<T> toInteger(std::string_view text, int base)
{
	bool negative = false;
	const Read<std::uint64_t> number = readInteger(text, base, negative);
	const auto most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
	if (!number.ok)
		return {};
	if (negative) {
		if constexpr (std::numeric_limits<T>::is_signed) {
			if (number.value <= most + 1)
				return {static_cast<T>(0 - number.value), true};
		}
		return {};
	}
	return number.value <= most ? Read<T>{static_cast<T>(number.value), true} : Read<T>{};
}

inline std::string fromInteger(std::uint64_t number, bool negative, int base)
{
	char digits[65];
	std::size_t at = sizeof digits;
	const unsigned by = base >= 2 && base <= 36 ? static_cast<unsigned>(base) : 10;
	do
		digits[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[number % by];
	while ((number /= by) != 0);
	if (negative)
		digits[--at] = '-';
	return std::string(digits + at, sizeof digits - at);
}

/// The locale in which a point is a point.
inline locale_t plainLocale()
{
	static const locale_t locale = newlocale(LC_ALL_MASK, "C", nullptr);
	return locale;
}

/// A text as a number: decimal, "inf" or "nan", with space around it. 0 and not ok if it is none, or too large or small.
inline Read<double> toNumber(std::string_view text)
{
	while (!text.empty() && isSpace(text.front()))
		text.remove_prefix(1);
	while (!text.empty() && isSpace(text.back()))
		text.remove_suffix(1);
	const std::string copy(text);
	std::string_view rest = copy;
	const bool negative = !rest.empty() && rest.front() == '-';
	if (!rest.empty() && (rest.front() == '-' || rest.front() == '+'))
		rest.remove_prefix(1);
	if (rest == "inf")
		return {negative ? -HUGE_VAL : HUGE_VAL, true};
	if (copy == "nan") // has no sign
		return {std::numeric_limits<double>::quiet_NaN(), true};
	const bool starts = !rest.empty() && (rest[0] == '.' || (rest[0] >= '0' && rest[0] <= '9'));
	// strtod() knows hexadecimal numbers, too.
	if (!starts || rest.find_first_not_of("0123456789.eE+-") != std::string_view::npos)
		return {};
	char *end = nullptr;
	const double value = strtod_l(copy.c_str(), &end, plainLocale());
	if (end != copy.c_str() + copy.size())
		return {};
	const bool zero = rest.substr(0, rest.find_first_of("eE")).find_first_of("123456789") == std::string_view::npos;
	if (!std::isfinite(value) || (value == 0 && !zero))
		return {};
	return {value, true};
}

/// A number in a form of printf().
inline std::string print(double value, char form, int precision)
{
	const char format[] = {'%', '.', '*', form, '\0'};
	std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, format, precision, value)) + 1, '\0');
	std::snprintf(text.data(), text.size(), format, precision, value);
	text.pop_back();
	return text;
}

/// A number in the form 'e', 'E', 'f', 'g' or 'G' of printf().
inline std::string fromNumber(double value, char form, int precision)
{
	if (std::isnan(value))
		return "nan";
	if (std::isinf(value))
		return value < 0 ? "-inf" : "inf";
	const locale_t before = uselocale(plainLocale());
	const int digits = precision < 0 ? 6 : precision;
	// printf() rounds what is exactly between two numbers to the even one, Qt away from zero.
	const bool fixed = form == 'f';
	const int behind = form == 'g' || form == 'G' ? (digits > 0 ? digits - 1 : 0) : digits;
	constexpr int more = 40; // zeros that prove it
	const std::string exact = print(value, fixed ? 'f' : 'e', behind + more);
	const std::size_t rest = exact.find('.') + 1 + static_cast<std::size_t>(behind);
	const bool between = exact[rest] == '5' && exact.find_first_not_of('0', rest + 1) >= rest + more;
	std::string text = print(between ? std::nextafter(value, value < 0 ? -HUGE_VAL : HUGE_VAL) : value, form, digits);
	uselocale(before);
	return text;
}

} // namespace detail

#include <qnet/detail/end.h>

#endif
