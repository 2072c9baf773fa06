/*
 * What the instructions of fuzz_table.h take their arguments from, and what is
 * known of the objects that they make. A mistake of the library ends the
 * process, by blame().
 *
 * Nothing outside the machine is reached: addresses, hosts, ports and names come
 * from lists.
 */
#ifndef QNET_TESTS_FUZZ_PICK_H
#define QNET_TESTS_FUZZ_PICK_H

enum { THREADS = 4, DEPTH = 4, AREAS = 7, AREA_SIZE = 1 << 16, OBJECTS = 96, RAWS = 8, SCRIPTS = 8,
       LAST_CALL = 1 << 15 };

/* An object of the library, known from the moment that a call returns it. */
struct object {
	void *_Atomic handle;
	enum kind kind;
	atomic_bool gone;
};

static struct object objects[OBJECTS];
static atomic_int object_count;
static pthread_mutex_t objects_lock = PTHREAD_MUTEX_INITIALIZER;

/* Which input this is: what an earlier one has posted comes too late. */
static unsigned generation;

static bool single_threaded;

static bool alone; /* in a network of our own */

/* Which of the program's threads this is, and in how many callbacks. */
static _Thread_local int this_thread, this_depth;

/* What a call takes its arguments from. */
struct input {
	const uint8_t *bytes;
	size_t size, at;
	int thread, depth;
	int area;            /* the next to be used */
	int64_t room;        /* elements of the array picked last */
	int made;            /* the descriptor picked last; -1: none */
	struct object *self; /* of the callback that this is in */
};

/* A callback that is under way. */
struct call {
	struct input input;
	int script;
};

