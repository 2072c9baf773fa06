// asio_echo_server: the echo server that is measured, on standalone Asio, with handlers. Each connection has a buffer of
// its own, which it reads into and writes from; it reads again when all has been written. With ENCRYPTED it becomes
// asio_ssl_echo_server, which encrypts with OpenSSL.
#include <asio.hpp>
#ifdef ENCRYPTED
#include <asio/ssl.hpp>
#define SERVER_ENCRYPTS
#endif

#include <cstdio>
#include <memory>
#include <type_traits>

#include "server.h"

namespace {

using asio::ip::tcp;

template <class Stream>
class Session : public std::enable_shared_from_this<Session<Stream>> {
public:
	Session(Stream stream, const server_options &options) : stream_(std::move(stream)), options_(options)
	{
		if constexpr (!std::is_same_v<Stream, asio::local::stream_protocol::socket>) {
			asio::error_code ignored;
			stream_.lowest_layer().set_option(tcp::no_delay(true), ignored);
		}
	}

	void start()
	{
		if constexpr (std::is_base_of_v<asio::socket_base, Stream>)
			read();
#ifdef ENCRYPTED
		else
			stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](const asio::error_code &error) {
				if (error)
					return; // and with the last handler goes the session
				if (self->options_.source)
					self->send();
				else
					self->read();
			});
#endif
	}

private:
	void read()
	{
		stream_.async_read_some(asio::buffer(data_.get(), READ_SIZE),
		                        [self = this->shared_from_this()](const asio::error_code &error, std::size_t size) {
			if (error)
				return;
			if (self->options_.sink)
				self->read();
			else
				self->write(size);
		});
	}

	void write(std::size_t size)
	{
		asio::async_write(stream_, asio::buffer(data_.get(), size),
		                  [self = this->shared_from_this()](const asio::error_code &error, std::size_t) {
			if (!error)
				self->read();
		});
	}

	// Without end.
	void send()
	{
		asio::async_write(stream_, asio::buffer(data_.get(), SOURCE_SIZE),
		                  [self = this->shared_from_this()](const asio::error_code &error, std::size_t) {
			if (!error)
				self->send();
		});
	}

	Stream stream_;
	const server_options &options_;
	// Not filled with zeros, so that only what messages have touched takes memory.
	std::unique_ptr<char[]> data_{new char[READ_SIZE]};
};

// Each connection becomes a Stream, made of its socket by wrap.
template <class Stream, class Acceptor, class Wrap>
void accept(Acceptor &acceptor, const server_options &options, Wrap wrap)
{
	acceptor.async_accept([&acceptor, &options, wrap](const asio::error_code &error, auto socket) {
		if (!error)
			std::make_shared<Session<Stream>>(wrap(std::move(socket)), options)->start();
		else
			std::fprintf(stderr, "asio_echo_server: accept: %s\n", error.message().c_str());
		accept<Stream>(acceptor, options, wrap);
	});
}

template <class Protocol>
typename Protocol::acceptor listen(asio::io_context &context, const typename Protocol::endpoint &endpoint)
{
	typename Protocol::acceptor acceptor(context, endpoint.protocol());
	if constexpr (std::is_same_v<Protocol, asio::ip::tcp>)
		acceptor.set_option(asio::socket_base::reuse_address(true));
	acceptor.bind(endpoint);
	acceptor.listen(BACKLOG);
	return acceptor;
}

} // namespace

int main(int argc, char **argv)
try {
	const server_options options = server_start(argc, argv);
	asio::io_context context(1); // one thread: Asio may spare itself some locks
	const auto plain = [](auto socket) { return socket; };
	if (options.path != nullptr) {
		using local = asio::local::stream_protocol;
		auto acceptor = listen<local>(context, local::endpoint(options.path));
		accept<local::socket>(acceptor, options, plain);
		server_listens(options.path, 0);
		context.run(); // until a signal ends the process
		return 0;
	}
	auto acceptor = listen<tcp>(context, tcp::endpoint(asio::ip::address_v4::loopback(), options.port));
#ifdef ENCRYPTED
	asio::ssl::context tls(asio::ssl::context::tls_server);
	if (options.certificate != nullptr) {
		tls.use_certificate_chain_file(options.certificate);
		tls.use_private_key_file(options.key, asio::ssl::context::pem);
		accept<asio::ssl::stream<tcp::socket>>(acceptor, options, [&tls](auto socket) {
			return asio::ssl::stream<tcp::socket>(std::move(socket), tls);
		});
	} else
#endif
		accept<tcp::socket>(acceptor, options, plain);
	server_listens(nullptr, acceptor.local_endpoint().port());
	context.run();
	return 0;
} catch (const std::exception &problem) {
	server_fails("asio_echo_server", problem.what());
}
