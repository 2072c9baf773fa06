/*
 * Fuzzes the API: an input is a program of calls, which one to four threads make
 * on the same objects, with callbacks that make calls themselves. At its end
 * everything is deleted, and nothing may be left.
 *
 * An input is a header of one byte and records of RECORD bytes:
 *
 *	where	bits 0-3: a thread's program (0-7) or a script (8-15), which
 *		callbacks run; bit 4: a step of the fuzzer's own, else a call;
 *		bits 5-7, if all are set: that step is one of TLS
 *	code	two bytes: which step or call
 *	...	what its arguments are picked from
 *
 * What was found is run again with its file as the argument. With QNET_FUZZ_TRACE
 * each step is printed. With QNET_FUZZ_LAST the input under way is kept in that
 * file, also if the process ends without libFuzzer's doing.
 *
 * The corpus that is kept is the smallest that reaches all that is known to be
 * reached; to make it anew from what was found, in another folder:
 *
 *	fuzz_api -set_cover_merge=1 -use_counters=0 -max_len=1024 FOLDER build/fuzz/corpus/api corpus/api
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "../ssl_files.h"
#include "../stacks.h"
#include "finding.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void keep_message_handler(qnet_message_handler handler, void *user_data);
static int exec_for_a_while(qnet_loop *loop);
static bool shoot_soon(qnet_loop *loop, int msec, qnet_loop_callback callback, void *user_data);

#include "fuzz_table.h"

enum { HEADER = 1, RECORD = 10, STEPS = 64, SCRIPT_STEPS = 16, BUDGET = 600 };

static bool tracing;
static char folder[] = "/tmp/qnet-fuzz-XXXXXX"; /* of the local servers */

/* Findings ------------------------------------------------------------------ */

static void handle_message(qnet_msg_type type, const char *text, void *user_data)
{
	(void)user_data;
	if (tracing)
		fprintf(stderr, "    %s\n", text);
	if (type != QNET_WARNING_MSG)
		blame("message of type %d: %s", type, text);
}

static void keep_message_handler(qnet_message_handler handler, void *user_data)
{
	(void)handler;
	qnet_set_message_handler(handle_message, user_data);
}

/* Executions of loops ------------------------------------------------------- */

/* The loops that are being executed, which the ticker ends. */
static qnet_loop *_Atomic executed[2 * THREADS * DEPTH];
static atomic_int executions;
static pthread_mutex_t ticker_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ticker_wake = PTHREAD_COND_INITIALIZER;

static void *tick(void *nothing)
{
	const struct timespec pause = { .tv_nsec = 500000 };

	(void)nothing;
	for (;;) {
		pthread_mutex_lock(&ticker_lock);
		while (executions == 0)
			pthread_cond_wait(&ticker_wake, &ticker_lock);
		pthread_mutex_unlock(&ticker_lock);
		nanosleep(&pause, NULL);
		for (size_t i = 0; i < LENGTH(executed); i++) {
			qnet_loop *loop = executed[i];

			if (loop != NULL)
				qnet_loop_exit(loop, (int)i);
		}
	}
	return NULL;
}

static int exec_for_a_while(qnet_loop *loop)
{
	size_t at = (size_t)(this_thread * DEPTH + this_depth);
	int result;

	if (loop == NULL)
		loop = qnet_loop_default();
	executed[at] = loop;
	pthread_mutex_lock(&ticker_lock);
	executions++;
	pthread_cond_signal(&ticker_wake);
	pthread_mutex_unlock(&ticker_lock);
	result = qnet_loop_exec(loop);
	executed[at] = NULL;
	pthread_mutex_lock(&ticker_lock);
	executions--;
	pthread_mutex_unlock(&ticker_lock);
	return result;
}

/* The default loop outlives the input, so that nothing is left to it for long. */
static bool shoot_soon(qnet_loop *loop, int msec, qnet_loop_callback callback, void *user_data)
{
	return qnet_timer_single_shot(loop, msec > 20 ? 20 : msec, callback, user_data);
}

