// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two states of one pool: by page, by allocation, by record. What a damaged file cannot show any more, and what cannot
 * be read of a region, counts as unreadable; the rest is compared.
 */
#include "compare_books.h"
#include "compare_cache.h"
#include "compare_changes.h"
#include "compare_diagnose.h"
#include "json/json.h"
#include "compare_side.h"
#include "meter.h"
#include "pmpool/region.h"
#include "pmpool/team.h"
#include <stdlib.h>
#include <string.h>

/* What one window came to. */
struct seat {
	struct pm_compared_window before, after;
	unsigned compared, changed_count;
	struct pm_changed_page changed[PM_WINDOW_PAGES];
	bool memory_lost[PM_WINDOW_PAGES]; /* the pool is there, and cannot be read */
	bool suspect[PM_WINDOW_PAGES]; /* of changed: the earlier side says what it was */
};

struct comparing {
	struct pm_compared before, after;
	struct pm_windows windows;
	struct seat *seats;
	struct pm_changes changes;
	uint64_t *changed; /* a bit for each page that differs */
	uint64_t words;
	uint64_t compared;
	struct pm_cache cache; /* of the later file, for the diagnosis */
	struct pm_compared_books books;
	struct json_object *diagnoses;
	uint64_t started_ns;
};

/* --- a window --- */

static void note(struct seat *seat, unsigned i, enum pm_change_kind kind)
{
	struct pm_changed_page *changed = &seat->changed[seat->changed_count];
	bool held = seat->before.window->held[i] != PM_HELD_NOT;

	*changed = (struct pm_changed_page){.page = seat->before.window->first + i, .kind = kind};
	memcpy(changed->digest, seat->after.window->digests[i], PM_DIGEST_BYTES);
	memcpy(changed->expected, seat->before.window->digests[i], PM_DIGEST_BYTES);
	/* what a file lost, or stands in a region that is missing, says nothing about the memory */
	seat->suspect[seat->changed_count++] =
		held && kind < PM_CHANGE_ADDED && (kind != PM_CHANGE_UNREADABLE || seat->memory_lost[i]);
}

static void page_compare(const struct comparing *comparing, struct seat *seat, unsigned i, bool missing_before,
			 bool missing_after)
{
	uint64_t page = seat->before.window->first + i;
	bool was = seat->before.window->held[i] != PM_HELD_NOT, is = seat->after.window->held[i] != PM_HELD_NOT;

	if (seat->before.lost[i] || seat->after.lost[i] || (missing_after && was) || (missing_before && is)) {
		note(seat, i, PM_CHANGE_UNREADABLE);
	} else if (was && is) {
		const uint8_t *now = seat->after.window->digests[i];

		seat->compared++;
		if (memcmp(seat->before.window->digests[i], now, PM_DIGEST_BYTES) != 0)
			note(seat, i, pm_change_kind_of(now));
	} else if (is && pm_compared_allocated(&comparing->after, page)) {
		note(seat, i, PM_CHANGE_ADDED);
	} else if (was && pm_compared_allocated(&comparing->before, page)) {
		note(seat, i, PM_CHANGE_REMOVED);
	}
	/* a free page that only one of them holds, because it holds all, is no difference */
}

static enum pm_code look_stage(void *context, unsigned slot, uint64_t item, struct pm_error *err)
{
	struct comparing *comparing = context;
	struct seat *seat = &comparing->seats[slot];
	uint64_t number = comparing->windows.list[item];
	enum pm_code code = pm_compared_window(&comparing->before, number, &seat->before, err);
	bool missing_before = pm_compared_missing(&comparing->before, number);
	bool missing_after = pm_compared_missing(&comparing->after, number);

	seat->compared = seat->changed_count = 0;
	if (!code)
		code = pm_compared_window(&comparing->after, number, &seat->after, err);
	for (unsigned i = 0; i < PM_WINDOW_PAGES; i++)
		seat->memory_lost[i] = !comparing->after.snapshot && seat->after.lost[i];
	for (unsigned i = 0; !code && i < PM_WINDOW_PAGES; i++)
		page_compare(comparing, seat, i, missing_before, missing_after);
	return code;
}

/* Where the page is now, or where it was when the later state does not have it. */
static uint64_t address_of(void *context, uint64_t page)
{
	const struct comparing *comparing = context;
	uint64_t address =
		page < comparing->after.pool->page_end ? pm_page_address(comparing->after.pool, page) : UINT64_MAX;

	if (address == UINT64_MAX && page < comparing->before.pool->page_end)
		address = pm_page_address(comparing->before.pool, page);
	return address;
}

static enum pm_code collect_stage(void *context, unsigned slot, uint64_t item, struct pm_error *err)
{
	struct comparing *comparing = context;
	const struct seat *seat = &comparing->seats[slot];

