// The same program on real Qt and on qnet: objects that are connected, emit and are deleted at random, from inside each
// other's slots. Both must print the same.
//
// Usage: objects [--seed N] [--rounds N] [--steps N]
#ifdef QT_CORE_LIB
#include <QtNetwork>
#else
#include <qnet/QtNetwork>
#include <qnet/QtKeywords>
using namespace qnet;
#endif

#include "../../../../capi/tests/random.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace {

int tokens;

/// Held by every function.
struct Token {
	Token() { tokens++; }
	Token(const Token &) { tokens++; }
	~Token() { tokens--; }
};

class Node;

std::vector<Node *> nodes; // of which no destructor has begun
std::vector<std::pair<int, QMetaObject::Connection>> connections; // with the numbers of their senders
int made, wired, emissions, steps, depth;

void step();

/// In a slot: something that is not expected there, now and then.
void meddle()
{
	if (depth >= 3)
		return;
	depth++;
	std::printf("{\n");
	for (unsigned n = rnd(3); n > 0 && steps > 0; n--)
		step();
	std::printf("}\n");
	depth--;
}

/// Of objects whose destructors have begun and not ended.
std::vector<std::pair<const QObject *, int>> dying;

/// Is that the number of such an object?
bool isDying(int number)
{
	return std::any_of(dying.begin(), dying.end(), [=](const auto &each) { return each.second == number; });
}

/// Is destroyed last of all that an object is.
struct Last {
	~Last() { dying.pop_back(); }
};

/// Its signal is one that both libraries have, and that anybody may emit.
class Node : private Last, public QTcpSocket {
public:
	explicit Node(QObject *parent) : QTcpSocket(parent), number(++made)
	{
		nodes.push_back(this);
		connect(this, &QObject::destroyed, [n = number, token = Token()] {
			std::printf("destroyed %d\n", n);
			meddle();
		});
		connect(this, &QIODevice::aboutToClose, [n = number, token = Token()] {
			if (!isDying(n))
				std::printf("forwarded to %d\n", n);
		});
	}
	~Node() override
	{
		std::printf("~%d\n", number);
		dying.emplace_back(this, number);
		nodes.erase(std::find(nodes.begin(), nodes.end(), this));
	}

	void slot(qint64 n)
	{
		if (isDying(number))
			return; // Qt calls it on what is left of the object
		std::printf("method of %d: %d\n", number, static_cast<int>(n));
		meddle();
	}
	/// May it be deleted in Qt? Not while the destructor of a descendant runs, nor one of an ancestor.
	bool deletable() const
	{
		const auto descends = [](const QObject *object, const QObject *from) {
			while (object != nullptr && object != from)
				object = object->parent();
			return object != nullptr;
		};
		return std::none_of(dying.begin(), dying.end(), [&](const auto &other) {
			return descends(this, other.first) || descends(other.first, this);
		});
	}

	const int number;
};

Node *pick() { return nodes.empty() ? nullptr : nodes[rnd(static_cast<std::uint32_t>(nodes.size()))]; }

template <class Sender, class S, class Receiver, class Slot>
void wire(Sender *sender, S signal, Receiver *receiver, Slot slot, int type)
{
	const auto connection = QObject::connect(sender, signal, receiver, slot, static_cast<Qt::ConnectionType>(type));
	connections.emplace_back(sender->number, connection);
	std::printf("connected %d, 0x%x\n", static_cast<bool>(connection), static_cast<unsigned>(type));
}

void connectSome(Node *sender)
{
	static constexpr int types[] = {Qt::AutoConnection, Qt::DirectConnection, Qt::QueuedConnection};
	Node *receiver = pick();
	int type = types[rnd(3)];
	std::printf("connect %d with %d:\n", sender->number, receiver->number);
	if (chance(25))
		type |= Qt::SingleShotConnection;
	switch (rnd(4)) {
	case 0:
		if (chance(50))
			type |= Qt::UniqueConnection;
		return wire(sender, &Node::bytesWritten, receiver, &Node::slot, type);
	case 1:
		if (receiver != sender && chance(30)) // emissions that go round would not end
			return wire(sender, &Node::bytesWritten, receiver, &Node::aboutToClose, type);
		[[fallthrough]];
	default: {
		std::printf("function %d:\n", wired + 1);
		auto function = [n = ++wired, token = Token()](qint64 number) {
			std::printf("function %d: %d\n", n, static_cast<int>(number));
			meddle();
		};
		if (chance(20))
			connections.emplace_back(sender->number, QObject::connect(sender, &Node::bytesWritten, function));
		else // qnet calls nothing whose context is of a program's class that is gone
			wire(sender, &Node::bytesWritten, static_cast<QTcpSocket *>(receiver), function, type);
	}
	}
}