static void blame(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
static bool watch(enum kind kind, void *handle, void *user_data);
static void delete_handle(enum kind kind, void *handle);
static int find_script(unsigned wanted);
static void run_script(struct call *call);

static uint8_t pick_byte(struct input *in)
{
	size_t turn = in->at / in->size;

	return (uint8_t)(in->bytes[in->at++ % in->size] + turn * 0x9d);
}

static bool pick_bool(struct input *in)
{
	return pick_byte(in) & 1;
}

static bool pick_null(struct input *in)
{
	return pick_byte(in) >= 0xf8;
}

/* Objects ------------------------------------------------------------------- */

static struct object *find_object(const void *handle)
{
	int count = object_count;

	for (int i = 0; handle != NULL && i < count; i++)
		if (objects[i].handle == handle)
			return &objects[i];
	return NULL;
}

/* Remembers a handle that a call has returned, or deletes it if there are too many. */
static void keep(enum kind kind, void *handle)
{
	struct object *o = NULL;
	bool known;

	if (handle == NULL)
		return;
	pthread_mutex_lock(&objects_lock);
	known = find_object(handle) != NULL;
	if (!known && object_count < OBJECTS) {
		o = &objects[object_count];
		o->kind = kind;
		o->gone = false;
		o->handle = handle;
		object_count++;
	}
	pthread_mutex_unlock(&objects_lock);
	if (o == NULL && !known)
		delete_handle(kind, handle);
	/* Another thread may have deleted it already. */
	if (o != NULL && !watch(kind, handle, (void *)(o - objects)))
		o->gone = true;
}

/* Called for the signal destroyed. */
static void destroyed(const void *handle, void *user_data)
{
	struct object *o = &objects[(uintptr_t)user_data];

	if (o->handle != handle)
		blame("destroyed tells of %p instead of %p", handle, (void *)o->handle);
	if (atomic_exchange(&o->gone, true))
		blame("destroyed twice");
}

/* Called when an object was deleted that has no such signal. */
static void gone(enum kind kind, const void *handle)
{
	struct object *o = find_object(handle);

	if (o != NULL && o->kind == kind)
		o->gone = true;
}

/* Returns the object that is wanted among those for which accept is true. */
static struct object *choose(unsigned wanted, bool (*accept)(const struct object *, enum kind), enum kind kind)
{
	struct object *found[OBJECTS];
	unsigned count = 0;
	int all = object_count;

	for (int i = 0; i < all; i++)
		if (accept(&objects[i], kind))
			found[count++] = &objects[i];
	return count == 0 ? NULL : found[wanted % count];
}

static bool is_live(const struct object *o, enum kind kind)
{
	return !o->gone && (kind == KIND_COUNT || o->kind == kind);
}

static bool is_gone(const struct object *o, enum kind kind)
{
	(void)kind;
	return o->gone;
}

static void *pick_handle(struct input *in, enum kind kind)
{
	static char foreign[64];
	uint8_t b = pick_byte(in);
	struct object *o;

	if (b < 0x80 && in->self != NULL && in->self->kind == kind)
		return in->self->handle;
	if (b < 0xe0)
		o = choose(b, is_live, kind);
	else if (b < 0xe8)
		o = choose(b, is_live, KIND_COUNT);
	else if (b < 0xf4)
		o = choose(b, is_gone, kind);
	else if (b < 0xf8)
		return NULL;
	else if (b < 0xfa)
		return &foreign[b % 16];
	else if (b < 0xfd)
		return (void *)(uintptr_t)(b - 0xf9);
	else
		return (void *)(UINTPTR_MAX - b % 16);
	return o == NULL ? NULL : o->handle;
}

/* For the fuzzer's own steps, which go on only with what lives. */
static void *pick_live(struct input *in, enum kind kind)
{
	uint8_t b = pick_byte(in);
	struct object *o = b < 0x80 && in->self != NULL && in->self->kind == kind ? in->self : choose(b, is_live, kind);

	return o == NULL ? NULL : o->handle;
}

static void *pick_any_handle(struct input *in)
{
	return pick_handle(in, (enum kind)(pick_byte(in) % KIND_COUNT));
}

/* Remembers the handles that a call has written to a list. */
static void keep_all(enum kind kind, void **handles, int count)
{
	for (int i = 0; handles != NULL && i < count; i++)
		keep(kind, handles[i]);
}

static char *next_end(struct input *in);

/* Returns a list of handles, some of which may be none. */
static void *pick_handles(struct input *in, enum kind kind)
{
	uint8_t b = pick_byte(in);
	void **at;

	in->room = b % 5;
	at = (void **)next_end(in) - in->room;
	for (int64_t i = 0; i < in->room; i++)
		at[i] = pick_handle(in, kind);
	return b >= 0xf8 ? NULL : at;
}

/* Connections of signals ---------------------------------------------------- */

static atomic_ullong connections[32];
static atomic_uint connection_count;

static void remember(qnet_connection connection)
{
	connections[connection_count++ % LENGTH(connections)] = connection;
}

static qnet_connection pick_connection(struct input *in)
{
	uint8_t b = pick_byte(in);

	/* No number that could be one of those that tell of an object's end. */
	return b < 0xf0 ? connections[b % LENGTH(connections)] : b < 0xf8 ? b - 0xf0u : (UINT64_MAX << 32) | b;
}

/* Returns user data for the callbacks of an object, or of none. */
static void *pick_script(struct input *in, const void *handle)
{
	const struct object *o = find_object(handle);
	uintptr_t of = o == NULL ? OBJECTS : (uintptr_t)(o - objects);

	return (void *)((uintptr_t)generation << 16 | of << 8 | (uintptr_t)find_script(pick_byte(in)));
}

/* The same for the signal destroyed, of which an object may have several callbacks. */
static void *pick_last_script(struct input *in, const void *handle)
{
	return (void *)((uintptr_t)pick_script(in, handle) | LAST_CALL);
}

static void enter(struct call *call, enum kind kind, void *handle, void *user_data)
{
	static const uint8_t nothing[1];
	uintptr_t data = (uintptr_t)user_data;
	unsigned of = data >> 8 & 0x7f;

	memset(call, 0, sizeof *call);
	call->input.bytes = nothing;
	call->input.size = sizeof nothing;
	call->input.thread = this_thread;
	call->input.depth = this_depth;
	call->input.made = -1;
	call->script = (unsigned)data >> 16 == (generation & 0xffff) ? (int)(data & 0xff) : SCRIPTS;
	if (of < OBJECTS && kind != KIND_COUNT && objects[of].kind == kind) {
		struct object *o = &objects[of];

		if ((unsigned)data >> 16 != (generation & 0xffff))
			blame("a callback of an object that was deleted long ago");
		if (o->handle != handle)
			blame("a callback of %p instead of %p", handle, (void *)o->handle);
		if (o->gone && !(data & LAST_CALL) && (kind_is_watched[kind] || single_threaded))
			blame("a callback of a deleted object");
		call->input.self = o;
	} else {
		call->input.self = find_object(handle);
	}
}

static void leave(struct call *call)
{
	run_script(call);
}

/* Numbers ------------------------------------------------------------------- */

static int64_t pick_number(struct input *in)
{
	static const int64_t special[] = {
		0, 1, 2, 3, -1, 4, 64, 65, 66, 100, 255, 4096, 16384, 65535, 65536, 1 << 20, INT_MAX, INT_MIN, UINT_MAX,
		INT64_MAX, INT64_MIN, INT64_MAX / 2 + 1,
	};
	uint8_t b = pick_byte(in);

	return b < 128 ? special[b % LENGTH(special)] : b < 192 ? b - 128 : (b - 192) * (int64_t)pick_byte(in);
}

/* Nothing waits for longer than that. */
static int pick_msec(struct input *in)
{
	uint8_t b = pick_byte(in);

	return b < 0xf0 ? b % 3 : b - 0xf0;
}

/* How many elements of the array to use: what there is room for, or less. */
static int64_t pick_size(struct input *in)
{
	uint8_t b = pick_byte(in);

	return b < 160	 ? in->room
	       : b < 176 ? 0
	       : b < 192 ? in->room > 0
	       : b < 208 ? in->room / 2
	       : b < 224 ? in->room - 1
	       : b < 240 ? -1
			 : INT64_MIN; /* 0 as an int */
}

static int64_t pick_length(struct input *in)
{
	int64_t size = pick_size(in);

	return size < 0 ? 0 : size;
}

static const char *const file_names[] = {
	"authority.pem", "host.pem", "rsa.pem", "host.key", "rsa.key", "ed25519.key", "host.pub", "encrypted.key", "traditional.key",
	"host.p12",
};

/* Memory -------------------------------------------------------------------- */

/* Each call's arrays end where memory ends, so that one byte more is noticed. */
static char *areas[THREADS][DEPTH][AREAS];

/* The file of pick_open_file(). */
static int open_file;

static void make_areas(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	open_file = memfd_create("file", MFD_CLOEXEC);
	if (open_file < 0 || ftruncate(open_file, 100000) != 0)
		blame("a file of 100,000 bytes cannot be made");
	/* The files are read before there are threads. */
	for (size_t i = 0; i < LENGTH(file_names); i++)
		if (ssl_file(file_names[i]) == NULL)
			blame("%s cannot be read", file_names[i]);
	for (int i = 0; i < THREADS * DEPTH * AREAS; i++) {
		char *area = mmap(NULL, AREA_SIZE + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (area == MAP_FAILED || mprotect(area + AREA_SIZE, page, PROT_NONE) != 0)
			blame("no memory: %m");
		(&areas[0][0][0])[i] = area;
	}
}

static char *next_end(struct input *in)
{
	return areas[in->thread][in->depth][in->area++ % (AREAS - 1)] + AREA_SIZE;
}

/* Returns count elements of a size, or as many as is picked; rarely NULL. */
static void *pick_array(struct input *in, size_t size, int64_t count)
{
	static const int64_t counts[] = { 1, 2, 3, 7, 16, 64, 100, 1000, 1 << 12, 1 << 14, 1 << 15, AREA_SIZE };
	uint8_t b = pick_byte(in);
	char *at;

	in->room = count != 0 ? count : counts[b % LENGTH(counts)];
	if (in->room * (int64_t)size > AREA_SIZE)
		in->room = AREA_SIZE / (int64_t)size;
	if (b >= 0xf8)
		return NULL;
	at = next_end(in) - in->room * (int64_t)size;
	for (int64_t i = 0; i < in->room * (int64_t)size && i < 64; i++)
		at[i] = (char)(b % 5 == 0 ? "\r\n"[i & 1] : b + i);
	return at;
}

/* Returns what may be a certificate or key: one of the tests' files, in which an octet may be another. */
static void *pick_file(struct input *in)
{
	uint8_t b = pick_byte(in);
	const struct ssl_file *file = ssl_file(file_names[b % LENGTH(file_names)]);
	char *at;

	if (b >= 0xe0 || file == NULL)
		return pick_array(in, 1, 0);
	in->room = (int64_t)file->size;
	at = memcpy(next_end(in) - file->size, file->data, file->size);
	if (b & 1)
		at[(pick_byte(in) << 8 | pick_byte(in)) % file->size] = (char)pick_byte(in);
	return at;
}

static void check_room(const struct input *in, int64_t result)
{
	/* Of what was picked before it may be less. */
	if (result > AREA_SIZE || result < -1)
		blame("%lld bytes read into %lld", (long long)result, (long long)in->room);
}

/* What is counted is not negative, but for the -1 of a failure. */
static void check_count(int64_t result)
{
	if (result < -1)
		blame("there are %lld", (long long)result);
}

/* Strings that belong to an object may be replaced by another thread at any time. */
static void look_at(const char *text)
{
	if (single_threaded && text != NULL && strlen(text) > INT_MAX)
		blame("a string of %zu bytes", strlen(text));
}

/* Texts --------------------------------------------------------------------- */

static char *join(struct input *in, const char *const *pieces, size_t count, int parts)
{
	char text[1024] = "", *at;
	size_t length;

	for (int i = 0; i < parts; i++)
		strcat(text, pieces[pick_byte(in) % count]);
	length = strlen(text) + 1;
	at = next_end(in) - length;
	return memcpy(at, text, length);
}

#define TEN(x) x x x x x x x x x x

static const char *pick_text(struct input *in, const char *function, const char *parameter)
{
	/* No name that a host can have; and only the first that are known here, unless nobody can be asked. */
	enum { KNOWN = 4 };
	static const char *const hosts[] = {
		"localhost", "127.0.0.1", "::1", "localhost", "::ffff:127.0.0.1", "", " ", "no host", "a..b", ".", "[::1]",
		"::1%lo", TEN(TEN("abc.")), "\xff\xfe b", "127.0.0.1:80", " localhost\n",
	};
	static const char *const names[] = {
		"a", "b", "c", "a", "", "nowhere/a", ".", "..", TEN(TEN("n")), TEN(TEN("n")) TEN("n"), "\xc0\x80",
		"x\xc0\x80y", "\xff", " ", TEN(TEN("\xc0\x80")),
	};
	static const char *const pieces[] = {
		"", "1", "127.0.0.1", "::", "::1", ":", ".", "%", "lo", "/", "255", "0x", "0b1", "017", "ffff", "10", " ",
		"\n", "\xff", "\xc3\xa9", "\xe3\x80\x80", "4294967296", "-1", "+", TEN("a"),
	};
	uint8_t b = pick_byte(in);

	if (b >= 0xf8)
		return NULL;
	if (strcmp(parameter, "host") == 0 || strncmp(function, "qnet_host_info", 14) == 0)
		return join(in, hosts, alone ? LENGTH(hosts) : KNOWN, 1);
	if (strncmp(function, "qnet_local", 10) == 0)
		return join(in, names, LENGTH(names), 1);
	return join(in, pieces, LENGTH(pieces), 1 + b % 8);
}

/* Addresses ----------------------------------------------------------------- */

static void fill_host_address(struct input *in, qnet_host_address *a)
{
	static const uint8_t group4[4] = { 239, 255, 1, 2 }, group6[16] = { 0xff, 1, [15] = 9 };
	uint8_t b = pick_byte(in);

	memset(a, 0, sizeof *a);
	switch (b % 12) {
	case 0:
	case 1:
	case 2:
		*a = *QNET_ADDRESS_LOCAL_HOST;
		break;
	case 3:
		*a = *QNET_ADDRESS_LOCAL_HOST_IPV6;
		break;
	case 4:
		*a = *QNET_ADDRESS_ANY;
		break;
	case 5:
		*a = *QNET_ADDRESS_ANY_IPV4;
		break;
	case 6:
		*a = *QNET_ADDRESS_ANY_IPV6;
		break;
	case 7: /* mapped */
		qnet_host_address_to_i_pv6_address(QNET_ADDRESS_LOCAL_HOST, a->bytes);
		a->protocol = QNET_IPV6_PROTOCOL;
		break;
	case 8:
		a->protocol = QNET_IPV6_PROTOCOL;
		a->bytes[15] = 1;
		memset(a->scope_id, b < 0x80 ? 'l' : '1', b % 33);
		break;
	case 9:
		a->protocol = alone ? QNET_IPV4_PROTOCOL : QNET_UNKNOWN_NETWORK_LAYER_PROTOCOL;
		memcpy(a->bytes, group4, sizeof group4);
		break;
	case 10:
		a->protocol = alone ? QNET_IPV6_PROTOCOL : QNET_UNKNOWN_NETWORK_LAYER_PROTOCOL;
		memcpy(a->bytes, group6, sizeof group6);
		break;
	default:
		a->protocol = (qnet_network_layer_protocol)(pick_number(in) | 4);
		break;
	}
}

static qnet_host_address *pick_host_address(struct input *in)
{
	/* Behind it are zeros, which end a scope id that has no end. */
	enum { BEHIND = 16 };
	qnet_host_address *a = (void *)(next_end(in) - sizeof *a - BEHIND);

	in->room = 1;
	if (pick_null(in))
		return NULL;
	memset(a + 1, 0, BEHIND);
	fill_host_address(in, a);
	return a;
}

static atomic_int ports[8];
static atomic_uint port_count;

static void remember_port(int port)
{
	ports[port_count++ % LENGTH(ports)] = port;
}

static uint16_t pick_port(struct input *in)
{
	uint8_t b = pick_byte(in);

	unsigned count = port_count < LENGTH(ports) ? port_count : LENGTH(ports);

	return b < 0xe0 && count > 0 ? (uint16_t)ports[b % count] : b & 1;
}

static qnet_datagram *pick_datagram(struct input *in)
{
	enum { COUNT = 8 };
	qnet_datagram *all = (void *)(next_end(in) - COUNT * sizeof *all);

	in->room = COUNT;
	if (pick_null(in))
		return NULL;
	memset(all, 0, COUNT * sizeof *all);
	for (int i = 0; i < COUNT; i++) {
		int64_t room = 1 << pick_byte(in) % 17;

		all[i].data = areas[in->thread][in->depth][AREAS - 1] + AREA_SIZE - room;
		all[i].size = i % 4 == 3 ? -1 : room;
		all[i].capacity = room;
		fill_host_address(in, &all[i].destination);
		if (i % 4 == 3)
			fill_host_address(in, &all[i].sender);
		all[i].destination_port = pick_port(in);
		all[i].interface_index = i % 4 == 2 ? 1 : 0;
		all[i].hop_limit = i % 4 == 1 ? (int)pick_number(in) : -1;
	}
	return all;
}

/* Proxies ------------------------------------------------------------------- */

/* Whose storage is that of an earlier call, or none. */
static _Thread_local qnet_network_proxy proxies[4];

static void fill_proxy(struct input *in, qnet_network_proxy *p)
{
	static const char *const texts[] = { NULL, "", "127.0.0.1", "::1", "localhost", "no host", TEN(TEN("long")), "\xff", "\r\n" };

	p->type = (qnet_network_proxy_type)(pick_bool(in) ? QNET_SOCKS5_PROXY + 2 * pick_bool(in) : pick_number(in));
	p->host_name = texts[pick_bool(in) ? 2 : pick_byte(in) % LENGTH(texts)];
	p->port = pick_port(in);
	p->user = texts[pick_byte(in) % LENGTH(texts)];
	p->password = texts[pick_byte(in) % LENGTH(texts)];
	p->capabilities = pick_bool(in) ? 0 : (int)pick_number(in);
}

static qnet_network_proxy *pick_network_proxy(struct input *in)
{
	in->room = LENGTH(proxies);
	if (pick_null(in))
		return NULL;
	for (size_t i = 0; i < LENGTH(proxies); i++)
		fill_proxy(in, &proxies[i]);
	return proxies;
}

/* Makes the list of a factory. */
static int fill_network_proxy(struct input *in, qnet_network_proxy *all, int max)
{
	for (int i = 0; i < max; i++)
		fill_proxy(in, &all[i]);
	return (int)(pick_bool(in) ? pick_byte(in) % 3 : pick_number(in));
}

static qnet_network_proxy_query *pick_network_proxy_query(struct input *in)
{
	static const char *const tags[] = { NULL, "", "http", "HTTPS", "\xff" };
	qnet_network_proxy_query *query = (void *)(next_end(in) - sizeof *query);

	query->query_type = (qnet_network_proxy_query_type)pick_number(in);
	query->peer_host_name = pick_text(in, "query", "host");
	query->peer_port = (int)pick_number(in);
	query->local_port = (int)pick_number(in);
	query->protocol_tag = tags[pick_byte(in) % LENGTH(tags)];
	return pick_null(in) ? NULL : query;
}

/* Descriptors --------------------------------------------------------------- */

/* The other ends of connections, used without the library. */
static atomic_int raws[RAWS];

/* Takes a raw descriptor, from which on, so that no other thread closes it; -1: none. */
static int take_raw(unsigned which)
{
	int fd = -1;

	for (unsigned i = 0; i < RAWS && fd < 0; i++)
		fd = atomic_exchange(&raws[(which + i) % RAWS], -1);
	return fd;
}

static void put_raw(unsigned which, int fd)
{
	int old = atomic_exchange(&raws[which % RAWS], fd);

	if (old >= 0)
		close(old);
}

static qnet_network_address_entry *pick_network_address_entry(struct input *in)
{
	qnet_network_address_entry *entry = (void *)(next_end(in) - sizeof *entry);

	entry->size = pick_byte(in) * 2 % (sizeof *entry + 1);
	return pick_null(in) ? NULL : entry;
}

static qnet_usage *pick_usage(struct input *in)
{
	qnet_usage *usage = (void *)(next_end(in) - sizeof *usage);

	usage->size = pick_byte(in) % (sizeof *usage + 1);
	return pick_null(in) ? NULL : usage;
}

static intptr_t pick_descriptor(struct input *in)
{
	uint8_t b = pick_byte(in);
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int pair[2];

	in->made = -1;
	switch (b % 10) {
	case 0:
	case 1:
		if (socketpair(AF_UNIX, SOCK_STREAM | (b & 0x80 ? SOCK_NONBLOCK : 0), 0, pair) == 0) {
			in->made = pair[0];
			put_raw(b >> 4, pair[1]);
		}
		break;
	case 2:
		in->made = socket(AF_INET, SOCK_STREAM, 0);
		break;
	case 3:
		in->made = socket(AF_INET, SOCK_STREAM, 0);
		if (in->made >= 0 && bind(in->made, (struct sockaddr *)&any, sizeof any) == 0)
			listen(in->made, 4);
		break;
	case 4:
		in->made = socket(AF_INET, SOCK_DGRAM, 0);
		if (in->made >= 0 && b & 0x80 && bind(in->made, (struct sockaddr *)&any, sizeof any) != 0)
			break;
		break;
	case 5:
		in->made = socket(AF_UNIX, b & 0x80 ? SOCK_DGRAM : SOCK_SEQPACKET, 0);
		break;
	case 6:
		in->made = open("/dev/null", O_RDWR);
		break;
	case 7:
		in->made = socket(AF_INET6, SOCK_STREAM, 0);
		break;
	case 8:
		in->made = eventfd(0, 0);
		break;
	default:
		return b < 0x80 ? -1 : b < 0xc0 ? 1 << 24 : INTPTR_MIN + b;
	}
	return in->made;
}

/* Closes the descriptor if the call has not taken it over. */
static void settle(struct input *in, intptr_t taken)
{
	if (!taken && in->made >= 0)
		close(in->made);
	in->made = -1;
}

/* A file to send from and to receive into; it stays open. Or what is none. */
static intptr_t pick_open_file(struct input *in)
{
	uint8_t b = pick_byte(in);

	if (b % 16 == 0)
		return b < 128 ? -1 : STDERR_FILENO;
	/* Shorter than what is to be sent, now and then, and never long. */
	if (b % 16 == 1 && ftruncate(open_file, b * 1000) != 0)
		blame("the file cannot be cut");
	lseek(open_file, 0, SEEK_SET);
	return open_file;
}

static qnet_write_part *pick_write_part(struct input *in)
{
	enum { COUNT = 5 };
	qnet_write_part *all = (void *)(next_end(in) - COUNT * sizeof *all);

	for (int i = 0; i < COUNT; i++) {
		int64_t size = 1 << pick_byte(in) % 17;

		all[i].data = areas[in->thread][in->depth][AREAS - 1] + AREA_SIZE - size;
		all[i].size = pick_null(in) ? 0 : size;
	}
	in->room = COUNT;
	return pick_null(in) ? NULL : all;
}

static const intptr_t *pick_descriptors(struct input *in)
{
	intptr_t *all = pick_array(in, sizeof *all, 0);

	if (in->room > 300)
		in->room = 300;
	for (int64_t i = 0; all != NULL && i < in->room; i++)
		all[i] = i % 8 == 7 && pick_byte(in) > 0xc0 ? -1 : STDERR_FILENO;
	return all;
}

static void close_taken(const intptr_t *descriptors, int count)
{
	for (int i = 0; i < count; i++)
		close((int)descriptors[i]);
}

/* Handed to a callback, which owns it. */
static void given(struct call *call, intptr_t descriptor)
{
	qnet_socket *socket;

	call->input.made = (int)descriptor;
	if ((uintptr_t)descriptor % 3 == 0) {
		close((int)descriptor);
		return;
	}
	socket = call->input.self != NULL && call->input.self->kind == KIND_LOCAL_SERVER ? qnet_local_socket_new(NULL)
											 : qnet_tcp_socket_new(NULL);
	if (!qnet_socket_set_socket_descriptor(socket, descriptor, QNET_CONNECTED_STATE, QNET_READ_WRITE))
		close((int)descriptor);
	keep(KIND_SOCKET, socket);
}

#endif
