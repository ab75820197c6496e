/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is whole memory is searched where it is mapped, inside pm_region_guarded. Where a window reaches over a hole of
 * the file behind a simulated region, or over the seam of two regions, its bytes are put together first: a hole is
 * never touched, for that would give it pages, and counts as the zeros that it is.
 */
#include "needle.h"
#include "pmpool/region.h"
#include "snapshot/meter.h"
#include <stdlib.h>
#include <string.h>

#define WINDOW (UINT64_C(1) << 20) /* starts that are looked at between two questions whether to stop */
#define RUNS 512u /* allocations that are asked for at once */

struct extent { /* of the pool, in bytes */
	uint64_t first, end;
};

struct scan {
	const struct pm_search *search;
	struct needle needle;
	struct pm_meter meter;
	struct pm_search_result *result;
	uint8_t *buffer; /* a window and a needle */
	struct extent data; /* looked up last: the first data at or after `asked` */
	uint64_t asked; /* UINT64_MAX: nothing was */
	/* of the guarded body */
	struct needle_text text;
	size_t at;
};

/* --- where data is --- */

/* The region of the byte or the next one that is there; NULL at the end. */
static const struct pm_member_info *region_from(const struct pm_pool *pool, uint64_t offset)
{
	for (uint32_t i = 0; i < pool->region_count; i++) {
		const struct pm_member_info *info = &pool->infos[i];

		if (info->present && offset < (info->first_pool_page + info->page_count) * PM_PAGE_SIZE)
			return info;
	}
	return NULL;
}

static struct extent bytes_of(const struct pm_member_info *info)
{
	return (struct extent){info->first_pool_page * PM_PAGE_SIZE,
			       (info->first_pool_page + info->page_count) * PM_PAGE_SIZE};
}

/* The first bytes at or after `offset` that may be other than zero, in one region; empty at the end of the pool. */
static struct extent data_from(struct scan *scan, uint64_t offset)
{
	const struct pm_search *search = scan->search;
	const struct pm_member_info *info;

	if (scan->asked <= offset && offset < scan->data.end)
		return (struct extent){offset > scan->data.first ? offset : scan->data.first, scan->data.end};
	scan->asked = offset;
	for (uint64_t at = offset; (info = region_from(search->pool, at)); at = bytes_of(info).end) {
		struct extent all = bytes_of(info);
		uint64_t from = at > all.first ? at - all.first : 0, first = from, end = all.end - all.first;

		if (search->next_data)
			search->next_data(search->context, info->index, from, &first, &end);
		if (first < all.end - all.first) {
			scan->data = (struct extent){all.first + first, all.first + end};
			scan->data.end = scan->data.end < all.end ? scan->data.end : all.end;
			return scan->data;
		}
	}
	scan->data = (struct extent){UINT64_MAX, UINT64_MAX};
	return scan->data;
}

static const uint8_t *mapped_at(const struct scan *scan, uint64_t offset)
{
	const uint8_t *page = pm_page_bytes(scan->search->pool, offset / PM_PAGE_SIZE);

	return page ? page + offset % PM_PAGE_SIZE : NULL;
}

/* --- hits --- */

/* False when there is no room for another: one beyond the limit was found. */
static bool hit(struct scan *scan, uint64_t offset)
{
	struct pm_search_result *result = scan->result;

	if (result->count == scan->search->limit) {
		result->more = true;
		return false;
	}
	result->hits[result->count++] = offset;
	return true;
}

/* Guarded: takes nothing, and what it found until then counts. */
static void find_body(void *argument)
{
	struct scan *scan = argument;

	while (!scan->result->more) {
		scan->at = needle_find(&scan->needle, &scan->text, scan->at);
		if (scan->at >= scan->text.starts || !hit(scan, scan->text.offset + scan->at))
			return;
		scan->at++;
	}
}

static enum pm_code find_in(struct scan *scan, const uint8_t *bytes, uint64_t offset, size_t starts,
			    struct pm_error *err)
{
	scan->text = (struct needle_text){bytes, starts, offset, scan->search->align};
	scan->at = 0;
	return pm_region_guarded(find_body, scan, err);
}

/* Starts in a hole, where only a needle of zeros occurs: everywhere. */
static void find_in_hole(struct scan *scan, uint64_t offset, size_t starts)
{
	uint64_t align = scan->search->align, at = (offset + align - 1) / align * align;

	while (at < offset + starts && hit(scan, at))
		at += align;
}

/* --- windows --- */

static enum pm_code put_together(struct scan *scan, uint64_t offset, size_t bytes, struct pm_error *err)
{
	uint64_t end = offset + bytes;
	struct extent data = data_from(scan, offset);

	memset(scan->buffer, 0, bytes);
	while (data.first < end) {
		uint64_t last = data.end < end ? data.end : end;
		enum pm_code code = pm_region_copy(scan->buffer + (data.first - offset), mapped_at(scan, data.first),
						   (size_t)(last - data.first), err);

		if (code != PM_OK || last == end)
			return code;
		data = data_from(scan, last);
	}
	return PM_OK;
}

/* Starts from `at` on, of a stretch without gaps that ends at `end`: how many were seen to. */
static enum pm_code search_window(struct scan *scan, uint64_t at, uint64_t end, uint64_t *seen, struct pm_error *err)
{
	size_t tail = scan->needle.length - 1;
	uint64_t starts = end - at - tail;
	struct extent data = data_from(scan, at);
	uint64_t hole = data.first - at; /* its bytes */
	enum pm_code code;