void disconnectSome(Node *sender)
{
	Node *receiver = pick();
	bool did = false;
	const unsigned how = rnd(8);
	std::printf("disconnect %d of %d, %u:\n", sender->number, receiver->number, how);
	switch (how) {
	case 0:
		did = QObject::disconnect(sender, &Node::bytesWritten, receiver, nullptr);
		break;
	case 1:
		did = QObject::disconnect(sender, &Node::bytesWritten, nullptr, nullptr);
		break;
	case 2:
		did = QObject::disconnect(sender, &Node::bytesWritten, receiver, &Node::slot);
		break;
	case 3:
		did = sender->disconnect(receiver);
		break;
	default:
		if (!connections.empty()) {
			const auto &[number, some] = connections[rnd(static_cast<std::uint32_t>(connections.size()))];
			did = !isDying(number) && QObject::disconnect(some); // in qnet the signal is gone already
		}
	}
	std::printf("disconnected %d\n", did);
}

void emitSome(Node *sender)
{
	const int number = ++emissions;
	std::printf("%d emits %d\n", sender->number, number);
	emit sender->bytesWritten(number);
	std::printf("emitted %d\n", number);
}

void tellFamily(const Node *node)
{
	const Node *parent = dynamic_cast<const Node *>(node->parent());
	std::printf("family of %d: %d,", node->number, parent != nullptr ? parent->number : 0);
	for (const QObject *child : node->children())
		if (auto *its = dynamic_cast<const Node *>(child))
			std::printf(" %d", its->number);
	std::printf("\n");
}

/// Leaves a loop when everything that is queued, and what that queues, was made. Qt makes more after quit(), qnet does not.
void quitAtLast(QEventLoop *loop, int hops)
{
	if (hops == 0)
		return loop->quit();
	QMetaObject::invokeMethod(loop, [=] { quitAtLast(loop, hops - 1); }, Qt::QueuedConnection);
}

void turn()
{
	std::printf("turn\n");
	QEventLoop loop;
	quitAtLast(&loop, 40);
	loop.exec();
	std::printf("turned\n");
}

void step()
{
	steps--;
	Node *node = pick();
	const unsigned what = rnd(100);
	if (node == nullptr || what < 14) {
		Node *parent = chance(50) ? pick() : nullptr;
		new Node(parent);
	} else if (what < 36)
		connectSome(node);
	else if (what < 46)
		disconnectSome(node);
	else if (what < 68)
		emitSome(node);
	else if (what < 75) {
		if (node->deletable())
			delete node;
	} else if (what < 81)
		node->deleteLater();
	else if (what < 86) {
		Node *parent = chance(80) ? pick() : nullptr;
		bool round = false;
		for (const QObject *at = parent; at != nullptr; at = at->parent())
			round |= at == node;
		if (!round)
			node->setParent(parent);
		tellFamily(node);
	} else if (what < 89)
		std::printf("blocked %d\n", node->blockSignals(!node->signalsBlocked()));
	else if (what < 95) {
		if (chance(50))
			QMetaObject::invokeMethod(static_cast<QTcpSocket *>(node), [n = ++wired, token = Token()] {
				std::printf("invoked %d\n", n);
				meddle();
			}, Qt::QueuedConnection);
		else
			QMetaObject::invokeMethod(node, [node, n = ++wired, token = Token()] {
				std::printf("invoked %d of %d\n", n, node->number);
			}, Qt::AutoConnection);
	} else if (depth > 0 && dying.size() < 2) // Qt makes queued calls to what is deleting its children
		turn();
	else
		tellFamily(node);
}

void round(int wanted_steps)
{
	made = wired = emissions = depth = 0;
	for (int phase = 4 + static_cast<int>(rnd(8)); phase > 0; phase--) {
		steps = wanted_steps > 0 ? wanted_steps : 5 + static_cast<int>(rnd(30));
		while (steps > 0)
			step();
		std::printf("-- loop\n");
		turn();
		std::printf("-- %d objects, %d functions\n", static_cast<int>(nodes.size()), tokens);
	}
	while (!nodes.empty())
		delete nodes.front();
	turn();
	std::printf("-- %d functions\n", tokens);
	connections.clear();
}

} // namespace

int main(int argc, char **argv)
{
	const random_run wanted = random_begin(argc, argv, 0);
	int wanted_steps = 0;
	for (int i = 1; i + 1 < argc; i += 2)
		if (std::strcmp(argv[i], "--steps") == 0)
			wanted_steps = std::atoi(argv[i + 1]);
	QCoreApplication application(argc, argv);
	QMetaObject::invokeMethod(&application, [&] {
		for (int i = 0; i < std::max(1, wanted.rounds); i++) {
			const std::uint64_t seed = wanted.seed + static_cast<std::uint64_t>(i);
			std::printf("round %llu\n", static_cast<unsigned long long>(seed));
			seed_random(seed);
			round(wanted_steps);
			std::printf("end\n");
			std::fflush(stdout);
		}
		QCoreApplication::quit();
	}, Qt::QueuedConnection);
	return application.exec();
}
