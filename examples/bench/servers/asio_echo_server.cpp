// asio_echo_server: the echo server that is measured, on standalone Asio, with handlers. Each connection has a buffer of
// its own, which it reads into and writes from; it reads again when all has been written.
#include <asio.hpp>

#include <cstdio>
#include <memory>
#include <type_traits>

#include "server.h"

namespace {

template <class Protocol>
class Session : public std::enable_shared_from_this<Session<Protocol>> {
public:
	Session(typename Protocol::socket socket, bool sink) : socket_(std::move(socket)), sink_(sink)
	{
		if constexpr (std::is_same_v<Protocol, asio::ip::tcp>) {
			asio::error_code ignored;
			socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
		}
	}

	void read()
	{
		socket_.async_read_some(asio::buffer(data_.get(), READ_SIZE),
		                        [self = this->shared_from_this()](const asio::error_code &error, std::size_t size) {
			if (error)
				return; // and with the last handler goes the session
			if (self->sink_)
				self->read();
			else
				self->write(size);
		});
	}

private:
	void write(std::size_t size)
	{
		asio::async_write(socket_, asio::buffer(data_.get(), size),
		                  [self = this->shared_from_this()](const asio::error_code &error, std::size_t) {
			if (!error)
				self->read();
		});
	}

	typename Protocol::socket socket_;
	const bool sink_;
	// Not filled with zeros, so that only what messages have touched takes memory.
	std::unique_ptr<char[]> data_{new char[READ_SIZE]};
};

template <class Protocol>
void accept(typename Protocol::acceptor &acceptor, bool sink)
{
	acceptor.async_accept([&acceptor, sink](const asio::error_code &error, typename Protocol::socket socket) {
		if (!error)
			std::make_shared<Session<Protocol>>(std::move(socket), sink)->read();
		else
			std::fprintf(stderr, "asio_echo_server: accept: %s\n", error.message().c_str());
		accept<Protocol>(acceptor, sink);
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
	if (options.path != nullptr) {
		using local = asio::local::stream_protocol;
		auto acceptor = listen<local>(context, local::endpoint(options.path));
		accept<local>(acceptor, options.sink);
		server_listens(options.path, 0);
		context.run(); // until a signal ends the process
	} else {
		using asio::ip::tcp;
		auto acceptor = listen<tcp>(context, tcp::endpoint(asio::ip::address_v4::loopback(), options.port));
		accept<tcp>(acceptor, options.sink);
		server_listens(nullptr, acceptor.local_endpoint().port());
		context.run();
	}
	return 0;
} catch (const std::exception &problem) {
	server_fails("asio_echo_server", problem.what());
}
