/*
 * What a test program has left behind at its end: objects, registrations, calls,
 * descriptors and memory of the library, and its own memory under the sanitizer.
 */
#ifndef QNET_TESTS_LEAKS_H
#define QNET_TESTS_LEAKS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "stacks.h"

#include <dirent.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <qnet/qnet.h>

#if defined(__SANITIZE_ADDRESS__)
#define LEAKS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAKS_SANITIZED 1
#endif
#endif

#ifdef LEAKS_SANITIZED
#ifdef __cplusplus
extern "C" {
#endif

int __lsan_do_recoverable_leak_check(void);

#ifdef __cplusplus
}
#endif
#endif

enum {
	LEAKS_PATIENCE = 10, /* seconds until what was told to end must have ended */

	/* What a deleted handle costs Go's heap and C's while it is remembered. */
	LEAKS_HANDLE_HEAP = 64,
	LEAKS_HANDLE_MEMORY = 8,
	/* What the library keeps for the next use, and C's allocator for each thread. */
	LEAKS_HEAP = 4 << 20,
	LEAKS_MEMORY = 512 << 10,
};

/* What a process has at a moment. */
struct leaks_count {
	qnet_usage usage;
	int descriptors;
	int64_t memory; /* bytes from malloc, 0 where they cannot be counted */
};

/* Returns how many descriptors the process has. */
static inline int check_count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = -1; /* the directory's own */

	if (directory == NULL)
		return -1;
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

/* Returns how many bytes malloc has given to all threads. */
static inline int64_t leaks_memory(void)
{
#if defined(LEAKS_SANITIZED) || !defined(__GLIBC__)
	return 0;
#else
	/* mallinfo() would tell of the first arena alone; here the sums come last. */
	long long values[3] = { 0, 0, 0 };
	static const char *const marks[3] = { "<total type=\"mmap\"", "<system type=\"current\" ", "<total type=\"rest\"" };
	static char text[256 << 10];
	FILE *file = fmemopen(text, sizeof text, "w");
	long long fast = 0;
	char *end = NULL;

	if (file == NULL || malloc_info(0, file) != 0)
		return 0;
	fclose(file);
	for (char *at = text; (at = strstr(at, "</heap>")) != NULL; at++)
		end = at;
	if (end == NULL)
		return 0;
	for (int i = 0; i < 3; i++) {
		char *at = strstr(end, marks[i]);

		at = at == NULL ? NULL : strstr(at, "size=\"");
		if (at != NULL)
			values[i] = atoll(at + 6);
	}
	end = strstr(end, "<total type=\"fast\"");
	end = end == NULL ? NULL : strstr(end, "size=\"");
	if (end != NULL)
		fast = atoll(end + 6);
	return values[0] + values[1] - values[2] - fast;
#endif
}

static inline void leaks_take(struct leaks_count *count)
{
	count->usage.size = sizeof count->usage;
	if (!qnet_get_usage(&count->usage, true))
		memset(&count->usage, 0, sizeof count->usage);
	count->descriptors = check_count_descriptors();
	count->memory = leaks_memory();
}

static struct leaks_count leaks_before;
static bool leaks_begun;

/* Notes what there is, once everything that is made for good is. */
static inline void leaks_begin(void)
{
	qnet_host_info *info = qnet_host_info_from_name("127.0.0.1");

	qnet_host_info_delete(info);
	qnet_loop_process_events(NULL, 0);
	leaks_take(&leaks_before);
	leaks_begun = true;
}

/* Writes to text what there is more of than there was; tells whether there is. */
static inline bool leaks_compare(const struct leaks_count *before, const struct leaks_count *now, char *text, size_t size)
{
	const qnet_usage *b = &before->usage, *n = &now->usage;
	int64_t deleted = n->deleted_handles - b->deleted_handles;
	const struct {
		const char *name;
		int64_t before, now, allowed;
	} rows[] = {
		{ "sockets", b->sockets, n->sockets, 0 },
		{ "TCP servers", b->tcp_servers, n->tcp_servers, 0 },
		{ "local servers", b->local_servers, n->local_servers, 0 },
		{ "timers", b->timers, n->timers, 0 },
		{ "notifiers", b->notifiers, n->notifiers, 0 },
		{ "host infos", b->host_infos, n->host_infos, 0 },
		{ "loops", b->loops, n->loops, 0 },
		{ "connections", b->connections, n->connections, 0 },
		{ "posted calls", b->posted, n->posted, 0 },
		{ "timeouts", b->timeouts, n->timeouts, 0 },
		{ "watches", b->watches, n->watches, 0 },
		{ "turns", b->turns, n->turns, 0 },
		{ "buffers", b->buffers, n->buffers, 0 },
		{ "goroutines", b->goroutines, n->goroutines, 0 },
		{ "descriptors", before->descriptors - b->spare_descriptors, now->descriptors - n->spare_descriptors, 0 },
		{ "values of TLS", b->ssl_values, n->ssl_values, 0 },
		{ "bytes of Go", b->heap_bytes, n->heap_bytes, LEAKS_HEAP + deleted * LEAKS_HANDLE_HEAP },
		{ "bytes of malloc", before->memory, now->memory, LEAKS_MEMORY + deleted * LEAKS_HANDLE_MEMORY },
	};
	bool found = false;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t length = strlen(text);

		if (rows[i].now <= rows[i].before + rows[i].allowed)
			continue;
		snprintf(text + length, size - length, "%s%lld %s, before %lld", found ? ", " : "", (long long)rows[i].now,
			 rows[i].name, (long long)rows[i].before);
		found = true;
	}
	return found;
}

/*
 * Returns what is left of all that came since leaks_begin(), NULL if there is
 * nothing. What was told to end may take so many seconds.
 */
static inline const char *leaks_within(int seconds)
{
	static char why[1000];
	struct leaks_count now;
	struct timespec pause = { 0, 5000000 };
	struct timespec start, at;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		qnet_loop_process_events(NULL, 0);
		leaks_take(&now);
		if (!leaks_compare(&leaks_before, &now, why, sizeof why))
			break;
		clock_gettime(CLOCK_MONOTONIC, &at);
		if (at.tv_sec - start.tv_sec >= seconds) {
			if (now.usage.goroutines > leaks_before.usage.goroutines)
				dump_stacks();
			return why;
		}
		nanosleep(&pause, NULL);
	}
#ifdef LEAKS_SANITIZED
	if (__lsan_do_recoverable_leak_check() != 0)
		return "the sanitizer found memory that nothing points to";
#endif
	return NULL;
}

static inline const char *leaks_found(void)
{
	return leaks_within(LEAKS_PATIENCE);
}

#endif
