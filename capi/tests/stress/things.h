/*
 * What user_data points to, and the callbacks that it is given to. A thing goes when
 * `destroyed` says so: a later callback is found by its mark.
 */
#ifndef QNET_TESTS_STRESS_THINGS_H
#define QNET_TESTS_STRESS_THINGS_H

#include "rig.h"

enum kind {
	CONNECTED,
	DISCONNECTED,
	ERROR_OCCURRED,
	HOST_FOUND,
	STATE_CHANGED,
	READY_READ,
	BYTES_WRITTEN,
	CHANNEL_READY,
	CHANNEL_WRITTEN,
	ABOUT_TO_CLOSE,
	READ_CHANNEL_FINISHED,
	DRAINED,
	PROXY_ASKS,
	ENCRYPTED,
	MODE_CHANGED,
	VERIFY_ERROR,
	SSL_ERRORS,
	INTERRUPTED,
	ENCRYPTED_BYTES,
	ALERT,
	TICKET,
	NEW_CONNECTION,
	PENDING_AVAILABLE,
	ACCEPT_ERROR,
	REFUSED,
	LISTENING,
	INCOMING,
	HAS_PENDING,
	NEXT_PENDING,
	LOCAL_NEW_CONNECTION,
	LOCAL_INCOMING,
	LOCAL_HAS_PENDING,
	LOCAL_NEXT_PENDING,
	TIMEOUT,
	POSTED,
	SINGLE_SHOT,
	LOOKED_UP,
	DESTROYED,
	KINDS
};

static const char *const kind_names[KINDS] = {
	"connected", "disconnected", "error_occurred", "host_found", "state_changed",
	"ready_read", "bytes_written", "channel_ready_read", "channel_bytes_written", "about_to_close", "read_channel_finished",
	"write_buffer_drained", "proxy_authentication_required",
	"encrypted", "mode_changed", "peer_verify_error", "ssl_errors", "handshake_interrupted_on_error", "encrypted_bytes_written", "alert",
	"new_session_ticket_received",
	"new_connection", "pending_connection_available", "accept_error",
	"connection_refused", "listening",
	"incoming_connection", "has_pending_connections", "next_pending_connection",
	"local new_connection", "local incoming_connection", "local has_pending_connections", "local next_pending_connection",
	"timeout", "posted call", "single shot", "look-up", "destroyed",
};

enum end { CLOSE, ABORT, DELETE, DELETE_LATER, ENDS };

static const char *const end_names[ENDS] = { "close", "abort", "delete", "delete_later" };

static atomic_llong callbacks[KINDS];
static atomic_llong ended[KINDS][ENDS];

/* How often, per thousand callbacks, one ends its object; each round's own. */
static atomic_uint wildness;

enum class { SOCKET, SERVER, LOCAL_SERVER };

#define LIVE UINT32_C(0x11fe11fe)
#define DEAD UINT32_C(0xdeaddead)

struct thing {
	atomic_uint mark;
	enum class class;
	void *handle;
	atomic_int inside; /* callbacks under way */
	struct thing *before, *next;
};

static pthread_mutex_t things_lock = PTHREAD_MUTEX_INITIALIZER;
static struct thing *things;    /* the live ones */
static struct thing *graveyard; /* the dead ones, unless freed at once */
static atomic_llong things_made, things_destroyed;

static struct thing *make_thing(enum class class, void *handle)
{
	struct thing *thing = calloc(1, sizeof *thing);

	thing->mark = LIVE;
	thing->class = class;
	thing->handle = handle;
	pthread_mutex_lock(&things_lock);
	thing->next = things;
	if (things != NULL)
		things->before = thing;
	things = thing;
	pthread_mutex_unlock(&things_lock);
	things_made++;
	return thing;
}

static void drop_thing(struct thing *thing)
{
	things_destroyed++;
	thing->mark = DEAD;
	pthread_mutex_lock(&things_lock);
	if (thing->before != NULL)
		thing->before->next = thing->next;
	else
		things = thing->next;
	if (thing->next != NULL)
		thing->next->before = thing->before;
	if (!FREE_AT_ONCE) {
		thing->next = graveyard;
		graveyard = thing;
	}
	pthread_mutex_unlock(&things_lock);
	if (FREE_AT_ONCE)
		free(thing);
}

static void empty_graveyard(void)
{
	while (graveyard != NULL) {
		struct thing *next = graveyard->next;

		free(graveyard);
		graveyard = next;
	}
}

/* A callback under way on this thread. */
struct frame {
	struct frame *below;
	struct thing *thing; /* NULL if it has none, or none any more */
	const char *doing;
};

static _Thread_local struct frame *frames;
static _Thread_local int depth;   /* of callbacks */
static _Thread_local int nesting; /* of loops */

static void enter(struct frame *frame, enum kind kind, struct thing *thing, void *handle)
{
	callbacks[kind]++;
	*frame = (struct frame){ frames, thing, NULL };
	frames = frame;
	depth++;
	if (!on_known_thread())
		wrong(KNOWN_THREAD, "%s on thread %d", kind_names[kind], gettid());
	else
		frame->doing = self->doing;
	if (thing == NULL)
		return;
	if (thing->mark != LIVE) {
		wrong(DESTROYED_LAST, "%s", kind_names[kind]);
		frame->thing = NULL;
		return;
	}
	if (thing->handle != handle)
		wrong(RIGHT_HANDLE, "%s", kind_names[kind]);
	thing->inside++;
}

static void leave(struct frame *frame)
{
	if (frame->thing != NULL)
		frame->thing->inside--;
	if (self != NULL)
		self->doing = frame->doing;
	frames = frame->below;
	depth--;
}

#endif
