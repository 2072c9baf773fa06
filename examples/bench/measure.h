/*
 * What programs have in common that do something for some seconds, after a time that does not
 * count, and tell how often that was and how much of a processor each time took.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

struct measure {
	double warmup, seconds;

	double began, cpu; /* when it counts */
	uint64_t done;
};

static inline double measure_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Returns the processor time of this process, in seconds. */
static inline double measure_cpu(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* The time that does not count begins. */
static inline void measure_begin(struct measure *measure)
{
	measure->began = measure_clock(CLOCK_MONOTONIC) + measure->warmup;
	measure->cpu = -1;
}

/* Adds what was done, size for each time; prints the result and returns true at the end. */
static inline bool measure_over(struct measure *measure, uint64_t done, uint64_t size)
{
	double now = measure_clock(CLOCK_MONOTONIC), took, count;

	if (now < measure->began)
		return false;
	if (measure->cpu < 0) {
		measure->began = now;
		measure->cpu = measure_cpu();
		return false;
	}
	measure->done += done;
	if ((took = now - measure->began) < measure->seconds)
		return false;
	measure->seconds = 1e300; /* for what is still to come */
	count = (double)measure->done / (double)size;
	printf("rate=%.1f cpu_us=%.3f\n", count / took, (measure_cpu() - measure->cpu) * 1e6 / count);
	return true;
}

#endif
