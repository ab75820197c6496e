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

static uint64_t fit_next(const struct pm_member *member, uint64_t page, uint64_t to, struct row *row)
{
	uint64_t found = PM_NO_PAGE, end;

	for (; page < to && found == PM_NO_PAGE; page = end) {
		unsigned state = pm_block_state(pm_block_load(member, page >> PM_BLOCK_SHIFT));

		end = state == PM_BLOCK_SPLIT ? pm_word_end(page, to) : pm_alike_end(member, page, to, state);
		found = state == PM_BLOCK_SPLIT ? fit_up(member, page, end, row) : fit_whole(state, page, end, row);
	}
	return found;
}

static uint64_t fit_previous(const struct pm_member *member, uint64_t from, uint64_t end, struct row *row)
{
	uint64_t found = PM_NO_PAGE, page;

	for (; end > from && found == PM_NO_PAGE; end = page) {
		unsigned state = pm_block_state(pm_block_load(member, (end - 1) >> PM_BLOCK_SHIFT));
		uint64_t grain = state == PM_BLOCK_SPLIT ? PM_PAGES_PER_WORD : PM_BLOCK_PAGES;

		page = (end - 1) & ~(grain - 1);
		page = page > from ? page : from;
		found = state == PM_BLOCK_SPLIT ? fit_down(member, page, end, row) : fit_whole(state, page, end, row);
	}
	return found;
}

/* --- one region: the piece [from, to) is searched; the run around what is found is cut at `low` and `high` --- */

struct piece {
	const struct pm_member *member;
	uint64_t from, to, low, high;
	bool up;
};

static uint64_t after(uint64_t page, uint64_t otherwise)
{
	return page == PM_NO_PAGE ? otherwise : page + 1;
}

static bool free_run(struct piece piece, struct row *row, struct pm_map_run *run)
{
	const struct pm_member *member = piece.member;

	while (piece.from < piece.to) {
		uint64_t page = piece.up ? fit_next(member, piece.from, piece.to, row)
					 : fit_previous(member, piece.from, piece.to, row),
			 end;

		if (page == PM_NO_PAGE)
			break;
		run->page = after(pm_last_used(member, piece.low, page), piece.low);
		end = pm_next_used(member, page, piece.high);
		run->pages = end - run->page;
		if (end > page && run->pages >= row->need)
			return true;
		/* another process has taken some of it meanwhile */
		row->have = 0;
		if (piece.up)
			piece.from = page + 1;
		else
			piece.to = page;
	}
	return false;
}

static bool bad_run(struct piece piece, struct pm_map_run *run)
{
	const struct pm_member *member = piece.member;
	uint64_t page, end;

	if (piece.up) {
		page = pm_next_bad(member, piece.from, piece.to);
		end = page < piece.to ? pm_search_next(member, page, piece.high, not_bad) : page;
	} else {
		end = after(pm_search_last(member, piece.from, piece.to, pm_word_bad), piece.from);
		page = end > piece.from ? after(pm_search_last(member, piece.low, end, not_bad), piece.low) : end;
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

/* What of [from, to) is in one region. */
static bool piece_of(const struct pm_member *member, const struct pm_map_search *search, uint64_t from, uint64_t to,
		     struct piece *piece)
{
	*piece = (struct piece){.member = member, .up = !search->previous};
	if (!member || !pm_map_clip(member, from, to, &piece->from, &piece->to))
		return false;
	if (piece->up)
		pm_map_clip(member, search->from, UINT64_MAX, &piece->low, &piece->high);
	else
		pm_map_clip(member, 0, after(search->from, UINT64_MAX), &piece->low, &piece->high);
	return true;
}

static bool find_free(const struct piece *piece, struct pm_map_search *search)
{
	bool up = piece->up;
	uint64_t edge = pm_member_pool_page(piece->member, up ? piece->from : piece->to);
	struct row row = {.need = search->pages ? search->pages : 1, .have = edge == search->at ? search->row : 0};
	bool found = free_run(*piece, &row, &search->run);

	/* a run does not go over the end of a region's data */
	search->row = (up ? piece->to < piece->high : piece->from > piece->low) ? row.have : 0;
	return found;
}

static bool find(const struct pm_pool *pool, const struct piece *piece, struct pm_map_search *search)
{
	struct pm_map_run *run = &search->run;
	bool found = false;

	switch (search->what) {
	case PM_MAP_FREE:
		found = find_free(piece, search);
		break;
	case PM_MAP_ALLOCATION:
		found = allocation_run(pool, piece->member, piece->from, piece->to, piece->up, run);
		break;
	case PM_MAP_BAD:
		found = bad_run(*piece, run);
		break;
	}
	if (found)
		run->page = pm_member_pool_page(piece->member, run->page);
	return found;
}

/* [from, to) of the pool. */
static bool find_in(const struct pm_pool *pool, struct pm_map_search *search, uint64_t from, uint64_t to)
{
	uint32_t count = pool->region_count;
	struct piece piece;

	for (uint32_t i = 0; i < count; i++) {
		const struct pm_member *member = pool->members[search->previous ? count - 1 - i : i];

		if (piece_of(member, search, from, to, &piece) && find(pool, &piece, search))
			return true;
	}
	return false;
}

void pm_map_search_begin(enum pm_map_what what, bool previous, uint64_t from, uint64_t pages,
			 struct pm_map_search *search)
{
	*search = (struct pm_map_search){.what = what, .previous = previous, .from = from, .pages = pages};
	search->at = previous ? after(from, UINT64_MAX) : from;
}

bool pm_map_search_step(const struct pm_pool *pool, struct pm_map_search *search, uint64_t pages)
{
	uint64_t end = pool->page_end, at = search->at < end ? search->at : end, next;

	if (search->previous) {
		next = pages < at ? at - pages : 0;
		search->at = at;
		search->found = find_in(pool, search, next, at);
	} else {
		next = pages < end - at ? at + pages : end;
		search->found = find_in(pool, search, at, next);
	}
	search->at = next;
	return search->found || next == (search->previous ? 0 : end);
}

static bool find_at_once(const struct pm_pool *pool, struct pm_map_search *search, struct pm_map_run *run)
{
	pm_map_search_step(pool, search, UINT64_MAX);
	*run = search->run;
	return search->found;
}

bool pm_map_next(const struct pm_pool *pool, enum pm_map_what what, uint64_t from, uint64_t pages,
		 struct pm_map_run *run)
{
	struct pm_map_search search;

	pm_map_search_begin(what, false, from, pages, &search);
	return find_at_once(pool, &search, run);
}

bool pm_map_previous(const struct pm_pool *pool, enum pm_map_what what, uint64_t from, uint64_t pages,
		     struct pm_map_run *run)
{
	struct pm_map_search search;

	pm_map_search_begin(what, true, from, pages, &search);
	return find_at_once(pool, &search, run);
}
