// Objects that are connected, emit, wait, run loops and are deleted at random, from inside each other's slots and from
// several threads, against a model of what must and must not be called.
//
// A round has a world for each of its threads: a loop and the objects that belong to it. What a world does is drawn from
// the round's seed, so that a round of one thread is the same again, but for what takes its time. Some objects are known
// to the other worlds, which connect to them, call and delete them. The sanitizers see what is used after its end, and
// that things are handed over in order. The model sees the rest:
//
//   - of the connections of a signal, each is called as often as it must be, in order, and none that has ended;
//   - nothing is called on an object that is gone, or that is no longer of the class that the slot is for;
//   - what is queued or posted is called once, unless its receiver is gone; what waits, at most once;
//   - each object is destroyed once and says so once, and no function is left at the end.
//
// Usage: lifetimes [--seed N] [--seconds N | --rounds N] [--steps N] [--threads N] [--shrink 1]
//
//        --steps    of each world, instead of a number that is drawn
//        --threads  in each round, likewise
//        --shrink   looks for the fewest steps with which a round of that seed fails
#include <qnet/QtNetwork>

#include "../../../../capi/tests/leaks.h"
#include "../../../../capi/tests/random.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using namespace qnet;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#define SANITIZED 1
#endif

namespace {

// ---- Failures

std::uint64_t round_seed;
int wanted_steps = -1, wanted_threads = -1;

void tellHowToRepeat()
{
	std::printf("FAIL lifetimes: with --rounds 1 --seed %llu", static_cast<unsigned long long>(round_seed));
	if (wanted_steps >= 0)
		std::printf(" --steps %d", wanted_steps);
	if (wanted_threads >= 0)
		std::printf(" --threads %d", wanted_threads);
	std::printf("\n");
	std::fflush(stdout);
}

[[noreturn]] void fail(const char *why)
{
	std::printf("%s\n", why);
	tellHowToRepeat();
	std::printf("0 passed, 1 failed\n");
	std::fflush(stdout);
	::_exit(1);
}

void must(bool holds, const char *why)
{
	if (!holds)
		fail(why);
}

void giveUp(int)
{
	fail("it hangs");
}

// ---- What is left

std::atomic<int> tokens{0};

/// Held by every function and every argument.
struct Token {
	Token() { tokens++; }
	Token(const Token &) { tokens++; }
	Token &operator=(const Token &) = default;
	~Token() { tokens--; }
};

/// The argument of the signals. Written by one thread and read by another, with nothing between but the library.
struct Message {
	explicit Message(int n) : number(n), text(std::to_string(n)) {}
	bool intact() const { return text == std::to_string(number); }

	int number; // of the emission, in its world
	std::string text;
	Token token;
};

// ---- The model

/// What is known of an object, which it outlives.
struct Life {
	std::atomic<bool> dying{false};  // its destructor has begun
	std::atomic<bool> ended{false};  // of its own class nothing is left
	std::atomic<bool> freed{false};  // nor of any other
	bool later = false;              // deleteLater() was called, on its own thread
	std::atomic<int> destroyed{0};   // how often it said so
};

/// A connection from the signal of an object to a function.
struct Wire {
	std::shared_ptr<Life> receiver; // null: none
	bool queued = false;
	bool once = false;
	bool as_object = false; // the receiver is a QObject, as far as the connection knows
	bool foreign = false;   // the receiver is for another thread
	bool live = true;       // of the sender's thread
	QMetaObject::Connection connection;
	int sent = 0;                  // of the sender's thread
	std::atomic<int> received{0};
	std::vector<int> under_way;    // numbers of emissions, unless it is foreign

