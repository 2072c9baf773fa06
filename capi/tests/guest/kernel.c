/*
 * SCTP as the guest's kernel has it, without qnet: if this fails, it is the guest that is broken. A message of each size
 * goes on each of some streams through an echo server, whole and on the stream that it came on.
 */
#include <arpa/inet.h>
#include <linux/sctp.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define STREAMS 4
#define LONGEST 100000

static char message[LONGEST], back[LONGEST + 1];

static int fail(const char *what)
{
	printf("FAIL %s: ", what);
	fflush(stdout);
	perror(NULL);
	printf("0 passed, 1 failed\n");
	return 1;
}

/* Sends a message on a stream. */
static ssize_t send_on(int fd, unsigned stream, const char *data, size_t size)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct sctp_sndinfo))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(struct sctp_sndinfo)), .cmsg_level = IPPROTO_SCTP, .cmsg_type = SCTP_SNDINFO } };
	struct sctp_sndinfo info = { .snd_sid = (uint16_t)stream };
	struct iovec part = { (void *)data, size };
	struct msghdr all = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };

	memcpy(CMSG_DATA(&control.head), &info, sizeof info);
	return sendmsg(fd, &all, MSG_NOSIGNAL);
}

/* Receives a message, however many parts it comes in. */
static ssize_t receive_on(int fd, unsigned *stream, char *data, size_t size)
{
	size_t have = 0;
	struct msghdr all;

	do {
		char control[CMSG_SPACE(sizeof(struct sctp_rcvinfo))];
		struct iovec part = { data + have, size - have };

		all = (struct msghdr){ .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
		ssize_t got = recvmsg(fd, &all, 0);
		if (got <= 0)
			return got;
		have += (size_t)got;
		struct cmsghdr *head = CMSG_FIRSTHDR(&all);
		if (head != NULL && head->cmsg_type == SCTP_RCVINFO) {
			struct sctp_rcvinfo info;

			memcpy(&info, CMSG_DATA(head), sizeof info);
			*stream = info.rcv_sid;
		}
	} while (!(all.msg_flags & MSG_EOR) && have < size);
	return (ssize_t)have;
}

static int prepared(void)
{
	struct sctp_initmsg streams = { .sinit_num_ostreams = STREAMS, .sinit_max_instreams = STREAMS };
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP), on = 1;

	if (fd < 0 || setsockopt(fd, IPPROTO_SCTP, SCTP_INITMSG, &streams, sizeof streams) != 0 ||
	    setsockopt(fd, IPPROTO_SCTP, SCTP_RECVRCVINFO, &on, sizeof on) != 0)
		return -1;
	return fd;
}

int main(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof at;
	int server = prepared(), client = prepared(), status;

	alarm(60);
	if (server < 0 || client < 0)
		return fail("a socket for SCTP");
	if (bind(server, (void *)&at, sizeof at) != 0 || listen(server, 1) != 0 || getsockname(server, (void *)&at, &length) != 0)
		return fail("listening");
	pid_t child = fork();
	if (child == 0) {
		int peer = accept(server, NULL, NULL);
		ssize_t size;
		unsigned stream = 0;

		close(client);
		while ((size = receive_on(peer, &stream, back, sizeof back)) > 0)
			if (send_on(peer, stream, back, (size_t)size) != size)
				_exit(1);
		_exit(size != 0);
	}
	if (connect(client, (void *)&at, sizeof at) != 0)
		return fail("connecting");
	for (size_t i = 0; i < LONGEST; i++)
		message[i] = (char)(i % 251);
	for (size_t size = 1; size <= LONGEST; size *= 10) {
		for (unsigned stream = 0; stream < STREAMS; stream++) {
			unsigned on = STREAMS;

			if (send_on(client, stream, message, size) != (ssize_t)size)
				return fail("sending");
			if (receive_on(client, &on, back, sizeof back) != (ssize_t)size || on != stream || memcmp(message, back, size) != 0)
				return fail("what comes back");
		}
	}
	close(client);
	if (waitpid(child, &status, 0) != child || status != 0)
		return fail("the server's end");
	printf("ok echo\n1 passed, 0 failed\n");
	return 0;
}
