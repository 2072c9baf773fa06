#include "streams.h"

#include <fcntl.h>
#include <unistd.h>

/* What core/sys holds them with, too. */
static int open_nothing(void)
{
	return open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool is_nothing(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_PATH) != 0;
}

struct qnetc_streams qnetc_hold_streams(void)
{
	struct qnetc_streams streams = { { false } };
	int fd;

	while ((fd = open_nothing()) >= 0 && fd <= STDERR_FILENO)
		streams.held[fd] = true;
	if (fd >= 0)
		close(fd);
	return streams;
}

void qnetc_release_streams(const struct qnetc_streams *streams)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		/* Another thread of the program may have put something else there. */
		if (streams->held[fd] && is_nothing(fd))
			close(fd);
}