	/// Is it the end, or may be?
	bool lost() const { return receiver != nullptr && receiver->ended; }
	/// Must it not be called?
	bool gone() const { return receiver != nullptr && (as_object ? receiver->freed : receiver->ended); }
};

/// A call that was asked for.
struct Call {
	std::shared_ptr<Life> context; // null: none
	bool promised = false;         // it must be made unless the context ends
	std::atomic<int> made{0};
};

/// An emission under way, on its thread.
struct Emission {
	int number;
	bool blocked;
	std::vector<std::shared_ptr<Wire>> wires;
	Emission *outer;
	std::size_t next = 0;

	/// Up to so many of the connections have been looked at, and nothing has happened between.
	void advance(std::size_t to)
	{
		for (; next < to; next++) {
			Wire &wire = *wires[next];
			if (!wire.live)
				continue;
			wire.live = !wire.once;
			if (!wire.queued) {
				must(wire.lost(), "a connected slot was not called");
				continue;
			}
			wire.sent++;
			if (!wire.foreign)
				wire.under_way.push_back(number);
		}
	}
};

// ---- The objects

struct World;
class Node;

/// The world of this thread, while it goes on.
thread_local World *here = nullptr;

/// In a slot or a function: something that is not expected there, now and then.
void meddle();

/// The objects that every world knows. While this is locked they live.
std::mutex known_mutex;
std::vector<Node *> known_nodes;

/// What all objects have in common. It is destroyed last of all that they are.
class Node {
public:
	explicit Node(World *in) : world(in) {}
	Node(const Node &) = delete;
	Node &operator=(const Node &) = delete;
	virtual ~Node() { life->freed = true; }

	/// Connects a signal with a function whose context is this object.
	virtual QMetaObject::Connection connectFrom(Signal<Message> &signal, std::function<void(const Message &)> function,
	                                            int type, bool as_object) = 0;
	/// Connects it with a method.
	virtual void connectMethodFrom(Signal<Message> &signal, int type) = 0;
	virtual bool invoke(std::function<void()> function) = 0;
	virtual void invokeAfter(int msec, std::function<void()> function) = 0;
	virtual int lookUp(std::function<void()> function) = 0;
	/// Something that its class can do.
	virtual void act() {}

	World *const world;
	const std::shared_ptr<Life> life = std::make_shared<Life>();
	QObject *object = nullptr;
	Signal<Message> *out = nullptr;
	std::vector<std::shared_ptr<Wire>> wires; // of out, in their order
};

/// A thread's loop and objects.
struct World {
	std::vector<Node *> nodes; // of which no destructor has begun
	std::vector<std::shared_ptr<Life>> lives;
	std::vector<std::shared_ptr<Wire>> wires;
	std::vector<std::shared_ptr<Call>> calls;
	std::vector<quint16> ports; // of servers
	std::vector<int> look_ups;
	Emission *emission = nullptr; // the innermost
	int emissions = 0;
	int steps = 0; // that are left
	int depth = 0;
	bool alone = true;

	Node *pick() const { return nodes.empty() ? nullptr : nodes[rnd(static_cast<std::uint32_t>(nodes.size()))]; }
	std::function<void()> call(const std::shared_ptr<Life> &context, bool promised);

