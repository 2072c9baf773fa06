// Proxies: what they are, which one is used, and connections through them.
#include "support.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

/// What a proxy does: it reads so many bytes, 0 for up to an empty line, and then says something.
struct Step {
	std::size_t reads;
	std::string says;
};
using Script = std::vector<Step>;

std::string bytes(std::initializer_list<int> values)
{
	std::string text;
	for (int value : values)
		text += static_cast<char>(value);
	return text;
}

/// A proxy on a thread of its own: a script for each connection, after which it tells back what comes.
class ScriptedProxy {
public:
	explicit ScriptedProxy(std::vector<Script> scripts) : scripts_(std::move(scripts))
	{
		listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		sockaddr_in address = {};
		address.sin_family = AF_INET;
		address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		socklen_t size = sizeof address;
		REQUIRE(::bind(listener_, reinterpret_cast<sockaddr *>(&address), size) == 0);
		REQUIRE(::listen(listener_, 5) == 0);
		REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr *>(&address), &size) == 0);
		port_ = ntohs(address.sin_port);
		thread_ = std::thread([this] { run(); });
	}
	ScriptedProxy(const ScriptedProxy &) = delete;
	ScriptedProxy &operator=(const ScriptedProxy &) = delete;
	~ScriptedProxy() { end(); }

	/// Waits for its end, which the clients' end brings, and returns all that it was sent.
	std::string end()
	{
		if (thread_.joinable()) {
			::shutdown(listener_, SHUT_RDWR);
			thread_.join();
			::close(listener_);
		}
		return got_;
	}

	QNetworkProxy as(QNetworkProxy::ProxyType type) const { return {type, "127.0.0.1", port_}; }

private:
	void run()
	{
		for (const Script &script : scripts_) {
			const int fd = ::accept(listener_, nullptr, nullptr);
			if (fd < 0)
				return;
			serve(fd, script);
			::close(fd);
		}
	}
	void serve(int fd, const Script &script)
	{
		char c;
		for (const Step &step : script) {
			const std::size_t from = got_.size();
			auto read = [&] {
				return step.reads != 0 ? got_.size() - from >= step.reads
				                       : got_.size() - from >= 4 && got_.compare(got_.size() - 4, 4, "\r\n\r\n") == 0;
			};
			while (!read()) {
				if (::recv(fd, &c, 1, 0) != 1)
					return;
				got_ += c;
			}
			if (::send(fd, step.says.data(), step.says.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(step.says.size()))
				return;
		}
		while (::recv(fd, &c, 1, 0) == 1 && ::send(fd, &c, 1, MSG_NOSIGNAL) == 1)
			;
	}

	std::vector<Script> scripts_;
	int listener_ = -1;
	quint16 port_ = 0;
	std::string got_;
	std::thread thread_;
};

/// SOCKS without a user.
const Script socks = {{3, bytes({5, 0})}, {18, bytes({5, 0, 0, 1, 127, 0, 0, 1, 0, 9})}};
/// SOCKS that wants somebody else.
const Script refuses = {{3, bytes({5, 0xff})}};
const Script http = {{0, "HTTP/1.1 200 Fine\r\n\r\n"}};

std::string challenge(const char *realm)
{
	return std::string("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"") + realm + "\"\r\nContent-Length: 0\r\n\r\n";
}

/// Connects to a host that only a proxy knows.
bool connects(QTcpSocket &socket)
{
	socket.connectToHost("target.test", 7);
	return socket.waitForConnected(10000);
}

/// Leaves the application without proxies.
struct NoProxies {
	NoProxies() = default;
	NoProxies(const NoProxies &) = delete;
	NoProxies &operator=(const NoProxies &) = delete;
	~NoProxies() { QNetworkProxy::setApplicationProxy(QNetworkProxy()); }
};

struct Factory : QNetworkProxyFactory {
	explicit Factory(std::vector<QNetworkProxy> proxies, std::atomic<int> *alive = nullptr) : list(std::move(proxies)), alive(alive)
	{
		if (alive != nullptr)
			++*alive;
	}
	Factory(const Factory &) = delete;
	Factory &operator=(const Factory &) = delete;
	~Factory() override
	{
		if (alive != nullptr)
			--*alive;
	}
	std::vector<QNetworkProxy> queryProxy(const QNetworkProxyQuery &query) override
	{
		asked = query;
		return list;
	}
	std::vector<QNetworkProxy> list;
	std::atomic<int> *alive;
	QNetworkProxyQuery asked;
};

} // namespace