	comparing->compared += seat->compared;
	pm_compared_damage(&comparing->before, &seat->before);
	pm_compared_damage(&comparing->after, &seat->after);
	for (unsigned i = 0; i < seat->changed_count; i++) {
		const struct pm_changed_page *page = &seat->changed[i];

		pm_changes_add(&comparing->changes, page->page, address_of(comparing, page->page), page->kind);
		if (page->kind < PM_CHANGE_ADDED)
			comparing->changed[page->page / 64] |= UINT64_C(1) << page->page % 64;
		if (seat->suspect[i])
			pm_changes_suspect(&comparing->changes, page);
	}
	return PM_OK;
}

static uint64_t bytes_of(void *context, uint64_t item)
{
	return (uint64_t)PM_WINDOW_PAGES * PM_PAGE_SIZE;
}

/* --- all windows --- */

static enum pm_code windows_make(struct comparing *comparing, struct pm_error *err)
{
	uint64_t before = 0, after = 0;
	bool in_before = pm_compared_next(&comparing->before, &before);
	bool in_after = pm_compared_next(&comparing->after, &after);
	enum pm_code code = PM_OK;

	while (!code && (in_before || in_after)) {
		uint64_t next = in_before && (!in_after || before < after) ? before : after;

		code = pm_windows_add(&comparing->windows, next, err);
		if (in_before && before == next)
			before++, in_before = pm_compared_next(&comparing->before, &before);
		if (in_after && after == next)
			after++, in_after = pm_compared_next(&comparing->after, &after);
	}
	return code;
}

static bool take_memory(struct comparing *comparing)
{
	uint64_t before = comparing->before.words, after = comparing->after.words;
	bool enough = pm_changes_open(&comparing->changes);

	/* a window may end behind the last page */
	comparing->words = (before > after ? before : after) + PM_WINDOW_PAGES / 64;
	comparing->changed = calloc((size_t)comparing->words, sizeof(*comparing->changed));
	comparing->seats = calloc(pm_team_slots(), sizeof(*comparing->seats));
	for (unsigned i = 0; comparing->seats && i < pm_team_slots(); i++) {
		struct seat *seat = &comparing->seats[i];

		seat->before.window = pm_window_new();
		seat->after.window = pm_window_new();
		enough &= seat->before.window && seat->after.window;
	}
	return enough && comparing->changed && comparing->seats;
}

static void seats_free(struct comparing *comparing)
{
	for (unsigned i = 0; comparing->seats && i < pm_team_slots(); i++) {
		pm_window_free(comparing->seats[i].before.window);
		pm_window_free(comparing->seats[i].after.window);
	}
	free(comparing->seats);
	comparing->seats = NULL;
}

static enum pm_code pages_compare(struct comparing *comparing, struct pm_task *task, struct pm_error *err)
{
	static const struct pm_stage stages[] = {{false, look_stage}, {true, collect_stage}};
	enum pm_code code = windows_make(comparing, err);

	if (!code && !take_memory(comparing))
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to compare pages.");
	if (!code)
		code = pm_team_run(comparing->windows.count, stages, 2, comparing, bytes_of,
				   comparing->windows.count * bytes_of(NULL, 0), task, err);
	seats_free(comparing);
	return code;
}

/* --- diagnosis --- */

static bool page_now(void *context, uint64_t page, uint8_t *bytes)
{
	struct comparing *comparing = context;
	const uint8_t *from;

	if (comparing->after.snapshot)
		return pm_cache_bytes(&comparing->cache, page, bytes);
	from = page < comparing->after.pool->page_end ? pm_page_bytes(comparing->after.pool, page) : NULL;
	return from && !pm_region_copy(bytes, from, PM_PAGE_SIZE, NULL);
}

static enum pm_code diagnose(struct comparing *comparing, struct pm_task *task, struct pm_error *err)
{
	const struct pm_compared *before = &comparing->before, *after = &comparing->after;
	const struct pm_evidence evidence = {
		.changes = &comparing->changes,
		.before = before->snapshot,
		.end_page =
			before->pool->page_end > after->pool->page_end ? before->pool->page_end : after->pool->page_end,
		.task = task,
		.context = comparing,
		.now = page_now,
		.address = address_of,
	};

	if (!before->snapshot || !pm_snapshot_has_bytes(before->snapshot) ||
	    (after->snapshot && !pm_snapshot_has_bytes(after->snapshot))) {
		comparing->diagnoses = json_object_new_array();
		return PM_OK;
	}
	comparing->cache.file = after->snapshot;
	return pm_changes_diagnose(&evidence, &comparing->diagnoses, err);
}

/* --- the result --- */

/* Which boot it is now the caller knows. */
static const char *boot_of(const struct pm_compared *side)
{
	return side->snapshot ? json_uuid(json_part(pm_snapshot_meta(side->snapshot), "host"), "bootId") : NULL;
}

struct newest {
	const struct pm_pool *pool;
	uint64_t sequence;
};

static void newest_body(void *argument)
{
	struct newest *newest = argument;

	newest->sequence = pm_log_sequence(newest->pool);
}

static struct json_object *missing_json(const struct pm_pool *pool)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < pool->region_count; i++)
		if (!pool->infos[i].present)
			json_object_array_add(array, json_object_new_int((int)i));
	return array;
}

