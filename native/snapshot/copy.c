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

static void span_add(struct pm_span *spans, size_t *count, uint64_t first, uint64_t end)
{
	if (first < end)
		spans[(*count)++] = (struct pm_span){first, end};
}

/* The directory's own runs of pages, ascending. */
static size_t holes_find(const struct pm_copy *copy, struct pm_span *holes)
{
	size_t count = 0;

	for (size_t i = 0; i < copy->record_count; i++) {
		const struct pm_record *record = &copy->records[i].record;
		const struct pm_superblock *sb = region_of(copy, copy->records[i].region_index);

		if (sb && record->kind == PM_RECORD_DIRECTORY)
			span_add(holes, &count, sb->first_pool_page + record->page,
				 sb->first_pool_page + record->page + record->pages);
	}
	qsort(holes, count, sizeof(*holes), by_first);
	return count;
}

/* Data of each region, and all else of it. */
static enum pm_code spans_make(struct pm_copy *copy, struct pm_error *err)
{
	struct pm_span *holes = calloc(copy->record_count + 1, sizeof(*holes));
	size_t hole_count, hole = 0;

	copy->spans = calloc(copy->region_count + copy->record_count + 1, sizeof(*copy->spans));
	copy->books = calloc(2 * copy->region_count + copy->record_count + 1, sizeof(*copy->books));
	if (!holes || !copy->spans || !copy->books) {
		free(holes);
		return no_memory(err);
	}
	hole_count = holes_find(copy, holes);
	for (size_t i = 0; i < copy->region_count; i++) {
		const struct pm_superblock *sb = &copy->regions[i];
		uint64_t start = sb->first_pool_page, at = start + sb->data_first, end = start + sb->data_end;

		span_add(copy->books, &copy->book_count, start, at);
		for (; hole < hole_count && holes[hole].first < end; hole++) {
			span_add(copy->spans, &copy->span_count, at, holes[hole].first);
			copy->books[copy->book_count++] = holes[hole];
			at = holes[hole].end;
		}
		span_add(copy->spans, &copy->span_count, at, end);
		span_add(copy->books, &copy->book_count, end, start + sb->page_count);
	}
	free(holes);
	return PM_OK;
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

/* Every other bit of a word, from bit 0 on. */
static uint64_t even_bits(uint64_t word)
{
	word &= UINT64_C(0x5555555555555555);
	word = (word | word >> 1) & UINT64_C(0x3333333333333333);
	word = (word | word >> 2) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	word = (word | word >> 4) & UINT64_C(0x00ff00ff00ff00ff);
	word = (word | word >> 8) & UINT64_C(0x0000ffff0000ffff);
	return (word | word >> 16) & UINT64_C(0xffffffff);
}

/* Bit 0 of a page's two is set in HEAD and CONTINUES only; BAD has bit 1 alone. */
static uint64_t held_of_word(const struct pm_copy *copy, uint64_t word)
{
	uint64_t states = word < copy->state_words ? copy->states[word] : 0;

	return even_bits(copy->all ? ~(states >> 1) | states : states);
}

static void range_add(uint64_t bits[PM_GROUP_PAGES / 64], uint64_t first, uint64_t end)
{
	for (uint64_t i = first; i < end; i = (i | 63) + 1) {
		uint64_t last = (i | 63) + 1 < end ? 64 : end - (i & ~UINT64_C(63));

		bits[i / 64] |= (last == 64 ? UINT64_MAX : (UINT64_C(1) << last) - 1) & UINT64_MAX << i % 64;
	}
}

/* What the spans from this one on and the states leave of the window; false when that is nothing. */
static bool window_fill(const struct pm_copy *copy, size_t span, struct pm_held_window *window)
{
	uint64_t in_span[PM_GROUP_PAGES / 64] = {0}, any = 0, end = window->first + PM_GROUP_PAGES;

	for (; span < copy->span_count && copy->spans[span].first < end; span++) {
		uint64_t from = copy->spans[span].first, to = copy->spans[span].end;

		range_add(in_span, from > window->first ? from - window->first : 0,
			  to < end ? to - window->first : PM_GROUP_PAGES);
	}
	for (size_t i = 0; i < PM_GROUP_PAGES / 64; i++) {
		uint64_t word = window->first / PM_PAGES_PER_WORD + i * 2;

		window->held[i] =
			in_span[i] & (held_of_word(copy, word) | held_of_word(copy, word + 1) << PM_PAGES_PER_WORD);
		any |= window->held[i];
	}
	return any != 0;
}

static void window_place(const struct pm_copy *copy, struct pm_held_window *window)
{
	size_t low = 0, high = copy->region_count;
	uint64_t left;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (copy->regions[middle].first_pool_page <= window->first)
			low = middle;
		else
			high = middle;
	}
	left = copy->regions[low].first_pool_page + copy->regions[low].page_count - window->first;
	window->region = (uint32_t)low;
	window->count = left < PM_GROUP_PAGES ? (uint32_t)left : PM_GROUP_PAGES;
}

bool pm_copy_next(const struct pm_copy *copy, uint64_t window, struct pm_held_window *found)
{
	uint64_t page = window * PM_GROUP_PAGES;

	for (size_t span = span_at(copy, page); span < copy->span_count; span++) {
		if (page < copy->spans[span].first)
			page = copy->spans[span].first;
		for (page &= ~(uint64_t)(PM_GROUP_PAGES - 1); page < copy->spans[span].end; page += PM_GROUP_PAGES) {
			found->first = page;
			if (window_fill(copy, span, found)) {
				window_place(copy, found);
				return true;
			}
		}
	}
	return false;
}

bool pm_copy_window(const struct pm_copy *copy, uint64_t window, struct pm_held_window *found)
{
	found->first = window * PM_GROUP_PAGES;
	if (!window_fill(copy, span_at(copy, found->first), found))
		return false;
	window_place(copy, found);
	return true;
}

static uint64_t held_count(const struct pm_copy *copy)
{
	struct pm_held_window window;
	uint64_t held = 0;

	for (uint64_t at = 0; pm_copy_next(copy, at, &window); at = window.first / PM_GROUP_PAGES + 1)
		for (size_t i = 0; i < PM_GROUP_PAGES / 64; i++)
			held += (uint64_t)__builtin_popcountll(window.held[i]);
	return held;
}

enum pm_code pm_copy_take(const struct pm_pool *pool, bool all, struct pm_copy *copy, struct pm_error *err)
{
	struct look look = {.pool = pool, .copy = copy};
	enum pm_code code;

	*copy = (struct pm_copy){.page_end = pool->page_end, .all = all};
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
	if (!code)
		copy->held = held_count(copy);
	return code;
}

void pm_copy_free(struct pm_copy *copy)
{
	free(copy->regions);
	free(copy->states);
	free(copy->records);
	free(copy->log);
	free(copy->spans);
	free(copy->books);
	*copy = (struct pm_copy){0};
}
