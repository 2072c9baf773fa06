/*
 * A client that sends one message after the other, beside others that send without a
 * pause: however long that goes on, a message is answered after a few turns of the
 * loop, and in a turn each of the others is read once. It is counted in turns and
 * reads, not in time.
 *
 * Usage: fairness [--seconds N]    for each case; 500 messages without it
 */
#include "pair.h"

#include <poll.h>
#include <pthread.h>

enum {
	FLOODERS = 3,    /* of each kind */
	MESSAGES = 500,
	MOST_TURNS = 2,  /* until a message is answered */
	IN_ONE_TURN = 3, /* times that a socket may be called back for datagrams */
	AT_ONCE = 64,    /* datagrams that it may read then */
};

enum kind { TCP, LOCAL, UDP, KINDS };

/* Somebody who sends without a pause, until nobody receives any more. */
struct flooder {
	enum kind kind;
	int fd;
	atomic_bool over;
	pthread_t thread;
	qnet_socket *socket; /* the other end */
	int reads;           /* of the socket, in the present turn */
	int64_t bytes;       /* in all */
};

struct field {
	struct pair pair; /* the client's */
	struct flooder flooders[KINDS * FLOODERS];
	int count;
	bool answered;
};

static int seconds; /* for each case, 0: so many messages */

static void *send_on(void *user_data)
{
	static char data[256 << 10];
	struct flooder *flooder = user_data;
	size_t size = flooder->kind == UDP ? 1000 : sizeof data;

	while (!flooder->over && (send(flooder->fd, data, size, MSG_NOSIGNAL) > 0 || flooder->kind == UDP))
		;
	return NULL;
}

static void on_flood(qnet_socket *socket, void *user_data)
{
	struct flooder *flooder = user_data;
	char space[128 << 10]; /* more than one read brings: nothing piles up */

	if (flooder->kind != UDP) {
		flooder->reads++;
		flooder->bytes += qnet_socket_read(socket, space, sizeof space);
		return;
	}
	while (qnet_udp_socket_has_pending_datagrams(socket)) {
		flooder->reads++;
		flooder->bytes += qnet_udp_socket_read_datagram(socket, space, sizeof space, NULL, NULL);
	}
}

static void on_message(qnet_socket *socket, void *user_data)
{
	struct field *field = user_data;
	char space[10];
	int64_t n = qnet_socket_read(socket, space, sizeof space);

	field->answered = qnet_socket_write(socket, space, n) == 4;
}

static const char *field_add(struct field *field, enum kind kind)
{
	struct flooder *flooder = &field->flooders[field->count];
	qnet_loop *loop = field->pair.loop;
	int fds[2] = { -1, -1 };

	*flooder = (struct flooder){ .kind = kind, .fd = -1 };
	switch (kind) {
	case TCP:
		flooder->fd = raw_connect(qnet_tcp_server_server_port(field->pair.server));
		UNTIL(loop, qnet_tcp_server_has_pending_connections(field->pair.server));
		flooder->socket = qnet_tcp_server_next_pending_connection(field->pair.server);
		break;
	case LOCAL:
		REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
		flooder->fd = fds[0];
		flooder->socket = qnet_local_socket_new(loop);
		REQUIRE(qnet_socket_set_socket_descriptor(flooder->socket, fds[1], QNET_CONNECTED_STATE, QNET_READ_WRITE));
		break;
	default:
		flooder->socket = qnet_udp_socket_new(loop);
		REQUIRE(qnet_socket_bind(flooder->socket, QNET_ADDRESS_LOCAL_HOST, 0, QNET_DEFAULT_FOR_PLATFORM));
		flooder->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		REQUIRE(connect(flooder->fd,
		                (struct sockaddr *)&(struct sockaddr_in){ .sin_family = AF_INET,
		                                                          .sin_port = htons(qnet_socket_local_port(flooder->socket)),
		                                                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
		                sizeof(struct sockaddr_in)) == 0);
	}
	REQUIRE(flooder->fd >= 0 && flooder->socket != NULL);
	qnet_socket_on_ready_read(flooder->socket, on_flood, flooder);
	REQUIRE(pthread_create(&flooder->thread, NULL, send_on, flooder) == 0);
	field->count++;
	return NULL;
}

/* Runs a turn, in which nobody may be read more often than is fair. */
static const char *fair_turn(struct field *field)
{
	for (int i = 0; i < field->count; i++)
		field->flooders[i].reads = 0;
	qnet_loop_process_events(field->pair.loop, 0);
	for (int i = 0; i < field->count; i++) {
		struct flooder *flooder = &field->flooders[i];
		int most = flooder->kind == UDP ? IN_ONE_TURN * AT_ONCE : 1;

		if (flooder->reads > most)
			return check_why("a flooder of kind %d is read %d times in a turn, at most %d are fair", flooder->kind,
			                 flooder->reads, most);
	}
	return NULL;
}

/* Sends a message of the client's and waits for the answer. */
static const char *exchange(struct field *field)
{
	struct pollfd found = { .fd = (int)qnet_socket_socket_descriptor(field->pair.client), .events = POLLIN };
	char answer[4];

	REQUIRE(send(field->pair.fd, "ping", 4, MSG_NOSIGNAL) == 4);
	REQUIRE(poll(&found, 1, 10000) == 1);
	field->answered = false;
	for (int turns = 1; !field->answered; turns++) {
		REQUIRE_OK(fair_turn(field));
		REQUIRE(turns < MOST_TURNS || field->answered);
	}
	REQUIRE(recv(field->pair.fd, answer, sizeof answer, MSG_WAITALL) == 4);
	return NULL;
}

static const char *run(struct field *field, int kinds)
{
	int64_t end = check_now() + seconds * INT64_C(1000);
	int messages = 0;

	REQUIRE_OK(pair_open_raw(&field->pair, QNET_READ_WRITE));
	qnet_socket_on_ready_read(field->pair.client, on_message, field);
	for (int kind = TCP; kind < KINDS; kind++)
		for (int i = 0; (kinds & 1 << kind) != 0 && i < FLOODERS; i++)
			REQUIRE_OK(field_add(field, kind));
	/* The system may run their threads late. */
	for (int i = 0; i < field->count; i++)
		UNTIL(field->pair.loop, field->flooders[i].bytes > 0);
	while (seconds > 0 ? check_now() < end : messages < MESSAGES) {
		REQUIRE_OK(exchange(field));
		messages++;
	}
	printf("   %d messages were answered\n", messages);
	return NULL;
}

static const char *field_run(int kinds)
{
	static struct field field;
	const char *why;

	field = (struct field){ 0 };
	check_begin(check_step, 60 + (unsigned)seconds);
	why = run(&field, kinds);
	for (int i = 0; i < field.count; i++) {
		field.flooders[i].over = true;
		qnet_socket_delete(field.flooders[i].socket);
		pthread_join(field.flooders[i].thread, NULL);
		close(field.flooders[i].fd);
	}
	pair_close(&field.pair);
	return why;
}

static const char *tcp(void) { return field_run(1 << TCP); }
static const char *local(void) { return field_run(1 << LOCAL); }
static const char *udp(void) { return field_run(1 << UDP); }
static const char *all(void) { return field_run((1 << KINDS) - 1); }

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "beside_tcp", tcp },
		{ "beside_local", local },
		{ "beside_datagrams", udp },
		{ "beside_all", all },
	};

	if (argc == 3 && strcmp(argv[1], "--seconds") == 0) {
		seconds = atoi(argv[2]);
		argc = 1;
	}
	return check_main(cases, LENGTH(cases), argc, argv);
}
