/*
 * Hosts that have closed their standard streams: no descriptor of the library
 * keeps such a number, or what the program prints would go to a peer. Where the
 * library does not open them itself, what has the number cannot be used.
 */
#include "host.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { STREAMS = 3 };

static bool closed[STREAMS];

/* Closes the streams in the set, a bit each; fd, whose number is a large one, stays for the test's own words. */
static int close_streams(int set)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);

	for (int i = 0; i < STREAMS; i++)
		if ((closed[i] = (set >> i & 1) != 0))
			close(i);
	return fd;
}

static const char *streams_are_closed(void)
{
	for (int i = 0; i < STREAMS; i++)
		if (closed[i] && fcntl(i, F_GETFD) >= 0)
			return check_why("%d is open", i);
	return NULL;
}

/* A local connection on which a descriptor comes along. */
static const char *pass_descriptors(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_local_server *server = qnet_local_server_new(loop);
	qnet_socket *client = qnet_local_socket_new(loop), *peer;
	intptr_t sent = qnet_loop_fd(loop), got = -1; /* any one will do */

	REQUIRE(qnet_local_server_listen(server, "streams"));
	qnet_local_socket_connect_to_server(client, "streams", QNET_READ_WRITE);
	REQUIRE_EQUAL(qnet_socket_state(client), QNET_CONNECTED_STATE);
	REQUIRE(qnet_local_server_has_pending_connections(server) || qnet_local_server_wait_for_new_connection(server, 10000, NULL));
	peer = qnet_local_server_next_pending_connection(server);
	qnet_local_socket_set_receives_descriptors(peer, true);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(client, "x", 1, &sent, 1), 1);
	REQUIRE(qnet_socket_flush(client));
	REQUIRE(qnet_socket_wait_for_ready_read(peer, 10000));
	REQUIRE_EQUAL(qnet_local_socket_take_descriptors(peer, &got, 1), 1);
	REQUIRE(got >= STREAMS);
	REQUIRE_OK(streams_are_closed());
	close((int)got);
	qnet_socket_delete(client);
	qnet_local_server_delete(server);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *send_datagram(void)
{
	qnet_socket *one = qnet_udp_socket_new(NULL), *other = qnet_udp_socket_new(NULL);

	REQUIRE(qnet_socket_bind(other, QNET_ADDRESS_LOCAL_HOST, 0, QNET_DEFAULT_FOR_PLATFORM));
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(one, "x", 1, QNET_ADDRESS_LOCAL_HOST, qnet_socket_local_port(other)), 1);
	REQUIRE(qnet_socket_wait_for_ready_read(other, 10000));
	REQUIRE_OK(streams_are_closed());
	qnet_socket_delete(one);
	qnet_socket_delete(other);
	return NULL;
}

static const char *use_all(void)
{
	struct host_traffic traffic = { 0 };
	qnet_host_info *info;

	REQUIRE_OK(host_talk());
	REQUIRE_OK(pass_descriptors());
	REQUIRE_OK(send_datagram());
	REQUIRE_OK(host_traffic_start(&traffic));
	REQUIRE_OK(host_traffic_goes_on(&traffic, 100));
	REQUIRE_OK(streams_are_closed());
	REQUIRE(!qnet_socket_wait_for_disconnected(traffic.pair.client, 1)); /* on another thread than the loop's */
	REQUIRE_OK(streams_are_closed());
	REQUIRE_OK(host_traffic_stop(&traffic));
	info = qnet_host_info_from_name("localhost");
	REQUIRE(qnet_host_info_address_count(info) > 0);
	qnet_host_info_delete(info);
	return streams_are_closed();
}

static const char *use_without(int set)
{
	int words = close_streams(set);
	const char *why = host_call() ? streams_are_closed() : "the first call fails";

	for (int i = 0; why == NULL && i < 5; i++)
		why = use_all();
	dup2(words, STDERR_FILENO);
	return why;
}

static const char *without_input(void) { return use_without(1); }
static const char *without_output(void) { return use_without(2); }
static const char *without_both(void) { return use_without(3); }
static const char *without_errors(void) { return use_without(4); }
static const char *without_any(void) { return use_without(7); }

/* ------------------------------------------------------------------------- */
/* While names are looked up, with a name server of the test's own. */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool whole = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return whole;
}

/* Gives the process files and a network of its own; returns false if that is not allowed. */
static bool leave_the_machine(void)
{
	char map[40];
	uid_t user = getuid();

	if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) != 0)
			return false;
		snprintf(map, sizeof map, "0 %u 1", (unsigned)user);
		if (!write_file("/proc/self/uid_map", map))
			return false;
	}
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static const char *raise_loopback(void)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	REQUIRE(ioctl(fd, SIOCGIFFLAGS, &lo) == 0);
	lo.ifr_flags |= IFF_UP;
	REQUIRE(ioctl(fd, SIOCSIFFLAGS, &lo) == 0);
	close(fd);
	return NULL;
}

