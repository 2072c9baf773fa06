/**
 * @file network_proxy.h
 * Proxies, for sockets, servers and datagrams (QNetworkProxy, QNetworkProxyQuery,
 * QNetworkProxyFactory).
 *
 * A socket or server uses, in this order: the proxy of its own, see
 * qnet_socket_set_proxy(); or what the application has: one proxy, a factory that
 * is asked for each connection, or the system's configuration. Of these three the
 * one that was set last counts. Without any, connections are direct. Connections
 * to this host ("localhost", loopback addresses) never use the application's proxy.
 *
 * A proxy that may be wanted, but cannot be used for what is asked of it, is the
 * error QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR: there is no silent direct
 * connection instead. No function that sets something up waits for a proxy: see
 * qnet_tcp_server_listen() and qnet_socket_bind() for what is told later. A proxy that says nothing for 30 seconds, or has not made the
 * connection after 2 minutes, is QNET_PROXY_CONNECTION_TIMEOUT_ERROR.
 */
#ifndef QNET_NETWORK_PROXY_H
#define QNET_NETWORK_PROXY_H

#include <qnet/global.h>

#ifdef __cplusplus
extern "C" {
#endif

/** QNetworkProxy::ProxyType */
typedef enum qnet_network_proxy_type {
	/** Whatever the application has. */
	QNET_DEFAULT_PROXY = 0,
	/** SOCKS version 5: TCP connections, TCP servers and datagrams. */
	QNET_SOCKS5_PROXY = 1,
	/** A direct connection. */
	QNET_NO_PROXY = 2,
	/** HTTP with its method CONNECT: TCP connections. */
	QNET_HTTP_PROXY = 3,
	/** HTTP for requests of HTTP: not for sockets, which fail. */
	QNET_HTTP_CACHING_PROXY = 4,
	/** The same for FTP. */
	QNET_FTP_CACHING_PROXY = 5
} qnet_network_proxy_type;

/** QNetworkProxy::Capability, combined with `|`. */
typedef enum qnet_network_proxy_capability {
	/** TCP connections. */
	QNET_TUNNELING_CAPABILITY = 1,
	/** TCP servers. */
	QNET_LISTENING_CAPABILITY = 2,
	/** Datagrams. */
	QNET_UDP_TUNNELING_CAPABILITY = 4,
	/** Pages; of no use to sockets. */
	QNET_CACHING_CAPABILITY = 8,
	/** Names: the proxy looks them up, and they are not looked up here. */
	QNET_HOST_NAME_LOOKUP_CAPABILITY = 16,
	QNET_SCTP_TUNNELING_CAPABILITY = 32,
	QNET_SCTP_LISTENING_CAPABILITY = 64,
	/** Nothing, where 0 stands for what a proxy's type can do. Beside others it
	 *  has no meaning. */
	QNET_NO_CAPABILITY = 0x40000000
} qnet_network_proxy_capability;

/** QNetworkProxyQuery::QueryType */
typedef enum qnet_network_proxy_query_type {
	QNET_TCP_SOCKET_QUERY = 0,
	QNET_UDP_SOCKET_QUERY = 1,
	QNET_SCTP_SOCKET_QUERY = 2,
	QNET_TCP_SERVER_QUERY = 100,
	QNET_SCTP_SERVER_QUERY = 102
} qnet_network_proxy_query_type;

/**
 * A proxy, and how to use it (QNetworkProxy). Set all of it to zero, and then what
 * is needed: the rest means "not set".
 *
 * The texts that a program sets belong to the program; functions that are given a
 * proxy copy them. A function that writes a proxy for the program sets all fields,
 * and whoever gets it releases its texts with qnet_network_proxy_clear(). An
 * assignment makes no copy of them: use qnet_network_proxy_copy().
 */
typedef struct qnet_network_proxy {
	/** What it is. */
	qnet_network_proxy_type type;
	/** Its name or address; NULL is "". */
	const char *host_name;
	/** Its port. */
	uint16_t port;
	/** Who uses it; NULL or "" if it does not want to know. SOCKS takes 255 bytes
	 *  at most. */
	const char *user;
	/** The user's password; NULL is "". */
	const char *password;
	/** What it can do, of qnet_network_proxy_capability; 0: what its type can. */
	int capabilities;
	/** What the library keeps for it: NULL at first, and not for programs. */
	void *storage;
} qnet_network_proxy;

/**
 * What a proxy is wanted for (QNetworkProxyQuery). Set all of it to zero, and then
 * what is known.
 */
typedef struct qnet_network_proxy_query {
	/** For what. */
	qnet_network_proxy_query_type query_type;
	/** The host to connect to, a name or an address; NULL or "" if there is none,
	 *  as for servers. Factories are asked for it in small letters, for an
	 *  international name as it is looked up ("xn--4ca.test"). */
	const char *peer_host_name;
	/** Its port; 0 or -1 if there is none. */
	int peer_port;
	/** The port to listen at or to be bound to; 0 or -1 if there is none. */
	int local_port;
	/** What the connection is for, such as "http", in small letters for factories;
	 *  NULL is "". See qnet_socket_set_protocol_tag(). */
	const char *protocol_tag;
} qnet_network_proxy_query;

/**
 * Returns the proxies for @p query, the best first: writes as many as @p max of
 * them to @p proxies, which are all zero, and returns how many. 0 means a direct
 * connection. The library releases them with qnet_network_proxy_clear(): texts
 * that do not stay are copied with qnet_network_proxy_copy(). What @p query points
 * to holds during the call.
 *
 * Called on the thread that connects, binds or listens, while no lock is held:
 * several threads may be in it at once.
 */
typedef int (*qnet_network_proxy_factory_callback)(const qnet_network_proxy_query *query, qnet_network_proxy *proxies, int max, void *user_data);

/* Values ------------------------------------------------------------------ */

/**
 * Releases what the library keeps for @p proxy, and sets all of it to zero. NULL
 * is ignored.
 *
 * Qt: QNetworkProxy::~QNetworkProxy()
 */
QNET_API void qnet_network_proxy_clear(qnet_network_proxy *proxy);

/**
 * Makes @p proxy a copy of @p other, its raw headers included; NULL stands for a
 * proxy that is all zero. What @p proxy was is released. Release the copy with
 * qnet_network_proxy_clear().
 *
 * Qt: QNetworkProxy::operator=()
 */
QNET_API void qnet_network_proxy_copy(qnet_network_proxy *proxy, const qnet_network_proxy *other);

/**
 * Reports whether requests to the HTTP proxy @p proxy have the header @p name, in
 * whatever letters.
 *
 * Qt: QNetworkProxy::hasRawHeader()
 */
QNET_API bool qnet_network_proxy_has_raw_header(const qnet_network_proxy *proxy, const char *name);

/**
 * Returns the name of the header @p index, as it was set last; 0 is the one that was
 * there first. NULL if there are not so many. It holds as what
 * qnet_network_proxy_raw_header() returns.
 *
 * Qt: QNetworkProxy::rawHeaderList()
 */
QNET_API const char *qnet_network_proxy_raw_header_name(const qnet_network_proxy *proxy, int index);

/**
 * Returns the value of the header @p name, "" if there is none. It belongs to
 * @p proxy and holds until the next call for it of this function or
 * qnet_network_proxy_raw_header_name(), or until it is cleared or copied to. NULL if
 * @p proxy is.
 *
 * Qt: QNetworkProxy::rawHeader()
 */
QNET_API const char *qnet_network_proxy_raw_header(const qnet_network_proxy *proxy, const char *name);

/**
 * Sets the header @p name of requests to the HTTP proxy @p proxy; NULL as
 * @p value removes it. From now on the proxy has storage: release it with
 * qnet_network_proxy_clear(). Returns false, with a warning, if @p proxy is NULL,
 * or if the name or the value would break a request.
 *
 * Qt: QNetworkProxy::setRawHeader()
 */
QNET_API bool qnet_network_proxy_set_raw_header(qnet_network_proxy *proxy, const char *name, const char *value);

/* The application --------------------------------------------------------- */

/**
 * Sets the proxy of all sockets and servers that have none of their own, for
 * connections to come. NULL or QNET_DEFAULT_PROXY is none. It replaces a factory
 * and the system's configuration.
 *
 * Qt: QNetworkProxy::setApplicationProxy()
 */
QNET_API void qnet_network_proxy_set_application_proxy(const qnet_network_proxy *proxy);

/**
 * Writes the application's proxy to @p proxy: what was set, or the first that the
 * factory or the system's configuration has for a query without a host;
 * QNET_NO_PROXY if there is none. What @p proxy was is released. Release it with
 * qnet_network_proxy_clear(). Returns false if @p proxy is NULL.
 *
 * Qt: QNetworkProxy::applicationProxy()
 */
QNET_API bool qnet_network_proxy_application_proxy(qnet_network_proxy *proxy);

/**
 * Has @p factory asked for the proxy of each connection of a socket or server that
 * has none of its own: of its list, the first that is able to do it is used, and no
 * other. It replaces the application's proxy and the system's configuration. NULL
 * removes a factory, and changes nothing if there is none. A call of the factory
 * before may still be under way on another thread when this returns. @p user_data
 * is handed to the factory.
 *
 * Qt: QNetworkProxyFactory::setApplicationProxyFactory()
 */
QNET_API void qnet_network_proxy_set_application_proxy_factory(qnet_network_proxy_factory_callback factory, void *user_data);

/**
 * Writes the proxies that the application has for @p query to @p proxies, as many
 * as @p max: those of the factory, the system's configuration or the application's
 * proxy. Returns how many there are, at least 1: without any, it is
 * QNET_NO_PROXY. What @p proxies were is released; release those that were written
 * with qnet_network_proxy_clear(). -1, with a warning, if @p query is NULL, or if
 * @p proxies is and @p max is not 0, or @p max is negative.
 *
 * Qt: QNetworkProxyFactory::proxyForQuery()
 */
QNET_API int qnet_network_proxy_proxy_for_query(const qnet_network_proxy_query *query, qnet_network_proxy *proxies, int max);

/**
 * The same with the proxies that the environment names: `http_proxy`,
 * `https_proxy` and `ftp_proxy` for queries with these protocol tags, `all_proxy`
 * for others and whenever there is nothing better, `http_proxy` last; in small
 * letters, or else in capital ones. A value is a URL such as
 * "socks5://user:password@host:1080" or "http://host:3128". `no_proxy` names those
 * that need none, separated by commas: hosts and all below them, addresses, and
 * networks such as 10.0.0.0/8; "*" is everything. The environment counts as it is
 * when this is called, and not at all in a process with raised privileges.
 *
 * Qt: QNetworkProxyFactory::systemProxyForQuery()
 */
QNET_API int qnet_network_proxy_system_proxy_for_query(const qnet_network_proxy_query *query, qnet_network_proxy *proxies, int max);

/**
 * Reports whether the system's configuration is used; at first it is not.
 *
 * Qt: QNetworkProxyFactory::usesSystemConfiguration()
 */
QNET_API bool qnet_network_proxy_uses_system_configuration(void);

/**
 * Says whether the system's configuration is used, see
 * qnet_network_proxy_system_proxy_for_query(). If so, it replaces a factory and the
 * application's proxy.
 *
 * Qt: QNetworkProxyFactory::setUseSystemConfiguration()
 */
QNET_API void qnet_network_proxy_set_use_system_configuration(bool enable);

#ifdef __cplusplus
}
#endif

#endif
