/*
 * Sockets that are ready together are read together, and then called back one after
 * the other (core/loop/round.go, capi/lease.h). What one callback does to the others
 * must be as if each had been read and called back by itself.
 */
#include "pair.h"

#include <poll.h>
#include <pthread.h>

enum { SIZE = 6 };

struct crowd;

struct member {
	struct crowd *crowd;
	int number;
	qnet_socket *socket;
	int fd; /* its peer */
	qnet_connection ready;
	int calls;
	char got[100];
	bool ended;
};

/* Sockets of one loop; the first that is called back acts. */
struct crowd {
	struct pair pair; /* for its loop and server */
	struct member members[SIZE];
	const char *(*act)(struct member *first);
	const char *why;
	struct member *first;
	int calls;
};

static void read_on(struct member *member)
{
	size_t size = strlen(member->got);
	int64_t n = qnet_socket_read(member->socket, member->got + size, (int64_t)(sizeof member->got - 1 - size));

	member->got[size + (size_t)(n > 0 ? n : 0)] = '\0';
}

static void on_ready(qnet_socket *socket, void *user_data)
{
	struct member *member = user_data;
	struct crowd *crowd = member->crowd;

	if (socket != member->socket)
		crowd->why = "the callback is another socket's";
	member->calls++;
	crowd->calls++;
	if (crowd->first == NULL) {
		crowd->first = member;
		if (crowd->act != NULL && crowd->why == NULL)
			crowd->why = crowd->act(member);
	}
	if (member->socket != NULL)
		read_on(member);
}

static void on_end(qnet_socket *socket, void *user_data)
{
	struct member *member = user_data;

	(void)socket;
	if (member->calls == 0)
		member->crowd->why = "the end came before the data";
	member->ended = true;
}

static const char *crowd_open(struct crowd *crowd)
{
	REQUIRE_OK(pair_prepare(&crowd->pair));
	for (int i = 0; i < SIZE; i++) {
		struct member *member = &crowd->members[i];

		*member = (struct member){ .crowd = crowd, .number = i };
		member->fd = raw_connect(qnet_tcp_server_server_port(crowd->pair.server));
		UNTIL(crowd->pair.loop, qnet_tcp_server_has_pending_connections(crowd->pair.server));
		member->socket = qnet_tcp_server_next_pending_connection(crowd->pair.server);
		REQUIRE(member->fd >= 0 && member->socket != NULL);
		member->ready = qnet_socket_on_ready_read(member->socket, on_ready, member);
		REQUIRE(member->ready != 0);
	}
	return NULL;
}

static void crowd_close(struct crowd *crowd)
{
	for (int i = 0; i < SIZE; i++)
		close(crowd->members[i].fd);
	pair_close(&crowd->pair);
}

static const char *tell_all(struct crowd *crowd, const char *text)
{
	for (int i = 0; i < SIZE; i++)
		REQUIRE(send(crowd->members[i].fd, text, strlen(text), 0) == (ssize_t)strlen(text));
	return NULL;
}

/* Has everybody be ready, in one turn, and act run in the first callback. */
static const char *crowd_act(struct crowd *crowd, const char *(*act)(struct member *))
{
	*crowd = (struct crowd){ .act = act };
	REQUIRE_OK(crowd_open(crowd));
	REQUIRE_OK(tell_all(crowd, "abc"));
	UNTIL(crowd->pair.loop, crowd->calls > 0);
	return crowd->why;
}

/* The member that would be called back after another one, all being well. */
static struct member *other(struct member *member)
{
	return &member->crowd->members[(member->number + 1) % SIZE];
}

/* Checks that all but one have got text in as many callbacks. */
static const char *others_got(struct crowd *crowd, const struct member *except, const char *text, int calls)
{
	for (int i = 0; i < SIZE; i++) {
		const struct member *member = &crowd->members[i];

		if (member == except)
			continue;
		UNTIL(crowd->pair.loop, strlen(member->got) >= strlen(text));
		REQUIRE_TEXT(member->got, text);
		REQUIRE_EQUAL(member->calls, calls);
	}
	return NULL;
}

