// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare_side.h"
#include "digest.h"
#include "json/json.h"
#include "pmpool/region.h"
#include <stdlib.h>
#include <string.h>

#define BATCH_WORDS 1024u /* of page states, read under one guard */
#define EVEN UINT64_C(0x5555555555555555)

bool pm_side_all(const struct pm_side *given)
{
	return given->snapshot && json_flag(json_part(pm_snapshot_meta(given->snapshot), "snapshot"), "all");
}

/* --- bitmaps --- */

struct states {
	const struct pm_pool *pool;
	uint64_t first, words;
	uint64_t bits[BATCH_WORDS];
};

static void states_body(void *argument)
{
	struct states *states = argument;

	pm_page_states(states->pool, states->first, states->words, states->bits);
}

static void bit_set(uint64_t *map, uint64_t page)
{
	map[page / 64] |= UINT64_C(1) << page % 64;
}

static void bits_clear(uint64_t *map, uint64_t page, uint64_t pages)
{
	for (uint64_t i = page; i < page + pages; i++)
		map[i / 64] &= ~(UINT64_C(1) << i % 64);
}

/* Bit 0 of a page's state says that it is allocated; all data pages count where free ones do. */
static void word_read(struct pm_compared *side, uint64_t page, uint64_t states)
{
	for (uint64_t bits = states & EVEN; bits; bits &= bits - 1)
		bit_set(side->allocated, page + (uint64_t)__builtin_ctzll(bits) / 2);
}

static enum pm_code states_read(struct pm_compared *side, struct pm_error *err)
{
	struct states states = {.pool = side->pool};
	uint64_t words = (side->pool->page_end + PM_PAGES_PER_WORD - 1) / PM_PAGES_PER_WORD;
	enum pm_code code = PM_OK;

	for (uint64_t at = 0; !code && at < words; at += states.words) {
		states.first = at * PM_PAGES_PER_WORD;
		states.words = words - at < BATCH_WORDS ? words - at : BATCH_WORDS;
		code = pm_region_guarded(states_body, &states, err);
		for (uint64_t i = 0; !code && i < states.words; i++)
			word_read(side, states.first + i * PM_PAGES_PER_WORD, states.bits[i]);
	}
	return code;
}

/* Of each region that is there: no metadata outside its data pages, nor the directory's inside. */
static void region_trim(struct pm_compared *side, const struct pm_member_info *info)
{
	uint64_t first = info->first_pool_page, end = first + info->page_count;
	struct pm_run run;

	if (!info->present) {
		bits_clear(side->allocated, first, info->page_count);
		return;
	}
	bits_clear(side->allocated, first, info->data_first);
	bits_clear(side->allocated, first + info->data_end, end - first - info->data_end);
	for (uint64_t page = first + info->data_first; side->counts && page < first + info->data_end; page++)
		bit_set(side->counts, page);
	for (uint32_t n = 0; pm_directory_run(side->pool, info->index, n, &run); n++) {
		bits_clear(side->allocated, run.page, run.pages);
		if (side->counts)
			bits_clear(side->counts, run.page, run.pages);
	}
}

static uint64_t bits_count(const uint64_t *map, uint64_t words)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < words; i++)
		count += (uint64_t)__builtin_popcountll(map[i]);
	return count;
}

static enum pm_code maps_make(struct pm_compared *side, bool all, struct pm_error *err)
{
	enum pm_code code;

	side->words = side->pool->page_end / 64 + 1;
	side->allocated = calloc((size_t)side->words, sizeof(*side->allocated));
	if (!side->snapshot && all)
		side->counts = calloc((size_t)side->words, sizeof(*side->counts));
	if (!side->allocated || (!side->snapshot && all && !side->counts))
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to compare pages.");
	code = states_read(side, err);
	for (uint32_t i = 0; !code && i < side->pool->region_count; i++)
		region_trim(side, &side->pool->infos[i]);
	return code;
}

enum pm_code pm_compared_open(struct pm_compared *side, const struct pm_side *given, bool all, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	*side = (struct pm_compared){.snapshot = given->snapshot, .pool = given->pool, .name = given->name};
	side->all = given->snapshot ? pm_side_all(given) : all;
	if (given->snapshot) {
		code = pm_snapshot_pool(given->snapshot, &side->pool, err);
		side->damaged = pm_snapshot_damage(given->snapshot, &side->damage) != PM_OK;
	}
	if (!code)
		code = maps_make(side, side->all, err);
	if (code)
		return code;
	side->pages = side->snapshot ? pm_snapshot_totals(side->snapshot)->pages
				     : bits_count(side->counts ? side->counts : side->allocated, side->words);
	return PM_OK;
}