/* Programs ------------------------------------------------------------------ */

struct program {
	const uint8_t *steps[STEPS];
	int count;
};

static struct program programs[THREADS], scripts[SCRIPTS];
enum { LONG = 3 }; /* seconds that only a wait for a proxy takes */
static atomic_int budget; /* of steps: an input must come to an end */

/* What each thread does, at each depth, and how many steps it has begun or ended, for the watchdog. */
static const char *_Atomic doing[THREADS][DEPTH];
static atomic_uint moves[THREADS];

static void run_step(const uint8_t *record, struct object *self);

/* Returns one of the scripts that do something, if there are any. */
static int find_script(unsigned wanted)
{
	int found[SCRIPTS], count = 0;

	for (int i = 0; i < SCRIPTS; i++)
		if (scripts[i].count > 0)
			found[count++] = i;
	return count == 0 ? 0 : found[wanted % (unsigned)count];
}

static void run_script(struct call *call)
{
	const struct program *script;

	if (call->script >= SCRIPTS || this_depth >= DEPTH - 1)
		return;
	script = &scripts[call->script];
	this_depth++;
	for (int i = 0; i < script->count; i++) {
		call->input.bytes = script->steps[i] + 3;
		call->input.size = RECORD - 3;
		run_step(script->steps[i], call->input.self);
	}
	this_depth--;
}

/* Steps of the fuzzer's own -------------------------------------------------- */

static qnet_loop *pick_loop(struct input *in)
{
	return pick_live(in, KIND_LOOP);
}

static void turn(struct input *in)
{
	qnet_loop *loop = pick_loop(in);

	for (int turns = 1 + pick_byte(in) % 8; turns > 0; turns--)
		qnet_loop_process_events(loop, 0);
}

static void wait_a_turn(struct input *in)
{
	qnet_loop_process_events(pick_loop(in), 1);
}

static qnet_tcp_server *listen_tcp(struct input *in)
{
	qnet_tcp_server *server = qnet_tcp_server_new(pick_loop(in));
	const qnet_host_address *address = pick_bool(in) ? QNET_ADDRESS_LOCAL_HOST : QNET_ADDRESS_ANY;

	keep(KIND_TCP_SERVER, server);
	if (qnet_tcp_server_listen(server, address, 0))
		remember_port(qnet_tcp_server_server_port(server));
	return server;
}

static void step_listen_tcp(struct input *in)
{
	listen_tcp(in);
}

/* Keeps the other end of a connection too, and mostly has a script run for what comes. */
static void listen_to_both(struct input *in, qnet_socket *one, qnet_socket *other)
{
	keep(KIND_SOCKET, other);
	if (pick_byte(in) < 0xc0) {
		remember(qnet_socket_on_ready_read(one, fire_qnet_socket_callback, pick_script(in, one)));
		remember(qnet_socket_on_ready_read(other, fire_qnet_socket_callback, pick_script(in, other)));
	}
}

static void tcp_pair(struct input *in)
{
	qnet_tcp_server *server = listen_tcp(in);
	qnet_socket *socket = qnet_tcp_socket_new(pick_loop(in));

	keep(KIND_SOCKET, socket);
	qnet_socket_connect_to_address(socket, QNET_ADDRESS_LOCAL_HOST, qnet_tcp_server_server_port(server), QNET_READ_WRITE);
	qnet_socket_wait_for_connected(socket, 5);
	qnet_tcp_server_wait_for_new_connection(server, 5, NULL);
	listen_to_both(in, socket, qnet_tcp_server_next_pending_connection(server));
}

static qnet_local_server *listen_local(struct input *in, const char *name)
{
	qnet_local_server *server = qnet_local_server_new(pick_loop(in));

	keep(KIND_LOCAL_SERVER, server);
	if (pick_bool(in))
		qnet_local_server_set_socket_options(server, QNET_ABSTRACT_NAMESPACE_OPTION);
	qnet_local_server_listen(server, name);
	return server;
}

