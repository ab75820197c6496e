/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns on the free pages of a pool. */
#include "pmpool/region.h"
#include "snapshot/meter.h"
#include "windows.h"
#include <string.h>

struct pattern_work {
	const struct pm_free_range *range;
	const struct pm_pattern *pattern;
	void (*wrong)(void *context, const struct pm_wrong_page *page);
	void *context;
	struct pm_meter meter;
	uint64_t turn_ns;
	uint8_t now[PM_PAGE_SIZE], then[PM_PAGE_SIZE];
};

static void told(void *context, uint64_t bytes)
{
	struct pattern_work *work = context;

	pm_meter_step(&work->meter, bytes, NULL); /* windows_work asks by itself whether to stop */
}

static enum pm_code work_on(struct pattern_work *work, const struct window_work *windows, struct pm_free_counts *counts,
			    struct pm_error *err)
{
	const struct pm_free_range *range = work->range;
	enum pm_code code;

	*counts = (struct pm_free_counts){0};
	pm_meter_start(&work->meter, range->task, (windows_end(range) - range->first) * PM_PAGE_SIZE);
	code = windows_work(range, windows, counts, err);
	if (code == PM_OK)
		pm_meter_end(&work->meter);
	return code;
}

static enum pm_code fill_run(void *context, struct window *window, unsigned number, uint64_t first, uint64_t pages,
			     struct pm_error *err)
{
	const struct pattern_work *work = context;

	pm_pattern_fill(work->pattern, pm_free_address(work->range, first), pm_free_bytes(work->range, first),
			pages * PM_PAGE_SIZE);
	return PM_OK;
}

enum pm_code pm_free_fill(const struct pm_free_range *range, const struct pm_pattern *pattern,
			  struct pm_free_counts *counts, struct pm_error *err)
{
	struct pattern_work work = {.range = range, .pattern = pattern};
	const struct window_work windows = {PIECE_WINDOWS_MAX, fill_run, NULL, told, &work, &work.turn_ns};
	enum pm_code code = windows_writable(range, err);

	return code == PM_OK ? work_on(&work, &windows, counts, err) : code;
}

static enum pm_code check_run(void *context, struct window *window, unsigned number, uint64_t first, uint64_t pages,
			      struct pm_error *err)
{
	const struct pattern_work *work = context;
	uint64_t address = pm_free_address(work->range, first), bytes = pages * PM_PAGE_SIZE;
	const uint8_t *from = pm_free_bytes(work->range, first);

	for (uint64_t at = 0; at < bytes;) {
		at += pm_pattern_check(work->pattern, address + at, from + at, bytes - at) & ~(PM_PAGE_SIZE - 1);
		if (at < bytes)
			window_mark(window, first + at / PM_PAGE_SIZE);
		at += PM_PAGE_SIZE;
	}
	return PM_OK;
}

static enum pm_code tell_page(struct pattern_work *work, uint64_t page, struct pm_error *err)
{
	struct pm_wrong_page wrong = {
		.page = page,
		.address = pm_free_address(work->range, page),
		.now = work->now,
		.then = work->then,
	};
	enum pm_code code = pm_region_copy(work->now, pm_free_bytes(work->range, page), PM_PAGE_SIZE, err);

	if (code != PM_OK)
		return code;
	pm_pattern_fill(work->pattern, wrong.address, work->then, PM_PAGE_SIZE);
	wrong.offset = (uint32_t)pm_pattern_check(work->pattern, wrong.address, work->now, PM_PAGE_SIZE);
	/* right by now: somebody without the lock wrote it */
	if (wrong.offset < PM_PAGE_SIZE)
		work->wrong(work->context, &wrong);
	return PM_OK;
}

static enum pm_code check_piece(void *context, struct window *windows, unsigned count, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	for (unsigned i = 0; i < count; i++) {
		uint64_t first = windows[i].first, pages;

		while (window_next(&windows[i], windows[i].marked, &first, &pages))
			for (; pages; pages--, first++) {
				code = tell_page(context, first, err);
				if (code != PM_OK)
					return code;
			}
	}
	return code;
}

enum pm_code pm_free_check(const struct pm_free_range *range, const struct pm_pattern *pattern,
			   void (*wrong)(void *context, const struct pm_wrong_page *page), void *context,
			   struct pm_free_counts *counts, struct pm_error *err)
{
	struct pattern_work work = {.range = range, .pattern = pattern, .wrong = wrong, .context = context};
	const struct window_work windows = {PIECE_WINDOWS_MAX, check_run, check_piece, told, &work, &work.turn_ns};

	return work_on(&work, &windows, counts, err);
}