void pm_compared_close(struct pm_compared *side)
{
	free(side->allocated);
	free(side->counts);
	side->allocated = side->counts = NULL;
}

/* --- windows --- */

static bool next_in_map(const uint64_t *map, uint64_t words, uint64_t *window)
{
	for (uint64_t i = *window * (PM_WINDOW_PAGES / 64); i < words; i++) {
		if (!map[i])
			continue;
		*window = i / (PM_WINDOW_PAGES / 64);
		return true;
	}
	return false;
}

bool pm_compared_next(const struct pm_compared *side, uint64_t *window)
{
	uint64_t in_file = *window, in_books = *window;
	bool file, books;

	if (!side->snapshot)
		return next_in_map(side->counts ? side->counts : side->allocated, side->words, window);
	file = pm_snapshot_next_window(side->snapshot, &in_file);
	/* of a damaged file the books say what there should be */
	books = side->damaged && next_in_map(side->allocated, side->words, &in_books);
	*window = file && (!books || in_file < in_books) ? in_file : in_books;
	return file || books;
}

void pm_compared_damage(struct pm_compared *side, const struct pm_compared_window *window)
{
	if (!side->damage.code && window->damage.code)
		side->damage = window->damage;
}

bool pm_compared_missing(const struct pm_compared *side, uint64_t number)
{
	uint64_t page = number * PM_WINDOW_PAGES;

	return page < side->pool->page_end && pm_page_address(side->pool, page) != UINT64_MAX &&
	       !pm_member_at(side->pool, page, NULL);
}

struct looking {
	const struct pm_compared *side;
	struct pm_window *window;
	unsigned from, end;
};

static void look_body(void *argument)
{
	const struct looking *looking = argument;
	const struct pm_compared *side = looking->side;
	struct pm_window *window = looking->window;
	struct pm_page_due due[PM_WINDOW_PAGES];
	unsigned count = 0;

	for (unsigned i = looking->from; i < looking->end; i++) {
		uint64_t page = window->first + i;
		const uint8_t *bytes = NULL;

		if (pm_bit(side->counts ? side->counts : side->allocated, side->words, page))
			bytes = pm_page_bytes(side->pool, page);
		if (!bytes)
			continue;
		due[count++] = (struct pm_page_due){bytes, window->digests[i]};
		window->held[i] = PM_HELD_BYTES;
	}
	pm_pages_digest(due, count);
}

static enum pm_code look_guarded(struct looking *looking, bool *lost, struct pm_error *err)
{
	enum pm_code code = pm_region_guarded(look_body, looking, err);

	*lost = code == PM_E_REGION_LOST;
	return *lost ? PM_OK : code;
}

/* Pages where they are, a page at a time when the window as a whole cannot be read. */
static enum pm_code pool_window(const struct pm_compared *side, struct pm_compared_window *to, struct pm_error *err)
{
	struct looking looking = {.side = side, .window = to->window, .end = PM_WINDOW_PAGES};
	bool lost;
	enum pm_code code;

	memset(to->window->held, PM_HELD_NOT, sizeof(to->window->held));
	code = look_guarded(&looking, &lost, err);
	if (code || !lost)
		return code;
	memset(to->window->held, PM_HELD_NOT, sizeof(to->window->held));
	for (unsigned i = 0; !code && i < PM_WINDOW_PAGES; i++) {
		looking.from = i;
		looking.end = i + 1;
		code = look_guarded(&looking, &to->lost[i], err);
	}
	return code;
}

static enum pm_code file_window(const struct pm_compared *side, uint64_t number, struct pm_compared_window *to,
				struct pm_error *err)
{
	uint64_t first = number * PM_WINDOW_PAGES;
	struct pm_error why = {0};
	enum pm_code code = pm_snapshot_window(side->snapshot, number, false, to->window, &why);
	bool corrupt = code == PM_E_FILE_CORRUPT;

	if (code && !corrupt)
		return pm_fail(err, code, "%s", why.message);
	if (corrupt) {
		to->damage = why;
		to->window->first = first;
		memset(to->window->held, PM_HELD_NOT, sizeof(to->window->held));
	}
	for (unsigned i = 0; (corrupt || side->damaged) && i < PM_WINDOW_PAGES; i++)
		to->lost[i] = to->window->held[i] == PM_HELD_NOT && pm_compared_allocated(side, first + i);
	return PM_OK;
}

enum pm_code pm_compared_window(const struct pm_compared *side, uint64_t number, struct pm_compared_window *to,
				struct pm_error *err)
{
	memset(to->lost, 0, sizeof(to->lost));
	to->damage.code = PM_OK;
	to->window->first = number * PM_WINDOW_PAGES;
	return side->snapshot ? file_window(side, number, to, err) : pool_window(side, to, err);
}
