// http_server: serves the files of a folder with HTTP/1.1: connections that are kept, requests that come before the answer
// to the one before (pipelining), HEAD, parts of files (Range), and files of any size without taking memory for them.
//
//   http_server [--port PORT] [--root FOLDER]
#include "arguments.h"
#include "port.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>

namespace {

namespace fs = std::filesystem;

constexpr int longestHead = 16 * 1024;
constexpr qint64 piece = 64 * 1024; // how much of a file waits to be sent
constexpr std::chrono::seconds patience(30);

/// What a client wants.
struct Request {
	QByteArray method, target;
	std::map<QByteArray, QByteArray> fields; // by names in small letters
	bool keep = false;                       // the connection
};

/// One client: its requests are answered one after the other.
class Connection : public QObject {
public:
	Connection(QTcpSocket *socket, const fs::path &root) : QObject(socket), socket_(socket), root_(root)
	{
		connect(socket, &QIODevice::readyRead, this, &Connection::read);
		connect(socket, &QIODevice::bytesWritten, this, &Connection::send);
		connect(socket, &QAbstractSocket::disconnected, socket, &QObject::deleteLater);
		connect(&idle_, &QTimer::timeout, socket, &QAbstractSocket::abort);
		// Who sends requests faster than they are answered has to wait.
		socket->setReadBufferSize(2 * longestHead);
		idle_.setSingleShot(true);
		idle_.start(patience);
	}

private:
	void read()
	{
		idle_.start(patience);
		while (!answering_ && !ending_) {
			input_ += socket_->read(longestHead - input_.size() + 4);
			const auto end = input_.indexOf("\r\n\r\n");
			if (end < 0) {
				if (input_.size() >= longestHead)
					refuse(431, "Request Header Fields Too Large");
				return;
			}
			const QByteArray head = input_.left(end);
			input_.remove(0, end + 4);
			answer(head);
		}
	}

	/// Reads the lines of a request. False if they are none.
	static bool parse(const QByteArray &head, Request &request)
	{
		const auto lines = head.split('\n');
		const auto words = lines.front().trimmed().split(' ');
		if (words.size() != 3 || !words[2].startsWith("HTTP/1."))
			return false;
		request.method = words[0];
		request.target = words[1];
		for (std::size_t i = 1; i < static_cast<std::size_t>(lines.size()); i++) {
			const QByteArray line = lines[static_cast<int>(i)];
			const auto colon = line.indexOf(':');
			const QByteArray name = line.left(colon);
			if (colon <= 0 || name.contains(' ') || name.contains('\t'))
				return false;
			request.fields[name.toLower()] = line.mid(colon + 1).trimmed();
		}
		const QByteArray connection = request.fields["connection"].toLower();
		const bool old = words[2] == "HTTP/1.0";
		request.keep = old ? connection == "keep-alive" : connection != "close";
		return old || request.fields.count("host") == 1;
	}

	void answer(const QByteArray &head)
	{
		Request request;
		if (!parse(head, request))
			return refuse(400, "Bad Request");
		// What follows such a request is no request: nobody reads it here.
		const QByteArray length = request.fields["content-length"];
		if (request.fields.count("transfer-encoding") != 0 || !(length.isEmpty() || length == "0"))
			return refuse(413, "Content Too Large");
		keep_ = request.keep;
		bodiless_ = request.method == "HEAD";
		if (request.method != "GET" && request.method != "HEAD")
			return respond(405, "Method Not Allowed", "Allow: GET, HEAD\r\n");
		const fs::path path = find(request.target);
		if (path.empty())
			return respond(404, "Not Found");
		serve(path, request.fields["range"]);
	}

	/// The file that a target stands for; empty if there is none in the folder.
	fs::path find(const QByteArray &target) const
	{
		const auto query = target.indexOf('?');
		const QByteArray name = QByteArray::fromPercentEncoding(query < 0 ? target : target.left(query));
		if (!name.startsWith('/') || name.contains('\0'))
			return {};
		std::error_code error;
		fs::path path = fs::canonical(root_ / plain(name.mid(1)), error);
		if (!error && fs::is_directory(path, error))
			path = fs::canonical(path / "index.html", error);
		// Neither ".." nor a link leads out of it.
		const auto [left, right] = std::mismatch(root_.begin(), root_.end(), path.begin(), path.end());
		return error || left != root_.end() || !fs::is_regular_file(path, error) ? fs::path() : path;
	}

	/// The part that "bytes=first-last" asks for. False if there is no such part; all if it is asked for otherwise.
	static bool part(const QByteArray &range, qint64 size, qint64 &first, qint64 &last)
	{
		first = 0;
		last = size - 1;
		if (!range.startsWith("bytes=") || range.contains(','))
			return true;
		const auto ends = range.mid(6).split('-');
		if (ends.size() != 2)
			return true;
		bool begins = false, stops = false;
		const qint64 from = ends[0].toLongLong(&begins), to = ends[1].toLongLong(&stops);
		if ((!begins && !ends[0].isEmpty()) || (!stops && !ends[1].isEmpty()) || (!begins && !stops) || from < 0 || to < 0)
			return true;
		if (!begins) { // the last so many
			first = std::max<qint64>(size - to, 0);
			return to > 0 && size > 0;
		}
		first = from;
		if (stops)
			last = std::min(last, to);
		return first < size && (!stops || first <= to);
	}

