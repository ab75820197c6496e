/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "windows.h"
#include "pmpool/region.h"
#include "pmpool/team.h"
#include "snapshot/meter.h"
#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { STATES_OF_WINDOW = WINDOW_PAGES / PM_PAGES_PER_WORD };

/* Who waits for the lock of a region tries every 10 ms (region/lock.c), so a lock that is only let go of to be taken
 * again is as good as kept: after so long there is a pause in which everybody has tried. */
#define HOLD_NS UINT64_C(150000000)
#define PAUSE_NS 12000000

struct piece {
	const struct pm_free_range *range;
	const struct window_work *work;
	uint64_t first, end; /* pool pages, of the range */
	unsigned count;
	struct window windows[PIECE_WINDOWS_MAX];
};

uint64_t pm_free_address(const struct pm_free_range *range, uint64_t page)
{
	return range->pool ? pm_page_address(range->pool, page)
			   : range->plain.address + (page - range->plain.first) * PM_PAGE_SIZE;
}

void *pm_free_bytes(const struct pm_free_range *range, uint64_t page)
{
	return range->pool ? pm_page_bytes(range->pool, page)
			   : range->plain.bytes + (page - range->plain.first) * PM_PAGE_SIZE;
}

uint64_t pm_free_page(const struct pm_free_range *range, uint64_t address)
{
	return range->pool ? pm_page_of_address(range->pool, address)
			   : range->plain.first + (address - range->plain.address) / PM_PAGE_SIZE;
}

uint64_t pm_free_end(const struct pm_free_range *range)
{
	return range->pool ? range->pool->page_end : range->plain.first + range->plain.pages;
}

uint64_t windows_end(const struct pm_free_range *range)
{
	return range->end ? range->end : pm_free_end(range);
}

bool window_next(const struct window *window, const uint64_t bits[WINDOW_WORDS], uint64_t *first, uint64_t *pages)
{
	uint64_t at = *first - window->first, end;

	while (at < WINDOW_PAGES && !(bits[at / 64] >> at % 64 & 1))
		at++;
	for (end = at; end < WINDOW_PAGES && bits[end / 64] >> end % 64 & 1; end++)
		;
	*first = window->first + at;
	*pages = end - at;
	return end > at;
}

static bool cancelled(const struct pm_free_range *range)
{
	return range->task && atomic_load_explicit(&range->task->cancelled, memory_order_relaxed);
}

/* --- which pages are free --- */

static void look_at_window(const struct piece *piece, struct window *window)
{
	uint64_t states[STATES_OF_WINDOW], data_first, data_end;
	const struct pm_pool *pool = piece->range->pool;

	memset(window->free, 0, sizeof(window->free));
	memset(window->marked, 0, sizeof(window->marked));
	memset(states, 0, sizeof(states));
	data_first = piece->first;
	data_end = piece->end;
	if (pool &&
	    (!pm_member_at(pool, window->first, NULL) || !pm_page_data(pool, window->first, &data_first, &data_end)))
		return;
	data_first = data_first > piece->first ? data_first : piece->first;
	data_end = data_end < piece->end ? data_end : piece->end;
	if (pool)
		pm_page_states(pool, window->first, STATES_OF_WINDOW, states);
	for (unsigned i = 0; i < WINDOW_PAGES; i++) {
		uint64_t page = window->first + i;

		if (page >= data_first && page < data_end && !(states[i / PM_PAGES_PER_WORD] >> 2 * (i % 32) & 3))
			window->free[i / 64] |= UINT64_C(1) << i % 64;
	}
}

static void look_body(void *argument)
{
	struct piece *piece = argument;

	for (unsigned i = 0; i < piece->count; i++)
		look_at_window(piece, &piece->windows[i]);
}

/* --- the work on them --- */

struct window_run {
	const struct piece *piece;
	struct window *window;
	unsigned number;
	enum pm_code code;
	struct pm_error *err;
};

static void window_body(void *argument)
{
	struct window_run *run = argument;
	const struct window_work *work = run->piece->work;
	uint64_t first = run->window->first, pages;

	while (run->code == PM_OK && window_next(run->window, run->window->free, &first, &pages)) {
		run->code = work->run(work->context, run->window, run->number, first, pages, run->err);
		first += pages;
	}
}

