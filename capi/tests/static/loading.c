/* Loads a library; prints what the system says if it cannot. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc == 2 && dlopen(argv[1], RTLD_NOW) != NULL)
		return 0;
	printf("%s\n", dlerror());
	return 1;
}