static void step_listen_local(struct input *in)
{
	listen_local(in, "a");
}

static void local_pair(struct input *in)
{
	static const char *const names[] = { "b", "c" };
	const char *name = names[pick_bool(in)];
	qnet_local_server *server = listen_local(in, name);
	qnet_socket *one = qnet_local_socket_new(pick_loop(in)), *other;
	bool receives = pick_bool(in);

	keep(KIND_SOCKET, one);
	qnet_local_socket_set_socket_options(one, qnet_local_server_socket_options(server) & QNET_ABSTRACT_NAMESPACE_OPTION);
	qnet_local_socket_set_receives_descriptors(one, receives);
	qnet_local_socket_connect_to_server(one, name, QNET_READ_WRITE);
	qnet_local_server_wait_for_new_connection(server, 5, NULL);
	other = qnet_local_server_next_pending_connection(server);
	qnet_local_socket_set_receives_descriptors(other, receives);
	listen_to_both(in, one, other);
}

static void udp_pair(struct input *in)
{
	qnet_socket *one = qnet_udp_socket_new(pick_loop(in)), *other = qnet_udp_socket_new(pick_loop(in));

	keep(KIND_SOCKET, one);
	keep(KIND_SOCKET, other);
	qnet_socket_bind(one, QNET_ADDRESS_LOCAL_HOST, 0, 0);
	remember_port(qnet_socket_local_port(one));
	if (pick_bool(in))
		qnet_socket_connect_to_address(other, QNET_ADDRESS_LOCAL_HOST, qnet_socket_local_port(one), QNET_READ_WRITE);
	else
		qnet_socket_bind(other, QNET_ADDRESS_LOCAL_HOST, 0, 0);
	remember_port(qnet_socket_local_port(other));
	listen_to_both(in, one, other);
}

static void accept_all(struct input *in)
{
	qnet_tcp_server *tcp = pick_live(in, KIND_TCP_SERVER);
	qnet_local_server *local = pick_live(in, KIND_LOCAL_SERVER);

	for (int i = 0; i < 4; i++) {
		keep(KIND_SOCKET, qnet_tcp_server_next_pending_connection(tcp));
		keep(KIND_SOCKET, qnet_local_server_next_pending_connection(local));
	}
}

/* One script for the usual signals of a socket or server. */
static void register_scripts(struct input *in)
{
	uint8_t b = pick_byte(in);
	void *handle = pick_live(in, b < 0xc0 ? KIND_SOCKET : b < 0xe0 ? KIND_TCP_SERVER : KIND_LOCAL_SERVER);
	const struct object *o = find_object(handle);
	uint8_t which = pick_byte(in);
	void *script = pick_script(in, handle);

	if (o == NULL)
		return;
	if (o->kind == KIND_TCP_SERVER) {
		remember(qnet_tcp_server_on_new_connection(handle, fire_qnet_tcp_server_callback, script));
		return;
	}
	if (o->kind == KIND_LOCAL_SERVER) {
		remember(qnet_local_server_on_new_connection(handle, fire_qnet_local_server_callback, script));
		return;
	}
	if (which & 1)
		remember(qnet_socket_on_ready_read(handle, fire_qnet_socket_callback, script));
	if (which & 2)
		remember(qnet_socket_on_disconnected(handle, fire_qnet_socket_callback, script));
	if (which & 4)
		remember(qnet_socket_on_error_occurred(handle, fire_qnet_socket_error_callback, script));
	if (which & 8)
		remember(qnet_socket_on_bytes_written(handle, fire_qnet_socket_bytes_callback, script));
	if (which & 16)
		remember(qnet_socket_on_state_changed(handle, fire_qnet_socket_state_callback, script));
	if (which & 32)
		remember(qnet_socket_on_read_channel_finished(handle, fire_qnet_socket_callback, script));
	if (which & 64)
		remember(qnet_socket_on_about_to_close(handle, fire_qnet_socket_callback, script));
	if (which & 128)
		remember(qnet_socket_on_connected(handle, fire_qnet_socket_callback, script));
}