	void create();
	void connect(Node *sender);
	void disconnect(Node *sender);
	void emitOne(Node *sender);
	void callLater();
	void useKnown();
	void step();
};

void meddle()
{
	if (here == nullptr || here->depth >= 4)
		return;
	here->depth++;
	for (unsigned n = rnd(3); n > 0 && here->steps > 0; n--)
		here->step();
	here->depth--;
}

/// The function of a connection.
std::function<void(const Message &)> slotOf(const std::shared_ptr<Wire> &wire)
{
	return [wire, token = Token()](const Message &message) {
		must(message.intact(), "an argument is damaged");
		must(!wire->gone(), "a slot of an object that is gone was called");
		if (!wire->queued) {
			Emission *emission = here->emission;
			while (emission != nullptr && emission->number != message.number)
				emission = emission->outer;
			must(emission != nullptr && !emission->blocked, "a slot was called outside its emission");
			const auto at = std::find(emission->wires.begin(), emission->wires.end(), wire);
			must(at != emission->wires.end(), "a slot was called that was connected during the emission");
			const auto index = static_cast<std::size_t>(at - emission->wires.begin());
			must(index >= emission->next, "slots were called in another order, or twice");
			emission->advance(index);
			must(wire->live, "a slot was called that was disconnected");
			must(!wire->once || !wire->connection, "a single shot was called that is connected still");
			wire->live = !wire->once;
			emission->next = index + 1;
		} else if (!wire->foreign) {
			must(!wire->under_way.empty() && wire->under_way.front() == message.number,
			     "queued calls came in another order, or twice");
			wire->under_way.erase(wire->under_way.begin());
		}
		wire->received++;
		meddle();
	};
}

template <class Base>
class NodeOf : public Node, public Base {
public:
	explicit NodeOf(World *in, QObject *parent) : Node(in), Base(parent)
	{
		object = this;
		out = &sent;
		this->destroyed.connect([life = life, token = Token()] {
			must(life->ended && !life->freed, "destroyed came at another time");
			life->destroyed++;
			meddle();
		});
		if (chance(30)) // of which the object is the context until the end
			QObject::connect(object, &QObject::destroyed, object, [life = life, token = Token()] {
				must(!life->freed, "a slot of an object that is gone was called");
				meddle();
			});
		world->nodes.push_back(this);
		world->lives.push_back(life);
	}

	~NodeOf() override
	{
		must(magic_ == whole && !life->dying.exchange(true), "an object is destroyed twice");
		world->nodes.erase(std::find(world->nodes.begin(), world->nodes.end(), this));
		for (const std::shared_ptr<Wire> &wire : wires)
			wire->live = false;
		magic_ = 0;
		life->ended = true;
	}

	Signal<Message> sent{this};

	void slot(const Message &message) { must(magic_ == whole && message.intact(), "a method of an object that is gone was called"); }

	QMetaObject::Connection connectFrom(Signal<Message> &signal, std::function<void(const Message &)> function, int type,
	                                    bool as_object) override
	{
		const auto how = static_cast<Qt::ConnectionType>(type);
		return as_object ? signal.connect(object, std::move(function), how) : signal.connect(this, std::move(function), how);
	}
	void connectMethodFrom(Signal<Message> &signal, int type) override
	{
		signal.connect(this, &NodeOf::slot, static_cast<Qt::ConnectionType>(type));
	}
	bool invoke(std::function<void()> function) override
	{
		return QMetaObject::invokeMethod(this, std::move(function), Qt::QueuedConnection);
	}
	void invokeAfter(int msec, std::function<void()> function) override
	{
		QTimer::singleShot(msec, this, std::move(function));
	}
	int lookUp(std::function<void()> function) override { return QHostInfo::lookupHost("127.0.0.1", this, std::move(function)); }

private:
	static constexpr long whole = 0x600d;

	long magic_ = whole;
};

struct TimerNode : NodeOf<QTimer> {
	TimerNode(World *in, QObject *parent) : NodeOf(in, parent)
	{
		timeout.connect([token = Token()] { meddle(); });
		act();
	}
	void act() override
	{
		setSingleShot(chance(50));
		start(static_cast<int>(rnd(3)));
	}
};

struct SocketNode : NodeOf<QTcpSocket> {
	SocketNode(World *in, QObject *parent) : NodeOf(in, parent)
	{
		stateChanged.connect([token = Token()] { meddle(); });
		connected.connect([token = Token()] { meddle(); });
		disconnected.connect([token = Token()] { meddle(); });
		errorOccurred.connect([token = Token()] { meddle(); });
		if (chance(30))
			QObject::connect(this, &QTcpSocket::disconnected, this, &QObject::deleteLater);
	}
	void act() override
	{
		if (state() == UnconnectedState) {
			if (!world->ports.empty()) // whose server may be gone
				connectToHost(QHostAddress::LocalHost, world->ports.back());
			return;
		}
		switch (rnd(4)) {
		case 0:
			abort();
			break;
		case 1:
			disconnectFromHost();
			break;
		default:
			write("some");
		}
	}
};

struct ServerNode : NodeOf<QTcpServer> {
	ServerNode(World *in, QObject *parent) : NodeOf(in, parent)
	{
		newConnection.connect([this] {
			while (QTcpSocket *socket = nextPendingConnection()) {
				socket->disconnected.connect([token = Token()] { meddle(); });
				if (chance(50)) {
					QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket, token = Token()] { delete socket; });
					continue;
				}
				QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket, token = Token()] {
					socket->write(socket->readAll());
					meddle();
				});
				QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
			}
			meddle();
		});
		act();
	}
	void act() override
	{
		if (isListening())
			close();
		else if (listen(QHostAddress::LocalHost))
			world->ports.push_back(serverPort());
	}
};

