/*
 * libuv_echo_server: the echo server that is measured, on libuv. It reads into
 * one buffer for all, as callbacks of one loop run one after another, and writes
 * at once what the system takes; only the rest is kept, and the connection is
 * not read from until that has gone.
 *
 *   libuv_echo_server [--queued] [--port PORT | --local PATH] [--sink]
 *
 * With --queued it does as programs on libuv mostly do: a buffer of its own for
 * each read, which a request writes and then frees.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <uv.h>

#include "server.h"

struct connection {
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} socket;
	uv_write_t request;
	char *pending; /* what the request writes */
};

/* A write that owns its buffer. */
struct queued_write {
	uv_write_t request;
	char *data;
};

static bool sink, queued;

static void on_closed(uv_handle_t *handle)
{
	struct connection *connection = handle->data;

	free(connection->pending);
	free(connection);
}

static void close_connection(struct connection *connection)
{
	if (!uv_is_closing(&connection->socket.handle))
		uv_close(&connection->socket.handle, on_closed);
}

static void on_buffer_wanted(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	static char data[READ_SIZE];

	(void)handle;
	if (queued) {
		char *own = malloc(suggested);

		*buffer = uv_buf_init(own, own != NULL ? (unsigned)suggested : 0);
	} else {
		*buffer = uv_buf_init(data, sizeof data);
	}
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer);

static void on_written(uv_write_t *request, int status)
{
	struct connection *connection = request->data;

	if (status < 0 || uv_read_start(&connection->socket.stream, on_buffer_wanted, on_read) != 0) {
		close_connection(connection);
		return;
	}
	free(connection->pending);
	connection->pending = NULL;
}

static void write_later(struct connection *connection, const char *data, size_t size)
{
	uv_buf_t rest;

	connection->pending = malloc(size);
	if (connection->pending == NULL) {
		close_connection(connection);
		return;
	}
	memcpy(connection->pending, data, size);
	rest = uv_buf_init(connection->pending, (unsigned)size);
	connection->request.data = connection;
	uv_read_stop(&connection->socket.stream);
	if (uv_write(&connection->request, &connection->socket.stream, &rest, 1, on_written) != 0)
		close_connection(connection);
}

static void on_queued_written(uv_write_t *request, int status)
{
	struct queued_write *write = (struct queued_write *)request;

	(void)status; /* a failure shows when reading, too */
	free(write->data);
	free(write);
}

/* Takes the buffer over. */
static void write_queued(struct connection *connection, char *data, size_t size)
{
	struct queued_write *write = malloc(sizeof *write);
	uv_buf_t answer = uv_buf_init(data, (unsigned)size);

	if (write != NULL) {
		write->data = data;
		if (uv_write(&write->request, &connection->socket.stream, &answer, 1, on_queued_written) == 0)
			return;
	}
	free(data);
	free(write);
	close_connection(connection);
}

static void on_read_queued(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	if (size > 0 && !sink) {
		write_queued(stream->data, buffer->base, (size_t)size);
		return;
	}
	free(buffer->base);
	if (size < 0)
		close_connection(stream->data);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct connection *connection = stream->data;
	uv_buf_t answer;
	int sent;

	if (size < 0) {
		close_connection(connection);
		return;
	}
	if (size == 0 || sink)
		return;
	answer = uv_buf_init(buffer->base, (unsigned)size);
	sent = uv_try_write(stream, &answer, 1);
	if (sent < 0 && sent != UV_EAGAIN) {
		close_connection(connection);
		return;
	}
	if (sent < 0)
		sent = 0;
	if (sent < size)
		write_later(connection, buffer->base + sent, (size_t)(size - sent));
}

static void on_connection(uv_stream_t *server, int status)
{
	struct connection *connection;
	bool local = server->type == UV_NAMED_PIPE;

	if (status < 0) {
		fprintf(stderr, "libuv_echo_server: accept: %s\n", uv_strerror(status));
		return;
	}
	connection = calloc(1, sizeof *connection);
	if (connection == NULL)
		return;
	if (local)
		uv_pipe_init(server->loop, &connection->socket.pipe, 0);
	else
		uv_tcp_init(server->loop, &connection->socket.tcp);
	connection->socket.handle.data = connection;
	if (uv_accept(server, &connection->socket.stream) != 0 ||
	    uv_read_start(&connection->socket.stream, on_buffer_wanted, queued ? on_read_queued : on_read) != 0) {
		close_connection(connection);
		return;
	}
	if (!local)
		uv_tcp_nodelay(&connection->socket.tcp, 1);
}

static void check(int status)
{
	if (status != 0)
		server_fails("libuv_echo_server", uv_strerror(status));
}

int main(int argc, char **argv)
{
	const bool first = argc > 1 && strcmp(argv[1], "--queued") == 0;
	const struct server_options options = server_start(argc - first, argv + first);
	uv_loop_t *loop = uv_default_loop();
	static uv_tcp_t tcp;
	static uv_pipe_t pipe;
	struct sockaddr_in address;
	int length = sizeof address;

	sink = options.sink;
	queued = first;
	signal(SIGPIPE, SIG_IGN); /* libuv leaves that to the program */
	if (options.path != NULL) {
		check(uv_pipe_init(loop, &pipe, 0));
		check(uv_pipe_bind(&pipe, options.path));
		check(uv_listen((uv_stream_t *)&pipe, BACKLOG, on_connection));
		server_listens(options.path, 0);
	} else {
		check(uv_ip4_addr("127.0.0.1", options.port, &address));
		check(uv_tcp_init(loop, &tcp));
		check(uv_tcp_bind(&tcp, (const struct sockaddr *)&address, 0));
		check(uv_listen((uv_stream_t *)&tcp, BACKLOG, on_connection));
		check(uv_tcp_getsockname(&tcp, (struct sockaddr *)&address, &length));
		server_listens(NULL, ntohs(address.sin_port));
	}
	return uv_run(loop, UV_RUN_DEFAULT); /* until a signal ends the process */
}
