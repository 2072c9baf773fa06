// What the programs share: options on the command line, and a fortune.
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <map>
#include <random>
#include <string>

/// The command line: options with a value each, of those that the program knows.
class Arguments {
public:
	Arguments(int argc, char **argv, std::initializer_list<const char *> known)
	{
		for (int i = 1; i < argc; i += 2) {
			bool good = false;
			for (const char *option : known)
				good = good || std::strcmp(argv[i], option) == 0;
			if (!good || i + 1 == argc)
				usage(argv[0], known);
			values_[argv[i]] = argv[i + 1];
		}
	}

	/// The value of an option, or the usual one.
	std::string text(const std::string &option, const std::string &usual) const
	{
		auto found = values_.find(option);
		return found != values_.end() ? found->second : usual;
	}

	/// The same for a number of up to 65535.
	unsigned short number(const std::string &option, unsigned short usual) const
	{
		const std::string value = text(option, std::to_string(usual));
		char *end = nullptr;
		const unsigned long number = std::strtoul(value.c_str(), &end, 10);
		if (value.empty() || *end != '\0' || number > 65535) {
			std::fprintf(stderr, "%s: not a number up to 65535: %s\n", option.c_str(), value.c_str());
			std::exit(2);
		}
		return static_cast<unsigned short>(number);
	}

private:
	[[noreturn]] static void usage(const char *program, std::initializer_list<const char *> known)
	{
		std::fprintf(stderr, "usage: %s", program);
		for (const char *option : known)
			std::fprintf(stderr, " [%s VALUE]", option);
		std::fputs("\n", stderr);
		std::exit(2);
	}

	std::map<std::string, std::string> values_;
};

/// Says where a server listens.
inline void sayPort(unsigned port)
{
	std::printf("listening on 127.0.0.1:%u\n", port);
	std::fflush(stdout);
}

/// A line for today.
inline std::string fortune()
{
	static const char *const lines[] = {
		"A socket that is watched never becomes ready.",
		"You will soon receive a packet from an old friend.",
		"Patience: every backlog is accepted in the end.",
		"Today is a good day to check a return value.",
		"The peer who closes first laughs least.",
		"A small write now saves a large timeout later.",
	};
	static thread_local std::mt19937 random{std::random_device{}()};
	std::uniform_int_distribution<std::size_t> choose(0, sizeof lines / sizeof *lines - 1);
	return lines[choose(random)];
}

#endif