static void raw_connect_tcp(struct input *in)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	to.sin_port = htons(pick_port(in));
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) {
		close(fd);
		return;
	}
	put_raw(pick_byte(in), fd);
}

static void raw_connect_local(struct input *in)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	char name = (char)('a' + pick_byte(in) % 3);
	socklen_t size = sizeof to;

	if (pick_bool(in)) {
		to.sun_path[1] = name;
		size = offsetof(struct sockaddr_un, sun_path) + 2;
	} else {
		snprintf(to.sun_path, sizeof to.sun_path, "%s/%c", folder, name);
	}
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, size) != 0) {
		close(fd);
		return;
	}
	put_raw(pick_byte(in), fd);
}

static void raw_write(struct input *in)
{
	unsigned which = pick_byte(in);
	const void *data = pick_array(in, 1, 0);
	int fd = take_raw(which);

	if (fd < 0)
		return;
	if (data != NULL)
		send(fd, data, (size_t)in->room, MSG_DONTWAIT | MSG_NOSIGNAL | (pick_byte(in) > 0xf0 ? MSG_OOB : 0));
	put_raw(which, fd);
}

/* Sends a descriptor along with the data. */
static void raw_send_descriptor(struct input *in)
{
	unsigned which = pick_byte(in);
	int fd = take_raw(which), sent = STDERR_FILENO;
	union {
		char space[CMSG_SPACE(sizeof sent)];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec part = { (void *)"descriptor", 1 + pick_byte(in) % 10 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };

	if (fd < 0)
		return;
	control.align = (struct cmsghdr){ CMSG_LEN(sizeof sent), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.align), &sent, sizeof sent);
	sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	put_raw(which, fd);
}

static void raw_read(struct input *in)
{
	unsigned which = pick_byte(in);
	void *data = pick_array(in, 1, 0);
	int fd = take_raw(which);

	if (fd < 0)
		return;
	if (data != NULL && recv(fd, data, (size_t)in->room, MSG_DONTWAIT) > in->room)
		blame("the system is out of order");
	put_raw(which, fd);
}

static void raw_end(struct input *in)
{
	unsigned which = pick_byte(in);
	const struct linger reset = { .l_onoff = 1 };
	int fd = take_raw(which);

	if (fd < 0)
		return;
	switch (pick_byte(in) % 4) {
	case 0:
		shutdown(fd, SHUT_WR);
		put_raw(which, fd);
		return;
	case 1:
		shutdown(fd, SHUT_RD);
		put_raw(which, fd);
		return;
	case 2:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		break;
	}
	close(fd);
}

static void poll_loop(struct input *in)
{
	qnet_loop *loop = pick_loop(in);
	struct pollfd one = { .fd = qnet_loop_fd(loop), .events = POLLIN };

	if (one.fd >= 0 && poll(&one, 1, 0) > 0)
		qnet_loop_process_events(loop, 0);
}

static void yield_processor(struct input *in)
{
	(void)in;
	sched_yield();
}

static void write_some(struct input *in)
{
	qnet_socket *socket = pick_live(in, KIND_SOCKET);
	const void *data = pick_array(in, 1, 0);

	qnet_socket_write(socket, data, in->room);
	if (pick_bool(in))
		qnet_socket_flush(socket);
}