TEST_CASE("proxy: a value")
{
	QNetworkProxy proxy(QNetworkProxy::HttpProxy, "h", 3128, "u", "p");
	CHECK(proxy.type() == QNetworkProxy::HttpProxy);
	CHECK(proxy.hostName() == "h");
	CHECK(proxy.port() == 3128);
	CHECK(proxy.user() == "u");
	CHECK(proxy.password() == "p");
	QNetworkProxy other = proxy;
	CHECK(other == proxy);
	other.setHostName("H");
	CHECK(other != proxy);
	proxy.swap(other);
	CHECK(proxy.hostName() == "H");
	other = std::move(proxy);
	CHECK(other.hostName() == "H");
	other.setPort(1);
	other.setUser("v");
	other.setPassword(nullptr);
	CHECK(other == QNetworkProxy(QNetworkProxy::HttpProxy, "H", 1, "v"));
	CHECK(QNetworkProxy() != QNetworkProxy::NoProxy);
	CHECK(QNetworkProxy() == QNetworkProxy(QNetworkProxy::DefaultProxy));
}

TEST_CASE("proxy: what it can do goes with its type, unless it was said")
{
	QNetworkProxy proxy;
	CHECK(proxy.capabilities().toInt() == 103);
	const std::pair<QNetworkProxy::ProxyType, int> types[] = {
		{QNetworkProxy::NoProxy, 103},         {QNetworkProxy::Socks5Proxy, 23},    {QNetworkProxy::HttpProxy, 25},
		{QNetworkProxy::HttpCachingProxy, 24}, {QNetworkProxy::FtpCachingProxy, 24},
	};
	for (auto [type, capabilities] : types) {
		proxy.setType(type);
		CHECK(proxy.capabilities().toInt() == capabilities);
		CHECK(proxy.isCachingProxy() == ((capabilities & 8) != 0));
		CHECK(proxy.isTransparentProxy() == ((capabilities & 1) != 0));
		QNetworkProxy same = proxy;
		same.setCapabilities(QNetworkProxy::Capabilities::fromInt(capabilities));
		CHECK(same == proxy);
	}
	proxy.setCapabilities(QNetworkProxy::TunnelingCapability | QNetworkProxy::ListeningCapability);
	proxy.setType(QNetworkProxy::HttpProxy);
	CHECK(proxy.capabilities().toInt() == 3);
	CHECK(proxy != QNetworkProxy::HttpProxy);
	proxy.setCapabilities({});
	CHECK(proxy.capabilities().toInt() == 0);

	// Through the library and back.
	QTcpSocket socket;
	for (const QNetworkProxy &one : {proxy, QNetworkProxy(QNetworkProxy::Socks5Proxy, "h", 1)}) {
		socket.setProxy(one);
		QNetworkProxy back = socket.proxy(), copy = one;
		CHECK(back == one);
		back.setType(QNetworkProxy::NoProxy);
		copy.setType(QNetworkProxy::NoProxy);
		CHECK(back == copy);
	}
	// And one of C.
	qnet_network_proxy c = {};
	c.type = QNET_SOCKS5_PROXY;
	c.host_name = "h";
	c.port = 1;
	CHECK(QNetworkProxy(c) == QNetworkProxy(QNetworkProxy::Socks5Proxy, "h", 1));
}

