// What TCP and local servers have in common.
#ifndef QNET_DETAIL_SERVER_H
#define QNET_DETAIL_SERVER_H

#include <qnet/QObject>
#include <qnet/socket.h>

#include <memory>
#include <mutex>
#include <string>
#include <typeinfo>
#include <unordered_map>
#include <utility>
#include <vector>

#include <unistd.h>

#include <qnet/detail/begin.h>
class QThread;

namespace detail {

/// The base of Class, one of the library's servers. Api names the functions of C, SocketClass is what it accepts, and
/// Descriptor is how Qt writes the type of a descriptor there.
template <class Class, class Api, class SocketClass, class Descriptor>
class Server : public QObject {
	using Handle = typename Api::Handle;

public:
	using LibraryClass = Server;

	/// Closes, and deletes the sockets that are its children. Qt: ~QTcpServer(), ~QLocalServer()
	~Server() override
	{
		beginEnd();
		Api::destroy(server());
		handle_ = nullptr;
	}

	/// A connection was accepted. Qt: newConnection
	Signal<> newConnection{this, NativeSignal<Handle, Api::onNewConnection>::native};

	/// A connection has arrived in one of the loops that setLoops() or setThreads() has set: emitted on the thread that runs
	/// it, maybe on several at the same time. The socket belongs to the program, which deletes it. Not in Qt.
	Signal<SocketClass *> connectionInLoop{this, Arriving::native};

	/// Spreads the connections that are accepted from now on over loops, each of which a thread of its own runs: they are not
	/// pending, but emitted by connectionInLoop, to be connected before. Without loops they become pending again. False, with
	/// a warning, for what is no loop. <qnet/tcp_server.h> says the rest. Not in Qt.
	bool setLoops(const std::vector<LoopRef> &loops)
	{
		std::vector<qnet_loop *> handles;
		for (const LoopRef loop : loops)
			handles.push_back(loop.handle());
		return Api::setLoops(server(), handles.data(), static_cast<int>(handles.size()));
	}
	/// The same for the loops of threads, for example `setThreads({&one, &two})`. Include <qnet/QThread>. Not in Qt.
	template <class Thread = QThread>
	bool setThreads(const std::vector<Thread *> &threads)
	{
		std::vector<LoopRef> loops;
		for (Thread *thread : threads) {
			if (thread == nullptr) {
				warn("setThreads: a thread is null");
				return false;
			}
			loops.push_back(thread->inner());
		}
		return setLoops(loops);
	}
	/// Over how many loops connections are spread.
	int loopCount() const { return Api::loopCount(server()); }

	/// Stops listening and deletes the pending connections that nobody has taken. Qt: close()
	void close() { Api::close(server()); }
	/// Qt: isListening()
	bool isListening() const { return Api::isListening(server()); }

	/// The last error as text; empty if there was none. Qt: errorString()
	std::string errorString() const
	{
		const char *text = Api::errorString(server());
		return text != nullptr ? text : "";
	}

	/// Does a connection wait to be taken? Qt: hasPendingConnections()
	virtual bool hasPendingConnections() const
	{
		Asking asking(this);
		return Api::hasPending(server());
	}
	/// Takes the next pending connection, a child of the server: it is deleted with the server, unless that is done before
	/// or it is given another parent. Null if there is none. Qt: nextPendingConnection()
	virtual SocketClass *nextPendingConnection()
	{
		qnet_socket *handle;
		{
			Asking asking(this);
			handle = Api::nextPending(server());
		}
		return taken(handle);
	}
	/// Waits up to msec milliseconds (-1: without limit) for a connection, without a running loop, and accepts it: the
	/// signals are emitted before this returns true. Sets timedOut, unless null, to whether the time ran out; on a server
	/// that does not listen it is left alone. Qt: waitForNewConnection()
	bool waitForNewConnection(int msec = 0, bool *timedOut = nullptr)
	{
		return Api::waitForNew(server(), msec, timedOut);
	}

	/// Limits the pending connections, 30 unless set. Qt: setMaxPendingConnections()
	void setMaxPendingConnections(int numConnections) { Api::setMaxPending(server(), numConnections); }
	/// Qt: maxPendingConnections()
	int maxPendingConnections() const { return Api::maxPending(server()); }
	/// Sets the system's backlog for the next listen(), 50 unless set. Qt: setListenBacklogSize()
	void setListenBacklogSize(int size) { Api::setBacklog(server(), size); }
	/// Qt: listenBacklogSize()
	int listenBacklogSize() const { return Api::backlog(server()); }