static void read_some(struct input *in)
{
	qnet_socket *socket = pick_live(in, KIND_SOCKET);
	void *data = pick_array(in, 1, 0);
	/* In readyRead these two need no lock, as long as there is no other call. */
	int64_t available = qnet_socket_bytes_available(socket), n = qnet_socket_read(socket, data, in->room);

	check_room(in, n);
	check_count(available);
	/* What is not in the socket's buffer may become more meanwhile. */
	if (n > available && single_threaded && qnet_socket_socket_type(socket) != QNET_UDP_SOCKET &&
	    !(qnet_socket_open_mode(socket) & QNET_UNBUFFERED))
		blame("%lld bytes read of %lld", (long long)n, (long long)available);
}

#include "fuzz_ssl.h"

struct step {
	const char *name;
	void (*run)(struct input *in);
};

static const struct step steps[] = {
	{ "turn", turn },
	{ "turn", turn },
	{ "wait_a_turn", wait_a_turn },
	{ "listen_tcp", step_listen_tcp },
	{ "tcp_pair", tcp_pair },
	{ "listen_local", step_listen_local },
	{ "local_pair", local_pair },
	{ "udp_pair", udp_pair },
	{ "accept_all", accept_all },
	{ "register_scripts", register_scripts },
	{ "register_scripts", register_scripts },
	{ "raw_connect_tcp", raw_connect_tcp },
	{ "raw_connect_local", raw_connect_local },
	{ "raw_write", raw_write },
	{ "raw_send_descriptor", raw_send_descriptor },
	{ "raw_read", raw_read },
	{ "raw_end", raw_end },
	{ "poll_loop", poll_loop },
	{ "yield_processor", yield_processor },
	{ "write_some", write_some },
	{ "read_some", read_some },
};

static const struct step ssl_steps[] = {
	{ "ssl_pair", ssl_pair },
	{ "ssl_pair", ssl_pair },
	{ "ssl_later", ssl_later },
	{ "ssl_apart", ssl_apart },
	{ "ssl_relay", ssl_relay },
	{ "ssl_relay", ssl_relay },
	{ "ssl_configure", ssl_configure },
	{ "ssl_resume", ssl_resume },
	{ "ssl_decide", ssl_decide },
};

/* Running ------------------------------------------------------------------- */

/* Returns the call of the next code from this on. */
static const struct instruction *find_instruction(unsigned code)
{
	size_t low = 0, high = LENGTH(instructions);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (instructions[middle].code < code)
			low = middle + 1;
		else
			high = middle;
	}
	return &instructions[low % LENGTH(instructions)];
}

static void note_step(const char *name)
{
	doing[this_thread][this_depth] = name;
	moves[this_thread]++;
}

static void run_step(const uint8_t *record, struct object *self)
{
	struct input in = {
		.bytes = record + 3,
		.size = RECORD - 3,
		.thread = this_thread,
		.depth = this_depth,
		.made = -1,
		.self = self,
	};
	unsigned code = (unsigned)record[1] << 8 | record[2];
	time_t begun = time(NULL);

	if (budget-- <= 0)
		return;
	if (record[0] & 16) {
		const struct step *step = (record[0] & 0xe0) == 0xe0 ? &ssl_steps[code % LENGTH(ssl_steps)] : &steps[code % LENGTH(steps)];

		if (tracing)
			fprintf(stderr, "%d.%d %s\n", this_thread, this_depth, step->name);
		note_step(step->name);
		step->run(&in);
	} else {
		const struct instruction *instruction = find_instruction(code);

		if (tracing)
			fprintf(stderr, "%d.%d %s\n", this_thread, this_depth, instruction->name);
		note_step(instruction->name);
		instruction->run(&in);
	}
	note_step(NULL);
	if (time(NULL) - begun >= LONG)
		budget = 0; /* it has waited for a proxy that says nothing: once is enough */
}

