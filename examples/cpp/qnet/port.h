// What a program needs of qnet: this and Qt's port.h are all that differs between the two.
#ifndef PORT_H
#define PORT_H

#include <qnet/QtNetwork>

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

#endif
