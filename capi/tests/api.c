/*
 * The C API in ordinary use: what belongs to no socket or server. Versions,
 * messages, addresses, look-ups, loops, timers.
 */
#include "check.h"

#include <net/if.h>
#include <poll.h>
#include <pthread.h>

/* Versions and messages ---------------------------------------------------- */

static const char *versions(void)
{
	REQUIRE_TEXT(qnet_version(), QNET_VERSION_STR);
	REQUIRE_EQUAL(qnet_version_number(), QNET_VERSION);
	REQUIRE(QNET_VERSION >= QNET_VERSION_CHECK(QNET_VERSION_MAJOR, QNET_VERSION_MINOR, 0));
	return NULL;
}

static struct {
	int count;
	qnet_msg_type type;
	char text[200];
	void *user_data;
	bool misbehave;
} heard;

static void hear(qnet_msg_type type, const char *message, void *user_data)
{
	heard.count++;
	heard.type = type;
	heard.user_data = user_data;
	snprintf(heard.text, sizeof heard.text, "%s", message);
	if (heard.misbehave)
		qnet_timer_start(NULL, 0);
}

/* Calls f and returns what it writes to stderr. */
static const char *printed(void (*f)(void))
{
	static char text[300];
	int out[2], old = dup(STDERR_FILENO);
	ssize_t n;

	if (pipe(out) != 0)
		return "cannot make a pipe";
	dup2(out[1], STDERR_FILENO);
	f();
	dup2(old, STDERR_FILENO);
	close(old);
	close(out[1]);
	n = read(out[0], text, sizeof text - 1);
	close(out[0]);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void make_a_mistake(void)
{
	qnet_timer_stop(NULL);
}

static const char *message_handler(void)
{
	int data;

	memset(&heard, 0, sizeof heard);
	qnet_set_message_handler(hear, &data);
	make_a_mistake();
	REQUIRE_EQUAL(heard.count, 1);
	REQUIRE_EQUAL(heard.type, QNET_WARNING_MSG);
	REQUIRE(heard.user_data == &data);
	REQUIRE(strstr(heard.text, "qnet_timer_stop") != NULL);
	return NULL;
}

static const char *message_default(void)
{
	qnet_set_message_handler(hear, NULL);
	qnet_set_message_handler(NULL, NULL);
	memset(&heard, 0, sizeof heard);
	REQUIRE_TEXT(printed(make_a_mistake), "qnet: qnet_timer_stop: the handle is NULL\n");
	REQUIRE_EQUAL(heard.count, 0);
	return NULL;
}

/* A handler's own mistakes go to stderr, or it would call itself for ever. */
static const char *message_inside_handler(void)
{
	memset(&heard, 0, sizeof heard);
	heard.misbehave = true;
	qnet_set_message_handler(hear, NULL);
	REQUIRE_TEXT(printed(make_a_mistake), "qnet: qnet_timer_start: the handle is NULL\n");
	REQUIRE_EQUAL(heard.count, 1);
	return NULL;
}

/* Addresses ---------------------------------------------------------------- */

static qnet_host_address parsed(const char *text)
{
	qnet_host_address address;

	qnet_host_address_set_address(&address, text);
	return address;
}

static const char *formatted(const qnet_host_address *address)
{
	static char text[QNET_HOST_ADDRESS_STRING_MAX];

	qnet_host_address_to_string(address, text, sizeof text);
	return text;
}

static const char *address_text(void)
{
	qnet_host_address a;
	char small[6];

	REQUIRE(qnet_host_address_set_address(&a, "192.168.1.20"));
	REQUIRE_EQUAL(qnet_host_address_protocol(&a), QNET_IPV4_PROTOCOL);
	REQUIRE(memcmp(a.bytes, (uint8_t[4]){ 192, 168, 1, 20 }, 4) == 0);
	REQUIRE_TEXT(formatted(&a), "192.168.1.20");
	REQUIRE_EQUAL(qnet_host_address_to_string(&a, small, sizeof small), 12);
	REQUIRE_TEXT(small, "192.1");
	REQUIRE_EQUAL(qnet_host_address_to_string(&a, NULL, 0), 12);
	REQUIRE_EQUAL(qnet_host_address_to_string(&a, NULL, 1), -1);
	REQUIRE(qnet_host_address_set_address(&a, "2001:DB8:0:0:0:0:0:1"));
	REQUIRE_EQUAL(a.protocol, QNET_IPV6_PROTOCOL);
	REQUIRE_TEXT(formatted(&a), "2001:db8::1");
	REQUIRE(!qnet_host_address_is_null(&a));
	REQUIRE(!qnet_host_address_set_address(&a, "an.example"));
	REQUIRE(qnet_host_address_is_null(&a));
	REQUIRE_EQUAL(qnet_host_address_to_string(&a, small, sizeof small), 0);
	REQUIRE_TEXT(small, "");
	a = parsed("10.0.0.1");
	qnet_host_address_clear(&a);
	REQUIRE(qnet_host_address_is_null(&a));
	REQUIRE_EQUAL(qnet_host_address_protocol(&a), QNET_UNKNOWN_NETWORK_LAYER_PROTOCOL);
	return NULL;
}

static const char *address_constants(void)
{
	REQUIRE(qnet_host_address_is_null(QNET_ADDRESS_NULL));
	REQUIRE_TEXT(formatted(QNET_ADDRESS_BROADCAST), "255.255.255.255");
	REQUIRE_TEXT(formatted(QNET_ADDRESS_LOCAL_HOST), "127.0.0.1");
	REQUIRE_TEXT(formatted(QNET_ADDRESS_LOCAL_HOST_IPV6), "::1");
	REQUIRE_EQUAL(qnet_host_address_protocol(QNET_ADDRESS_ANY), QNET_ANY_IP_PROTOCOL);
	REQUIRE_TEXT(formatted(QNET_ADDRESS_ANY), "0.0.0.0");
	REQUIRE_TEXT(formatted(QNET_ADDRESS_ANY_IPV6), "::");
	REQUIRE_TEXT(formatted(QNET_ADDRESS_ANY_IPV4), "0.0.0.0");
	REQUIRE_EQUAL(qnet_host_address_protocol(QNET_ADDRESS_ANY_IPV4), QNET_IPV4_PROTOCOL);
	return NULL;
}

/* Returns what an address is, each kind with a blank behind it. */
static const char *kinds_of(const char *text)
{
	static char kinds[100];
	qnet_host_address address = parsed(text);
	const struct {
		bool is;
		const char *name;
	} list[] = {
		{ qnet_host_address_is_loopback(&address), "loopback" },
		{ qnet_host_address_is_global(&address), "global" },
		{ qnet_host_address_is_link_local(&address), "link-local" },
		{ qnet_host_address_is_site_local(&address), "site-local" },
		{ qnet_host_address_is_unique_local_unicast(&address), "unique-local" },
		{ qnet_host_address_is_multicast(&address), "multicast" },
		{ qnet_host_address_is_broadcast(&address), "broadcast" },
		{ qnet_host_address_is_private_use(&address), "private" },
	};

	kinds[0] = '\0';
	for (size_t i = 0; i < LENGTH(list); i++) {
		if (list[i].is) {
			strcat(kinds, list[i].name);
			strcat(kinds, " ");
		}
	}
	return kinds;
}

static const char *address_kinds(void)
{
	static const char *const cases[][2] = {
		{ "127.3.2.1", "loopback " },
		{ "::1", "loopback " },
		{ "::ffff:127.0.0.1", "loopback " },
		{ "::2", "global " },
		{ "1.1.1.1", "global " },
		{ "2600::1", "global " },
		{ "169.254.1.1", "link-local " },
		{ "febf::1", "link-local " },
		{ "feff::1", "global site-local " },
		{ "fdff::1", "global unique-local private " },
		{ "10.1.2.3", "global private " },
		{ "172.31.0.1", "global private " },
		{ "172.32.0.1", "global " },
		{ "239.1.1.1", "multicast " },
		{ "ff02::1", "multicast " },
		{ "255.255.255.255", "broadcast " },
		{ "255.255.255.254", "" },
		{ "0.0.0.0", "" },
		{ "::", "" },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *kinds = kinds_of(cases[i][0]);

		if (strcmp(kinds, cases[i][1]) != 0)
			return check_why("%s is \"%s\", want \"%s\"", cases[i][0], kinds, cases[i][1]);
	}
	return NULL;
}

static const char *address_comparison(void)
{
	qnet_host_address v4 = parsed("10.1.2.3"), mapped = parsed("::ffff:10.1.2.3"), compat = parsed("::10.1.2.3");

	REQUIRE(qnet_host_address_is_equal(&v4, &v4, QNET_STRICT_CONVERSION));
	REQUIRE(!qnet_host_address_is_equal(&v4, &mapped, QNET_STRICT_CONVERSION));
	REQUIRE(qnet_host_address_is_equal(&v4, &mapped, QNET_CONVERT_V4_MAPPED_TO_IPV4));
	REQUIRE(!qnet_host_address_is_equal(&v4, &compat, QNET_CONVERT_V4_MAPPED_TO_IPV4));
	REQUIRE(qnet_host_address_is_equal(&v4, &compat, QNET_CONVERT_V4_COMPAT_TO_IPV4));
	REQUIRE(qnet_host_address_is_equal(QNET_ADDRESS_LOCAL_HOST, QNET_ADDRESS_LOCAL_HOST_IPV6, QNET_CONVERT_LOCAL_HOST));
	REQUIRE(!qnet_host_address_is_equal(QNET_ADDRESS_LOCAL_HOST, QNET_ADDRESS_LOCAL_HOST_IPV6, QNET_STRICT_CONVERSION));
	REQUIRE(qnet_host_address_is_equal(QNET_ADDRESS_ANY, QNET_ADDRESS_ANY_IPV4, QNET_CONVERT_UNSPECIFIED_ADDRESS));
	REQUIRE(qnet_host_address_is_equal(&v4, &mapped, QNET_TOLERANT_CONVERSION));
	return NULL;
}

static const char *address_subnets(void)
{
	qnet_host_address subnet, inside = parsed("10.1.2.3"), outside = parsed("11.0.0.1");

	REQUIRE_EQUAL(qnet_host_address_parse_subnet("10/8", &subnet), 8);
	REQUIRE_TEXT(formatted(&subnet), "10.0.0.0");
	REQUIRE(qnet_host_address_is_in_subnet(&inside, &subnet, 8));
	REQUIRE(!qnet_host_address_is_in_subnet(&outside, &subnet, 8));
	REQUIRE_EQUAL(qnet_host_address_parse_subnet("fe80::/10", &subnet), 10);
	inside = parsed("febf::1");
	REQUIRE(qnet_host_address_is_in_subnet(&inside, &subnet, 10));
	REQUIRE_EQUAL(qnet_host_address_parse_subnet("10.0.0.0/99", &subnet), -1);
	REQUIRE(qnet_host_address_is_null(&subnet));
	return NULL;
}

static const char *address_numbers(void)
{
	qnet_host_address a = parsed("1.2.3.4"), six = parsed("2001:db8::1");
	uint8_t bytes[16], mapped[16] = { [10] = 0xff, 0xff, 1, 2, 3, 4 };
	bool ok = false;

	REQUIRE_EQUAL(qnet_host_address_to_i_pv4_address(&a, &ok), 0x01020304);
	REQUIRE(ok);
	REQUIRE_EQUAL(qnet_host_address_to_i_pv4_address(&six, &ok), 0);
	REQUIRE(!ok);
	qnet_host_address_to_i_pv6_address(&a, bytes);
	REQUIRE(memcmp(bytes, mapped, sizeof bytes) == 0);
	qnet_host_address_to_i_pv6_address(&six, bytes);
	REQUIRE(memcmp(bytes, six.bytes, sizeof bytes) == 0);
	return NULL;
}

static const char *address_scopes(void)
{
	qnet_host_address a = parsed("fe80::1%lo"), four = parsed("10.0.0.1");

	REQUIRE_TEXT(qnet_host_address_scope_id(&a), "lo");
	REQUIRE_TEXT(formatted(&a), "fe80::1%lo");
	REQUIRE(qnet_host_address_set_scope_id(&a, "eth7"));
	REQUIRE_TEXT(formatted(&a), "fe80::1%eth7");
	REQUIRE(!qnet_host_address_set_scope_id(&a, "0123456789012345678901234567890123456789"));
	REQUIRE_TEXT(qnet_host_address_scope_id(&a), "eth7");
	REQUIRE(qnet_host_address_set_scope_id(&a, NULL));
	REQUIRE_TEXT(qnet_host_address_scope_id(&a), "");
	REQUIRE(!qnet_host_address_set_scope_id(&four, "lo"));
	REQUIRE_TEXT(qnet_host_address_scope_id(&four), "");
	memcpy(four.scope_id, "lo", sizeof "lo"); /* not by these functions */
	REQUIRE_TEXT(qnet_host_address_scope_id(&four), "");
	return NULL;
}

/* Look-ups ----------------------------------------------------------------- */

static struct {
	int count;
	qnet_host_info *info;
	void *user_data;
	pthread_t thread;
	bool deletes;
} found;

static void on_found(qnet_host_info *info, void *user_data)
{
	found.count++;
	found.info = info;
	found.user_data = user_data;
	found.thread = pthread_self();
	if (found.deletes)
		qnet_host_info_delete(info);
}

static bool has_loopback(qnet_host_info *info)
{
	for (int i = 0; i < qnet_host_info_address_count(info); i++) {
		qnet_host_address address;

		if (qnet_host_info_address(info, i, &address) && qnet_host_address_is_loopback(&address))
			return true;
	}
	return false;
}

static const char *look_up(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_host_info *info;
	qnet_host_address address;

	memset(&found, 0, sizeof found);
	info = qnet_host_info_lookup_host(loop, "localhost", on_found, loop);
	REQUIRE(info != NULL);
	REQUIRE_EQUAL(qnet_host_info_address_count(info), 0);
	REQUIRE_EQUAL(found.count, 0);
	UNTIL(loop, found.count > 0);
	REQUIRE(found.info == info && found.user_data == loop);
	REQUIRE(pthread_equal(found.thread, pthread_self()));
	REQUIRE_TEXT(qnet_host_info_host_name(info), "localhost");
	REQUIRE_EQUAL(qnet_host_info_error(info), QNET_HOST_INFO_NO_ERROR);
	REQUIRE_TEXT(qnet_host_info_error_string(info), "Unknown error");
	REQUIRE(has_loopback(info));
	REQUIRE(!qnet_host_info_address(info, 99, &address));
	REQUIRE(qnet_host_address_is_null(&address));
	REQUIRE(!qnet_host_info_address(info, -1, &address));
	qnet_host_info_abort_host_lookup(info); /* nothing */
	qnet_host_info_delete(info);
	check_settle(loop);
	REQUIRE_EQUAL(found.count, 1);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *look_up_failing(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_host_info *info;

	memset(&found, 0, sizeof found);
	info = qnet_host_info_lookup_host(loop, "not a name", on_found, NULL);
	UNTIL(loop, found.count > 0);
	REQUIRE_EQUAL(qnet_host_info_error(info), QNET_HOST_INFO_HOST_NOT_FOUND);
	REQUIRE_TEXT(qnet_host_info_error_string(info), "Invalid hostname");
	REQUIRE_EQUAL(qnet_host_info_address_count(info), 0);
	qnet_host_info_delete(info);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *look_up_ended(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_host_info *aborted, *deleted;

	memset(&found, 0, sizeof found);
	aborted = qnet_host_info_lookup_host(loop, "localhost", on_found, NULL);
	deleted = qnet_host_info_lookup_host(loop, "localhost", on_found, NULL);
	qnet_host_info_abort_host_lookup(aborted);
	qnet_host_info_delete(deleted);
	check_settle(loop);
	REQUIRE_EQUAL(found.count, 0);
	REQUIRE_TEXT(qnet_host_info_host_name(aborted), "localhost");
	qnet_host_info_delete(aborted);

	found.deletes = true;
	qnet_host_info_lookup_host(loop, "127.0.0.1", on_found, NULL);
	UNTIL(loop, found.count > 0);
	REQUIRE_WARNINGS(0);
	REQUIRE_EQUAL(qnet_host_info_address_count(found.info), -1);
	REQUIRE_WARNINGS(1);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *look_up_and_delete_loop(void)
{
	qnet_usage before = { .size = sizeof before }, after = { .size = sizeof after };

	REQUIRE(qnet_get_usage(&before, false));
	memset(&found, 0, sizeof found);
	found.deletes = true;
	for (int i = 0; i < 20; i++) {
		qnet_loop *loop = qnet_loop_new();
		qnet_socket *socket = qnet_tcp_socket_new(loop);
		qnet_host_info *info;

		/* one that nobody waits for, one that is aborted, and a socket that looks a name up */
		qnet_host_info_lookup_host(loop, "nosuchhost.invalid", on_found, NULL);
		info = qnet_host_info_lookup_host(loop, "localhost", on_found, NULL);
		qnet_host_info_abort_host_lookup(info);
		qnet_socket_connect_to_host(socket, "localhost", 1, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
		qnet_loop_delete(loop);
		REQUIRE_EQUAL(found.count, i + 1);
		REQUIRE(pthread_equal(found.thread, pthread_self()));
		qnet_host_info_delete(info);
		qnet_socket_delete_later(socket);
	}
	REQUIRE(qnet_get_usage(&after, false));
	REQUIRE_EQUAL(after.loops, before.loops);
	REQUIRE_EQUAL(after.host_infos, before.host_infos);
	REQUIRE_EQUAL(after.sockets, before.sockets);
	REQUIRE_EQUAL(after.posted, before.posted);
	return NULL;
}

static const char *look_up_blocking(void)
{
	qnet_host_info *info = qnet_host_info_from_name("localhost");
	char name[256], small[3];
	int length = qnet_host_info_local_host_name(name, sizeof name);

	REQUIRE(has_loopback(info));
	qnet_host_info_delete(info);
	info = qnet_host_info_from_name("127.0.0.1");
	REQUIRE_EQUAL(qnet_host_info_address_count(info), 1);
	REQUIRE(has_loopback(info));
	qnet_host_info_delete(info);
	info = qnet_host_info_from_name("not a name");
	REQUIRE_EQUAL(qnet_host_info_error(info), QNET_HOST_INFO_HOST_NOT_FOUND);
	qnet_host_info_delete(info);

	REQUIRE(length > 0 && length == (int)strlen(name));
	REQUIRE_EQUAL(qnet_host_info_local_host_name(small, sizeof small), length);
	REQUIRE(strlen(small) < sizeof small && strncmp(small, name, strlen(small)) == 0);
	REQUIRE_EQUAL(qnet_host_info_local_host_name(NULL, 1), -1);
	return NULL;
}

/* Loops -------------------------------------------------------------------- */

static struct check_log events;

static void note(void *word)
{
	check_note(&events, "%s", (const char *)word);
}

static void quit(void *loop)
{
	qnet_loop_quit(loop);
}

static void exit_with_7(void *loop)
{
	qnet_loop_exit(loop, 7);
}

static void nested_exec(void *loop)
{
	qnet_loop_post(loop, note, "inside");
	qnet_loop_post(loop, exit_with_7, loop);
	check_note(&events, "code %d", qnet_loop_exec(loop));
}

static const char *loop_exec(void)
{
	qnet_loop *loop = qnet_loop_new();

	check_take(&events);
	qnet_loop_exit(loop, 3); /* nothing runs */
	qnet_loop_post(loop, quit, loop);
	REQUIRE_EQUAL(qnet_loop_exec(loop), 0);
	qnet_loop_post(loop, exit_with_7, loop);
	REQUIRE_EQUAL(qnet_loop_exec(loop), 7);
	/* A nested one ends with those around it. */
	qnet_loop_post(loop, nested_exec, loop);
	qnet_loop_post(loop, note, "before");
	REQUIRE_EQUAL(qnet_loop_exec(loop), 7);
	REQUIRE_TEXT(check_take(&events), "before inside code 7");
	qnet_loop_delete(loop);
	return NULL;
}

static const char *loop_exit_without_exec(void)
{
	qnet_loop *loop = qnet_loop_new();

	qnet_loop_quit(loop);
	qnet_loop_exit(loop, 1);
	REQUIRE(!qnet_loop_process_events(loop, 0));
	qnet_loop_delete(loop);
	return NULL;
}

/* The loop is left in a callback: what was to be called after it is for the next run. */
static const char *loop_exit_is_heeded_at_once(void)
{
	qnet_loop *loop = qnet_loop_new();

	check_take(&events);
	qnet_loop_post(loop, exit_with_7, loop);
	qnet_loop_post(loop, note, "second");
	REQUIRE(qnet_timer_single_shot(loop, 0, note, "timer"));
	REQUIRE_EQUAL(qnet_loop_exec(loop), 7);
	REQUIRE_TEXT(check_take(&events), "");
	check_settle(loop);
	REQUIRE_TEXT(check_take(&events), "second timer");
	qnet_loop_delete(loop);
	return NULL;
}

static void interrupt(void *loop)
{
	qnet_loop_interrupt(loop);
}

static const char *loop_interrupt(void)
{
	qnet_loop *loop = qnet_loop_new();

	check_take(&events);
	qnet_loop_post(loop, note, "first");
	qnet_loop_post(loop, interrupt, loop);
	qnet_loop_post(loop, note, "second");
	qnet_loop_process_events(loop, 0);
	REQUIRE_TEXT(check_take(&events), "first");
	qnet_loop_process_events(loop, 0);
	REQUIRE_TEXT(check_take(&events), "second");
	/* It ends turns, not an execution. */
	qnet_loop_post(loop, interrupt, loop);
	qnet_loop_post(loop, note, "third");
	qnet_loop_post(loop, exit_with_7, loop);
	REQUIRE_EQUAL(qnet_loop_exec(loop), 7);
	REQUIRE_TEXT(check_take(&events), "third");
	/* Outside of turns: the next does not sleep. */
	qnet_loop_interrupt(loop);
	qnet_loop_process_events(loop, -1);
	qnet_loop_delete(loop);
	return NULL;
}

static void post_again(void *loop)
{
	check_note(&events, "again");
	qnet_loop_post(loop, note, "next");
}

static const char *loop_post(void)
{
	qnet_loop *loop = qnet_loop_new();

	check_take(&events);
	for (int i = 0; i < 3; i++)
		REQUIRE(qnet_loop_post(loop, note, (void *)(const char *[]){ "a", "b", "c" }[i]));
	REQUIRE_TEXT(events.text, "");
	REQUIRE(qnet_loop_process_events(loop, 0));
	REQUIRE_TEXT(check_take(&events), "a b c");
	/* What a call posts is for the next turn. */
	qnet_loop_post(loop, post_again, loop);
	qnet_loop_post(loop, note, "d");
	qnet_loop_process_events(loop, 0);
	REQUIRE_TEXT(check_take(&events), "again d");
	REQUIRE(qnet_loop_process_events(loop, 0));
	REQUIRE_TEXT(check_take(&events), "next");
	check_settle(loop);
	REQUIRE(!qnet_loop_process_events(loop, 0));
	qnet_loop_delete(loop);
	return NULL;
}

static const char *loop_default(void)
{
	qnet_loop *other = qnet_loop_new();

	REQUIRE(qnet_loop_default() != NULL && qnet_loop_default() == qnet_loop_default());
	REQUIRE(other != qnet_loop_default());
	check_take(&events);
	qnet_loop_post(NULL, note, "default");
	qnet_loop_process_events(other, 0);
	REQUIRE_TEXT(events.text, "");
	qnet_loop_process_events(qnet_loop_default(), 0);
	REQUIRE_TEXT(check_take(&events), "default");
	qnet_loop_delete(other);
	return NULL;
}

/* What a second thread does to a loop. */
struct helper {
	qnet_loop *loop;
	int delay;
	bool deletes, runs, answer;
	int code;
	pthread_t thread;
};

static void *help(void *data)
{
	struct helper *helper = data;

	check_sleep(helper->delay);
	if (helper->deletes) {
		qnet_loop_delete(helper->loop);
	} else if (helper->runs) {
		helper->answer = qnet_loop_process_events(helper->loop, 0);
		helper->code = qnet_loop_exec(helper->loop);
	} else {
		qnet_loop_post(helper->loop, note, "posted");
	}
	return NULL;
}

static const char *loop_wait(void)
{
	qnet_loop *loop = qnet_loop_new();
	struct helper helper = { .loop = loop, .delay = 30 };
	int64_t start = check_now();

	check_take(&events);
	REQUIRE(!qnet_loop_process_events(loop, 40));
	REQUIRE(check_now() - start >= 40);
	pthread_create(&helper.thread, NULL, help, &helper);
	REQUIRE(qnet_loop_process_events(loop, -1));
	pthread_join(helper.thread, NULL);
	UNTIL(loop, events.text[0] != '\0');
	REQUIRE_TEXT(check_take(&events), "posted");
	qnet_loop_delete(loop);
	return NULL;
}

static void run_helper(void *data)
{
	struct helper *helper = data;

	pthread_create(&helper->thread, NULL, help, helper);
	pthread_join(helper->thread, NULL);
	qnet_loop_quit(helper->loop);
}

static const char *loop_on_two_threads(void)
{
	qnet_loop *loop = qnet_loop_new();
	struct helper helper = { .loop = loop, .runs = true, .answer = true };

	qnet_loop_post(loop, run_helper, &helper);
	REQUIRE_EQUAL(qnet_loop_exec(loop), 0);
	REQUIRE(!helper.answer);
	REQUIRE_EQUAL(helper.code, -1);
	REQUIRE_WARNINGS(2);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *loop_delete_makes_calls(void)
{
	qnet_loop *loop = qnet_loop_new();

	check_take(&events);
	qnet_loop_post(loop, note, "a");
	qnet_loop_post(loop, note, "b");
	qnet_loop_delete(loop);
	REQUIRE_TEXT(check_take(&events), "a b");
	return NULL;
}

static void repeat(void *loop)
{
	qnet_loop_post(loop, repeat, loop);
}

static void delete_loop(void *loop)
{
	qnet_loop_delete(loop);
}

/* Neither a call that posts itself nor one that deletes the loop confuses it. */
static const char *loop_delete_from_calls(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_timer *timer = qnet_timer_new(loop);

	qnet_loop_post(loop, repeat, loop);
	qnet_loop_process_events(loop, 0);
	qnet_loop_delete(loop);
	REQUIRE_WARNINGS(1); /* posted to a deleted loop */
	qnet_timer_start(timer, 1);
	qnet_timer_delete(timer);

	loop = qnet_loop_new();
	timer = qnet_timer_new(loop);
	qnet_loop_post(loop, delete_loop, loop);
	qnet_loop_delete(loop);
	REQUIRE_WARNINGS(1); /* deleted already */
	qnet_timer_start(timer, 1);
	REQUIRE(qnet_timer_is_active(timer));
	qnet_timer_delete(timer);

	loop = qnet_loop_new();
	qnet_loop_post(loop, delete_loop, loop);
	REQUIRE_EQUAL(qnet_loop_exec(loop), -1);
	return NULL;
}

/* Also without objects, which would keep its descriptors open. */
static const char *loop_delete_from_another_thread(void)
{
	for (int i = 0; i < 20; i++) {
		struct helper helper = { .loop = qnet_loop_new(), .delay = i % 4, .deletes = true };

		pthread_create(&helper.thread, NULL, help, &helper);
		REQUIRE_EQUAL(qnet_loop_exec(helper.loop), -1);
		pthread_join(helper.thread, NULL);
		check_warnings = 0; /* it may have been gone before */
	}
	return NULL;
}

/* The loop's descriptor ---------------------------------------------------- */

static bool readable(qnet_loop *loop, int milliseconds)
{
	struct pollfd fd = { .fd = qnet_loop_fd(loop), .events = POLLIN };

	return poll(&fd, 1, milliseconds) == 1 && (fd.revents & POLLIN) != 0;
}

static const char *loop_fd(void)
{
	qnet_loop *loop = qnet_loop_new();
	struct helper helper = { .loop = loop, .delay = 20 };
	qnet_timer *timer = qnet_timer_new(loop);

	check_take(&events);
	REQUIRE(qnet_loop_fd(loop) >= 0);
	REQUIRE(!readable(loop, 0));
	qnet_loop_post(loop, note, "own");
	REQUIRE(readable(loop, 0));
	check_settle(loop);
	REQUIRE_TEXT(check_take(&events), "own");
	REQUIRE(!readable(loop, 0));

	pthread_create(&helper.thread, NULL, help, &helper);
	REQUIRE(readable(loop, 5000));
	pthread_join(helper.thread, NULL);
	qnet_loop_process_events(loop, 0);
	REQUIRE_TEXT(check_take(&events), "posted");

	qnet_timer_set_single_shot(timer, true);
	qnet_timer_start(timer, 20);
	REQUIRE(readable(loop, 5000));
	qnet_loop_process_events(loop, 0);
	REQUIRE(!qnet_timer_is_active(timer));
	check_settle(loop);
	REQUIRE(!readable(loop, 0));
	qnet_timer_delete(timer);
	qnet_loop_delete(loop);
	return NULL;
}

static int arrived;

static void on_arrival(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	arrived += (int)qnet_socket_skip(socket, 1000);
}

/* Data, connections and what is written outside a turn make it readable too. */
static const char *loop_fd_of_sockets(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_tcp_server *server = qnet_tcp_server_new(loop);
	qnet_socket *client = qnet_tcp_socket_new(loop), *peer;
	int64_t end = check_now() + 10000;

	arrived = 0;
	REQUIRE(qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0));
	check_settle(loop);
	qnet_socket_connect_to_address(client, QNET_ADDRESS_LOCAL_HOST, qnet_tcp_server_server_port(server), QNET_READ_WRITE);
	while (qnet_socket_state(client) != QNET_CONNECTED_STATE || !qnet_tcp_server_has_pending_connections(server)) {
		REQUIRE(check_now() < end && readable(loop, 5000));
		qnet_loop_process_events(loop, 0);
	}
	peer = qnet_tcp_server_next_pending_connection(server);
	qnet_socket_on_ready_read(peer, on_arrival, NULL);
	check_settle(loop);
	REQUIRE(!readable(loop, 0));
	qnet_socket_write(client, "12345", 5);
	REQUIRE(readable(loop, 0));
	while (arrived < 5) {
		REQUIRE(check_now() < end && readable(loop, 5000));
		qnet_loop_process_events(loop, 0);
	}
	qnet_tcp_server_delete(server);
	qnet_socket_delete(client);
	qnet_loop_delete(loop);
	return NULL;
}

/* Timers ------------------------------------------------------------------- */

static struct {
	int count;
	int64_t last;
	bool active, stops, deletes;
	int64_t takes; /* milliseconds */
} ticks;

static void on_tick(qnet_timer *timer, void *user_data)
{
	(void)user_data;
	ticks.count++;
	ticks.last = check_now();
	ticks.active = qnet_timer_is_active(timer);
	if (ticks.stops)
		qnet_timer_stop(timer);
	if (ticks.deletes)
		qnet_timer_delete(timer);
}

static const char *timer_repeats(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_timer *timer = qnet_timer_new(loop);
	int64_t start = check_now();

	memset(&ticks, 0, sizeof ticks);
	REQUIRE(qnet_timer_on_timeout(timer, on_tick, NULL) != 0);
	REQUIRE(!qnet_timer_is_active(timer));
	qnet_timer_start(timer, 20);
	REQUIRE(qnet_timer_is_active(timer));
	UNTIL(loop, ticks.count >= 3);
	REQUIRE(ticks.last - start >= 60 - 1); /* the clock's own step */
	REQUIRE(ticks.active);
	qnet_timer_stop(timer);
	REQUIRE(!qnet_timer_is_active(timer));
	ticks.count = 0;
	check_settle(loop);
	REQUIRE_EQUAL(ticks.count, 0);
	/* A negative value keeps the interval. */
	start = check_now();
	qnet_timer_start(timer, -1);
	UNTIL(loop, ticks.count > 0);
	REQUIRE(ticks.last - start >= 19);
	qnet_timer_delete(timer);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *timer_single_shot(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_timer *timer = qnet_timer_new(loop);

	memset(&ticks, 0, sizeof ticks);
	qnet_timer_on_timeout(timer, on_tick, NULL);
	qnet_timer_set_single_shot(timer, true);
	qnet_timer_start(timer, 5);
	UNTIL(loop, ticks.count > 0);
	check_settle(loop);
	REQUIRE_EQUAL(ticks.count, 1);
	REQUIRE(!ticks.active);
	qnet_timer_delete(timer);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *timer_interval(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_timer *timer = qnet_timer_new(loop);
	int64_t start = check_now();

	memset(&ticks, 0, sizeof ticks);
	qnet_timer_on_timeout(timer, on_tick, NULL);
	qnet_timer_start(timer, 100000);
	qnet_timer_set_interval(timer, 10); /* anew */
	UNTIL(loop, ticks.count > 0);
	REQUIRE(ticks.last - start >= 9);
	qnet_timer_set_interval(timer, -1);
	REQUIRE_WARNINGS(1);
	REQUIRE(qnet_timer_is_active(timer));
	/* 0: every turn. */
	qnet_timer_start(timer, 0);
	ticks.count = 0;
	for (int i = 0; i < 5; i++)
		qnet_loop_process_events(loop, 100);
	REQUIRE(ticks.count >= 4 && ticks.count <= 6);
	qnet_timer_delete(timer);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *timer_ends_itself(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_timer *timer = qnet_timer_new(loop);

	memset(&ticks, 0, sizeof ticks);
	ticks.stops = true;
	qnet_timer_on_timeout(timer, on_tick, NULL);
	qnet_timer_start(timer, 1);
	UNTIL(loop, ticks.count > 0);
	check_settle(loop);
	REQUIRE_EQUAL(ticks.count, 1);
	ticks.deletes = true;
	qnet_timer_start(timer, 1);
	UNTIL(loop, ticks.count > 1);
	check_settle(loop);
	REQUIRE_EQUAL(ticks.count, 2);
	REQUIRE_WARNINGS(0);
	qnet_timer_start(timer, 1);
	REQUIRE_WARNINGS(1);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *timer_order(void)
{
	qnet_loop *loop = qnet_loop_new();

	check_take(&events);
	REQUIRE(qnet_timer_single_shot(loop, 30, note, "third"));
	REQUIRE(qnet_timer_single_shot(loop, 10, note, "first"));
	REQUIRE(qnet_timer_single_shot(loop, 20, note, "second"));
	REQUIRE(qnet_timer_single_shot(loop, 0, note, "now"));
	REQUIRE(!qnet_timer_single_shot(loop, -1, note, "never"));
	REQUIRE_WARNINGS(1);
	UNTIL(loop, strstr(events.text, "third") != NULL);
	REQUIRE_TEXT(check_take(&events), "now first second third");
	qnet_loop_delete(loop);
	return NULL;
}

/* Registrations ------------------------------------------------------------ */

static struct {
	qnet_timer *timer;
	qnet_connection first, second;
	bool adds, removes;
} slots;

static void slot_c(qnet_timer *timer, void *user_data)
{
	(void)timer;
	(void)user_data;
	check_note(&events, "c");
}

static void slot_b(qnet_timer *timer, void *user_data)
{
	(void)timer;
	(void)user_data;
	check_note(&events, "b");
}

static void slot_a(qnet_timer *timer, void *user_data)
{
	check_note(&events, "a%s", (const char *)user_data);
	if (slots.adds)
		qnet_timer_on_timeout(timer, slot_c, NULL);
	if (slots.removes && qnet_disconnect(slots.second))
		check_note(&events, "removed");
}

static const char *fire(qnet_loop *loop, qnet_timer *timer)
{
	qnet_timer_start(timer, 0);
	for (int i = 0; i < 100 && qnet_timer_is_active(timer); i++)
		qnet_loop_process_events(loop, 10);
	return check_take(&events);
}

static const char *slots_in_order(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_timer *timer = qnet_timer_new(loop);
	qnet_connection again;

	memset(&slots, 0, sizeof slots);
	check_take(&events);
	qnet_timer_set_single_shot(timer, true);
	slots.first = qnet_timer_on_timeout(timer, slot_a, "1");
	slots.second = qnet_timer_on_timeout(timer, slot_b, NULL);
	again = qnet_timer_on_timeout(timer, slot_a, "2");
	REQUIRE(slots.first != 0 && slots.second != slots.first && again != slots.first && again != slots.second);
	REQUIRE_TEXT(fire(loop, timer), "a1 b a2");
	REQUIRE(qnet_disconnect(again));
	REQUIRE(!qnet_disconnect(again));
	REQUIRE_TEXT(fire(loop, timer), "a1 b");
	/* Those that are added in a callback wait for the next emission. */
	slots.adds = true;
	REQUIRE_TEXT(fire(loop, timer), "a1 b");
	slots.adds = false;
	REQUIRE_TEXT(fire(loop, timer), "a1 b c");
	/* Those that are removed are not called any more. */
	slots.removes = true;
	REQUIRE_TEXT(fire(loop, timer), "a1 removed c");
	REQUIRE(qnet_disconnect(slots.first));
	REQUIRE_TEXT(fire(loop, timer), "c");
	qnet_timer_delete(timer);
	REQUIRE(!qnet_disconnect(slots.first));
	qnet_loop_delete(loop);
	return NULL;
}

/* The process -------------------------------------------------------------- */

/* What the sanitizer and the C library keep is there before the first count. */
static const char *no_descriptor_left(void)
{
	int before;

	for (int i = 0; i < 2; i++) {
		before = check_count_descriptors();
		loop_fd_of_sockets();
		loop_delete_from_another_thread();
		loop_delete_from_calls();
		check_warnings = 0;
	}
	REQUIRE_EQUAL(check_count_descriptors(), before);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "versions", versions },
		{ "message_handler", message_handler },
		{ "message_default", message_default },
		{ "message_inside_handler", message_inside_handler },
		{ "address_text", address_text },
		{ "address_constants", address_constants },
		{ "address_kinds", address_kinds },
		{ "address_comparison", address_comparison },
		{ "address_subnets", address_subnets },
		{ "address_numbers", address_numbers },
		{ "address_scopes", address_scopes },
		{ "look_up", look_up },
		{ "look_up_failing", look_up_failing },
		{ "look_up_ended", look_up_ended },
		{ "look_up_and_delete_loop", look_up_and_delete_loop },
		{ "look_up_blocking", look_up_blocking },
		{ "loop_exec", loop_exec },
		{ "loop_exit_is_heeded_at_once", loop_exit_is_heeded_at_once },
		{ "loop_interrupt", loop_interrupt },
		{ "loop_exit_without_exec", loop_exit_without_exec },
		{ "loop_post", loop_post },
		{ "loop_default", loop_default },
		{ "loop_wait", loop_wait },
		{ "loop_on_two_threads", loop_on_two_threads },
		{ "loop_delete_makes_calls", loop_delete_makes_calls },
		{ "loop_delete_from_calls", loop_delete_from_calls },
		{ "loop_delete_from_another_thread", loop_delete_from_another_thread },
		{ "loop_fd", loop_fd },
		{ "loop_fd_of_sockets", loop_fd_of_sockets },
		{ "timer_repeats", timer_repeats },
		{ "timer_single_shot", timer_single_shot },
		{ "timer_interval", timer_interval },
		{ "timer_ends_itself", timer_ends_itself },
		{ "timer_order", timer_order },
		{ "slots_in_order", slots_in_order },
		{ "no_descriptor_left", no_descriptor_left },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
