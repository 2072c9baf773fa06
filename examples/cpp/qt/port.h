// What a program needs of Qt: this and qnet's port.h are all that differs between the two.
#ifndef PORT_H
#define PORT_H

#include <QtNetwork>

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

#endif
