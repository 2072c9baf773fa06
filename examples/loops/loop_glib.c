/*
 * loop_glib: qnet inside a GLib main loop, as in a GTK program. See echo.h for what it does; SIGTERM and SIGINT end it.
 */
#include <glib-unix.h>

#include "echo.h"

/* One turn, without waiting. If work is left the descriptor remains readable. */
static gboolean on_readable(gint fd, GIOCondition condition, gpointer user_data)
{
	(void)fd;
	(void)condition;
	(void)user_data;
	qnet_loop_process_events(NULL, 0);
	return G_SOURCE_CONTINUE;
}

static gboolean on_tick(gpointer user_data)
{
	struct echo *echo = user_data;

	echo->ticks++;
	return G_SOURCE_CONTINUE;
}

static gboolean on_signal(gpointer user_data)
{
	g_main_loop_quit(user_data);
	return G_SOURCE_CONTINUE;
}

int main(void)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	struct echo echo;

	g_unix_signal_add(SIGTERM, on_signal, loop);
	g_unix_signal_add(SIGINT, on_signal, loop);
	g_timeout_add(10, on_tick, &echo);
	if (!echo_start(&echo))
		return 1;
	g_unix_fd_add(qnet_loop_fd(NULL), G_IO_IN, on_readable, NULL);

	g_main_loop_run(loop);

	echo_stop(&echo);
	g_main_loop_unref(loop);
	return 0;
}