/* The cases ---------------------------------------------------------------- */

static const char *each_gets_its_own(void)
{
	struct crowd crowd = { 0 };

	REQUIRE_OK(crowd_open(&crowd));
	for (int i = 0; i < SIZE; i++) {
		char text[2] = { (char)('a' + i), '\0' };

		REQUIRE(send(crowd.members[i].fd, text, 1, 0) == 1);
	}
	UNTIL(crowd.pair.loop, crowd.calls == SIZE);
	for (int i = 0; i < SIZE; i++) {
		char text[2] = { (char)('a' + i), '\0' };

		REQUIRE_TEXT(crowd.members[i].got, text);
		REQUIRE_EQUAL(crowd.members[i].calls, 1);
	}
	REQUIRE(crowd.why == NULL);
	crowd_close(&crowd);
	return NULL;
}

static const char *delete_another(struct member *first)
{
	struct member *victim = other(first);

	qnet_socket_delete(victim->socket);
	victim->socket = NULL;
	return NULL;
}

static const char *deleting_another(void)
{
	struct crowd crowd;

	REQUIRE_OK(crowd_act(&crowd, delete_another));
	REQUIRE_OK(others_got(&crowd, other(crowd.first), "abc", 1));
	REQUIRE_EQUAL(other(crowd.first)->calls, 0);
	crowd_close(&crowd);
	return NULL;
}

static const char *abort_another(struct member *first)
{
	qnet_socket_abort(other(first)->socket);
	REQUIRE_EQUAL(qnet_socket_state(other(first)->socket), QNET_UNCONNECTED_STATE);
	return NULL;
}

static const char *aborting_another(void)
{
	struct crowd crowd;

	REQUIRE_OK(crowd_act(&crowd, abort_another));
	REQUIRE_OK(others_got(&crowd, other(crowd.first), "abc", 1));
	REQUIRE_EQUAL(other(crowd.first)->calls, 0);
	crowd_close(&crowd);
	return NULL;
}

static const char *disconnect_another(struct member *first)
{
	REQUIRE(qnet_disconnect(other(first)->ready));
	return NULL;
}

static const char *taking_the_callback_of_another(void)
{
	struct crowd crowd;
	struct member *victim;

	REQUIRE_OK(crowd_act(&crowd, disconnect_another));
	victim = other(crowd.first);
	REQUIRE_OK(others_got(&crowd, victim, "abc", 1));
	UNTIL(crowd.pair.loop, qnet_socket_bytes_available(victim->socket) == 3);
	REQUIRE_EQUAL(victim->calls, 0);
	crowd_close(&crowd);
	return NULL;
}

static const char *read_another(struct member *first)
{
	struct member *victim = other(first);

	read_on(victim);
	return NULL;
}

static const char *reading_another(void)
{
	struct crowd crowd;
	struct member *victim;

	REQUIRE_OK(crowd_act(&crowd, read_another));
	victim = other(crowd.first);
	REQUIRE_OK(others_got(&crowd, victim, "abc", 1));
	UNTIL(crowd.pair.loop, strcmp(victim->got, "abc") == 0);
	/* It goes on to be told. */
	REQUIRE_OK(tell_all(&crowd, "def"));
	UNTIL(crowd.pair.loop, strcmp(victim->got, "abcdef") == 0);
	REQUIRE(victim->calls > 0);
	crowd_close(&crowd);
	return NULL;
}

static const char *wait_for_another(struct member *first)
{
	struct member *victim = other(first);

	REQUIRE(qnet_socket_wait_for_ready_read(victim->socket, 20000));
	REQUIRE_EQUAL(victim->calls, 1);
	REQUIRE_TEXT(victim->got, "abc");
	return NULL;
}

static const char *waiting_for_another(void)
{
	struct crowd crowd;

	REQUIRE_OK(crowd_act(&crowd, wait_for_another));
	REQUIRE_OK(others_got(&crowd, NULL, "abc", 1));
	crowd_close(&crowd);
	return NULL;
}

