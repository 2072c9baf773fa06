// Messages of the C++ layer, and what becomes of exceptions that must not reach C.
#ifndef QNET_DETAIL_MESSAGE_H
#define QNET_DETAIL_MESSAGE_H

#include <qnet/global.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include <qnet/detail/begin.h>

/// The kind of a message. Qt: QtMsgType
enum QtMsgType {
	QtDebugMsg = QNET_DEBUG_MSG,
	QtWarningMsg = QNET_WARNING_MSG,
	QtCriticalMsg = QNET_CRITICAL_MSG,
	QtFatalMsg = QNET_FATAL_MSG,
	QtInfoMsg = QNET_INFO_MSG
};

/// Where a message comes from: of the library's, whose category is "qnet", nothing is known. Qt: QMessageLogContext
struct QMessageLogContext {
	int line = 0;
	const char *file = nullptr;
	const char *function = nullptr;
	const char *category = "qnet";
};

/// Receives messages, from any thread. Qt: QtMessageHandler
using QtMessageHandler = void (*)(QtMsgType type, const QMessageLogContext &context, const std::string &message);

/// Receives exceptions that left a slot or an overridden method that the library called. It must not throw.
using ExceptionHandler = std::function<void(std::exception_ptr)>;

namespace detail {

inline std::atomic<QtMessageHandler> &messageHandler()
{
	static std::atomic<QtMessageHandler> handler{nullptr};
	return handler;
}

} // namespace detail

/// Hands a message to who was installed for them, or prints it on stderr. Qt: qt_message_output()
inline void qt_message_output(QtMsgType type, const QMessageLogContext &context, const std::string &message)
{
	if (QtMessageHandler handler = detail::messageHandler())
		handler(type, context, message);
	else
		std::fprintf(stderr, "%s%s\n", std::strcmp(context.category, "qnet") == 0 ? "qnet: " : "", message.c_str());
}

namespace detail {

/// Hands a message of the C++ layer to where those of the library go.
inline void say(QtMsgType type, const std::string &text)
{
	qt_message_output(type, QMessageLogContext(), text);
}

inline void warn(const std::string &text)
{
	say(QtWarningMsg, text);
}

extern "C" inline void qnetcpp_message(qnet_msg_type type, const char *message, void *) noexcept
{
	auto send = [&] {
		if (QtMessageHandler handler = messageHandler())
			handler(static_cast<QtMsgType>(type), QMessageLogContext(), message);
	};
#ifdef __cpp_exceptions
	try {
		send();
	} catch (...) {
		std::fprintf(stderr, "qnet: an exception left the message handler; the message was: %s\n", message);
	}
#else
	send();
#endif
}

struct ExceptionSink {
	std::mutex mutex{};
	ExceptionHandler handler{};

	// Never destroyed: objects that outlive main() may still need it.
	static ExceptionSink &get()
	{
		static ExceptionSink &sink = *new ExceptionSink;
		return sink;
	}
};

/// Throws a std::runtime_error; without exceptions the process ends with the message.
[[noreturn]] inline void fail(const char *text)
{
#ifdef __cpp_exceptions
	throw std::runtime_error(text);
#else
	std::fprintf(stderr, "%s\n", text);
	std::abort();
#endif
}

#ifdef __cpp_exceptions

/// The message for an exception that nobody handles.
inline void reportException(std::exception_ptr exception)
{
	try {
		std::rethrow_exception(std::move(exception));
	} catch (const std::exception &error) {
		say(QtCriticalMsg, std::string("an exception left a slot: ") + error.what());
	} catch (...) {
		say(QtCriticalMsg, "an exception left a slot");
	}
}

/// Called in a catch clause at the border to C. An exception of the handler itself ends the process.
inline void unhandled() noexcept
{
	ExceptionSink &sink = ExceptionSink::get();
	ExceptionHandler handler;
	{
		std::lock_guard<std::mutex> lock(sink.mutex);
		handler = sink.handler;
	}
	if (handler)
		handler(std::current_exception());
	else
		reportException(std::current_exception());
}

#endif

/// Calls f; nothing that it throws gets out.
template <class F>
inline void guarded(F &&f) noexcept
{
#ifdef __cpp_exceptions
	try {
		std::forward<F>(f)();
	} catch (...) {
		unhandled();
	}
#else
	std::forward<F>(f)();
#endif
}

} // namespace detail

/// Installs what receives the library's messages instead of stderr; nullptr restores that. Returns the one before.
/// The handler may be called from any thread. Qt: qInstallMessageHandler()
inline QtMessageHandler qInstallMessageHandler(QtMessageHandler handler)
{
	QtMessageHandler before = detail::messageHandler().exchange(handler);
	qnet_set_message_handler(handler != nullptr ? detail::qnetcpp_message : nullptr, nullptr);
	return before;
}

/// Installs what receives exceptions that leave a slot, an overridden virtual method or a posted call: they never
/// cross the C library. Without a handler (an empty one) they are reported as a critical message, and the program goes
/// on. The handler runs inside the catch clause, on the thread concerned; an exception of its own ends the process.
/// Returns the one before. Signals that the program emits itself are plain calls: exceptions reach the emitter.
inline ExceptionHandler setExceptionHandler(ExceptionHandler handler)
{
	detail::ExceptionSink &sink = detail::ExceptionSink::get();
	std::lock_guard<std::mutex> lock(sink.mutex);
	return std::exchange(sink.handler, std::move(handler));
}

#include <qnet/detail/end.h>

#endif