	void serve(const fs::path &path, const QByteArray &range)
	{
		file_ = std::ifstream(path, std::ios::binary);
		std::error_code error;
		const auto size = static_cast<qint64>(fs::file_size(path, error));
		if (!file_ || error)
			return respond(404, "Not Found");
		qint64 first = 0, last = 0;
		if (!part(range, size, first, last))
			return respond(416, "Range Not Satisfiable", "Content-Range: bytes */" + QByteArray::number(size) + "\r\n");
		static const std::map<std::string, const char *> types = {
			{".html", "text/html; charset=utf-8"}, {".txt", "text/plain; charset=utf-8"}, {".css", "text/css"},
			{".js", "text/javascript"},            {".json", "application/json"},         {".png", "image/png"},
			{".jpg", "image/jpeg"},                {".svg", "image/svg+xml"},
		};
		const auto type = types.find(path.extension().string());
		QByteArray fields = QByteArray("Content-Type: ") + (type != types.end() ? type->second : "application/octet-stream") +
		                    "\r\nAccept-Ranges: bytes\r\n";
		const bool whole = first == 0 && last == size - 1;
		if (!whole)
			fields += "Content-Range: bytes " + QByteArray::number(first) + "-" + QByteArray::number(last) + "/" +
			          QByteArray::number(size) + "\r\n";
		file_.seekg(first);
		left_ = bodiless_ ? 0 : last - first + 1;
		begin(whole ? 200 : 206, whole ? "OK" : "Partial Content", last - first + 1, fields);
		send();
	}

	void begin(int status, const char *reason, qint64 length, const QByteArray &fields)
	{
		answering_ = true;
		socket_->write("HTTP/1.1 " + QByteArray::number(status) + " " + reason + "\r\n" + fields +
		               "Content-Length: " + QByteArray::number(length) + "\r\nConnection: " + (keep_ ? "keep-alive" : "close") +
		               "\r\n\r\n");
	}

	/// An answer that says nothing but its reason.
	void respond(int status, const char *reason, const QByteArray &fields = QByteArray())
	{
		const QByteArray text = QByteArray(reason) + "\n";
		left_ = 0;
		begin(status, reason, text.size(), fields + "Content-Type: text/plain\r\n");
		if (!bodiless_)
			socket_->write(text);
		send();
	}

	/// The last answer: where the next request would begin is not known.
	void refuse(int status, const char *reason)
	{
		keep_ = false;
		bodiless_ = false;
		respond(status, reason);
	}

	/// Goes on with an answer while little of it waits.
	void send()
	{
		idle_.start(patience);
		if (!answering_ || sending_)
			return;
		sending_ = true; // write() may say at once that bytes were written
		while (left_ > 0 && socket_->bytesToWrite() < piece) {
			QByteArray bytes(static_cast<int>(std::min(left_, piece)), '\0');
			file_.read(bytes.data(), bytes.size());
			if (file_.gcount() != bytes.size()) { // it has become shorter: the client is to know
				socket_->abort();
				return;
			}
			socket_->write(bytes);
			left_ -= bytes.size();
		}
		sending_ = false;
		if (left_ > 0)
			return;
		answering_ = false;
		if (keep_) {
			// Not from within: thousands of requests may have come at once.
			QTimer::singleShot(0, this, &Connection::read);
			return;
		}
		ending_ = true;
		socket_->disconnectFromHost();
	}

	QTcpSocket *socket_;
	const fs::path root_;
	QTimer idle_;
	QByteArray input_;
	std::ifstream file_;
	qint64 left_ = 0; // of the file
	bool answering_ = false, sending_ = false, ending_ = false;
	bool keep_ = false, bodiless_ = false;
};

} // namespace

int main(int argc, char **argv)
{
	const Arguments arguments(argc, argv, {"--port", "--root"});
	QCoreApplication application(argc, argv);
	std::error_code error;
	const fs::path root = fs::canonical(arguments.text("--root", "."), error);
	if (error || !fs::is_directory(root, error)) {
		std::fprintf(stderr, "http_server: not a folder: %s\n", arguments.text("--root", ".").c_str());
		return 2;
	}
	QTcpServer server;
	QObject::connect(&server, &QTcpServer::newConnection, [&server, &root] {
		while (QTcpSocket *socket = server.nextPendingConnection())
			new Connection(socket, root);
	});
	if (!server.listen(QHostAddress::LocalHost, arguments.number("--port", 0))) {
		std::fprintf(stderr, "http_server: %s\n", plain(server.errorString()).c_str());
		return 1;
	}
	sayPort(server.serverPort());
	return application.exec();
}
