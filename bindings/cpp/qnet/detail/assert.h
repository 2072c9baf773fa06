// What Q_ASSERT and Q_UNREACHABLE do.
#ifndef QNET_DETAIL_ASSERT_H
#define QNET_DETAIL_ASSERT_H

#include <qnet/detail/message.h>

#include <cstdlib>
#include <string>

/// Are conditions checked? As in Qt not with QT_NO_DEBUG, which Qt's build systems define, unless QT_FORCE_ASSERTS is defined;
/// nor with NDEBUG, which others define.
#if (defined(QT_NO_DEBUG) || defined(NDEBUG)) && !defined(QT_FORCE_ASSERTS)
#define QNET_ASSERTS false
#else
#define QNET_ASSERTS true
#endif

namespace qnet {

/// Ends the process with a message.
[[noreturn]] inline void failedAssert(const char *where, const char *what, const char *file, int line) noexcept
{
	QNET_NAMESPACE::QMessageLogContext context;
	context.file = file;
	context.line = line;
	context.category = "default";
	QNET_NAMESPACE::qt_message_output(QNET_NAMESPACE::QtFatalMsg, context,
	                                  "ASSERT failure in " + std::string(where) + ": \"" + what + "\", file " + file + ", line " +
	                                      std::to_string(line));
	std::abort();
}

/// The same without more than the condition.
[[noreturn]] inline void failedAssert(const char *condition, const char *file, int line) noexcept
{
	QNET_NAMESPACE::QMessageLogContext context;
	context.file = file;
	context.line = line;
	context.category = "default";
	QNET_NAMESPACE::qt_message_output(QNET_NAMESPACE::QtFatalMsg, context,
	                                  "ASSERT: \"" + std::string(condition) + "\" in file " + file + ", line " +
	                                      std::to_string(line));
	std::abort();
}

[[noreturn]] inline void reachedUnreachable(const char *file, int line) noexcept
{
#if QNET_ASSERTS
	failedAssert("Q_UNREACHABLE()", "Q_UNREACHABLE was reached", file, line);
#else
	static_cast<void>(file);
	static_cast<void>(line);
	__builtin_unreachable();
#endif
}

} // namespace qnet

#endif
