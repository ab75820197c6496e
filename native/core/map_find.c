/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The next and the previous run of one state. Page numbers are page indexes up to the last two functions. */
#include "map_walk.h"
#include "search.h"

static inline uint64_t not_bad(uint64_t w)
{
	return ~pm_word_bad(w) & PM_LOW_BITS;
}

/* --- a free run that is long enough: one of its pages, or PM_NO_PAGE --- */

/* Of a search: how many free pages in a row it has come across just now. */
struct row {
	uint64_t need, have;
};

static bool row_grows(struct row *row, uint64_t pages)
{
	row->have += pages;
	return row->have >= row->need;
}

struct word {
	uint64_t base; /* its first page */
	uint64_t free, used; /* the lower bits of pages in [page, to) of it */
};

static struct word word_of(const struct pm_member *member, uint64_t page, uint64_t to)
{
	uint64_t number = page >> PM_WORD_SHIFT, all = pm_part_mask(number, page, to) & PM_LOW_BITS;
	uint64_t free = pm_word_free(pm_word_load(member, number)) & all;

	return (struct word){number << PM_WORD_SHIFT, free, all & ~free};
}

/* [page, to) of one word, going up. */
static uint64_t fit_up(const struct pm_member *member, uint64_t page, uint64_t to, struct row *row)
{
	struct word word = word_of(member, page, to);
	uint64_t lead, found;

	if (!word.used)
		return row_grows(row, to - page) ? page : PM_NO_PAGE;
	lead = word.base + pm_bits_first(word.used) - page;
	if (lead && row_grows(row, lead))
		return page;
	row->have = to - (word.base + pm_bits_last(word.used) + 1);
	found = pm_bits_runs(word.free, row->need);
	return found ? word.base + pm_bits_first(found) : PM_NO_PAGE;
}

/* The same going down. */
static uint64_t fit_down(const struct pm_member *member, uint64_t page, uint64_t to, struct row *row)
{
	struct word word = word_of(member, page, to);
	uint64_t tail, found;

	if (!word.used)
		return row_grows(row, to - page) ? page : PM_NO_PAGE;
	tail = to - (word.base + pm_bits_last(word.used) + 1);
	if (tail && row_grows(row, tail))
		return to - 1;
	row->have = word.base + pm_bits_first(word.used) - page;
	found = pm_bits_runs(word.free, row->need);
	return found ? word.base + pm_bits_last(found) : PM_NO_PAGE;
}

/* [page, to) of one block that is not split, in either direction. */
static uint64_t fit_whole(unsigned state, uint64_t page, uint64_t to, struct row *row)
{
	if (state == PM_BLOCK_FREE)
		return row_grows(row, to - page) ? page : PM_NO_PAGE;
	row->have = 0;
	return PM_NO_PAGE;
}

static uint64_t fit_next(const struct pm_member *member, uint64_t page, uint64_t to, uint64_t pages)
{
	struct row row = {.need = pages};
	uint64_t found = PM_NO_PAGE, end;

	for (; page < to && found == PM_NO_PAGE; page = end) {
		unsigned state = pm_block_state(pm_block_load(member, page >> PM_BLOCK_SHIFT));

		end = state == PM_BLOCK_SPLIT ? pm_word_end(page, to) : pm_alike_end(member, page, to, state);
		found = state == PM_BLOCK_SPLIT ? fit_up(member, page, end, &row) : fit_whole(state, page, end, &row);
	}
	return found;
}

static uint64_t fit_previous(const struct pm_member *member, uint64_t from, uint64_t end, uint64_t pages)
{
	struct row row = {.need = pages};
	uint64_t found = PM_NO_PAGE, page;

	for (; end > from && found == PM_NO_PAGE; end = page) {
		unsigned state = pm_block_state(pm_block_load(member, (end - 1) >> PM_BLOCK_SHIFT));
		uint64_t grain = state == PM_BLOCK_SPLIT ? PM_PAGES_PER_WORD : PM_BLOCK_PAGES;

		page = (end - 1) & ~(grain - 1);
		page = page > from ? page : from;
		found = state == PM_BLOCK_SPLIT ? fit_down(member, page, end, &row) : fit_whole(state, page, end, &row);
	}
	return found;
}

