#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "message.h"

#include <qnet/global.h>

bool qnetc_tracing;

static int file = -1;
static char failure[300];
static struct timespec begun;

void qnetc_begin_trace(void)
{
	/* Not that of a program with more rights than its user. */
	const char *path = secure_getenv("QNET_TRACE");

	if (path == NULL)
		return;
	clock_gettime(CLOCK_MONOTONIC, &begun);
	if (path[0] == '\0' || strcmp(path, "-") == 0) {
		file = STDERR_FILENO;
	} else {
		file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
		if (file < 0) {
			snprintf(failure, sizeof failure, "QNET_TRACE: %.200s: %s; there will be no trace", path, strerror(errno));
			return;
		}
	}
	qnetc_tracing = true;
}

void qnetc_report_trace(void)
{
	if (failure[0] != '\0')
		qnetc_message(QNET_WARNING_MSG, failure);
}

void qnetc_trace(const char *format, ...)
{
	int saved = errno;
	char line[600];
	struct timespec now;
	va_list arguments;
	long nanoseconds;
	int length, more;

	clock_gettime(CLOCK_MONOTONIC, &now);
	nanoseconds = now.tv_nsec - begun.tv_nsec;
	now.tv_sec -= begun.tv_sec + (nanoseconds < 0);
	length = snprintf(line, sizeof line, "%lld.%06ld %ld ", (long long)now.tv_sec,
			  (nanoseconds + (nanoseconds < 0 ? 1000000000L : 0)) / 1000, (long)syscall(SYS_gettid));
	va_start(arguments, format);
	more = vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
	va_end(arguments);
	if (more > 0)
		length += more;
	if (length > (int)sizeof line - 2)
		length = (int)sizeof line - 2;
	/* One line each, whatever a text has in it. */
	for (int i = 0; i < length; i++) {
		if ((unsigned char)line[i] < ' ')
			line[i] = '?';
	}
	line[length++] = '\n';
	/* One system call, so that lines of several threads do not mix. */
	while (write(file, line, (size_t)length) < 0 && errno == EINTR)
		;
	errno = saved;
}

void qnetc_trace_signal(const char *name, uintptr_t handle, int64_t argument)
{
	qnetc_trace("signal %s 0x%llx %lld", name, (unsigned long long)handle, (long long)argument);
}