static const char *serve_the_others(struct member *first)
{
	struct crowd *crowd = first->crowd;

	UNTIL(crowd->pair.loop, crowd->calls == SIZE);
	REQUIRE_OK(others_got(crowd, first, "abc", 1));
	/* And a round within: of all but the one whose callback this is. */
	REQUIRE_OK(tell_all(crowd, "def"));
	UNTIL(crowd->pair.loop, crowd->calls == 2 * SIZE - 1);
	REQUIRE_OK(others_got(crowd, first, "abcdef", 2));
	return NULL;
}

static const char *serving_the_others(void)
{
	struct crowd crowd;

	REQUIRE_OK(crowd_act(&crowd, serve_the_others));
	REQUIRE(crowd.why == NULL);
	UNTIL(crowd.pair.loop, strcmp(crowd.first->got, "abcdef") == 0);
	crowd_close(&crowd);
	return NULL;
}

static const char *start_a_transaction(struct member *first)
{
	qnet_socket_start_transaction(other(first)->socket);
	return NULL;
}

static const char *a_transaction_of_another(void)
{
	struct crowd crowd;
	struct member *victim;

	REQUIRE_OK(crowd_act(&crowd, start_a_transaction));
	victim = other(crowd.first);
	REQUIRE_OK(others_got(&crowd, NULL, "abc", 1));
	qnet_socket_rollback_transaction(victim->socket);
	REQUIRE_EQUAL(qnet_socket_bytes_available(victim->socket), 3);
	crowd_close(&crowd);
	return NULL;
}

static void count(qnet_socket *socket, void *user_data)
{
	(void)socket;
	++*(int *)user_data;
}

static int counted;

static const char *listen_to_another(struct member *first)
{
	REQUIRE(qnet_socket_on_ready_read(other(first)->socket, count, &counted) != 0);
	return NULL;
}

static const char *a_second_callback_for_another(void)
{
	struct crowd crowd;

	counted = 0;
	REQUIRE_OK(crowd_act(&crowd, listen_to_another));
	REQUIRE_OK(others_got(&crowd, NULL, "abc", 1));
	REQUIRE_OK(tell_all(&crowd, "def"));
	REQUIRE_OK(others_got(&crowd, NULL, "abcdef", 2));
	REQUIRE(counted >= 1);
	crowd_close(&crowd);
	return NULL;
}

static const char *the_end_comes_after(void)
{
	struct crowd crowd = { 0 };

	REQUIRE_OK(crowd_open(&crowd));
	for (int i = 0; i < SIZE; i++)
		REQUIRE(qnet_socket_on_disconnected(crowd.members[i].socket, on_end, &crowd.members[i]) != 0);
	REQUIRE_OK(tell_all(&crowd, "abc"));
	for (int i = 0; i < SIZE; i++)
		shutdown(crowd.members[i].fd, SHUT_WR);
	for (int i = 0; i < SIZE; i++)
		UNTIL(crowd.pair.loop, crowd.members[i].ended);
	REQUIRE(crowd.why == NULL);
	REQUIRE_OK(others_got(&crowd, NULL, "abc", 1));
	crowd_close(&crowd);
	return NULL;
}

/* As much as can be written in a callback, by more than can write it at once. */
enum { MUCH = 16 << 10 };

static void write_much(qnet_socket *socket, void *user_data)
{
	static char data[MUCH];
	struct member *member = user_data;

	memset(data, 'a' + member->number, sizeof data);
	read_on(member);
	for (size_t at = 0; at < sizeof data; at += 1 << 10)
		if (qnet_socket_write(socket, data + at, 1 << 10) != 1 << 10)
			member->crowd->why = "a write failed";
	member->calls++;
}