/* Has a file of /etc say something else; the file that is put over it goes. */
static const char *replace(const char *path, const char *text)
{
	char name[] = "/tmp/qnet-streams-XXXXXX";
	int fd = mkstemp(name);

	REQUIRE(fd >= 0);
	close(fd);
	REQUIRE(write_file(name, text));
	REQUIRE(chmod(name, 0644) == 0);
	if (mount(name, path, NULL, MS_BIND, NULL) != 0)
		return check_why("%s cannot be replaced: %s", path, strerror(errno));
	unlink(name);
	return NULL;
}

struct name_server {
	int fd;             /* a large number */
	const char *why;    /* a standard stream could be used while a question was there */
	atomic_int answers; /* how many have been given */
};

/* Reports whether the program could read from a stream that it has closed, or write to it. */
static bool is_usable(int fd)
{
	return read(fd, NULL, 0) == 0 || errno != EBADF || write(fd, NULL, 0) == 0 || errno != EBADF;
}

/*
 * Reports whether it stays so while a question waits for its answer: the socket of another
 * question has a free number until it is moved.
 */
static bool stays_usable(int fd)
{
	for (int64_t end = check_now() + 1000; is_usable(fd); sched_yield())
		if (check_now() > end)
			return true;
	return false;
}

/* Answers every question with 192.0.2.1, or with nothing. */
static void *serve_names(void *argument)
{
	static const unsigned char record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1 };
	struct name_server *server = argument;
	unsigned char message[600];
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	ssize_t length;

	while ((length = recvfrom(server->fd, message, 512, 0, (struct sockaddr *)&from, &size)) > 12) {
		size_t end = 12;

		for (int i = 0; i < STREAMS; i++)
			if (closed[i] && stays_usable(i))
				server->why = "a name server is spoken with through a standard stream";
		while (end < (size_t)length && message[end] != 0)
			end += message[end] + 1u;
		end += 5;
		message[2] |= 0x80; /* an answer */
		message[3] = 0x80;
		message[7] = message[end - 3] == 1; /* how many records: one of type A */
		memset(message + 8, 0, 4);
		memcpy(message + end, record, sizeof record);
		sendto(server->fd, message, end + (message[7] ? sizeof record : 0), 0, (struct sockaddr *)&from, size);
		server->answers++;
		size = sizeof from;
	}
	return NULL;
}

/* Looks a name up in the way that a line of /etc/nsswitch.conf says. */
static const char *ask_without_any(const char *order)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct name_server server = { .fd = -1 };
	qnet_host_info *info;
	pthread_t thread;
	int words, fd;

	if (!leave_the_machine()) {
		check_skipped = "there can be no namespaces";
		return NULL;
	}
	REQUIRE_OK(raise_loopback());
	REQUIRE_OK(replace("/etc/resolv.conf", "nameserver 127.0.0.1\n"));
	REQUIRE_OK(replace("/etc/nsswitch.conf", order));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	server.fd = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	close(fd);
	REQUIRE(bind(server.fd, (struct sockaddr *)&at, sizeof at) == 0);
	words = close_streams(7);
	REQUIRE_EQUAL(pthread_create(&thread, NULL, serve_names, &server), 0);
	info = qnet_host_info_from_name("streams.test");
	dup2(words, STDERR_FILENO);
	closed[STDERR_FILENO] = false;
	REQUIRE_EQUAL(qnet_host_info_address_count(info), 1);
	REQUIRE(server.answers > 0);
	REQUIRE_OK(server.why);
	REQUIRE_OK(streams_are_closed());
	qnet_host_info_delete(info);
	shutdown(server.fd, SHUT_RDWR);
	pthread_join(thread, NULL);
	return NULL;
}

static const char *while_the_library_asks(void) { return ask_without_any("hosts: files dns\n"); }
static const char *while_the_c_library_asks(void) { return ask_without_any("hosts: dns [!UNAVAIL=return] files\n"); }

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "without_input", without_input, 0, 1, NULL },
		{ "without_output", without_output, 0, 1, NULL },
		{ "without_both", without_both, 0, 1, NULL },
		{ "without_errors", without_errors, 0, 1, NULL },
		{ "without_any", without_any, 0, 3, NULL },
		{ "while_the_library_asks", while_the_library_asks, 0, 1, NULL },
		{ "while_the_c_library_asks", while_the_c_library_asks, 0, 1, NULL },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
