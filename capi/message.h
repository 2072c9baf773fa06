/*
 * The message handler. It is kept in C because it must also work in a forked
 * child, where Go does not.
 */
#ifndef QNETC_MESSAGE_H
#define QNETC_MESSAGE_H

#include "fork.h"

/*
 * Hands a message of type (a qnet_msg_type) to the handler, without a lock held.
 * What the library has to say while a handler runs goes to stderr, as by
 * default: a handler that makes a mistake itself must not call itself for ever.
 */
QNETC_HIDDEN void qnetc_message(int type, const char *text);

/* Hands a message that a function fails, and why. */
QNETC_HIDDEN void qnetc_message_about(const char *function, int type, const char *why);

/* The lock of the installed pair, for fork: the child must find it free. */
QNETC_HIDDEN void qnetc_message_lock(void);
QNETC_HIDDEN void qnetc_message_unlock(void);

#endif