/* Says, once, what all threads do if one of them is in the same step for longer than any should take. */
static void *watch_steps(void *nothing)
{
	enum { PATIENCE = 10 };
	unsigned seen[THREADS] = { 0 };
	int seconds[THREADS] = { 0 };
	bool late = false;

	(void)nothing;
	while (!late) {
		sleep(1);
		for (int i = 0; i < THREADS; i++) {
			seconds[i] = doing[i][0] != NULL && moves[i] == seen[i] ? seconds[i] + 1 : 0;
			seen[i] = moves[i];
			late = late || seconds[i] > PATIENCE;
		}
	}
	for (int i = 0; i < THREADS * DEPTH; i++) {
		const char *name = doing[i / DEPTH][i % DEPTH];

		if (name != NULL)
			fprintf(stderr, "thread %d, depth %d, for %d s: %s\n", i / DEPTH, i % DEPTH, seconds[i / DEPTH], name);
	}
	dump_stacks();
	return NULL;
}

static void *run_program(void *program)
{
	const struct program *p = program;

	this_thread = (int)(p - programs);
	this_depth = 0;
	for (int i = 0; i < p->count; i++)
		run_step(p->steps[i], NULL);
	for (size_t i = 0; i < LENGTH(proxies); i++)
		qnet_network_proxy_clear(&proxies[i]);
	return NULL;
}

static void add(struct program *p, const uint8_t *record, int limit)
{
	if (p->count < limit)
		p->steps[p->count++] = record;
}

/* What must be left as it was ------------------------------------------------ */

/*
 * Counts the descriptors, but for eventfds, of which the default loop keeps a few
 * for those who wait, and for pipes, which only the sanitizers make.
 */
static int count_descriptors(bool print)
{
	DIR *all = opendir("/proc/self/fd");
	struct dirent *entry;
	int count = 0;

	if (all == NULL)
		blame("/proc/self/fd: %m");
	while ((entry = readdir(all)) != NULL) {
		char target[256];
		ssize_t length = readlinkat(dirfd(all), entry->d_name, target, sizeof target - 1);

		if (length < 0 || atoi(entry->d_name) == dirfd(all))
			continue;
		target[length] = '\0';
		if (print)
			fprintf(stderr, "descriptor %s: %s\n", entry->d_name, target);
		if (strcmp(target, "anon_inode:[eventfd]") != 0 && strncmp(target, "pipe:", 5) != 0)
			count++;
	}
	closedir(all);
	return count;
}

static int descriptors_before;

static void check_descriptors(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	/* What looks names up is given up, and ends a little later. */
	for (int patience = 3000; count_descriptors(false) > descriptors_before; patience--) {
		if (patience == 0) {
			count_descriptors(true);
			blame("descriptors are left");
		}
		nanosleep(&pause, NULL);
	}
}

static void check_files(void)
{
	DIR *all = opendir(folder);
	struct dirent *entry;

	while (all != NULL && (entry = readdir(all)) != NULL)
		if (entry->d_name[0] != '.')
			blame("the file %s is left", entry->d_name);
	if (all != NULL)
		closedir(all);
}

#ifndef QNET_FUZZ_REPLAY
size_t __sanitizer_get_current_allocated_bytes(void);
#else
static size_t __sanitizer_get_current_allocated_bytes(void)
{
	return 0;
}
#endif

/*
 * Sees that no memory of C's is lost: what one input leaves may be a deleted
 * handle, of one byte, that is remembered for a while; never much in all.
 */
static void check_memory(size_t before)
{
	static int64_t left;

	left += (int64_t)(__sanitizer_get_current_allocated_bytes() - before);
	if (tracing)
		fprintf(stderr, "%lld bytes are left\n", (long long)left);
	if (left > 1 << 17)
		blame("%lld bytes were lost", (long long)left);
}

