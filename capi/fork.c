#include "fork.h"

#include <pthread.h>
#include <string.h>

#include "message.h"

#include <qnet/global.h>

bool qnetc_in_child;

static void after_fork_in_child(void)
{
	qnetc_message_unlock();
	qnetc_in_child = true;
}

/*
 * Runs when the library is loaded. A library that is first loaded in a child
 * registers there, and works.
 */
__attribute__((constructor)) static void register_handlers(void)
{
	pthread_atfork(qnetc_message_lock, qnetc_message_unlock, after_fork_in_child);
}

void qnetc_refuse(const char *function)
{
	static const char why[] =
		": the library cannot be used in a forked child process; load it after the fork, or exec";
	char text[64 + sizeof why];
	size_t length = strlen(function);

	/* No stdio: another thread may have held its locks when the process forked. */
	if (length > sizeof text - sizeof why)
		length = sizeof text - sizeof why;
	memcpy(text, function, length);
	memcpy(text + length, why, sizeof why);
	qnetc_message(QNET_WARNING_MSG, text);
}
