/*
 * The proxies of sockets, servers and the application.
 */
#ifndef QNET_TESTS_STRESS_PROXIES_H
#define QNET_TESTS_STRESS_PROXIES_H

#include "mischief.h"

static void on_proxy_asks(qnet_socket *socket, const qnet_network_proxy *proxy, qnet_authenticator *authenticator, void *data)
{
	struct frame frame;

	enter(&frame, PROXY_ASKS, data, socket);
	if (proxy->type != QNET_SOCKS5_PROXY && proxy->type != QNET_HTTP_PROXY)
		wrong(RIGHT_HANDLE, "asked by a proxy of type %d", (int)proxy->type);
	if (per_mille(700)) {
		qnet_authenticator_set_user(authenticator, "user");
		qnet_authenticator_set_password(authenticator, per_mille(500) ? "secret" : "");
	}
	qnet_authenticator_realm(authenticator);
	mischief(PROXY_ASKS, SOCKET, socket);
	/* It holds until this returns, whatever has become of the socket. */
	if (qnet_authenticator_user(authenticator) == NULL)
		wrong(RIGHT_HANDLE, "the authenticator is gone");
	leave(&frame);
}

static qnet_network_proxy any_proxy(void)
{
	qnet_network_proxy proxy = { .host_name = home, .port = (uint16_t)proxy_port };

	switch (rnd(10)) {
	case 0:
		return (qnet_network_proxy){ .type = QNET_NO_PROXY };
	case 1:
		return (qnet_network_proxy){ .type = QNET_DEFAULT_PROXY };
	case 2:
		proxy.port = any_port(); /* who is none */
		break;
	default:
		break;
	}
	proxy.type = per_mille(700) ? QNET_SOCKS5_PROXY : QNET_HTTP_PROXY;
	if (per_mille(300)) {
		proxy.user = "known";
		proxy.password = "secret";
	}
	return proxy;
}

static void use_proxy(qnet_socket *socket)
{
	qnet_network_proxy proxy = any_proxy(), copy = { 0 };

	if (per_mille(100))
		qnet_network_proxy_set_raw_header(&proxy, "X-One", "1");
	qnet_socket_set_proxy(socket, &proxy);
	if (per_mille(100))
		qnet_socket_proxy(socket, &copy);
	qnet_network_proxy_clear(&copy);
	qnet_network_proxy_clear(&proxy);
}

static void use_proxy_to_listen(qnet_tcp_server *server)
{
	const qnet_network_proxy proxy = any_proxy();

	qnet_tcp_server_set_proxy(server, &proxy);
}

/* The application's factory is asked by every thread. */
static int choose_proxies(const qnet_network_proxy_query *query, qnet_network_proxy *proxies, int max, void *data)
{
	(void)data;
	if (query->peer_host_name == NULL || max < 2)
		wrong(RIGHT_HANDLE, "a query without a name, or room for %d", max);
	if (per_mille(50)) {
		depth++; /* it is a callback: nothing in it waits without limit */
		act();
		depth--;
	}
	proxies[0] = any_proxy();
	return (int)rnd(2);
}

static void set_application(void)
{
	qnet_network_proxy proxy = { 0 };

	switch (rnd(4)) {
	case 0:
		qnet_network_proxy_set_application_proxy_factory(choose_proxies, NULL);
		break;
	case 1:
		qnet_network_proxy_set_application_proxy_factory(NULL, NULL);
		break;
	default:
		qnet_network_proxy_application_proxy(&proxy);
		qnet_network_proxy_set_application_proxy(NULL);
		break;
	}
	qnet_network_proxy_clear(&proxy);
}

#endif