struct LocalNode : NodeOf<QLocalSocket> {
	LocalNode(World *in, QObject *parent) : NodeOf(in, parent)
	{
		stateChanged.connect([token = Token()] { meddle(); });
		errorOccurred.connect([token = Token()] { meddle(); });
	}
	void act() override { connectToServer("qnet-there-is-no-such-server"); }
};

struct UdpNode : NodeOf<QUdpSocket> {
	UdpNode(World *in, QObject *parent) : NodeOf(in, parent)
	{
		readyRead.connect([token = Token()] { meddle(); });
		bytesWritten.connect([token = Token()] { meddle(); });
		bind(QHostAddress::LocalHost);
	}
	void act() override
	{
		while (hasPendingDatagrams())
			receiveDatagram();
		writeDatagram("some", QHostAddress::LocalHost, localPort());
	}
};

struct LoopNode : NodeOf<QEventLoop> {
	using NodeOf::NodeOf;
	void act() override { processEvents(); }
};

struct PlainNode : NodeOf<QObject> {
	using NodeOf::NodeOf;
};

/// An object that other worlds may know, as long as it is whole.
template <class N>
class Known final : public N {
public:
	Known(World *in, QObject *parent) : N(in, parent)
	{
		if (in->alone || !chance(30))
			return;
		known_ = true;
		std::lock_guard<std::mutex> lock(known_mutex);
		known_nodes.push_back(this);
	}
	~Known() override
	{
		if (!known_)
			return;
		std::lock_guard<std::mutex> lock(known_mutex);
		known_nodes.erase(std::find(known_nodes.begin(), known_nodes.end(), this));
	}

private:
	bool known_ = false;
};

// ---- What a world does

/// A function to be called later.
std::function<void()> World::call(const std::shared_ptr<Life> &context, bool promised)
{
	auto call = std::make_shared<Call>();
	call->context = context;
	call->promised = promised;
	calls.push_back(call);
	return [call, token = Token()] {
		must(call->context == nullptr || !call->context->ended, "a function was called though its context is gone");
		must(call->made++ == 0, "a function was called twice");
		meddle();
	};
}

void World::create()
{
	Node *at = chance(50) ? pick() : nullptr;
	QObject *parent = at != nullptr ? at->object : nullptr;
	switch (rnd(10)) {
	case 0:
		new Known<TimerNode>(this, parent);
		break;
	case 1:
	case 2:
		new Known<SocketNode>(this, parent);
		break;
	case 3:
		new Known<ServerNode>(this, parent);
		break;
	case 4:
		new Known<LocalNode>(this, parent);
		break;
	case 5:
		new Known<UdpNode>(this, parent);
		break;
	case 6:
		new Known<LoopNode>(this, parent);
		break;
	default:
		new Known<PlainNode>(this, parent);
	}
}

