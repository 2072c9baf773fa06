// What a program that is built on Qt and on qnet needs beside its source: strings, and how they are printed.
#ifndef SAME_PORT_H
#define SAME_PORT_H

#include <QDebug>
#include <QObject>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#ifdef QT_CORE_LIB

#include <QByteArray>
#include <QString>

using Message = QString;

inline std::string plain(const QByteArray &bytes)
{
	return bytes.toStdString();
}
inline std::string plain(const QString &text)
{
	return text.toStdString();
}
inline QString string(const std::string &text)
{
	return QString::fromStdString(text);
}

// A signal and a getter of one name, and signals alone: what moc wants.
#define SIGNAL_OF(name, ...) void name(__VA_ARGS__)

#else

using Message = std::string;

inline const std::string &plain(const std::string &text)
{
	return text;
}
inline const std::string &string(const std::string &text)
{
	return text;
}

#define SIGNAL_OF(name, ...) \
	Signal<__VA_ARGS__> name { this }

#endif

/// Has the messages of the program printed with their kinds.
inline void printMessages()
{
	qInstallMessageHandler([](QtMsgType type, const QMessageLogContext &, const Message &message) {
		std::printf("message %d: %s\n", type, plain(message).c_str());
	});
}

/// Bytes as text for people.
inline std::string shown(const std::string &bytes)
{
	std::string text;
	for (const char c : bytes) {
		char hex[8];
		std::snprintf(hex, sizeof hex, c >= ' ' && c <= '~' && c != '\\' ? "%c" : "\\x%02x", static_cast<unsigned char>(c));
		text += hex;
	}
	return text;
}

#endif
