// What a program needs of Qt: this and qnet's port.h are all that differs between the two.
#ifndef PORT_H
#define PORT_H

#include <QtNetwork>

#include <cstdio>
#include <cstdlib>
#include <string>

// From Qt's strings, and to them.
inline std::string plain(const QByteArray &text)
{
	return text.toStdString();
}
inline std::string plain(const QString &text)
{
	return text.toStdString();
}
inline QByteArray bytes(const std::string &text)
{
	return QByteArray::fromStdString(text);
}
inline QString string(const std::string &text)
{
	return QString::fromStdString(text);
}

/// The proxy of a URL; without one the application's.
inline QNetworkProxy proxyOf(const std::string &text)
{
	if (text.empty())
		return {};
	const QUrl url(string(text));
	const bool socks = url.scheme() == QLatin1String("socks5");
	if (!url.isValid() || url.host().isEmpty() || (!socks && url.scheme() != QLatin1String("http"))) {
		std::fprintf(stderr, "not the URL of a proxy: %s\n", text.c_str());
		std::exit(2);
	}
	return QNetworkProxy(socks ? QNetworkProxy::Socks5Proxy : QNetworkProxy::HttpProxy, url.host(),
	                     static_cast<quint16>(url.port(socks ? 1080 : 80)), url.userName(), url.password());
}

#endif