void World::connect(Node *sender)
{
	static constexpr Qt::ConnectionType types[] = {Qt::AutoConnection, Qt::DirectConnection, Qt::QueuedConnection};
	int type = types[rnd(3)];
	auto wire = std::make_shared<Wire>();
	std::unique_lock<std::mutex> lock(known_mutex, std::defer_lock);
	Node *receiver = nullptr;
	if (!alone && chance(40)) {
		lock.lock();
		if (known_nodes.empty())
			return;
		receiver = known_nodes[rnd(static_cast<std::uint32_t>(known_nodes.size()))];
		wire->foreign = receiver->world != this;
		if (wire->foreign)
			type = Qt::AutoConnection;
	} else if (chance(80)) {
		receiver = pick();
	}
	if (receiver != nullptr) {
		wire->receiver = receiver->life;
		wire->queued = wire->foreign || type == Qt::QueuedConnection;
		wire->once = chance(25);
		wire->as_object = chance(30);
		if (wire->once)
			type |= Qt::SingleShotConnection;
		if (chance(15)) {
			receiver->connectMethodFrom(*sender->out, type | (chance(50) ? Qt::UniqueConnection : 0));
			return;
		}
		wire->connection = receiver->connectFrom(*sender->out, slotOf(wire), type, wire->as_object);
	} else {
		wire->connection = sender->out->connect(slotOf(wire));
	}
	must(static_cast<bool>(wire->connection), "a connection was not made");
	sender->wires.push_back(wire);
	wires.push_back(std::move(wire));
}

void World::disconnect(Node *sender)
{
	std::vector<std::shared_ptr<Wire>> &its = sender->wires;
	if (its.empty())
		return;
	const std::shared_ptr<Wire> wire = its[rnd(static_cast<std::uint32_t>(its.size()))];
	Node *receiver = pick();
	switch (rnd(6)) {
	case 0:
		for (const std::shared_ptr<Wire> &each : its)
			each->live = false;
		sender->out->disconnect();
		break;
	case 1:
		for (const std::shared_ptr<Wire> &each : its) // without a receiver it is the sender's
			each->live = each->live && (each->receiver != nullptr ? each->receiver : sender->life) != receiver->life;
		sender->out->disconnect(receiver->object);
		break;
	case 2:
		wire->connection = QMetaObject::Connection();
		break;
	default: {
		const bool could = wire->live, given_up = !wire->connection;
		const bool did = wire->connection.disconnect();
		must(did == could || given_up || wire->lost(), "disconnecting tells otherwise");
		wire->live = wire->live && !did;
	}
	}
	its.erase(std::remove_if(its.begin(), its.end(), [](const std::shared_ptr<Wire> &each) { return !each->live; }), its.end());
}

void World::emitOne(Node *sender)
{
	Emission own{++emissions, sender->object->signalsBlocked(), sender->wires, emission};
	const std::shared_ptr<Life> life = sender->life;
	emission = &own;
	(*sender->out)(Message(own.number));
	emission = own.outer;
	if (!own.blocked && !life->ended)
		own.advance(own.wires.size());
}

void World::callLater()
{
	Node *context = chance(60) ? pick() : nullptr;
	const int msec = static_cast<int>(rnd(4));
	switch (rnd(4)) {
	case 0:
		if (context != nullptr)
			context->invokeAfter(msec, call(context->life, false));
		else
			QTimer::singleShot(msec, call(nullptr, false));
		break;
	case 1:
		look_ups.push_back(context != nullptr ? context->lookUp(call(context->life, false))
		                                      : QHostInfo::lookupHost("127.0.0.1", call(nullptr, false)));
		break;
	case 2:
		if (!look_ups.empty())
			QHostInfo::abortHostLookup(look_ups[rnd(static_cast<std::uint32_t>(look_ups.size()))]);
		break;
	default:
		if (context != nullptr)
			must(context->invoke(call(context->life, true)), "a call was refused");
		else
			must(LoopRef::current().post(call(nullptr, true)), "a call was refused");
	}
}