/* Deletes everything and sees that it has gone. */
static void delete_all(bool backwards)
{
	int count = object_count, turns = 0;

	this_thread = 0;
	this_depth = 0;
	budget = 0; /* the callbacks do nothing any more */
	note_step("the deletion of all");
	for (int i = 0; i < count; i++) {
		struct object *o = &objects[backwards ? count - 1 - i : i];

		if (o->kind == KIND_LOOP || o->gone)
			continue;
		delete_handle(o->kind, o->handle);
		if (kind_is_watched[o->kind] && !o->gone)
			blame("object %d, of kind %d, is deleted but was not destroyed", (int)(o - objects), o->kind);
		o->gone = true;
	}
	for (int i = 0; i < count; i++)
		if (objects[i].kind == KIND_LOOP && !objects[i].gone && objects[i].handle != qnet_loop_default())
			qnet_loop_delete(objects[i].handle);
	for (int i = 0; i < RAWS; i++) {
		int fd = take_raw(0);

		if (fd >= 0)
			close(fd);
	}
	while (qnet_loop_process_events(NULL, 0))
		if (turns++ > 10000)
			blame("the default loop does not become idle");
	note_step(NULL);
}

/* libFuzzer's entry points --------------------------------------------------- */

const char *__asan_default_options(void);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* Goes on in a network of our own, where the system allows that. */
static void move_away(char **argv)
{
	struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd;

	if (getenv("QNET_FUZZ_ALONE") != NULL) {
		alone = true;
		return;
	}
	if (unshare(CLONE_NEWNET) != 0) {
		fprintf(stderr, "no network of our own: %m\n");
		return;
	}
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &loopback) != 0)
		blame("the loopback interface: %m");
	close(fd);
	/* Other threads are in the old one: none goes along. */
	setenv("QNET_FUZZ_ALONE", "1", 1);
	execv("/proc/self/exe", argv);
	blame("/proc/self/exe: %m");
}

static char *last;
enum { LAST_SIZE = 1 << 16 };

static void open_last(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0 || ftruncate(fd, LAST_SIZE) != 0)
		blame("%s: %m", path);
	last = mmap(NULL, LAST_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (last == MAP_FAILED)
		blame("%s: %m", path);
	close(fd);
}

static void remove_folder(void)
{
	rmdir(folder);
}

