// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Content back into allocations that are there. Everything that is to be written is read from the file once before the
 * first store, so that a damaged snapshot changes nothing.
 */
#include "restore.h"
#include "export_walk.h"
#include "meter.h"
#include "pmpool/region.h"
#include <inttypes.h>
#include <string.h>

struct restore {
	struct pm_snapshot *snapshot;
	const struct pm_pool *then; /* as the snapshot has it */
	const struct pm_pool *pool; /* as it is now */
	struct pm_window *window;
	struct pm_meter meter;
	struct pm_restored *restored;
	bool dry; /* read only */
};

static enum pm_code restore_open(struct restore *restore, struct pm_snapshot *snapshot, const struct pm_pool *pool,
				 struct pm_error *err)
{
	enum pm_code code;

	restore->snapshot = snapshot;
	restore->pool = pool;
	if (pm_snapshot_is_expectation(snapshot) || !pm_snapshot_has_bytes(snapshot))
		return pm_fail(err, PM_E_INVALID_PARAMS, "The file does not hold the bytes of the pages.");
	code = pm_restore_same_pool(snapshot, pool->sb.pool_uuid, err);
	if (!code)
		code = pm_restore_whole(snapshot, err);
	if (!code && pool->read_only)
		code = pm_fail(err, pool->degraded ? PM_E_POOL_DEGRADED : PM_E_POOL_READ_ONLY,
			       "The pool can only be read.");
	if (!code)
		code = pm_snapshot_pool(snapshot, &restore->then, err);
	if (code)
		return code;
	restore->window = pm_window_new();
	return restore->window ? PM_OK : pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to read pages through.");
}

/* Pages of one window: those from `page` on, of which `pages` are wanted; to where `to` says. */
static enum pm_code window_restore(struct restore *restore, uint64_t page, uint32_t pages, uint8_t *to,
				   struct pm_error *err)
{
	const uint8_t *bytes[PM_WINDOW_PAGES], *digests[PM_WINDOW_PAGES];
	struct pm_write_back back = {.to = to, .pages = bytes, .digests = digests, .count = pages};
	uint32_t first = (uint32_t)(page % PM_WINDOW_PAGES);
	enum pm_code code = pm_snapshot_window(restore->snapshot, page / PM_WINDOW_PAGES, true, restore->window, err);

	if (code)
		return code;
	for (uint32_t i = 0; i < pages; i++) {
		uint8_t held = restore->window->held[first + i];

		if (held != PM_HELD_BYTES && held != PM_HELD_ZERO)
			return pm_fail(err, PM_E_FILE_CORRUPT, "The file does not hold page %" PRIu64 ".", page + i);
		bytes[i] = held == PM_HELD_ZERO ? pm_walk_zeros : restore->window->bytes[first + i];
		digests[i] = restore->window->digests[first + i];
	}
	if (restore->dry)
		return PM_OK;
	code = pm_write_back(&back, page, err);
	restore->restored->pages += back.written;
	restore->restored->bytes += back.written * PM_PAGE_SIZE;
	restore->restored->unchanged += back.unchanged;
	return code;
}

static enum pm_code run_restore(struct restore *restore, const struct pm_run *run, uint64_t to_page,
				struct pm_error *err)
{
	uint8_t *to = pm_page_bytes(restore->pool, to_page);
	enum pm_code code = PM_OK;

	if (!to)
		return pm_fail(err, PM_E_REGION_MISSING, "The region of page %" PRIu64 " is missing.", to_page);
	for (uint64_t done = 0; !code && done < run->pages;) {
		uint64_t page = run->page + done, left = run->pages - done;
		uint32_t here = PM_WINDOW_PAGES - (uint32_t)(page % PM_WINDOW_PAGES);

		here = here < left ? here : (uint32_t)left;
		code = window_restore(restore, page, here, to + done * PM_PAGE_SIZE, err);
		if (!code)
			code = pm_meter_step(&restore->meter, here * PM_PAGE_SIZE, err);
		done += here;
	}
	if (!code && !restore->dry)
		restore->restored->allocations++;
	return code;
}