static const char *all_write_much(void)
{
	struct crowd crowd = { 0 };

	REQUIRE_OK(crowd_open(&crowd));
	for (int i = 0; i < SIZE; i++) {
		struct member *member = &crowd.members[i];

		REQUIRE(qnet_disconnect(member->ready));
		REQUIRE(qnet_socket_on_ready_read(member->socket, write_much, member) != 0);
	}
	REQUIRE_OK(tell_all(&crowd, "abc"));
	for (int i = 0; i < SIZE; i++) {
		size_t size = 0;

		while (size < MUCH) {
			char data[4096];
			ssize_t n = recv(crowd.members[i].fd, data, sizeof data, MSG_DONTWAIT);

			for (ssize_t k = 0; k < n; k++)
				REQUIRE(data[k] == 'a' + i);
			size += n > 0 ? (size_t)n : 0;
			qnet_loop_process_events(crowd.pair.loop, 0);
		}
		REQUIRE_EQUAL(size, MUCH);
		REQUIRE_EQUAL(qnet_socket_bytes_to_write(crowd.members[i].socket), 0);
	}
	REQUIRE(crowd.why == NULL);
	crowd_close(&crowd);
	return NULL;
}

/* The others are deleted by another thread while the first is in its callback. */
static void *delete_the_others(void *argument)
{
	struct member *first = argument;

	for (int i = 0; i < SIZE; i++) {
		struct member *member = &first->crowd->members[i];

		if (member != first) {
			qnet_socket_delete(member->socket);
			member->socket = NULL;
		}
	}
	return NULL;
}

static const char *let_another_thread_delete(struct member *first)
{
	pthread_t thread;
	char data[2];

	REQUIRE_EQUAL(qnet_socket_read(first->socket, data, 1), 1);
	REQUIRE(pthread_create(&thread, NULL, delete_the_others, first) == 0);
	pthread_join(thread, NULL);
	REQUIRE_EQUAL(qnet_socket_read(first->socket, data, 2), 2);
	REQUIRE(memcmp(data, "bc", 2) == 0);
	return NULL;
}

static const char *another_thread_deletes(void)
{
	struct crowd crowd;

	REQUIRE_OK(crowd_act(&crowd, let_another_thread_delete));
	for (int i = 0; i < 3; i++)
		qnet_loop_process_events(crowd.pair.loop, 0);
	REQUIRE_EQUAL(crowd.calls, 1);
	crowd_close(&crowd);
	return NULL;
}

static const char *delete_oneself(struct member *first)
{
	qnet_socket *socket = first->socket;

	first->socket = NULL;
	qnet_socket_delete(socket);
	return NULL;
}

static const char *deleting_oneself(void)
{
	struct crowd crowd;

	REQUIRE_OK(crowd_act(&crowd, delete_oneself));
	REQUIRE_OK(others_got(&crowd, crowd.first, "abc", 1));
	crowd_close(&crowd);
	return NULL;
}

static const char *leave_the_loop(struct member *first)
{
	qnet_loop_exit(first->crowd->pair.loop, 5);
	return NULL;
}

static const char *leaving_the_loop(void)
{
	struct crowd crowd = { .act = leave_the_loop };

	REQUIRE_OK(crowd_open(&crowd));
	REQUIRE_OK(tell_all(&crowd, "abc"));
	REQUIRE_EQUAL(qnet_loop_exec(crowd.pair.loop), 5);
	REQUIRE_EQUAL(crowd.calls, 1);
	REQUIRE_OK(others_got(&crowd, NULL, "abc", 1));
	crowd_close(&crowd);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "each_gets_its_own", each_gets_its_own },
		{ "deleting_another", deleting_another },
		{ "aborting_another", aborting_another },
		{ "taking_the_callback_of_another", taking_the_callback_of_another },
		{ "reading_another", reading_another },
		{ "waiting_for_another", waiting_for_another },
		{ "serving_the_others", serving_the_others },
		{ "a_transaction_of_another", a_transaction_of_another },
		{ "a_second_callback_for_another", a_second_callback_for_another },
		{ "the_end_comes_after", the_end_comes_after },
		{ "all_write_much", all_write_much },
		{ "another_thread_deletes", another_thread_deletes },
		{ "deleting_oneself", deleting_oneself },
		{ "leaving_the_loop", leaving_the_loop },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
