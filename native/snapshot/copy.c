// SPDX-License-Identifier: GPL-2.0-or-later
#include "copy.h"
#include "container.h"
#include "core/layout.h"
#include "core/member.h"
#include "pmpool/region.h"
#include <stdlib.h>
#include <string.h>

/* What is read of the pool inside pm_region_guarded. */
struct look {
	const struct pm_pool *pool;
	struct pm_copy *copy;
	size_t capacity; /* of copy->records */
};

static enum pm_code no_memory(struct pm_error *err)
{
	return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for a copy of the metadata.");
}

static void states_body(void *argument)
{
	struct look *look = argument;

	pm_page_states(look->pool, 0, look->copy->state_words, look->copy->states);
	look->copy->log_sequence = pm_log_sequence(look->pool);
}

static void count_body(void *argument)
{
	struct look *look = argument;
	uint64_t cursor = 0;

	while (pm_record_next(look->pool, &cursor, NULL))
		look->capacity++;
}

static void records_body(void *argument)
{
	struct look *look = argument;
	struct pm_copy *copy = look->copy;
	const struct pm_record *record;
	uint64_t cursor = 0;
	uint32_t index = 0;

	while (copy->record_count < look->capacity && (record = pm_record_next(look->pool, &cursor, &index)) != NULL)
		copy->records[copy->record_count++] = (struct pm_copied_record){index, *record};
}

static enum pm_code regions_take(const struct pm_pool *pool, struct pm_copy *copy, struct pm_error *err)
{
	copy->regions = calloc((size_t)pool->region_count + 1, sizeof(*copy->regions));
	if (!copy->regions)
		return no_memory(err);
	for (uint32_t i = 0; i < pool->region_count; i++)
		if (pool->members[i])
			copy->regions[copy->region_count++] = pool->members[i]->sb;
	return PM_OK;
}

static enum pm_code records_take(struct look *look, struct pm_error *err)
{
	enum pm_code code = pm_region_guarded(count_body, look, err);

	if (code)
		return code;
	look->copy->records = calloc(look->capacity + 1, sizeof(*look->copy->records));
	return look->copy->records ? pm_region_guarded(records_body, look, err) : no_memory(err);
}

static enum pm_code log_take(const struct pm_pool *pool, struct pm_copy *copy, struct pm_error *err)
{
	const struct pm_section *section =
		pool->members[0] ? pm_section_find(&pool->members[0]->sb, PM_SECTION_LOG) : NULL;

	if (!section)
		return PM_OK;
	copy->log = malloc((size_t)section->bytes);
	if (!copy->log)
		return no_memory(err);
	copy->log_bytes = section->bytes;
	return pm_region_copy(copy->log, pool->members[0]->base + section->offset, (size_t)section->bytes, err);
}

static int by_first(const void *a, const void *b)
{
	const struct pm_span *left = a, *right = b;

	return left->first < right->first ? -1 : left->first > right->first;
}

static const struct pm_superblock *region_of(const struct pm_copy *copy, uint32_t index)
{
	for (size_t i = 0; i < copy->region_count; i++)
		if (copy->regions[i].region_index == index)
			return &copy->regions[i];
	return NULL;
}

/* Data of each region, less the directory's extents: those as spans first, to be cut out. */
static enum pm_code spans_make(struct pm_copy *copy, struct pm_error *err)
{
	struct pm_span *holes = calloc(copy->record_count + 1, sizeof(*holes));
	size_t hole_count = 0, hole = 0;

	copy->spans = calloc(copy->region_count + copy->record_count + 1, sizeof(*copy->spans));
	if (!holes || !copy->spans) {
		free(holes);
		return no_memory(err);
	}
	for (size_t i = 0; i < copy->record_count; i++) {
		const struct pm_record *record = &copy->records[i].record;
		const struct pm_superblock *sb = region_of(copy, copy->records[i].region_index);
		uint64_t first = sb ? sb->first_pool_page + record->page : 0;

		if (sb && record->kind == PM_RECORD_DIRECTORY)
			holes[hole_count++] = (struct pm_span){first, first + record->pages};
	}
	qsort(holes, hole_count, sizeof(*holes), by_first);
	for (size_t i = 0; i < copy->region_count; i++) {
		const struct pm_superblock *sb = &copy->regions[i];
		uint64_t at = sb->first_pool_page + sb->data_first, end = sb->first_pool_page + sb->data_end;

		for (; hole < hole_count && holes[hole].first < end; hole++) {
			if (at < holes[hole].first)
				copy->spans[copy->span_count++] = (struct pm_span){at, holes[hole].first};
			at = holes[hole].end;
		}
		if (at < end)
			copy->spans[copy->span_count++] = (struct pm_span){at, end};
	}
	free(holes);
	return PM_OK;
}

/* Bit 0 of a page's two is set in HEAD and CONTINUES only. */
static bool allocated(const struct pm_copy *copy, uint64_t page)
{
	return copy->states[page / PM_PAGES_PER_WORD] >> (page % PM_PAGES_PER_WORD * 2) & 1;
}

static bool word_empty(const struct pm_copy *copy, uint64_t page)
{
	return !(copy->states[page / PM_PAGES_PER_WORD] & UINT64_C(0x5555555555555555));
}

/* The first span that ends behind the page. */
static size_t span_at(const struct pm_copy *copy, uint64_t page)
{
	size_t low = 0, high = copy->span_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (copy->spans[middle].end <= page)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool pm_copy_run(const struct pm_copy *copy, uint64_t from, uint64_t *first, uint32_t *count)
{
	for (size_t i = span_at(copy, from); i < copy->span_count; i++) {
		uint64_t end = copy->spans[i].end, page = from < copy->spans[i].first ? copy->spans[i].first : from;

		while (page < end && !allocated(copy, page))
			page = word_empty(copy, page) ? (page | (PM_PAGES_PER_WORD - 1)) + 1 : page + 1;
		if (page >= end)
			continue;
		*first = page;
		for (*count = 0; page < end && *count < PM_GROUP_PAGES && allocated(copy, page); page++)
			++*count;
		return true;
	}
	return false;
}

enum pm_code pm_copy_take(const struct pm_pool *pool, struct pm_copy *copy, struct pm_error *err)
{
	struct look look = {.pool = pool, .copy = copy};
	enum pm_code code;
	uint64_t page = 0;
	uint32_t count;

	*copy = (struct pm_copy){.page_end = pool->page_end};
	copy->state_words = (copy->page_end + PM_PAGES_PER_WORD - 1) / PM_PAGES_PER_WORD;
	copy->states = calloc((size_t)copy->state_words + 1, sizeof(*copy->states));
	code = copy->states ? regions_take(pool, copy, err) : no_memory(err);
	if (!code)
		code = pm_region_guarded(states_body, &look, err);
	if (!code)
		code = records_take(&look, err);
	if (!code)
		code = log_take(pool, copy, err);
	if (!code)
		code = spans_make(copy, err);
	if (code)
		return code;
	for (uint64_t from = 0; pm_copy_run(copy, from, &page, &count); from = page + count)
		copy->allocated += count;
	return PM_OK;
}

void pm_copy_free(struct pm_copy *copy)
{
	free(copy->regions);
	free(copy->states);
	free(copy->records);
	free(copy->log);
	free(copy->spans);
	*copy = (struct pm_copy){0};
}