/* --- [from, to) among the data of one region; the run around what is found --- */

static uint64_t after(uint64_t page, uint64_t otherwise)
{
	return page == PM_NO_PAGE ? otherwise : page + 1;
}

static bool free_run(const struct pm_member *member, uint64_t from, uint64_t to, bool up, uint64_t pages,
		     struct pm_map_run *run)
{
	while (from < to) {
		uint64_t page = up ? fit_next(member, from, to, pages) : fit_previous(member, from, to, pages), end;

		if (page == PM_NO_PAGE)
			break;
		run->page = after(pm_last_used(member, from, page), from);
		end = pm_next_used(member, page, to);
		run->pages = end - run->page;
		if (end > page && run->pages >= pages)
			return true;
		/* another process has taken some of it meanwhile */
		if (up)
			from = page + 1;
		else
			to = page;
	}
	return false;
}

static bool bad_run(const struct pm_member *member, uint64_t from, uint64_t to, bool up, struct pm_map_run *run)
{
	uint64_t page, end;

	if (up) {
		page = pm_next_bad(member, from, to);
		end = pm_search_next(member, page, to, not_bad);
	} else {
		end = after(pm_search_last(member, from, to, pm_word_bad), from);
		page = after(pm_search_last(member, from, end, not_bad), from);
	}
	*run = (struct pm_map_run){page, end - page};
	return page < end;
}

static bool allocation_run(const struct pm_pool *pool, const struct pm_member *member, uint64_t from, uint64_t to,
			   bool up, struct pm_map_run *run)
{
	struct pm_run found;

	while (from < to) {
		uint64_t page = up ? pm_next_head(member, from, to) : pm_search_last(member, from, to, pm_word_heads);

		if (page == to || page == PM_NO_PAGE)
			return false;
		/* else it holds records, or another process has freed it */
		if (pm_run_at(pool, pm_member_pool_page(member, page), &found) == PM_OK) {
			*run = (struct pm_map_run){page, found.pages};
			return true;
		}
		if (up)
			from = page + 1;
		else
			to = page;
	}
	return false;
}

/* --- the pool --- */

static bool find(const struct pm_pool *pool, uint32_t region, enum pm_map_what what, uint64_t from, uint64_t to,
		 bool up, uint64_t pages, struct pm_map_run *run)
{
	const struct pm_member *member = pool->members[region];
	bool found = false;
	uint64_t page, end;

	if (!member || !pm_map_clip(member, from, to, &page, &end))
		return false;
	switch (what) {
	case PM_MAP_FREE:
		found = free_run(member, page, end, up, pages ? pages : 1, run);
		break;
	case PM_MAP_ALLOCATION:
		found = allocation_run(pool, member, page, end, up, run);
		break;
	case PM_MAP_BAD:
		found = bad_run(member, page, end, up, run);
		break;
	}
	run->page = pm_member_pool_page(member, run->page);
	return found;
}

bool pm_map_next(const struct pm_pool *pool, enum pm_map_what what, uint64_t from, uint64_t pages,
		 struct pm_map_run *run)
{
	for (uint32_t i = 0; i < pool->region_count; i++)
		if (find(pool, i, what, from, UINT64_MAX, true, pages, run))
			return true;
	return false;
}

bool pm_map_previous(const struct pm_pool *pool, enum pm_map_what what, uint64_t from, uint64_t pages,
		     struct pm_map_run *run)
{
	uint64_t to = from == UINT64_MAX ? from : from + 1;

	for (uint32_t i = pool->region_count; i-- > 0;)
		if (find(pool, i, what, 0, to, false, pages, run))
			return true;
	return false;
}
