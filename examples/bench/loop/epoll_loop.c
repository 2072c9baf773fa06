/* The tasks of loop_bench.h with the system alone. */
#include "loop_bench.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

/* calls: a function that is not inlined takes an object's lock and looks at it. */
struct object {
	pthread_mutex_t *lock;
	int state;
	char rest[200];
};

struct caller {
	pthread_t thread;
	pthread_barrier_t *barrier;
	pthread_mutex_t lock;
	long count;
	double took;
};

__attribute__((noinline)) static int state_of(struct object *object)
{
	int state;

	pthread_mutex_lock(object->lock);
	state = object->state;
	pthread_mutex_unlock(object->lock);
	return state;
}

static void *call(void *argument)
{
	static _Thread_local struct object *objects[LOOP_BENCH_OBJECTS];
	struct caller *caller = argument;
	double began;

	for (long i = 0; i < LOOP_BENCH_OBJECTS; i++) {
		objects[i] = calloc(1, sizeof *objects[i]);
		objects[i]->lock = &caller->lock;
	}
	pthread_barrier_wait(caller->barrier);
	began = measure_clock(CLOCK_THREAD_CPUTIME_ID);
	for (long i = 0; i < caller->count; i++)
		if (state_of(objects[i * 7919 % LOOP_BENCH_OBJECTS]) != 0)
			loop_bench_fail("a state");
	caller->took = measure_clock(CLOCK_THREAD_CPUTIME_ID) - began;
	return NULL;
}

static double calls(long count)
{
	pthread_barrier_t barrier;
	struct caller callers[2] = { { .barrier = &barrier, .count = count / 2 }, { .barrier = &barrier, .count = count - count / 2 } };

	pthread_barrier_init(&barrier, NULL, 2);
	for (int i = 0; i < 2; i++) {
		pthread_mutex_init(&callers[i].lock, NULL);
		if (pthread_create(&callers[i].thread, NULL, call, &callers[i]) != 0)
			loop_bench_fail("no thread");
	}
	for (int i = 0; i < 2; i++)
		pthread_join(callers[i].thread, NULL);
	return callers[0].took + callers[1].took;
}

/* timers: a list for each millisecond, and a timerfd that is set to the next that has some. */
static double timers(long count)
{
	static int due[500 + LOOP_BENCH_SPREAD_MS];
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN };
	struct timespec now;
	uint64_t base, expired, at = 0;
	double began;

	epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
	clock_gettime(CLOCK_MONOTONIC, &now);
	base = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1;
	for (long i = 0; i < count; i++)
		due[500 + rand() % LOOP_BENCH_SPREAD_MS]++;
	began = cpu();
	while (count > 0) {
		struct itimerspec next = { 0 };

		while (due[at] == 0)
			at++;
		next.it_value.tv_sec = (time_t)((base + at) / 1000);
		next.it_value.tv_nsec = (long)((base + at) % 1000 * 1000000);
		timerfd_settime(timer, TFD_TIMER_ABSTIME, &next, NULL);
		if (epoll_wait(epoll, &event, 1, -1) != 1 || read(timer, &expired, sizeof expired) != sizeof expired)
			continue;
		clock_gettime(CLOCK_MONOTONIC, &now);
		for (uint64_t until = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 - base;
		     at <= until && at < sizeof due / sizeof *due; at++) {
			count -= due[at];
			due[at] = 0;
		}
	}
	return cpu() - began;
}

/* posts: an eventfd in the epoll of each thread. */
static struct {
	int epoll, event;
	pthread_mutex_t lock;
	bool posted;
} loops[2];
static long left;

static void post(int to)
{
	uint64_t one = 1;

	pthread_mutex_lock(&loops[to].lock);
	loops[to].posted = true;
	pthread_mutex_unlock(&loops[to].lock);
	if (write(loops[to].event, &one, sizeof one) != sizeof one)
		loop_bench_fail("write");
}

static void *run_loop(void *number)
{
	int own = (int)(intptr_t)number;
	struct epoll_event event;
	uint64_t count;
	bool posted;

	for (;;) {
		if (epoll_wait(loops[own].epoll, &event, 1, -1) != 1 || read(loops[own].event, &count, sizeof count) != sizeof count)
			continue;
		pthread_mutex_lock(&loops[own].lock);
		posted = loops[own].posted;
		loops[own].posted = false;
		pthread_mutex_unlock(&loops[own].lock);
		if (!posted)
			return NULL;
		if (left-- > 0) {
			post(!own);
		} else {
			uint64_t one = 1;

			for (int i = 0; i < 2; i++)
				if (write(loops[i].event, &one, sizeof one) != sizeof one)
					loop_bench_fail("write");
		}
	}
}

static double posts(long count)
{
	struct epoll_event event = { .events = EPOLLIN };
	pthread_t threads[2];
	double began = cpu();

	left = count;
	for (int i = 0; i < 2; i++) {
		loops[i].epoll = epoll_create1(EPOLL_CLOEXEC);
		loops[i].event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		pthread_mutex_init(&loops[i].lock, NULL);
		epoll_ctl(loops[i].epoll, EPOLL_CTL_ADD, loops[i].event, &event);
	}
	post(0);
	for (intptr_t i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, run_loop, (void *)i) != 0)
			loop_bench_fail("no thread");
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return cpu() - began;
}

static int connect_to(const struct sockaddr *address, socklen_t size, bool *begun)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		loop_bench_fail("socket");
	*begun = connect(fd, address, size) != 0;
	if (*begun && errno != EINPROGRESS)
		loop_bench_fail("connect");
	return fd;
}

/* waits: send, poll, receive. */
static double waits(long count)
{
	struct loop_bench_peer peer;
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char data[LOOP_BENCH_MESSAGE] = { 0 };
	struct pollfd look = { .events = POLLOUT };
	double began, others;
	bool begun;

	loop_bench_start_peer(&peer, true);
	address.sin_port = htons(peer.port);
	look.fd = connect_to((struct sockaddr *)&address, sizeof address, &begun);
	poll(&look, 1, 5000);
	look.events = POLLIN;
	began = cpu();
	others = loop_bench_peer_time(&peer);
	for (long i = 0; i < count; i++)
		if (send(look.fd, data, sizeof data, MSG_NOSIGNAL) != sizeof data || poll(&look, 1, 5000) != 1 ||
		    recv(look.fd, data, sizeof data, 0) != sizeof data)
			loop_bench_fail("no answer");
	return cpu() - began - (loop_bench_peer_time(&peer) - others);
}

/* connects: as a loop does it. */
static double connects_to(const char *name, long count)
{
	struct loop_bench_peer peer;
	char port[8];
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	double began, others;

	loop_bench_start_peer(&peer, false);
	snprintf(port, sizeof port, "%d", peer.port);
	began = cpu();
	others = loop_bench_peer_time(&peer);
	for (long i = 0; i < count; i++) {
		struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found;
		struct epoll_event event = { .events = EPOLLOUT };
		socklen_t size = sizeof(int);
		int fd, error;
		bool begun;

		if (getaddrinfo(name, port, &hints, &found) != 0)
			loop_bench_fail("getaddrinfo");
		fd = connect_to(found->ai_addr, found->ai_addrlen, &begun);
		freeaddrinfo(found);
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
		if (epoll_wait(epoll, &event, 1, 5000) != 1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
			loop_bench_fail("no connection");
		close(fd);
	}
	return cpu() - began - (loop_bench_peer_time(&peer) - others);
}
