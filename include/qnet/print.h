/**
 * @file print.h
 * Formatted text for sockets, in C and C++: what printf() would print is written as by
 * qnet_socket_write(), and the compiler checks the arguments as it does for printf().
 */
#ifndef QNET_PRINT_H
#define QNET_PRINT_H

#include <qnet/socket.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __GNUC__
#define QNET_PRINTF(format, arguments) __attribute__((__format__(__printf__, format, arguments)))
#else
#define QNET_PRINTF(format, arguments)
#endif

#ifdef __cplusplus
extern "C" {
#endif

static inline int64_t qnet_socket_vprint(qnet_socket *socket, const char *format, va_list arguments) QNET_PRINTF(2, 0);
static inline int64_t qnet_socket_print(qnet_socket *socket, const char *format, ...) QNET_PRINTF(2, 3);

/**
 * The same as qnet_socket_print() with the arguments as a va_list, of which nothing can be said
 * afterwards, as with vprintf().
 *
 * Beyond Qt: QTextStream on a device, or QString::asprintf().
 */
static inline int64_t qnet_socket_vprint(qnet_socket *socket, const char *format, va_list arguments)
{
	char few[512];
	char *text = few;
	va_list again;
	int64_t written;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(few, sizeof few, format, arguments);
	if (length >= (int)sizeof few) {
		text = (char *)malloc((size_t)length + 1);
		if (text == NULL || vsnprintf(text, (size_t)length + 1, format, again) != length)
			length = -1;
	}
	va_end(again);
	/* A length of -1, for what cannot be printed, is an error there, with a warning. */
	written = qnet_socket_write(socket, text != NULL ? text : few, length);
	if (text != few)
		free(text);
	return written;
}

/**
 * Writes what printf() would print to @p socket, all of it with one qnet_socket_write(),
 * whose result it returns: the length of the text, less with a write limit, -1 if the socket
 * is not open for writing, there is no memory, or the arguments cannot be printed. What holds for
 * that function holds here.
 *
 * Beyond Qt: QTextStream on a device, or QString::asprintf().
 */
static inline int64_t qnet_socket_print(qnet_socket *socket, const char *format, ...)
{
	va_list arguments;
	int64_t written;

	va_start(arguments, format);
	written = qnet_socket_vprint(socket, format, arguments);
	va_end(arguments);
	return written;
}

#ifdef __cplusplus
}
#endif

#endif