TEST_CASE("proxy: raw headers")
{
	QNetworkProxy proxy(QNetworkProxy::HttpProxy);
	CHECK_FALSE(proxy.hasRawHeader("X-One"));
	CHECK(proxy.rawHeader("X-One").empty());
	CHECK(proxy.rawHeaderList().empty());
	proxy.setRawHeader("X-One", "1");
	proxy.setRawHeader("X-Two", "");
	CHECK(proxy.hasRawHeader("x-one"));
	CHECK(proxy.hasRawHeader("X-TWO"));
	CHECK(proxy.rawHeader("X-ONE") == "1");
	CHECK(proxy.rawHeaderList() == std::vector<std::string>{"X-One", "X-Two"});
	CHECK(proxy == QNetworkProxy(QNetworkProxy::HttpProxy));
	QNetworkProxy copy = proxy;
	copy.setRawHeader("X-One", nullptr);
	CHECK_FALSE(copy.hasRawHeader("X-One"));
	CHECK(proxy.rawHeader("X-One") == "1");
	QNetworkProxy &alias = proxy;
	proxy = alias;
	CHECK(proxy.rawHeader("X-One") == "1");
	proxy.swap(copy);
	CHECK(copy.hasRawHeader("X-One"));
	CHECK_FALSE(proxy.hasRawHeader("X-One"));
	proxy = std::move(copy);
	CHECK(proxy.hasRawHeader("X-One"));
	QTcpSocket socket;
	socket.setProxy(proxy);
	CHECK(socket.proxy().rawHeader("X-One") == "1");
	CHECK(socket.proxy().rawHeaderList().size() == 2);
	Messages messages;
	proxy.setRawHeader("X", "a\r\nb");
	proxy.setRawHeader("", "a");
	proxy.setRawHeader("X", std::string("a\0b", 3));
	proxy.setRawHeader(std::string("X\0", 2), "a");
	CHECK(messages.all().size() == 4);
	CHECK_FALSE(proxy.hasRawHeader("X"));
}

TEST_CASE("proxy: a query")
{
	const QNetworkProxyQuery none, socket("Target.Test", 7, "HTTP"), server(80, "x");
	CHECK(none.queryType() == QNetworkProxyQuery::TcpSocket);
	CHECK(none.peerHostName().empty());
	CHECK(none.peerPort() == -1);
	CHECK(none.localPort() == -1);
	CHECK(none.protocolTag().empty());
	CHECK(socket.peerHostName() == "target.test");
	CHECK(socket.peerPort() == 7);
	CHECK(socket.localPort() == -1);
	CHECK(socket.protocolTag() == "http");
	CHECK(server.queryType() == QNetworkProxyQuery::TcpServer);
	CHECK(server.localPort() == 80);
	CHECK(server.peerPort() == -1);
	CHECK(socket == QNetworkProxyQuery("TARGET.test", 7, "http"));
	CHECK(socket != QNetworkProxyQuery("target.test", 7, "http", QNetworkProxyQuery::UdpSocket));
	CHECK(QNetworkProxyQuery("[::1]", 7) == QNetworkProxyQuery("::1", 7));
	CHECK(QNetworkProxyQuery("h", 65536).peerPort() == -1);
	QNetworkProxyQuery query = socket;
	query.setQueryType(QNetworkProxyQuery::SctpServer);
	query.setPeerHostName(nullptr);
	query.setPeerPort(-7);
	query.setLocalPort(99999);
	query.setProtocolTag("");
	CHECK(query.queryType() == QNetworkProxyQuery::SctpServer);
	CHECK(query.peerHostName().empty());
	CHECK(query.peerPort() == -1);
	CHECK(query.localPort() == 99999);
	QNetworkProxyQuery copy = none;
	copy.swap(query);
	CHECK(query == none);
	CHECK(copy != none);
}

TEST_CASE("proxy: an authenticator of one's own")
{
	QAuthenticator one;
	CHECK(one.isNull());
	CHECK(one.user().empty());
	CHECK(one.realm().empty());
	CHECK_FALSE(one.option("x").isValid());
	CHECK(one == QAuthenticator());
	one.setUser("");
	CHECK_FALSE(one.isNull());
	CHECK(one != QAuthenticator());
	one.setUser("u");
	one.setPassword("p");
	one.setOption("x", "y");
	QAuthenticator copy = one;
	CHECK(copy == one);
	CHECK(copy.user() == "u");
	CHECK(copy.password() == "p");
	CHECK(copy.option("x").toString() == "y");
	copy.setUser("v");
	CHECK(copy != one);
	CHECK(one.user() == "u");
	one = copy;
	CHECK(one.user() == "v");
	one = QAuthenticator();
	CHECK(one.isNull());
	CHECK_FALSE(one.option("x").isValid());
}

