// QNetworkInterface: all interfaces of the machine, or of the network that a test has of its own; and entries that a program
// makes.
#include "port.h"

#include <QDeadlineTimer>
#include <QHostAddress>
#include <QNetworkInterface>

namespace {

void interfaces()
{
	for (const QNetworkInterface &interface : QNetworkInterface::allInterfaces()) {
		std::printf("%d %d %s %s %s %x %d %d\n", interface.isValid(), interface.index(), plain(interface.name()).c_str(),
		            plain(interface.humanReadableName()).c_str(), plain(interface.hardwareAddress()).c_str(),
		            static_cast<unsigned>(interface.flags()), interface.type(), interface.maximumTransmissionUnit());
		for (const QNetworkAddressEntry &entry : interface.addressEntries())
			std::printf("  %s %s %s %d %d %d %d %d %d\n", plain(entry.ip().toString()).c_str(), plain(entry.netmask().toString()).c_str(),
			            plain(entry.broadcast().toString()).c_str(), entry.prefixLength(), entry.isLifetimeKnown(),
			            entry.validityLifetime().isForever(), entry.dnsEligibility(), entry.isPermanent(), entry.isTemporary());
		std::printf("  %d %d\n", QNetworkInterface::interfaceFromName(interface.name()).index() == interface.index(),
		            QNetworkInterface::interfaceFromIndex(interface.index()).name() == interface.name());
	}
	for (const QHostAddress &address : QNetworkInterface::allAddresses())
		std::printf("%s\n", plain(address.toString()).c_str());
}

void names()
{
	for (const char *name : {"lo", "1", "77", " 1", "-1", "", "no such", "99999999999"})
		std::printf("'%s' %d %d\n", name, QNetworkInterface::interfaceIndexFromName(string(name)),
		            QNetworkInterface::interfaceFromName(string(name)).isValid());
	for (const int index : {-1, 0, 1, 1 << 20})
		std::printf("%d '%s'\n", index, plain(QNetworkInterface::interfaceNameFromIndex(index)).c_str());
	const QNetworkInterface none;
	std::printf("%d %d '%s' %d %d\n", none.isValid(), none.index(), plain(none.name()).c_str(), int(none.flags()),
	            none.maximumTransmissionUnit());
}

void print(const QNetworkAddressEntry &entry)
{
	std::printf("%d '%s' '%s'\n", entry.prefixLength(), plain(entry.netmask().toString()).c_str(),
	            plain(entry.broadcast().toString()).c_str());
}

void entries()
{
	QNetworkAddressEntry entry;
	entry.setPrefixLength(5);
	print(entry);
	entry.setIp(QHostAddress(string("1.2.3.4")));
	for (const int length : {5, 33, 0, 32, -1}) {
		entry.setPrefixLength(length);
		print(entry);
	}
	for (const char *mask : {"255.0.255.0", "255.255.255.0", "ffff::", "0.0.0.0"}) {
		entry.setNetmask(QHostAddress(string(mask)));
		print(entry);
	}
	entry.setBroadcast(QHostAddress(string("1.2.3.255")));
	QNetworkAddressEntry copy = entry;
	std::printf("%d %d %d\n", copy == entry, copy.isLifetimeKnown(), copy.isPermanent());
	copy.setIp(QHostAddress(string("::1")));
	copy.setPrefixLength(128);
	print(copy);
	std::printf("%d\n", copy == entry);
}

} // namespace

int main()
{
	interfaces();
	names();
	entries();
	return 0;
}
