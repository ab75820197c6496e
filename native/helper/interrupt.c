/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGINT and SIGTERM cancel the act under way; progress is a line on a terminal that overwrites itself. */
#include "cli.h"
#include "text.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct call *volatile current;
static bool shown;
static uint64_t started_ms, last_done;

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
	double seconds, rate;

	if (done < last_done) /* the next part of the act */
		started_ms = monotonic_ms();
	last_done = done;
	seconds = (double)(monotonic_ms() - started_ms) / 1000;
	rate = seconds > 0 ? (double)done / seconds : 0;
	fprintf(stderr, "\r%s: %3u%%  %s of %s", (const char *)call->listener, percent > 100 ? 100 : percent,
		text_size(done, done_text), text_size(total, total_text));
	if (rate > 0 && seconds >= 0.5 && total > done)
		fprintf(stderr, "  %.0f MB/s, %.0f s left", rate / 1e6, (double)(total - done) / rate);
	fputs("\033[K", stderr);
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
	started_ms = monotonic_ms();
	last_done = 0;
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