TEST_CASE("proxy: of sockets and servers")
{
	QTcpSocket socket;
	QTcpServer server;
	CHECK(socket.proxy() == QNetworkProxy());
	CHECK(server.proxy() == QNetworkProxy());
	socket.setProxy(QNetworkProxy::NoProxy);
	CHECK(socket.proxy() == QNetworkProxy::NoProxy);
	server.setProxy({QNetworkProxy::HttpProxy, "h", 1});
	CHECK(server.proxy().hostName() == "h");
	// Which no server can use, but at a loopback address it need not.
	CHECK_FALSE(server.listen());
	CHECK(server.serverError() == QAbstractSocket::UnsupportedSocketOperationError);
	CHECK(server.listen(QHostAddress::LocalHost));
}

TEST_CASE("proxy: a server and datagrams through SOCKS")
{
	ScriptedProxy proxy({{{3, bytes({5, 0})}, {10, bytes({5, 0, 0, 1, 127, 0, 0, 1, 0x12, 0x34})}},
	                     {{3, bytes({5, 0})}, {10, bytes({5, 0, 0, 1, 127, 0, 0, 1, 0, 9})}}});
	QTcpServer server;
	server.setProxy(proxy.as(QNetworkProxy::Socks5Proxy));
	quint16 listensAt = 0;
	QObject::connect(&server, &QTcpServer::listening, [&] { listensAt = server.serverPort(); });
	REQUIRE(server.listen());
	CHECK(listensAt == 0);
	CHECK(server.serverAddress() == QHostAddress::LocalHost);
	CHECK(server.serverPort() == 0x1234);
	REQUIRE(until([&] { return listensAt != 0; }));
	CHECK(listensAt == 0x1234);
	server.close();
	QUdpSocket socket;
	socket.setProxy(proxy.as(QNetworkProxy::Socks5Proxy));
	std::vector<qint64> written;
	QObject::connect(&socket, &QUdpSocket::bytesWritten, [&](qint64 bytes) { written.push_back(bytes); });
	CHECK(socket.bind());
	CHECK(socket.state() == QAbstractSocket::BoundState);
	CHECK(socket.writeDatagram("hello", QHostAddress("192.0.2.1"), 9) == 5);
	CHECK(written.empty());
	CHECK(socket.bytesToWrite() == 5);
	REQUIRE(until([&] { return !written.empty(); }));
	CHECK(written == std::vector<qint64>{5});
	CHECK(socket.bytesToWrite() == 0);
	socket.abort();
}

TEST_CASE("proxy: a server that SOCKS refuses")
{
	ScriptedProxy proxy({{{3, bytes({5, 0})}, {10, bytes({5, 5, 0, 1, 0, 0, 0, 0, 0, 0})}}});
	QTcpServer server;
	server.setProxy(proxy.as(QNetworkProxy::Socks5Proxy));
	bool told = false;
	QObject::connect(&server, &QTcpServer::acceptError, [&](QAbstractSocket::SocketError error) {
		told = true;
		CHECK(error == QAbstractSocket::ConnectionRefusedError);
		CHECK(server.isListening());
		CHECK(server.serverPort() == 4321);
		server.close();
	});
	REQUIRE(server.listen(QHostAddress::Any, 4321));
	REQUIRE(until([&] { return told; }));
	CHECK_FALSE(server.isListening());
}

