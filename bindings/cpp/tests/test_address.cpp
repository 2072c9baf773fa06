#include "support.h"

#include <sstream>
#include <unordered_set>

TEST_CASE("address: made of anything")
{
	CHECK(QHostAddress().isNull());
	CHECK(QHostAddress().toString().empty());
	CHECK(QHostAddress("127.0.0.1") == QHostAddress::LocalHost);
	CHECK(QHostAddress(std::string("::1")) == QHostAddress::LocalHostIPv6);
	CHECK(QHostAddress(0x7f000001u) == QHostAddress::LocalHost);
	CHECK(QHostAddress(0xc0a80102u).toString() == "192.168.1.2");
	CHECK(QHostAddress("nonsense").isNull());
	CHECK(QHostAddress(std::string_view("127.0.0.1\0x", 11)).isNull());
	quint8 bytes[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5};
	CHECK(QHostAddress(bytes).toString() == "2001:db8::5");
	CHECK(QHostAddress(QHostAddress(bytes).toIPv6Address()) == QHostAddress("2001:db8::5"));
	CHECK(QHostAddress(QHostAddress::Broadcast).toString() == "255.255.255.255");
	CHECK(QHostAddress(QHostAddress::Any).protocol() == QAbstractSocket::AnyIPProtocol);
	CHECK(QHostAddress(QHostAddress::AnyIPv4).toString() == "0.0.0.0");
	CHECK(QHostAddress(QHostAddress::AnyIPv6).toString() == "::");
	CHECK(QHostAddress(QHostAddress::Null).isNull());
	QHostAddress address;
	CHECK(address.setAddress("10.0.0.1"));
	CHECK_FALSE(address.setAddress("10.0.0.256"));
	CHECK(address.isNull());
	address.setAddress(QHostAddress::LocalHost);
	address.clear();
	CHECK(address.isNull());
}

TEST_CASE("address: families and their numbers")
{
	bool ok = false;
	CHECK(QHostAddress("1.2.3.4").toIPv4Address(&ok) == 0x01020304);
	CHECK(ok);
	CHECK(QHostAddress("::ffff:1.2.3.4").toIPv4Address() == 0x01020304);
	CHECK(QHostAddress("::1").toIPv4Address(&ok) == 0);
	CHECK_FALSE(ok);
	CHECK(QHostAddress("1.2.3.4").toIPv6Address()[15] == 4);
	CHECK(QHostAddress("1.2.3.4").protocol() == QAbstractSocket::IPv4Protocol);
	CHECK(QHostAddress("::").protocol() == QAbstractSocket::IPv6Protocol);
	CHECK(QHostAddress().protocol() == QAbstractSocket::UnknownNetworkLayerProtocol);
	QHostAddress scoped("fe80::1%7");
	CHECK(scoped.scopeId() == "7");
	scoped.setScopeId("8");
	CHECK(scoped.toString() == "fe80::1%8");
}

TEST_CASE("address: comparisons and kinds")
{
	QHostAddress four("10.0.0.1"), mapped("::ffff:10.0.0.1");
	CHECK(four != mapped);
	CHECK(four.isEqual(mapped));
	CHECK(four.isEqual(mapped, QHostAddress::ConvertV4MappedToIPv4));
	CHECK_FALSE(four.isEqual(mapped, QHostAddress::StrictConversion));
	CHECK_FALSE(four.isEqual(mapped, QHostAddress::ConvertLocalHost | QHostAddress::ConvertUnspecifiedAddress));
	CHECK(QHostAddress::LocalHost == QHostAddress("127.0.0.1"));
	CHECK(QHostAddress::LocalHost != four);
	CHECK(four != QHostAddress::Any);
	CHECK(four.isPrivateUse());
	CHECK(four.isGlobal());
	CHECK(QHostAddress("127.5.0.1").isLoopback());
	CHECK(QHostAddress("169.254.0.1").isLinkLocal());
	CHECK(QHostAddress("fec0::1").isSiteLocal());
	CHECK(QHostAddress("fd00::1").isUniqueLocalUnicast());
	CHECK(QHostAddress("224.0.0.1").isMulticast());
	CHECK(QHostAddress(QHostAddress::Broadcast).isBroadcast());
	CHECK_FALSE(four.isBroadcast());
	CHECK(four.isInSubnet(QHostAddress("10.0.0.0"), 8));
	CHECK(four.isInSubnet(QHostAddress::parseSubnet("10/8")));
	CHECK_FALSE(four.isInSubnet(QHostAddress::parseSubnet("11.0.0.0/8")));
	CHECK(QHostAddress::parseSubnet("nonsense").second == -1);
	std::unordered_set<QHostAddress> set{four, mapped, QHostAddress("10.0.0.1")};
	CHECK(set.size() == 2);
	std::ostringstream out;
	out << four;
	CHECK(out.str() == "10.0.0.1");
}