/* Does the live pool have the allocation: at this page, of this length, and if named made at the same time. */
struct look {
	const struct pm_pool *pool;
	uint64_t page;
	const struct pm_run *like;
	bool any; /* of the length alone */
	bool same;
};

static void look_body(void *argument)
{
	struct look *look = argument;
	const struct pm_record *then = look->like->record, *now;
	struct pm_run run;

	look->same = false;
	if (pm_run_at(look->pool, look->page, &run) != PM_OK || run.pages != look->like->pages)
		return;
	now = run.record;
	look->same = look->any || (!then && !now) ||
		     (then && now && now->kind == PM_RECORD_ALLOCATION && then->created_ns == now->created_ns &&
		      memcmp(then->boot_id, now->boot_id, sizeof(then->boot_id)) == 0);
}

enum pm_code pm_restore_allocation(struct pm_snapshot *snapshot, uint64_t page, const struct pm_pool *pool,
				   uint64_t to_page, struct pm_task *task, struct pm_restored *restored,
				   struct pm_error *err)
{
	struct restore restore = {.restored = restored, .dry = true};
	struct look look = {.pool = pool, .page = to_page, .any = true};
	struct pm_run run = {0};
	enum pm_code code;

	memset(restored, 0, sizeof(*restored));
	code = restore_open(&restore, snapshot, pool, err);
	if (!code &&
	    (pm_run_at(restore.then, page, &run) != PM_OK || (run.record && run.record->kind != PM_RECORD_ALLOCATION)))
		code = pm_fail(err, PM_E_NOT_ALLOCATED, "No allocation starts at page %" PRIu64 " of the snapshot.",
			       page);
	look.like = &run;
	if (!code)
		code = pm_region_guarded(look_body, &look, err);
	if (!code && !look.same)
		code = pm_fail(err, PM_E_POOL_CHANGED,
			       "No allocation of %" PRIu64 " pages starts at page %" PRIu64 " of the pool.", run.pages,
			       to_page);
	pm_meter_start(&restore.meter, task, 2 * run.pages * PM_PAGE_SIZE);
	if (!code)
		code = run_restore(&restore, &run, to_page, err);
	restore.dry = false;
	if (!code)
		code = run_restore(&restore, &run, to_page, err);
	if (!code)
		pm_meter_end(&restore.meter);
	pm_window_free(restore.window);
	return code;
}

static enum pm_code content_pass(struct restore *restore, struct pm_error *err)
{
	struct pm_run run;
	enum pm_code code = PM_OK;

	for (uint64_t from = 0; !code && pm_run_next(restore->then, from, &run); from = run.page + run.pages) {
		struct look look = {.pool = restore->pool, .page = run.page, .like = &run};

		if (run.record && run.record->kind != PM_RECORD_ALLOCATION)
			continue;
		code = pm_region_guarded(look_body, &look, err);
		if (!code && look.same)
			code = run_restore(restore, &run, run.page, err);
		else if (!restore->dry)
			restore->restored->skipped++;
	}
	return code;
}

enum pm_code pm_restore_content(struct pm_snapshot *snapshot, const struct pm_pool *pool, struct pm_task *task,
				struct pm_restored *restored, struct pm_error *err)
{
	struct restore restore = {.restored = restored, .dry = true};
	enum pm_code code;

	memset(restored, 0, sizeof(*restored));
	code = restore_open(&restore, snapshot, pool, err);
	if (!code) {
		pm_meter_start(&restore.meter, task, 2 * pm_snapshot_totals(snapshot)->pages * PM_PAGE_SIZE);
		code = content_pass(&restore, err);
	}
	restore.dry = false;
	if (!code)
		code = content_pass(&restore, err);
	if (!code)
		pm_meter_end(&restore.meter);
	pm_window_free(restore.window);
	return code;
}