TEST_CASE("proxy: a connection through HTTP")
{
	ScriptedProxy proxy({{{0, "HTTP/1.1 200 Fine\r\n\r\nfirst"}}});
	QNetworkProxy own = proxy.as(QNetworkProxy::HttpProxy);
	own.setRawHeader("X-One", "1");
	QTcpSocket socket;
	socket.setProxy(own);
	REQUIRE(connects(socket));
	CHECK(socket.peerName() == "target.test");
	CHECK(socket.peerPort() == 7);
	CHECK(socket.peerAddress().isNull());
	CHECK(until([&] { return socket.bytesAvailable() == 5; }));
	CHECK(socket.readAll() == "first");
	socket.write("echo");
	CHECK(until([&] { return socket.bytesAvailable() == 4; }));
	socket.abort();
	const std::string got = proxy.end();
	CHECK(got.find("CONNECT target.test:7 HTTP/1.1\r\n") == 0);
	CHECK(got.find("\r\nX-One: 1\r\n") != got.npos);
}

TEST_CASE("proxy: errors")
{
	const std::pair<Script, QAbstractSocket::SocketError> table[] = {
		{{{3, bytes({5, 0})}, {18, bytes({5, 5, 0, 1, 0, 0, 0, 0, 0, 0})}}, QAbstractSocket::ConnectionRefusedError},
		{{{3, "SSH-2.0"}}, QAbstractSocket::ProxyProtocolError},
		{refuses, QAbstractSocket::ProxyAuthenticationRequiredError},
	};
	for (const auto &[script, error] : table) {
		ScriptedProxy proxy({script});
		QTcpSocket socket;
		socket.setProxy(proxy.as(QNetworkProxy::Socks5Proxy));
		CHECK_FALSE(connects(socket));
		CHECK(socket.error() == error);
	}
	QTcpSocket socket;
	socket.setProxy(QNetworkProxy(QNetworkProxy::HttpCachingProxy, "127.0.0.1", 1));
	CHECK_FALSE(connects(socket));
	CHECK(socket.error() == QAbstractSocket::UnsupportedSocketOperationError);
	// A name with a NUL is no other name.
	socket.setProxy(QNetworkProxy(QNetworkProxy::Socks5Proxy, std::string("127.0.0.1\0x", 11), 1));
	CHECK_FALSE(connects(socket));
	CHECK(socket.error() == QAbstractSocket::ProxyNotFoundError);
}

TEST_CASE("proxy: it asks for a user")
{
	ScriptedProxy proxy({{{0, challenge("the place")}, {0, challenge("the place")}, {0, "HTTP/1.1 200 Fine\r\n\r\n"}}});
	QTcpSocket socket;
	socket.setProxy(proxy.as(QNetworkProxy::HttpProxy));
	std::vector<QAuthenticator> before, after;
	QNetworkProxy asking;
	socket.proxyAuthenticationRequired.connect([&](const QNetworkProxy &one, QAuthenticator *authenticator) {
		asking = one;
		before.push_back(*authenticator);
		if (before.size() == 1) {
			authenticator->setUser("me");
			authenticator->setPassword("wrong");
		} else {
			QAuthenticator known;
			known.setUser("me");
			known.setPassword("secret");
			known.setOption("x", "y");
			*authenticator = known;
		}
	});
	// Another slot sees what the first has set.
	QObject::connect(&socket, &QAbstractSocket::proxyAuthenticationRequired, &socket,
	                 [&](const QNetworkProxy &, QAuthenticator *authenticator) {
						 CHECK(authenticator->option("x").isValid() == (after.size() == 1));
						 after.push_back(*authenticator);
					 });
	REQUIRE(connects(socket));
	CHECK(asking == socket.proxy());
	REQUIRE(before.size() == 2);
	CHECK(before[0].realm() == "the place");
	CHECK(before[0].option("realm").toString() == "the place");
	CHECK(before[0].user().empty());
	CHECK_FALSE(before[0].isNull());
	CHECK(before[1].user() == "me");
	CHECK(before[1].password() == "wrong");
	CHECK(after[1].user() == "me");
	CHECK(after[1].password() == "secret");
	CHECK(after[1].option("x").toString() == "y");
	socket.abort();
	const std::string got = proxy.end();
	CHECK(got.find("Proxy-Authorization: Basic bWU6d3Jvbmc=\r\n") != got.npos);
	CHECK(got.find("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n") != got.npos);
}

