// What a program needs of qnet: this and Qt's port.h are all that differs between the two.
#ifndef PORT_H
#define PORT_H

#include <qnet/QtNetwork>

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace qnet;

inline const std::string &plain(const std::string &text)
{
	return text;
}
inline const std::string &bytes(const std::string &text)
{
	return text;
}
inline const std::string &string(const std::string &text)
{
	return text;
}

/// The proxy of a URL, which the library reads in the environment; without one the application's.
inline QNetworkProxy proxyOf(const std::string &url)
{
	if (url.empty())
		return {};
	::setenv("all_proxy", url.c_str(), 1);
	QNetworkProxy proxy = QNetworkProxyFactory::systemProxyForQuery().front();
	if (proxy.type() == QNetworkProxy::NoProxy) {
		std::fprintf(stderr, "not the URL of a proxy: %s\n", url.c_str());
		std::exit(2);
	}
	return proxy;
}

#endif
