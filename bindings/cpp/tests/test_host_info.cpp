#include "support.h"

#include <thread>

namespace {
struct Receiver : QObject {
	void found(const QHostInfo &result)
	{
		info = result;
		calls++;
	}
	QHostInfo info;
	int calls = 0;
};
} // namespace

TEST_CASE("host info: values")
{
	QHostInfo info(5);
	CHECK(info.lookupId() == 5);
	info.setLookupId(6);
	info.setHostName("name");
	info.setError(QHostInfo::HostNotFound);
	info.setErrorString("gone");
	info.setAddresses({QHostAddress(QHostAddress::LocalHost)});
	QHostInfo copy = info;
	CHECK(copy.lookupId() == 6);
	CHECK(copy.hostName() == "name");
	CHECK(copy.error() == QHostInfo::HostNotFound);
	CHECK(copy.errorString() == "gone");
	CHECK(copy.addresses().size() == 1);
	CHECK_FALSE(QHostInfo::localHostName().empty());
}

TEST_CASE("host info: looked up")
{
	CHECK(QHostInfo::fromName("127.0.0.1").addresses() == std::vector<QHostAddress>{QHostAddress("127.0.0.1")});
	Receiver receiver;
	const int id = QHostInfo::lookupHost("localhost", &receiver, &Receiver::found);
	CHECK(id > 0);
	CHECK(receiver.calls == 0);
	CHECK(until([&] { return receiver.calls == 1; }));
	CHECK(receiver.info.lookupId() == id);
	CHECK(receiver.info.hostName() == "localhost");
	CHECK(receiver.info.error() == QHostInfo::NoError);
	REQUIRE_FALSE(receiver.info.addresses().empty());
	CHECK(receiver.info.addresses()[0].isLoopback());

	int calls = 0;
	QHostInfo::lookupHost("127.0.0.1", [&](const QHostInfo &) { calls++; });
	QHostInfo::lookupHost("127.0.0.1", [&](QHostInfo) { calls++; });
	QHostInfo::lookupHost("127.0.0.1", &receiver, [&] { calls++; });
	CHECK(until([&] { return calls == 3; }));
}

TEST_CASE("host info: not found")
{
	QHostInfo info;
	bool done = false;
	QHostInfo::lookupHost("", [&](const QHostInfo &result) {
		info = result;
		done = true;
	});
	CHECK(until([&] { return done; }));
	CHECK(info.error() == QHostInfo::HostNotFound);
	CHECK_FALSE(info.errorString().empty());
	CHECK(info.addresses().empty());
}

TEST_CASE("host info: aborted, and a receiver that is gone")
{
	int calls = 0;
	auto held = std::make_shared<int>();
	const int id = QHostInfo::lookupHost("127.0.0.1", [&, held] { calls++; });
	QHostInfo::abortHostLookup(id);
	QHostInfo::abortHostLookup(id);
	QHostInfo::abortHostLookup(12345);
	CHECK(held.use_count() == 1);
	{
		Receiver gone;
		QHostInfo::lookupHost("127.0.0.1", &gone, [&, held] { calls++; });
	}
	CHECK(until([&] { return held.use_count() == 1; }));
	CHECK(calls == 0);
	Messages messages;
	CHECK(QHostInfo::lookupHost("x", static_cast<Receiver *>(nullptr), &Receiver::found) == -1);
	CHECK(messages.all().size() == 1);
}

TEST_CASE("host info: under way when the loop ends")
{
	int calls = 0;
	auto held = std::make_shared<int>();
	const qnet_usage before = usage();
	std::thread([&] { QHostInfo::lookupHost("nosuchhost.invalid", [&, held](const QHostInfo &) { calls++; }); }).join();
	CHECK(held.use_count() == 1);
	{
		Loop loop;
		Loop::Scope scope(loop);
		QHostInfo::lookupHost("nosuchhost.invalid", [&, held](const QHostInfo &) { calls++; });
	}
	CHECK(held.use_count() == 1);
	CHECK(calls == 0);
	const qnet_usage after = usage();
	CHECK(after.loops == before.loops);
	CHECK(after.host_infos == before.host_infos);
}
