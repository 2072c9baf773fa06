/*
 * load_library: loads a shared library as a program does that was not linked
 * with it, and calls a function of it that takes nothing and returns a number or
 * a pointer, since a library may put its setting up off until then.
 *
 *   load_library PATH [FUNCTION]
 *
 * Prints what both took together, and how large the files are that it needed and
 * this program did not: load_us=T libraries=N bytes=B
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

struct loaded {
	int count;
	long long bytes;
};

static int add(struct dl_phdr_info *info, size_t size, void *data)
{
	struct loaded *loaded = data;
	struct stat file;

	(void)size;
	if (info->dlpi_name[0] != '\0' && stat(info->dlpi_name, &file) == 0) {
		loaded->count++;
		loaded->bytes += file.st_size;
	}
	return 0;
}

static double now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	struct loaded before = {0, 0}, after = {0, 0};
	uintptr_t (*function)(void) = NULL;
	double begin, end;
	void *library;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: %s PATH [FUNCTION]\n", argv[0]);
		return 2;
	}
	dl_iterate_phdr(add, &before);
	begin = now_us();
	library = dlopen(argv[1], RTLD_NOW);
	if (library != NULL && argc > 2) {
		/* The way around a conversion that ISO C does not have. */
		*(void **)&function = dlsym(library, argv[2]);
		if (function != NULL)
			function();
	}
	end = now_us();
	if (library == NULL || (argc > 2 && function == NULL)) {
		fprintf(stderr, "%s: %s\n", argv[0], dlerror());
		return 1;
	}
	dl_iterate_phdr(add, &after);
	printf("load_us=%.1f libraries=%d bytes=%lld\n", end - begin, after.count - before.count, after.bytes - before.bytes);
	return 0;
}
