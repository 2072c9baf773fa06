/*
 * What a server, another process, takes: processor time, and system calls as
 * the kernel's tracepoint counts them.
 */
#ifndef SERVER_METER_H
#define SERVER_METER_H

#include <dirent.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Calls one(thread, data) for each thread of a process; false if there is none. */
static inline bool each_thread(long pid, void (*one)(long thread, void *data), void *data)
{
	char path[64];
	struct dirent *entry;
	bool any = false;
	DIR *tasks;

	snprintf(path, sizeof path, "/proc/%ld/task", pid);
	tasks = opendir(path);
	if (tasks == NULL)
		return false;
	while ((entry = readdir(tasks)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		one(atol(entry->d_name), data);
		any = true;
	}
	closedir(tasks);
	return any;
}

/* ---- Processor time ---- */

static inline void add_cpu_of_thread(long thread, void *data)
{
	unsigned long long ns;
	char path[64];
	FILE *file;

	/* The first number: nanoseconds on a processor. */
	snprintf(path, sizeof path, "/proc/%ld/schedstat", thread);
	file = fopen(path, "re");
	if (file == NULL)
		return;
	if (fscanf(file, "%llu", &ns) == 1)
		*(double *)data += (double)ns / 1e9;
	fclose(file);
}

/* In seconds, of all threads; -1 if the system does not tell. */
static inline double server_cpu_seconds(long pid)
{
	double sum = 0;

	return pid != 0 && each_thread(pid, add_cpu_of_thread, &sum) && sum > 0 ? sum : -1;
}

/* ---- System calls ---- */

enum { METER_THREADS = 256 };

struct syscall_meter {
	int fds[METER_THREADS];
	int count;
	int error; /* why there is no meter */
	uint64_t id;
};

static inline void meter_thread(long thread, void *data)
{
	struct syscall_meter *meter = data;
	struct perf_event_attr attribute;
	long fd;

	if (meter->count == METER_THREADS)
		return;
	memset(&attribute, 0, sizeof attribute);
	attribute.size = sizeof attribute;
	attribute.type = PERF_TYPE_TRACEPOINT;
	attribute.config = meter->id;
	attribute.inherit = 1; /* threads that come later */
	fd = syscall(SYS_perf_event_open, &attribute, (pid_t)thread, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		meter->error = errno;
	else
		meter->fds[meter->count++] = (int)fd;
}

/* Begins to count; false with the reason in errno. */
static inline bool syscall_meter_start(struct syscall_meter *meter, long pid)
{
	static const char *const places[] = {
		"/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
		"/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id",
	};
	unsigned long long id = 0;

	memset(meter, 0, sizeof *meter);
	for (size_t i = 0; i < sizeof places / sizeof *places && id == 0; i++) {
		FILE *file = fopen(places[i], "re");

		if (file == NULL)
			continue;
		if (fscanf(file, "%llu", &id) != 1)
			id = 0;
		fclose(file);
	}
	if (id == 0) {
		if (errno == 0)
			errno = ENOENT;
		return false;
	}
	meter->id = id;
	if (each_thread(pid, meter_thread, meter) && meter->error == 0)
		return true;
	errno = meter->error != 0 ? meter->error : ESRCH;
	return false;
}

/* How many calls there were up to now. */
static inline double syscall_meter_read(const struct syscall_meter *meter)
{
	double sum = 0;

	for (int i = 0; i < meter->count; i++) {
		uint64_t value;

		if (read(meter->fds[i], &value, sizeof value) == (ssize_t)sizeof value)
			sum += (double)value;
	}
	return sum;
}

#endif
