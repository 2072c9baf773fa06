#include <qnet/global.h>

const char *qnet_version(void)
{
	return QNET_VERSION_STR;
}

uint32_t qnet_version_number(void)
{
	return QNET_VERSION;
}