	/// May the connections that are accepted from now on be half-open? See QIODevice::setAllowHalfOpen(). An
	/// incomingConnection() of one's own decides for itself. Not in Qt.
	void setAllowHalfOpen(bool allow) { Api::setAllowHalfOpen(server(), allow); }
	bool allowHalfOpen() const { return Api::allowHalfOpen(server()); }

	// Limits, which Qt does not have. <qnet/tcp_server.h> says what they are in full.

	/// How many connections that were accepted are open.
	int openConnections() const { return Api::openConnections(server()); }
	/// Limits the open connections, 0 for any number: at the limit nothing is accepted, and clients wait in the system.
	void setConnectionLimit(int count) { Api::setConnectionLimit(server(), count); }
	int connectionLimit() const { return Api::connectionLimit(server()); }
	/// Ends connections on which no byte has come or been taken for so long, 0 for never: with SocketTimeoutError, and
	/// disconnected.
	void setIdleTimeout(int msec) { Api::setIdleTimeout(server(), msec); }
	int idleTimeout() const { return Api::idleTimeout(server()); }
	/// Ends connections from which nothing has come so long after they were accepted, 0 for never.
	void setFirstByteTimeout(int msec) { Api::setFirstByteTimeout(server(), msec); }
	int firstByteTimeout() const { return Api::firstByteTimeout(server()); }

	/// The C handle, which belongs to this object.
	Handle *server() const noexcept { return static_cast<Handle *>(handle_); }

protected:
	explicit Server(QObject *parent, Handle *(*create)(qnet_loop *) = Api::create) : QObject(parent)
	{
		handle_ = create(loop_);
	}

	bool moveHandle(qnet_loop *loop) override { return Api::moveToLoop(server(), loop); }

	/// The C++ object of a connection that C has handed over, a child of the server; null for none.
	SocketClass *taken(qnet_socket *handle)
	{
		if (handle == nullptr)
			return nullptr;
		if (SocketClass *added = take(handle))
			return added;
		qnet_socket_set_owner(handle, nullptr);
		return makeSocket(handle);
	}

	/// Makes a socket of C for a descriptor.
	virtual qnet_socket *makeHandle() { return Api::createSocket(loop_); }
	/// Makes the C++ object of a connection, a child of the server.
	virtual SocketClass *makeSocket(qnet_socket *handle) { return new SocketClass(loop_, handle, this); }

	/// Makes the C++ object of a connection in another loop, which belongs to nobody.
	virtual SocketClass *makeArrived(qnet_loop *loop, qnet_socket *handle) { return new SocketClass(loop, handle, nullptr); }

	/// The C++ object of a connection that nobody has taken, and that C goes on owning: it is made if there is none.
	SocketClass *objectOf(qnet_socket *handle)
	{
		{
			const std::lock_guard<std::mutex> lock(kept_->mutex);
			const auto found = kept_->added.find(handle);
			if (found != kept_->added.end())
				return found->second.socket;
		}
		qnet_loop *here = Running::nowOr(loop_);
		return add(loopCount() > 0 && !ThreadLoop::same(here, loop_) ? makeArrived(here, handle) : makeSocket(handle));
	}

#if defined(__cpp_rtti) || defined(__GXX_RTTI)
	/// Is this an object of the library's own class?
	virtual bool isPlain() const { return typeid(*this) == typeid(Class); }
#endif

	/// Called with each accepted descriptor, which an override owns. This one makes a socket of it and adds it to the
	/// pending connections. Qt: incomingConnection()
	virtual void incomingConnection(Descriptor socketDescriptor)
	{
		// The C++ object is made when somebody takes it.
		qnet_socket *handle = makeHandle();
		qnet_socket_set_allow_half_open(handle, allowHalfOpen());
		if (!qnet_socket_set_socket_descriptor(handle, static_cast<qintptr>(socketDescriptor), QNET_CONNECTED_STATE,
		                                       QNET_READ_WRITE))
			::close(static_cast<int>(socketDescriptor));
		Api::addPending(server(), handle);
	}

	/// Adds a socket, which is on the heap, to the pending connections: close() deletes it while nobody has taken it. For
	/// incomingConnection(). Qt: addPendingConnection()
	void addPendingConnection(SocketClass *socket)
	{
		if (socket == nullptr || Access::loop(socket) != loop_.load()) {
			warn("addPendingConnection: the socket is null or belongs to another loop");
			return;
		}
		{
			const std::lock_guard<std::mutex> lock(kept_->mutex);
			if (kept_->added.count(socket->socket()) != 0)
				return;
		}
		add(socket);
		Api::addPending(server(), socket->socket());
	}

private:
	struct Kept;