TEST_CASE("proxy: an exception where a user is asked for")
{
	ScriptedProxy proxy({refuses});
	QTcpSocket socket;
	socket.setProxy(proxy.as(QNetworkProxy::Socks5Proxy));
	std::string thrown;
	auto before = setExceptionHandler([&](std::exception_ptr exception) {
		try {
			std::rethrow_exception(exception);
		} catch (const std::exception &error) {
			thrown = error.what();
		}
	});
	bool null = false;
	socket.proxyAuthenticationRequired.connect([](const QNetworkProxy &, QAuthenticator *) { throw std::runtime_error("oh"); });
	socket.proxyAuthenticationRequired.connect([&](const QNetworkProxy &, QAuthenticator *authenticator) { null = authenticator->isNull(); });
	CHECK_FALSE(connects(socket));
	CHECK(socket.error() == QAbstractSocket::ProxyAuthenticationRequiredError);
	CHECK(thrown == "oh");
	CHECK(null);
	setExceptionHandler(before);
}

TEST_CASE("proxy: a socket that is deleted where a user is asked for")
{
	ScriptedProxy proxy({refuses});
	auto *socket = new QTcpSocket;
	socket->setProxy(proxy.as(QNetworkProxy::Socks5Proxy));
	std::string user;
	int later = 0;
	socket->proxyAuthenticationRequired.connect([&](const QNetworkProxy &, QAuthenticator *authenticator) {
		delete socket;
		authenticator->setUser("me");
		user = authenticator->user();
	});
	socket->proxyAuthenticationRequired.connect([&] { later++; });
	socket->connectToHost("target.test", 7);
	Messages messages;
	CHECK(until([&] { return !user.empty(); }));
	CHECK(user == "me");
	CHECK(later == 0);
	CHECK(messages.all().empty());
}

TEST_CASE("proxy: the application's")
{
	NoProxies none;
	CHECK(QNetworkProxy::applicationProxy() == QNetworkProxy::NoProxy);
	ScriptedProxy proxy({socks});
	QNetworkProxy::setApplicationProxy(proxy.as(QNetworkProxy::Socks5Proxy));
	CHECK(QNetworkProxy::applicationProxy() == proxy.as(QNetworkProxy::Socks5Proxy));
	const std::vector<QNetworkProxy> list = QNetworkProxyFactory::proxyForQuery(QNetworkProxyQuery("a.test", 7));
	CHECK(list == std::vector<QNetworkProxy>{proxy.as(QNetworkProxy::Socks5Proxy)});
	QTcpSocket socket;
	REQUIRE(connects(socket));
	CHECK(socket.localPort() == 9);
	// Not for this host.
	Pair pair;
}

TEST_CASE("proxy: the system's")
{
	NoProxies none;
	CHECK_FALSE(QNetworkProxyFactory::usesSystemConfiguration());
	::setenv("all_proxy", "socks5://u:p@e.test:1080", 1);
	::setenv("no_proxy", "b.test", 1);
	const std::vector<QNetworkProxy> list = QNetworkProxyFactory::systemProxyForQuery(QNetworkProxyQuery("a.test", 7));
	CHECK(list == std::vector<QNetworkProxy>{{QNetworkProxy::Socks5Proxy, "e.test", 1080, "u", "p"}});
	CHECK(QNetworkProxyFactory::systemProxyForQuery(QNetworkProxyQuery("b.test", 7))[0] == QNetworkProxy::NoProxy);
	CHECK(QNetworkProxyFactory::systemProxyForQuery()[0].hostName() == "e.test");
	std::atomic<int> alive{0};
	QNetworkProxyFactory::setApplicationProxyFactory(new Factory({}, &alive));
	QNetworkProxyFactory::setUseSystemConfiguration(false);
	CHECK(alive == 1);
	QNetworkProxyFactory::setUseSystemConfiguration(true);
	CHECK(QNetworkProxyFactory::usesSystemConfiguration());
	CHECK(alive == 0);
	CHECK(QNetworkProxyFactory::proxyForQuery(QNetworkProxyQuery("a.test", 7)) == list);
	::unsetenv("all_proxy");
	::unsetenv("no_proxy");
	CHECK(QNetworkProxyFactory::proxyForQuery(QNetworkProxyQuery("a.test", 7))[0] == QNetworkProxy::NoProxy);
	QNetworkProxyFactory::setUseSystemConfiguration(false);
	CHECK_FALSE(QNetworkProxyFactory::usesSystemConfiguration());
}

