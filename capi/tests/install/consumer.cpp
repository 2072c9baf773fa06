// A C++ program outside the tree: an echo driven by signals, with lambdas for callbacks, and a server of the C++ classes.
// Prints the version.
#include <qnet/QTcpServer>
#include <qnet/qnet.h>

#include <cstdint>
#include <iostream>
#include <string>

namespace {

const std::string greeting = "greeting";

struct Client {
	std::string received;
	bool timed_out = false;
};

} // namespace

int main()
{
	if (std::string(qnet_version()) != QNET_VERSION_STR || qnet_version_number() != QNET_VERSION) {
		std::cerr << "consumer: header and library are of different versions\n";
		return 1;
	}

	qnet_tcp_server *server = qnet_tcp_server_new(nullptr);
	qnet_tcp_server_on_new_connection(server, [](qnet_tcp_server *server, void *) {
		qnet_socket *socket = qnet_tcp_server_next_pending_connection(server);
		qnet_socket_on_ready_read(socket, [](qnet_socket *socket, void *) {
			std::int64_t size;
			const char *data = qnet_socket_read_all(socket, &size);
			qnet_socket_write(socket, data, size);
		}, nullptr);
	}, nullptr);
	if (!qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0)) {
		std::cerr << "consumer: " << qnet_tcp_server_error_string(server) << '\n';
		return 1;
	}

	Client client;
	qnet_socket *socket = qnet_tcp_socket_new(nullptr);
	qnet_socket_on_connected(socket, [](qnet_socket *socket, void *) {
		qnet_socket_write(socket, greeting.data(), static_cast<std::int64_t>(greeting.size()));
	}, nullptr);
	qnet_socket_on_ready_read(socket, [](qnet_socket *socket, void *user_data) {
		auto &client = *static_cast<Client *>(user_data);
		std::int64_t size;
		const char *data = qnet_socket_read_all(socket, &size);
		client.received.append(data, static_cast<std::size_t>(size));
		if (client.received.size() >= greeting.size())
			qnet_loop_quit(nullptr);
	}, &client);
	qnet_timer_single_shot(nullptr, 10000, [](void *user_data) {
		static_cast<Client *>(user_data)->timed_out = true;
		qnet_loop_quit(nullptr);
	}, &client);
	qnet_socket_connect_to_address(socket, QNET_ADDRESS_LOCAL_HOST, qnet_tcp_server_server_port(server),
	                               QNET_READ_WRITE);
	qnet_loop_exec(nullptr);

	qnet_socket_delete(socket);
	qnet_tcp_server_delete(server);
	if (client.timed_out || client.received != greeting) {
		std::cerr << "consumer: no echo\n";
		return 1;
	}

	qnet::QTcpServer classes;
	if (!classes.listen(qnet::QHostAddress::LocalHost)) {
		std::cerr << "consumer: " << classes.errorString() << '\n';
		return 1;
	}
	std::cout << QNET_VERSION_MAJOR << '.' << QNET_VERSION_MINOR << '.' << QNET_VERSION_PATCH << '\n';
	return 0;
}
