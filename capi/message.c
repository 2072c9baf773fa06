#include "message.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "nesting.h"

#include <qnet/global.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static qnet_message_handler installed;
static void *installed_data;

/* Whether this thread is inside the handler. */
static _Thread_local bool inside;

void qnetc_message_lock(void)
{
	pthread_mutex_lock(&lock);
}

void qnetc_message_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

void qnet_set_message_handler(qnet_message_handler handler, void *user_data)
{
	qnetc_message_lock();
	installed = handler;
	installed_data = handler != NULL ? user_data : NULL;
	qnetc_message_unlock();
}

/* One system call, so that lines of several threads do not mix. */
static void print(const char *text)
{
	static const char prefix[] = "qnet: ", end[] = "\n";
	struct iovec parts[3] = {
		{ (void *)prefix, sizeof prefix - 1 },
		{ (void *)text, strlen(text) },
		{ (void *)end, sizeof end - 1 },
	};

	while (writev(STDERR_FILENO, parts, 3) < 0 && errno == EINTR)
		;
}

void qnetc_message(int type, const char *text)
{
	int saved = errno;
	qnet_message_handler handler;
	void *user_data;

	qnetc_message_lock();
	handler = installed;
	user_data = installed_data;
	qnetc_message_unlock();

	if (handler == NULL || inside) {
		print(text);
	} else {
		struct qnetc_nesting before = qnetc_callback_begins();

		inside = true;
		handler((qnet_msg_type)type, text, user_data);
		inside = false;
		qnetc_callback_ends(&before);
	}
	errno = saved;
}

void qnetc_message_about(const char *function, int type, const char *why)
{
	/* No stdio: in a forked child its locks may be another thread's. */
	char text[300];
	size_t length = strlen(function), rest = strlen(why) + 1;

	memcpy(text, function, length);
	memcpy(text + length, ": ", 2);
	memcpy(text + length + 2, why, rest);
	qnetc_message(type, text);
}