TEST_CASE("proxy: a factory")
{
	NoProxies none;
	ScriptedProxy proxy({socks});
	QNetworkProxy own = proxy.as(QNetworkProxy::Socks5Proxy);
	own.setRawHeader("X", "y");
	std::atomic<int> alive{0};
	auto *factory = new Factory({QNetworkProxy::HttpCachingProxy, own}, &alive);
	QNetworkProxyFactory::setApplicationProxyFactory(factory);
	QTcpSocket socket;
	socket.setProtocolTag("tag");
	REQUIRE(connects(socket));
	CHECK(socket.localPort() == 9);
	CHECK(factory->asked == QNetworkProxyQuery("target.test", 7, "tag"));
	QTcpServer server;
	CHECK(server.listen(QHostAddress::LocalHost));
	const std::vector<QNetworkProxy> list = QNetworkProxyFactory::proxyForQuery(QNetworkProxyQuery(80));
	CHECK(list == factory->list);
	CHECK(list[1].rawHeader("x") == "y");
	CHECK(factory->asked == QNetworkProxyQuery(80));
	CHECK(QNetworkProxy::applicationProxy() == QNetworkProxy::HttpCachingProxy);

	// More than there is room for.
	factory->list.assign(20, QNetworkProxy(QNetworkProxy::Socks5Proxy, "many"));
	CHECK(QNetworkProxyFactory::proxyForQuery(QNetworkProxyQuery("a.test", 7)).size() == 16);
	// None.
	factory->list.clear();
	{
		Messages messages;
		CHECK(QNetworkProxyFactory::proxyForQuery(QNetworkProxyQuery("a.test", 7))[0] == QNetworkProxy::NoProxy);
		CHECK(messages.contains("the list is empty"));
	}
	// The same again, then others.
	QNetworkProxyFactory::setApplicationProxyFactory(factory);
	CHECK(alive == 1);
	QNetworkProxyFactory::setApplicationProxyFactory(new Factory({}, &alive));
	CHECK(alive == 1);
	QNetworkProxyFactory::setApplicationProxyFactory(nullptr);
	CHECK(alive == 0);
	CHECK(QNetworkProxyFactory::proxyForQuery(QNetworkProxyQuery("a.test", 7))[0] == QNetworkProxy::NoProxy);
	QNetworkProxyFactory::setApplicationProxyFactory(new Factory({}, &alive));
	QNetworkProxy::setApplicationProxy(QNetworkProxy::NoProxy);
	CHECK(alive == 0);
}

TEST_CASE("proxy: an exception of a factory is no direct connection")
{
	struct Throwing : QNetworkProxyFactory {
		std::vector<QNetworkProxy> queryProxy(const QNetworkProxyQuery &) override { throw std::runtime_error("oh"); }
	};
	NoProxies none;
	QTcpServer server;
	REQUIRE(server.listen(QHostAddress::LocalHost));
	QNetworkProxyFactory::setApplicationProxyFactory(new Throwing);
	int thrown = 0;
	auto before = setExceptionHandler([&](std::exception_ptr) { thrown++; });
	QTcpSocket socket;
	// An address of this host that the factory is asked for.
	socket.connectToHost("0.0.0.0", server.serverPort());
	CHECK(socket.error() == QAbstractSocket::UnsupportedSocketOperationError);
	CHECK(socket.state() == QAbstractSocket::UnconnectedState);
	CHECK(thrown == 1);
	QTcpServer other;
	CHECK_FALSE(other.listen());
	CHECK(other.serverError() == QAbstractSocket::UnsupportedSocketOperationError);
	CHECK(thrown == 2);
	CHECK_FALSE(QNetworkProxyFactory::proxyForQuery(QNetworkProxyQuery("a.test", 7))[0].isTransparentProxy());
	setExceptionHandler(before);
}

