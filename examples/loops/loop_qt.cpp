/*
 * loop_qt: qnet inside a real Qt event loop. See echo.h for what it does; SIGTERM and SIGINT end it.
 */
#include <QCoreApplication>
#include <QSocketNotifier>
#include <QTimer>

#include <csignal>
#include <fcntl.h>
#include <unistd.h>

#include "echo.h"

static int signalPipe[2];

static void onSignal(int number)
{
	char byte = static_cast<char>(number);
	ssize_t ignored = write(signalPipe[1], &byte, 1);

	(void)ignored;
}

static bool catchSignals()
{
	struct sigaction action = {};

	action.sa_handler = onSignal;
	// The handler may interrupt the library's own code, whose stacks are not made for it.
	action.sa_flags = SA_RESTART | SA_ONSTACK;
	return pipe2(signalPipe, O_CLOEXEC | O_NONBLOCK) == 0 && sigaction(SIGTERM, &action, nullptr) == 0 &&
	       sigaction(SIGINT, &action, nullptr) == 0;
}

int main(int argc, char **argv)
{
	QCoreApplication app(argc, argv);
	echo echo;

	if (!catchSignals() || !echo_start(&echo))
		return 1;

	QSocketNotifier onEnd(signalPipe[0], QSocketNotifier::Read);
	QObject::connect(&onEnd, &QSocketNotifier::activated, &app, &QCoreApplication::quit);

	// One turn, without waiting. If work is left the descriptor remains readable.
	QSocketNotifier notifier(qnet_loop_fd(nullptr), QSocketNotifier::Read);
	QObject::connect(&notifier, &QSocketNotifier::activated, [] { qnet_loop_process_events(nullptr, 0); });

	QTimer timer;
	QObject::connect(&timer, &QTimer::timeout, [&echo] { echo.ticks++; });
	timer.start(10);

	int status = app.exec();

	echo_stop(&echo);
	return status;
}
