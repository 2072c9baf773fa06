/*
 * A shared object that uses the library while it is loaded: the first call comes
 * while the system holds its lock on loading.
 */
#include "../host.h"

const char *plugin_why = "its constructor did not run";

__attribute__((constructor)) static void talk_at_load(void)
{
	plugin_why = host_talk();
}
