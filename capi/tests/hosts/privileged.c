/*
 * A host that has more rights than its user, as a set-user-ID program has: what
 * that user has put into the environment means nothing to it.
 */
#include "host.h"

#include <grp.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum { NOBODY = 65534, STATUS = 7 };

/* What the program finds. */
static const char *not_told(void)
{
	struct stat found;
	qnet_local_server *server;

	if (getauxval(AT_SECURE) == 0)
		return "it has no more rights than its user";
	qnet_set_message_handler(check_count_message, NULL);
	for (int i = 0; i < 20; i++)
		REQUIRE_OK(host_talk());
	REQUIRE_EQUAL(check_warnings, 0);
	REQUIRE(stat("log", &found) != 0);
	server = qnet_local_server_new(NULL);
	REQUIRE(qnet_local_server_listen(server, "qnet-privileged"));
	REQUIRE_TEXT(qnet_local_server_full_server_name(server), "/tmp/qnet-privileged");
	qnet_local_server_delete(server);
	_exit(STATUS);
}

/* Copies this program to path, with its owner's rights for all. */
static const char *copy_program(const char *path)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	char piece[65536];
	ssize_t size;

	REQUIRE(from >= 0 && to >= 0);
	while ((size = read(from, piece, sizeof piece)) > 0)
		REQUIRE_EQUAL(write(to, piece, (size_t)size), size);
	REQUIRE(fchmod(to, 04755) == 0);
	close(from);
	close(to);
	return NULL;
}

/* As a user without rights, with an environment that it may have. */
static void run_program(const char *path)
{
	if (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
		_exit(1);
	setenv("QNET_FAULTS", "seed=1,emfile=0.9,reset=0.9,log=log", 1);
	setenv("GODEBUG", "inittrace=1", 1); /* a line for each package */
	setenv("TMPDIR", ".", 1);
	execl(path, path, "--case", "not_told", (char *)NULL);
	_exit(2);
}

static const char *set_user_id(void)
{
	char folder[] = "/tmp/qnet-XXXXXX";
	struct statvfs system;
	int status;
	pid_t child;

	if (geteuid() != 0)
		return check_skip("only root can make a program that has more rights than its user");
	REQUIRE(mkdtemp(folder) != NULL && chmod(folder, 0777) == 0 && chdir(folder) == 0 && statvfs(".", &system) == 0);
	if (system.f_flag & ST_NOSUID) {
		check_skip("/tmp has no set-user-ID programs");
	} else {
		REQUIRE_OK(copy_program("program"));
		child = fork();
		if (child == 0)
			run_program("./program");
		REQUIRE_EQUAL(waitpid(child, &status, 0), child);
		REQUIRE(WIFEXITED(status));
		REQUIRE_EQUAL(WEXITSTATUS(status), STATUS);
		REQUIRE(unlink("program") == 0);
	}
	REQUIRE(rmdir(folder) == 0);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "set_user_id", set_user_id, 0, 1, NULL },
		{ "not_told", not_told, HOST_FAILED, 1, "no more rights" },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
