/**
 * @file host_info.h
 * Host name look-ups, as the system is configured: /etc/nsswitch.conf, /etc/hosts,
 * /etc/resolv.conf. They never block the loop, and nothing is kept for a later one:
 * each sees what these files say at that moment.
 *
 * Names with characters beyond ASCII are looked up in their ASCII form (IDNA). Short
 * names are tried in the domains of resolv.conf. Addresses of a family that
 * this machine has no address of are not looked up. The order is that of RFC 6724, as
 * the C library has it.
 *
 * /etc/hosts and name servers are asked by qnet itself, with two descriptors for each
 * look-up at work. Where nsswitch.conf has other modules for a name, or gai.conf,
 * host.conf, LOCALDOMAIN, RES_OPTIONS or HOSTALIASES change what is looked up, the C
 * library is called, on up to 16 threads of the library's own. These calls cannot be
 * called off: of one that was aborted the thread stays until the C library gives up.
 */
#ifndef QNET_HOST_INFO_H
#define QNET_HOST_INFO_H

#include <qnet/global.h>
#include <qnet/host_address.h>
#include <qnet/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

/** QHostInfo::HostInfoError */
typedef enum qnet_host_info_error_code {
	QNET_HOST_INFO_NO_ERROR = 0,
	/** There is no such host ("Host not found"), it can have no such name
	 *  ("Invalid hostname"), or there was none to look up. */
	QNET_HOST_INFO_HOST_NOT_FOUND = 1,
	/** It could not be told: "Temporary failure in name resolution" if no name
	 *  server has answered, "Out of resources" if there were no descriptors or
	 *  memory. */
	QNET_HOST_INFO_UNKNOWN_ERROR = 2
} qnet_host_info_error_code;

/** Receives a finished look-up; it may delete @p info. Called once, on the thread
 *  that runs the loop, or that deletes it. */
typedef void (*qnet_host_info_callback)(qnet_host_info *info, void *user_data);

/**
 * Looks up @p name (a host name, or an address to find the name of) and calls
 * @p callback with the result from @p loop. The returned handle is owned by the
 * caller: release it with qnet_host_info_delete(), before or after the call.
 * NULL, with a warning, if @p name or @p callback is NULL.
 *
 * Eight look-ups of the process are at work at once, the others wait; loops take
 * turns, so that one with thousands of names does not keep the others waiting. If
 * the loop is deleted before the end, qnet_loop_delete() calls @p callback with
 * QNET_HOST_INFO_UNKNOWN_ERROR.
 *
 * Qt: QHostInfo::lookupHost()
 */
QNET_API qnet_host_info *qnet_host_info_lookup_host(qnet_loop *loop, const char *name, qnet_host_info_callback callback, void *user_data);

/**
 * Looks up @p name and returns the result, blocking the calling thread alone. It
 * waits for its turn as others do, see qnet_host_info_lookup_host().
 * The handle is owned by the caller: release it with qnet_host_info_delete().
 * NULL, with a warning, if @p name is NULL.
 *
 * Qt: QHostInfo::fromName()
 */
QNET_API qnet_host_info *qnet_host_info_from_name(const char *name);

/**
 * Cancels the look-up @p info: its callback is not called any more, and what it
 * took is free at once for the next ones. The handle remains to be deleted. Does
 * nothing to a finished one.
 *
 * Qt: QHostInfo::abortHostLookup()
 */
QNET_API void qnet_host_info_abort_host_lookup(qnet_host_info *info);

/**
 * Deletes @p info, cancelling it if it is not finished.
 *
 * Qt: QHostInfo::~QHostInfo()
 */
QNET_API void qnet_host_info_delete(qnet_host_info *info);

/**
 * Returns the name that was looked up or found.
 *
 * Qt: QHostInfo::hostName()
 */
QNET_API const char *qnet_host_info_host_name(qnet_host_info *info);

/**
 * Returns how many addresses were found; 0 before the end and after a failure.
 *
 * Qt: QHostInfo::addresses()
 */
QNET_API int qnet_host_info_address_count(qnet_host_info *info);

/**
 * Writes the address at @p index, from 0, to @p address. Returns false if there
 * is none.
 *
 * Qt: QHostInfo::addresses()
 */
QNET_API bool qnet_host_info_address(qnet_host_info *info, int index, qnet_host_address *address);

/**
 * Returns what went wrong.
 *
 * Qt: QHostInfo::error()
 */
QNET_API qnet_host_info_error_code qnet_host_info_error(qnet_host_info *info);

/**
 * Returns what went wrong as text.
 *
 * Qt: QHostInfo::errorString()
 */
QNET_API const char *qnet_host_info_error_string(qnet_host_info *info);

/**
 * Writes this machine's host name to @p buffer of @p size bytes, NUL-terminated
 * and cut if it must be. Returns its whole length; -1 if @p buffer is NULL and
 * @p size is not 0.
 *
 * Qt: QHostInfo::localHostName()
 */
QNET_API int qnet_host_info_local_host_name(char *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