	if (hole > tail) { /* data.first is at most UINT64_MAX: behind everything */
		*seen = hole - tail < starts ? hole - tail : starts;
		if (scan->needle.zeros) {
			*seen = *seen < WINDOW ? *seen : WINDOW;
			find_in_hole(scan, at, (size_t)*seen);
		}
		return PM_OK;
	}
	*seen = starts < WINDOW ? starts : WINDOW;
	if (hole == 0 && data.end - at >= WINDOW / 16 + tail) {
		*seen = *seen < data.end - at - tail ? *seen : data.end - at - tail;
		return find_in(scan, mapped_at(scan, at), at, (size_t)*seen, err);
	}
	/* to where whole memory begins again, or a little further */
	*seen = *seen < WINDOW / 16 ? *seen : WINDOW / 16;
	code = put_together(scan, at, (size_t)*seen + tail, err);
	return code == PM_OK ? find_in(scan, scan->buffer, at, (size_t)*seen, err) : code;
}

static enum pm_code search_stretch(struct scan *scan, uint64_t at, uint64_t end, struct pm_error *err)
{
	uint64_t seen;
	enum pm_code code = PM_OK;

	while (code == PM_OK && !scan->result->more && end - at >= scan->needle.length) {
		code = search_window(scan, at, end, &seen, err);
		if (code != PM_OK)
			break;
		at += seen;
		scan->result->searched += seen;
		scan->meter.done = at - scan->search->from;
		code = pm_meter_step(&scan->meter, 0, err);
	}
	if (code == PM_OK && !scan->result->more)
		scan->result->searched += end - at; /* the rest is too short to hold it */
	return code;
}

/* --- stretches --- */

static struct extent clipped(const struct pm_search *search, struct extent extent)
{
	extent.first = extent.first > search->from ? extent.first : search->from;
	extent.end = extent.end < search->to ? extent.end : search->to;
	return extent;
}

/* Regions that follow each other without a gap are one. */
static enum pm_code search_regions(struct scan *scan, struct pm_error *err)
{
	const struct pm_pool *pool = scan->search->pool;
	const struct pm_member_info *info = region_from(pool, scan->search->from);
	enum pm_code code = PM_OK;

	while (code == PM_OK && info && !scan->result->more) {
		struct extent stretch = bytes_of(info);

		while ((info = region_from(pool, stretch.end)) && bytes_of(info).first == stretch.end)
			stretch.end = bytes_of(info).end;
		stretch = clipped(scan->search, stretch);
		if (stretch.first < stretch.end)
			code = search_stretch(scan, stretch.first, stretch.end, err);
	}
	return code;
}

struct some_runs {
	const struct pm_pool *pool;
	uint64_t from; /* pool page */
	struct extent runs[RUNS];
	size_t count;
};

static void runs_body(void *argument)
{
	struct some_runs *some = argument;
	struct pm_run run;

	for (some->count = 0; some->count < RUNS && pm_run_next(some->pool, some->from, &run); some->count++) {
		some->runs[some->count] =
			(struct extent){run.page * PM_PAGE_SIZE, (run.page + run.pages) * PM_PAGE_SIZE};
		some->from = run.page + run.pages;
	}
}

/* A page at or before which the allocation begins that the first byte may be in: the page itself is no head then. */
static void head_body(void *argument)
{
	struct some_runs *some = argument;
	uint64_t states[1], page = some->from;

	while (page && pm_page_state_get(some->pool, page) == PM_PAGE_CONTINUES) {
		uint64_t first = page / PM_PAGES_PER_WORD * PM_PAGES_PER_WORD;

		pm_page_states(some->pool, first, 1, states);
		page = states[0] == UINT64_MAX / 3 * PM_PAGE_CONTINUES && first ? first - 1 : page - 1;
	}
	some->from = page;
}

static enum pm_code search_runs(struct scan *scan, struct pm_error *err)
{
	struct some_runs *some = calloc(1, sizeof(*some));
	enum pm_code code;

	if (!some)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to list allocations");
	some->pool = scan->search->pool;
	some->from = scan->search->from / PM_PAGE_SIZE;
	code = pm_region_guarded(head_body, some, err);
	do {
		if (code == PM_OK)
			code = pm_region_guarded(runs_body, some, err);
		for (size_t i = 0; code == PM_OK && i < some->count && !scan->result->more; i++) {
			struct extent stretch = clipped(scan->search, some->runs[i]);

			if (stretch.first < stretch.end)
				code = search_stretch(scan, stretch.first, stretch.end, err);
		}
	} while (code == PM_OK && !scan->result->more && some->count == RUNS &&
		 some->from * PM_PAGE_SIZE < scan->search->to);
	free(some);
	return code;
}

enum pm_code pm_search_run(const struct pm_search *search, struct pm_search_result *result, struct pm_error *err)
{
	struct scan *scan = calloc(1, sizeof(*scan));
	enum pm_code code;

	*result = (struct pm_search_result){.hits = calloc(search->limit, sizeof(*result->hits))};
	if (scan)
		scan->buffer = malloc(WINDOW / 16 + PM_NEEDLE_BYTES);
	if (!scan || !scan->buffer || !result->hits) {
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for a search");
	} else {
		scan->search = search;
		scan->result = result;
		scan->asked = UINT64_MAX;
		needle_make(&scan->needle, search->bytes, search->mask, search->length, search->ignore_case);
		pm_meter_start(&scan->meter, search->task, search->to > search->from ? search->to - search->from : 0);
		code = search->allocated_only ? search_runs(scan, err) : search_regions(scan, err);
		if (code == PM_OK)
			pm_meter_end(&scan->meter);
	}
	if (scan)
		free(scan->buffer);
	free(scan);
	return code;
}