TEST_CASE("proxy: a factory that is replaced while another thread is in it")
{
	NoProxies none;
	std::mutex mutex;
	std::condition_variable changed;
	std::atomic<int> alive{0};
	bool entered = false, replaced = false;
	struct Waiting : Factory {
		Waiting(std::atomic<int> *count, std::function<void()> f) : Factory({}, count), wait(std::move(f)) {}
		std::vector<QNetworkProxy> queryProxy(const QNetworkProxyQuery &query) override
		{
			wait();
			static_cast<void>(Factory::queryProxy(query)); // it is still there
			return {{QNetworkProxy::Socks5Proxy, "old"}};
		}
		std::function<void()> wait;
	};
	QNetworkProxyFactory::setApplicationProxyFactory(new Waiting(&alive, [&] {
		std::unique_lock<std::mutex> lock(mutex);
		entered = true;
		changed.notify_all();
		changed.wait(lock, [&] { return replaced; });
		CHECK(alive == 1);
	}));
	std::string answer;
	std::thread thread([&] { answer = QNetworkProxyFactory::proxyForQuery(QNetworkProxyQuery("a.test", 7))[0].hostName(); });
	{
		std::unique_lock<std::mutex> lock(mutex);
		changed.wait(lock, [&] { return entered; });
	}
	QNetworkProxyFactory::setApplicationProxyFactory(nullptr);
	CHECK(alive == 1);
	{
		std::lock_guard<std::mutex> lock(mutex);
		replaced = true;
		changed.notify_all();
	}
	thread.join();
	CHECK(answer == "old");
	CHECK(alive == 0);
}

TEST_CASE("proxy: a factory that replaces itself")
{
	struct Once : Factory {
		using Factory::Factory;
		std::vector<QNetworkProxy> queryProxy(const QNetworkProxyQuery &) override
		{
			QNetworkProxy::setApplicationProxy({QNetworkProxy::HttpProxy, "new", 1});
			return list;
		}
	};
	NoProxies none;
	std::atomic<int> alive{0};
	QNetworkProxyFactory::setApplicationProxyFactory(new Once({{QNetworkProxy::Socks5Proxy, "old"}}, &alive));
	const QNetworkProxyQuery query("a.test", 7);
	CHECK(QNetworkProxyFactory::proxyForQuery(query)[0].hostName() == "old");
	CHECK(alive == 0);
	CHECK(QNetworkProxyFactory::proxyForQuery(query)[0].hostName() == "new");
}

TEST_CASE("proxy: factories come and go while threads ask")
{
	NoProxies none;
	std::atomic<int> alive{0};
	std::atomic<bool> over{false};
	std::atomic<int> wrong{0};
	std::vector<std::thread> threads;
	const QNetworkProxy safe(QNetworkProxy::Socks5Proxy, "safe", 1);
	QNetworkProxy::setApplicationProxy(safe);
	for (int i = 0; i < 3; i++)
		threads.emplace_back([&] {
			while (!over)
				if (QNetworkProxyFactory::proxyForQuery(QNetworkProxyQuery("a.test", 7))[0] != safe)
					wrong++;
		});
	// At no moment is the connection direct.
	struct Fixed : Factory { // which all threads may be in
		using Factory::Factory;
		std::vector<QNetworkProxy> queryProxy(const QNetworkProxyQuery &) override { return list; }
	};
	for (int i = 0; i < 300; i++) {
		QNetworkProxyFactory::setApplicationProxyFactory(new Fixed({safe}, &alive));
		if (i % 2 == 0)
			QNetworkProxy::setApplicationProxy(safe);
	}
	over = true;
	for (std::thread &thread : threads)
		thread.join();
	CHECK(wrong == 0);
	QNetworkProxyFactory::setApplicationProxyFactory(nullptr);
	CHECK(alive == 0);
}