static enum pm_code run_window(void *context, unsigned slot, uint64_t item, struct pm_error *err)
{
	struct piece *piece = context;
	struct window_run run = {piece, &piece->windows[item], (unsigned)item, PM_OK, err};
	enum pm_code code;

	if (cancelled(piece->range))
		return pm_fail(err, PM_E_CANCELLED, "Cancelled.");
	code = pm_region_guarded(window_body, &run, err);
	return code == PM_OK ? run.code : code;
}

static uint64_t free_pages(const struct piece *piece)
{
	uint64_t pages = 0;

	for (unsigned i = 0; i < piece->count; i++)
		for (unsigned n = 0; n < WINDOW_WORDS; n++)
			pages += (uint64_t)__builtin_popcountll(piece->windows[i].free[n]);
	return pages;
}

static enum pm_code work_on_piece(struct piece *piece, struct pm_free_counts *counts, struct pm_error *err)
{
	const struct pm_stage stage = {.ordered = false, .run = run_window};
	const struct window_work *work = piece->work;
	enum pm_code code = pm_region_guarded(look_body, piece, err);
	uint64_t pages = code == PM_OK ? free_pages(piece) : 0;

	if (code == PM_OK && pages)
		code = pm_team_run(piece->count, &stage, 1, piece, NULL, 0, NULL, err);
	if (code == PM_OK && pages && work->piece)
		code = work->piece(work->context, piece->windows, piece->count, err);
	if (code == PM_OK) {
		counts->pages += pages;
		counts->skipped += piece->end - piece->first - pages;
	}
	return code;
}

static void let_others(const struct pm_free_range *range, uint64_t *turn_ns)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	if (!*turn_ns)
		*turn_ns = pm_monotonic_ns();
	if (!range->lock || pm_monotonic_ns() - *turn_ns < HOLD_NS)
		return;
	nanosleep(&pause, NULL);
	*turn_ns = pm_monotonic_ns();
}

static enum pm_code locked_piece(struct piece *piece, struct pm_free_counts *counts, struct pm_error *err)
{
	const struct pm_free_range *range = piece->range;
	enum pm_code code = range->lock ? range->lock(range->context, err) : PM_OK;

	if (code != PM_OK)
		return code;
	code = work_on_piece(piece, counts, err);
	if (range->unlock)
		range->unlock(range->context);
	return code;
}

enum pm_code windows_writable(const struct pm_free_range *range, struct pm_error *err)
{
	if (range->pool && range->pool->read_only)
		return pm_fail(err, PM_E_POOL_READ_ONLY, "the free pages of this pool can only be read");
	return PM_OK;
}

enum pm_code windows_work(const struct pm_free_range *range, const struct window_work *work,
			  struct pm_free_counts *counts, struct pm_error *err)
{
	uint64_t end = windows_end(range), piece_pages = (uint64_t)work->piece_windows * WINDOW_PAGES;
	struct piece piece = {.range = range, .work = work};
	enum pm_code code = PM_OK;

	if (range->first >= end || end > pm_free_end(range) || (!range->pool && range->first < range->plain.first))
		return pm_fail(err, PM_E_OUT_OF_RANGE,
			       "from page %" PRIu64 " to before page %" PRIu64 " is no page: the last is %" PRIu64,
			       range->first, range->end ? range->end : end, pm_free_end(range) - 1);
	for (piece.first = range->first; code == PM_OK && piece.first < end; piece.first = piece.end) {
		uint64_t window = piece.first & ~(uint64_t)(WINDOW_PAGES - 1);

		piece.end = end - window < piece_pages ? end : window + piece_pages;
		for (piece.count = 0; window < piece.end; window += WINDOW_PAGES)
			piece.windows[piece.count++].first = window;
		let_others(range, work->turn_ns);
		if (cancelled(range))
			return pm_fail(err, PM_E_CANCELLED, "Cancelled.");
		code = locked_piece(&piece, counts, err);
		if (code == PM_OK && work->progress)
			work->progress(work->context, (piece.end - piece.first) * PM_PAGE_SIZE);
	}
	return code;
}