static struct json_object *side_json(const struct pm_compared *side)
{
	struct json_object *object = json_object_new_object(),
			   *meta = side->snapshot ? pm_snapshot_meta(side->snapshot) : NULL;
	const char *boot = boot_of(side);
	struct newest newest = {.pool = side->pool};

	if (!meta && pm_region_guarded(newest_body, &newest, NULL))
		newest.sequence = 0;
	json_set(object, "name", side->name ? json_clean(side->name, strlen(side->name)) : NULL);
	json_set_count(object, "at", meta ? json_count(meta, "createdAt") : pm_wall_ms());
	json_set(object, "bootId", boot ? json_object_new_string(boot) : NULL);
	json_set_count(object, "pages", side->pages);
	json_set_count(object, "sequence", meta ? json_count(meta, "logSequence") : newest.sequence);
	json_set(object, "damage", side->damage.code ? json_object_new_string(side->damage.message) : NULL);
	json_set(object, "missingRegions", missing_json(side->pool));
	return object;
}

static struct json_object *pages_json(const struct comparing *comparing)
{
	const uint64_t *counts = comparing->changes.counts;
	struct json_object *pages = json_object_new_object();

	json_set_count(pages, "compared", comparing->compared);
	json_set_count(pages, "changed", counts[PM_CHANGE_CHANGED] + counts[PM_CHANGE_ZEROED] + counts[PM_CHANGE_ONES]);
	json_set_count(pages, "added", counts[PM_CHANGE_ADDED]);
	json_set_count(pages, "removed", counts[PM_CHANGE_REMOVED]);
	json_set_count(pages, "unreadable", counts[PM_CHANGE_UNREADABLE]);
	return pages;
}

static struct json_object *comparison_json(const struct comparing *comparing)
{
	const struct pm_superblock *sb = &comparing->after.pool->sb;
	struct json_object *object = json_object_new_object();
	bool same = !comparing->books.differ;

	for (size_t i = 0; i < PM_CHANGE_COUNT; i++)
		same &= !comparing->changes.counts[i];
	json_set_uuid(object, "pool", sb->pool_uuid);
	json_set_field(object, "poolName", sb->pool_name, sizeof(sb->pool_name));
	json_set_bool(object, "same", same);
	json_set(object, "before", side_json(&comparing->before));
	json_set(object, "after", side_json(&comparing->after));
	json_set(object, "pages", pages_json(comparing));
	json_set(object, "runs", pm_changes_runs_json(&comparing->changes));
	json_set(object, "allocations", json_object_get(comparing->books.allocations));
	json_set(object, "records", json_object_get(comparing->books.records));
	json_set(object, "diagnoses", json_object_get(comparing->diagnoses));
	json_set_count(object, "comparedBytes", comparing->compared * PM_PAGE_SIZE);
	json_set_count(object, "durationMs", (pm_monotonic_ns() - comparing->started_ns) / 1000000);
	return object;
}

/* --- all of it --- */

static enum pm_code sides_open(struct comparing *comparing, const struct pm_side *before, const struct pm_side *after,
			       struct pm_error *err)
{
	bool all = pm_side_all(before) || pm_side_all(after);
	enum pm_code code;

	if (!before->snapshot && !after->snapshot)
		return pm_fail(err, PM_E_INVALID_PARAMS, "One of the two has to be a snapshot.");
	code = pm_compared_open(&comparing->before, before, all, err);
	if (!code)
		code = pm_compared_open(&comparing->after, after, all, err);
	if (!code && memcmp(comparing->before.pool->sb.pool_uuid, comparing->after.pool->sb.pool_uuid, 16) != 0)
		code = pm_fail(err, PM_E_SNAPSHOT_FOREIGN, "The two are states of different pools.");
	return code;
}

static void comparing_close(struct comparing *comparing)
{
	pm_compared_close(&comparing->before);
	pm_compared_close(&comparing->after);
	pm_windows_free(&comparing->windows);
	pm_changes_close(&comparing->changes);
	pm_cache_free(&comparing->cache);
	json_object_put(comparing->books.allocations);
	json_object_put(comparing->books.records);
	json_object_put(comparing->diagnoses);
	free(comparing->changed);
	free(comparing);
}

enum pm_code pm_compare(const struct pm_side *before, const struct pm_side *after, struct pm_task *task,
			struct json_object **comparison, struct pm_error *err)
{
	struct comparing *comparing = calloc(1, sizeof(*comparing));
	enum pm_code code;

	*comparison = NULL;
	if (!comparing)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to compare.");
	comparing->started_ns = pm_monotonic_ns();
	code = sides_open(comparing, before, after, err);
	if (!code)
		code = pages_compare(comparing, task, err);
	if (!code)
		code = pm_compared_books(&comparing->before, &comparing->after, comparing->changed, comparing->words,
					 task, &comparing->books, err);
	if (!code)
		code = diagnose(comparing, task, err);
	if (!code)
		*comparison = comparison_json(comparing);
	comparing_close(comparing);
	return code;
}
