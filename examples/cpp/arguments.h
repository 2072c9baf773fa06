// What the programs share: a port on the command line, and a fortune.
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

/// Returns the port of `--port PORT`, or usual if there are no arguments; any other ones end the program.
inline unsigned short portArgument(int argc, char **argv, unsigned short usual)
{
	if (argc == 1)
		return usual;
	char *end = nullptr;
	const unsigned long port = argc == 3 && std::strcmp(argv[1], "--port") == 0 ? std::strtoul(argv[2], &end, 10) : 0;
	if (end == nullptr || end == argv[2] || *end != '\0' || port > 65535) {
		std::fprintf(stderr, "usage: %s [--port PORT]\n", argv[0]);
		std::exit(2);
	}
	return static_cast<unsigned short>(port);
}

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