/// Something with an object of another world.
void World::useKnown()
{
	std::lock_guard<std::mutex> lock(known_mutex);
	if (known_nodes.empty())
		return;
	Node *node = known_nodes[rnd(static_cast<std::uint32_t>(known_nodes.size()))];
	switch (rnd(4)) {
	case 0:
		node->object->deleteLater();
		break;
	case 1:
		node->invokeAfter(static_cast<int>(rnd(3)), call(node->life, false));
		break;
	default:
		node->invoke(call(node->life, true)); // refused once its loop ends, and its object with that
	}
}

void World::step()
{
	steps--;
	Node *node = pick();
	if (node == nullptr)
		return create();
	const unsigned what = rnd(100);
	if (what < 14)
		create();
	else if (what < 34)
		connect(node);
	else if (what < 42)
		disconnect(node);
	else if (what < 62)
		emitOne(node);
	else if (what < 67)
		delete node->object;
	else if (what < 72) {
		node->life->later = true;
		node->object->deleteLater();
	} else if (what < 76) {
		Node *parent = chance(80) ? pick() : nullptr;
		node->object->setParent(parent != nullptr ? parent->object : nullptr);
	} else if (what < 78)
		node->object->blockSignals(!node->object->signalsBlocked());
	else if (what < 86)
		callLater();
	else if (what < 92)
		node->act();
	else if (what < 96 && !alone)
		useKnown();
	else
		LoopRef::current().processEvents(0);
}

// ---- Rounds

/// Where the threads of a round wait for each other.
class Barrier {
public:
	explicit Barrier(int threads) : threads_(threads) {}
	void wait()
	{
		std::unique_lock<std::mutex> lock(mutex_);
		const int turn = turn_;
		if (++waiting_ == threads_) {
			waiting_ = 0;
			turn_++;
			all_.notify_all();
		}
		all_.wait(lock, [&] { return turn_ != turn; });
	}

private:
	const int threads_;
	std::mutex mutex_;
	std::condition_variable all_;
	int waiting_ = 0, turn_ = 0;
};

/// Has the loop make what is queued now.
void settle()
{
	bool done = false;
	LoopRef::current().post([&done] { done = true; });
	while (!done)
		LoopRef::current().processEvents(-1);
}

/// What must have been called, now that the loops have made everything.
void check(const World &world)
{
	for (const std::shared_ptr<Wire> &wire : world.wires)
		must(!wire->queued || wire->lost() || wire->received == wire->sent, "a queued call was not made");
	for (const std::shared_ptr<Call> &call : world.calls)
		must(!call->promised || (call->context != nullptr && call->context->ended) || call->made == 1,
		     "a call was not made");
}

void live(World &world, Barrier &barrier, bool orderly)
{
	here = &world;
	while (world.steps > 0) {
		world.step();
		if (chance(20))
			LoopRef::current().processEvents(0);
	}
	if (orderly) {
		barrier.wait();
		settle(); // which may queue more, to objects of other worlds
		barrier.wait();
		settle();
		barrier.wait();
		check(world);
		barrier.wait();
	}
	// Some are left to the end of the loop.
	const bool leave = chance(50);
	for (Node *node : world.nodes) {
		if (chance(20)) {
			node->life->later = true;
			node->object->deleteLater();
		}
	}
	for (;;) {
		const auto node = std::find_if(world.nodes.begin(), world.nodes.end(),
		                               [&](const Node *each) { return !leave || !each->life->later; });
		if (node == world.nodes.end())
			break;
		delete (*node)->object;
	}
	here = nullptr;
}