	/// A connection that nobody has taken and that has its C++ object already.
	struct Added {
		std::shared_ptr<Kept> kept{};
		SocketClass *socket = nullptr;
		ObjectBase *object = nullptr; // the same
		qnet_connection gone = 0;

		/// C has deleted the socket: because of the server, or as asked to by the C++ object.
		static void arrive(qnet_socket *handle, void *data) noexcept
		{
			auto *added = static_cast<Added *>(data);
			SocketClass *socket = added->socket;
			// In its destructor it is no longer a SocketClass.
			const bool whole = Access::left(added->object) == Left::Whole;
			const std::shared_ptr<Kept> kept = added->kept;
			{
				const std::lock_guard<std::mutex> lock(kept->mutex);
				kept->added.erase(handle);
			}
			if (whole) {
				socket->forget();
				delete socket;
			}
		}
	};

	/// Those that were added, which threads of several loops may do, and of which one may end after the server.
	struct Kept {
		std::mutex mutex{};
		std::unordered_map<qnet_socket *, Added> added{};
	};

	/// The registration of connectionInLoop.
	struct Arriving {
		static void arrive(Handle *, qnet_socket *socket, void *data) noexcept
		{
			auto *signal = static_cast<Signal<SocketClass *> *>(data);
			guarded([&] {
				auto *self = static_cast<Server *>(signal->owner());
				SocketClass *known = self->take(socket);
				signal->fire(known != nullptr ? known : self->makeArrived(Running::nowOr(threadLoop()), socket));
			});
		}
		static qnet_connection listen(void *server, void *signal)
		{
			return Api::onConnectionInLoop(static_cast<Handle *>(server), &arrive, signal);
		}
		static constexpr Native native{&listen};
	};

	/// While it lives, C's questions are those of the base class.
	class Asking {
	public:
		explicit Asking(const Server *server) noexcept : server_(server), before_(std::exchange(server->asking_, true)) {}
		Asking(const Asking &) = delete;
		Asking &operator=(const Asking &) = delete;
		~Asking() { server_->asking_ = before_; }

	private:
		const Server *server_;
		bool before_;
	};

	SocketClass *add(SocketClass *socket)
	{
		const std::lock_guard<std::mutex> lock(kept_->mutex);
		Added &added = kept_->added[socket->socket()];
		added = {kept_, socket, socket, 0};
		added.gone = qnet_socket_on_destroyed(socket->socket(), &Added::arrive, &added);
		return socket;
	}

	/// Takes an object from those that were added.
	SocketClass *take(qnet_socket *handle)
	{
		const std::lock_guard<std::mutex> lock(kept_->mutex);
		const auto found = kept_->added.find(handle);
		if (found == kept_->added.end())
			return nullptr;
		SocketClass *socket = found->second.socket;
		qnet_disconnect(found->second.gone);
		kept_->added.erase(found);
		qnet_socket_set_owner(handle, nullptr);
		return socket;
	}

protected:
	/// To be called when it begins to listen. Has C ask the virtual methods, if this is a program's class: that is known
	/// once the object is made.
	void installOverrides()
	{
		if (overridden_)
			return;
#if defined(__cpp_rtti) || defined(__GXX_RTTI)
		if (isPlain())
			return;
#endif
		overridden_ = true;
		Api::setIncoming(server(), &onIncoming, this);
		Api::setHasPending(server(), &onHasPending, this);
		Api::setNextPending(server(), &onNextPending, this);
	}

private:
	static void onIncoming(Handle *, std::intptr_t descriptor, void *self) noexcept
	{
		awaitMoves();
		guarded([=] { static_cast<Server *>(self)->incomingConnection(static_cast<Descriptor>(descriptor)); });
	}
	static bool onHasPending(Handle *handle, void *data) noexcept
	{
		auto *self = static_cast<Server *>(data);
		if (self->asking_)
			return Api::hasPending(handle);
		bool answer = false;
		guarded([&] { answer = self->hasPendingConnections(); });
		return answer;
	}
	static qnet_socket *onNextPending(Handle *handle, void *data) noexcept
	{
		auto *self = static_cast<Server *>(data);
		if (self->asking_)
			return Api::nextPending(handle);
		SocketClass *socket = nullptr;
		guarded([&] { socket = self->nextPendingConnection(); });
		return socket != nullptr ? socket->socket() : nullptr;
	}

	std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
	mutable bool asking_ = false;
	bool overridden_ = false;
};

} // namespace detail
#include <qnet/detail/end.h>

#endif
