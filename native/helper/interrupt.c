/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGINT and SIGTERM cancel the act under way; progress is a line on a terminal that overwrites itself. */
#include "cli.h"
#include "text.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct call *volatile current;
static bool shown;

static void on_signal(int number)
{
	struct call *call = current;

	(void)number;
	if (call)
		atomic_store(&call->task.cancelled, true);
}

static void show_progress(struct call *call, uint64_t done, uint64_t total)
{
	char done_text[TEXT_BYTES], total_text[TEXT_BYTES];
	unsigned percent = total ? (unsigned)((double)done / (double)total * 100) : 100;

	fprintf(stderr, "\r%s: %3u%%  %s of %s\033[K", (const char *)call->listener, percent > 100 ? 100 : percent,
		text_size(done, done_text), text_size(total, total_text));
	shown = true;
}

static void handle(void (*handler)(int))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = (int)SA_RESETHAND; /* a second one ends what does not heed the first */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

void interruptible_begin(struct call *call, const char *what)
{
	/* only read back by show_progress, as what it is */
	call->listener = (void *)(uintptr_t)what;
	if (isatty(STDERR_FILENO))
		call->on_progress = show_progress;
	shown = false;
	current = call;
	handle(on_signal);
}

void interruptible_end(struct call *call)
{
	(void)call;
	handle(SIG_DFL);
	current = NULL;
	if (shown)
		fputs("\r\033[K", stderr);
}