/* Go's memory is not searched for pointers, so that each handle looks leaked. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	pthread_t ticker, watchdog;
	char *path = getenv("QNET_FUZZ_LAST");

	(void)argc;
	move_away(*argv);
	tracing = getenv("QNET_FUZZ_TRACE") != NULL;
	if (path != NULL)
		open_last(path);
	if (mkdtemp(folder) == NULL)
		blame("%s: %m", folder);
	atexit(remove_folder);
	setenv("TMPDIR", folder, 1);
	make_areas();
	for (int i = 0; i < RAWS; i++)
		raws[i] = -1;
	qnet_set_message_handler(handle_message, NULL);
	if (pthread_create(&ticker, NULL, tick, NULL) != 0 || pthread_create(&watchdog, NULL, watch_steps, NULL) != 0)
		blame("no thread");
	return 0;
}

/* Makes what is made once and stays. */
static void begin(void)
{
	static const int signals[] = { SIGALRM, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXFSZ };
	qnet_socket *socket = qnet_udp_socket_new(NULL);

	/* Go's stacks are small: libFuzzer's handlers must run on the alternate one. */
	for (size_t i = 0; i < LENGTH(signals); i++) {
		struct sigaction action;

		sigaction(signals[i], NULL, &action);
		action.sa_flags |= SA_ONSTACK;
		sigaction(signals[i], &action, NULL);
	}
	qnet_host_info_delete(qnet_host_info_from_name("localhost"));
	qnet_socket_bind(socket, QNET_ADDRESS_LOCAL_HOST, 0, 0);
	qnet_socket_wait_for_ready_read(socket, 1);
	qnet_socket_delete(socket);
	qnet_loop_process_events(NULL, 0);
	descriptors_before = count_descriptors(false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool begun;
	pthread_t threads[THREADS];
	size_t memory;
	int count;

	if (!begun) {
		begin();
		begun = true;
	}
	memory = __sanitizer_get_current_allocated_bytes();
	if (size < HEADER)
		return 0;
	if (last != NULL && size < LAST_SIZE - sizeof(uint32_t)) {
		uint32_t length = (uint32_t)size;

		memcpy(last, &length, sizeof length);
		memcpy(last + sizeof length, data, size);
	}
	generation = (generation + 1) & 0xffff;
	object_count = 0;
	memset(programs, 0, sizeof programs);
	memset(scripts, 0, sizeof scripts);
	memset(connections, 0, sizeof connections);
	port_count = 0;
	budget = BUDGET;
	count = data[0] & 4 ? 1 + (data[0] & 3) : 1;
	single_threaded = count == 1;
	for (size_t at = HEADER; at + RECORD <= size; at += RECORD) {
		int where = data[at] & 15;

		if (where < SCRIPTS)
			add(&programs[where % count], data + at, STEPS);
		else
			add(&scripts[where - SCRIPTS], data + at, SCRIPT_STEPS);
	}

	keep(KIND_LOOP, qnet_loop_default());
	if (data[0] & 8)
		keep(KIND_LOOP, qnet_loop_new());
	for (int i = 1; i < count; i++)
		if (pthread_create(&threads[i], NULL, run_program, &programs[i]) != 0)
			blame("no thread");
	run_program(&programs[0]);
	for (int i = 1; i < count; i++)
		pthread_join(threads[i], NULL);

	if (tracing)
		fprintf(stderr, "the end\n");
	qnet_network_proxy_set_application_proxy(NULL);
	delete_all(data[0] & 16);
	for (size_t i = 0; i < LENGTH(proxies); i++)
		qnet_network_proxy_clear(&proxies[i]);
	check_descriptors();
	check_files();
	check_memory(memory);
	return 0;
}

#ifdef QNET_FUZZ_REPLAY
/* Without libFuzzer: runs the inputs in the files that are named. */
int main(int argc, char **argv)
{
	static uint8_t data[LAST_SIZE];

	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");

		if (file == NULL)
			blame("%s: %m", argv[i]);
		fprintf(stderr, "%s\n", argv[i]);
		alarm(60); /* which ends the process */
		LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof data, file));
		fclose(file);
	}
	printf("%d inputs\n", argc - 1);
	return 0;
}
#else
/* Most changes are made to whole records. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	size_t count, at, other;
	uint8_t *record;

	if (seed % 4 == 0 || size < HEADER + RECORD)
		return LLVMFuzzerMutate(data, size, max_size);
	count = (size - HEADER) / RECORD;
	at = (seed >> 8) % count;
	other = (seed >> 16) % count;
	record = data + HEADER + at * RECORD;
	switch (seed / 4 % 8) {
	case 0: /* remove one */
		memmove(record, record + RECORD, size - HEADER - (at + 1) * RECORD);
		return size - RECORD;
	case 1: /* copy one */
	case 2:
		if (size + RECORD > max_size)
			break;
		memmove(record + RECORD, record, size - HEADER - at * RECORD);
		memmove(record, data + HEADER + (other < at ? other : other + 1) * RECORD, RECORD);
		return size + RECORD;
	case 3: /* exchange two */
		for (size_t i = 0; i < RECORD; i++) {
			uint8_t *place = &data[HEADER + other * RECORD + i], byte = record[i];

			record[i] = *place;
			*place = byte;
		}
		return size;
	case 4: /* a new one */
	case 5:
		if (size + RECORD > max_size)
			break;
		memmove(record + RECORD, record, size - HEADER - at * RECORD);
		for (size_t i = 0; i < RECORD; i++)
			record[i] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> 24);
		return size + RECORD;
	case 6: /* elsewhere */
		record[0] = (uint8_t)(seed >> 24);
		return size;
	}
	LLVMFuzzerMutate(record, RECORD, RECORD);
	return size;
}
#endif