void round(std::uint64_t seed)
{
	round_seed = seed;
	alarm(120);
	seed_random(seed * 16);
	const int drawn = chance(60) ? 1 : 2 + static_cast<int>(rnd(2));
	const int threads = wanted_threads > 0 ? wanted_threads : drawn;
	const bool orderly = chance(50);
	std::vector<std::unique_ptr<World>> worlds;
	for (int i = 0; i < threads; i++) {
		worlds.push_back(std::make_unique<World>());
		const int steps = 10 + static_cast<int>(rnd(400)); // drawn in any case, so that what follows is the same
		worlds.back()->steps = wanted_steps >= 0 ? wanted_steps : steps;
		worlds.back()->alone = threads == 1;
	}
	Barrier barrier(threads);
	std::vector<std::thread> others;
	for (int i = 1; i < threads; i++)
		others.emplace_back([&, i] {
			seed_random(seed * 16 + static_cast<std::uint64_t>(i));
			live(*worlds[static_cast<std::size_t>(i)], barrier, orderly);
		});
	{
		Loop loop;
		Loop::Scope scope(loop);
		live(*worlds[0], barrier, orderly);
	}
	for (std::thread &other : others)
		other.join();
	for (const std::unique_ptr<World> &world : worlds) {
		for (const std::shared_ptr<Life> &life : world->lives)
			must(life->freed && life->destroyed == 1, "an object was not destroyed, or not once");
		for (const std::shared_ptr<Call> &call : world->calls)
			must(!call->promised || call->context != nullptr || call->made == 1, "a posted call was not made");
	}
	must(tokens == 0, "something keeps functions or arguments");
}

/// Runs this program with that number of steps; does it fail?
bool fails(const char *program, const std::string &seed, int steps)
{
	for (int attempt = 0; attempt < 5; attempt++) {
		const pid_t child = ::fork();
		if (child == 0) {
			const std::string number = std::to_string(steps);
			::execl(program, program, "--rounds", "1", "--seed", seed.c_str(), "--steps", number.c_str(),
			        static_cast<char *>(nullptr));
			::_exit(0);
		}
		int status = 0;
		::waitpid(child, &status, 0);
		if (status != 0)
			return true;
	}
	return false;
}

int shrink(const char *program, std::uint64_t seed)
{
	const std::string text = std::to_string(seed);
	int fewest = 1;
	while (!fails(program, text, fewest))
		if ((fewest *= 2) > 4096)
			return 0;
	for (int below = fewest / 2; below < fewest - 1;) {
		const int middle = (below + fewest) / 2;
		(fails(program, text, middle) ? fewest : below) = middle;
	}
	std::printf("it fails with --rounds 1 --seed %s --steps %d\n", text.c_str(), fewest);
	return 1;
}

} // namespace

int main(int argc, char **argv)
{
	const random_run wanted = random_begin(argc, argv, 5);
	for (int i = 1; i + 1 < argc; i += 2) {
		if (std::strcmp(argv[i], "--steps") == 0)
			wanted_steps = std::atoi(argv[i + 1]);
		else if (std::strcmp(argv[i], "--threads") == 0)
			wanted_threads = std::atoi(argv[i + 1]);
		else if (std::strcmp(argv[i], "--shrink") == 0)
			return shrink("/proc/self/exe", wanted.seed);
	}
	struct sigaction action = {};
	action.sa_handler = giveUp;
	action.sa_flags = SA_ONSTACK;
	sigaction(SIGALRM, &action, nullptr);
#ifdef SANITIZED
	__sanitizer_set_death_callback(&tellHowToRepeat);
#endif
	qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const std::string &) {});

	leaks_begin();
	const std::time_t end = std::time(nullptr) + wanted.seconds;
	int rounds = 0;
	for (; wanted.rounds > 0 ? rounds < wanted.rounds : std::time(nullptr) < end; rounds++)
		round(wanted.seed + static_cast<std::uint64_t>(rounds));
	const char *left = leaks_found();
	std::printf("%d rounds\nok lifetimes\n%s leaks%s%s\n", rounds, left == nullptr ? "ok" : "FAIL",
	            left == nullptr ? "" : ": ", left == nullptr ? "" : left);
	std::printf("%d passed, %d failed\n", left == nullptr ? 2 : 1, left == nullptr ? 0 : 1);
	return left != nullptr;
}
