/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free runs of a range: counted, and the longest of them, a word of 32 pages at a time. */
#include "map_walk.h"

struct runs {
	uint64_t open; /* first page of the run that the walk is in; PM_NO_PAGE: in none */
	uint64_t count;
	struct pm_map_run longest;
};

static void run_open(struct runs *runs, uint64_t page)
{
	if (runs->open != PM_NO_PAGE)
		return;
	runs->open = page;
	runs->count++;
}

static void run_close(struct runs *runs, uint64_t end)
{
	if (runs->open == PM_NO_PAGE)
		return;
	if (end - runs->open > runs->longest.pages)
		runs->longest = (struct pm_map_run){runs->open, end - runs->open};
	runs->open = PM_NO_PAGE;
}

/* Runs that begin and end in the word whose first page is `base`. */
static void runs_inside(struct runs *runs, uint64_t base, uint64_t free)
{
	uint64_t longer;

	runs->count += pm_bits_count(free & ~(free << 2));
	while ((longer = pm_bits_runs(free, runs->longest.pages + 1)) != 0) {
		unsigned at = pm_bits_first(longer);

		runs->longest.page = base + at;
		runs->longest.pages = pm_bits_first(~(free >> (2 * at)) & PM_LOW_BITS);
	}
}

/* [page, to) of one word: its lower bits of free pages, and of all. */
static void add_word(struct runs *runs, uint64_t page, uint64_t to, uint64_t free, uint64_t all)
{
	uint64_t used = all & ~free, base = page & ~(uint64_t)(PM_PAGES_PER_WORD - 1);
	unsigned last;

	if (!used) {
		run_open(runs, page);
		return;
	}
	if (runs->open != PM_NO_PAGE) {
		run_close(runs, base + pm_bits_first(used));
		free &= UINT64_MAX << (2 * pm_bits_first(used));
	}
	last = pm_bits_last(used);
	runs_inside(runs, base, free & ~(UINT64_MAX << (2 * last)));
	if (base + last + 1 < to)
		run_open(runs, base + last + 1);
}

static void add_split(struct runs *runs, const struct pm_member *member, uint64_t page, uint64_t to)
{
	uint64_t end;

	for (; page < to; page = end) {
		uint64_t word = page >> PM_WORD_SHIFT, all;

		end = pm_word_end(page, to);
		all = pm_part_mask(word, page, end) & PM_LOW_BITS;
		add_word(runs, page, end, pm_word_free(pm_word_load(member, word)) & all, all);
	}
}

/* [page, to) among the data of a region; page indexes. */
static void add_data(struct runs *runs, const struct pm_member *member, uint64_t page, uint64_t to)
{
	uint64_t end;

	for (; page < to; page = end) {
		unsigned state = pm_block_state(pm_block_load(member, page >> PM_BLOCK_SHIFT));

		end = pm_alike_end(member, page, to, state);
		if (state == PM_BLOCK_SPLIT)
			add_split(runs, member, page, end);
		else if (state == PM_BLOCK_FREE)
			run_open(runs, page);
		else
			run_close(runs, page);
	}
}

/* What `walk` says of its free runs, with [from, to) of one region added. */
static void add_member(struct pm_map_range_walk *walk, const struct pm_member *member, uint64_t from, uint64_t to)
{
	uint64_t base = member->sb.first_pool_page, page, end;
	struct runs runs = {.open = PM_NO_PAGE, .longest.pages = walk->found.largest_free.pages};

	if (!pm_map_clip(member, from, to, &page, &end))
		return;
	if (base + page == from && walk->open != PM_NO_PAGE && walk->open >= base)
		runs.open = walk->open - base;
	add_data(&runs, member, page, end);
	walk->open = PM_NO_PAGE;
	if (base + end < walk->cells.end && end < member->sb.data_end && runs.open != PM_NO_PAGE)
		walk->open = base + runs.open; /* it may go on in the next piece */
	else
		run_close(&runs, end);
	walk->found.free_runs += runs.count;
	if (runs.longest.pages > walk->found.largest_free.pages)
		walk->found.largest_free =
			(struct pm_map_run){pm_member_pool_page(member, runs.longest.page), runs.longest.pages};
}

static void keep(void *context, const struct pm_map_count *count)
{
	*(struct pm_map_count *)context = *count;
}

void pm_map_range_begin(uint64_t from, uint64_t to, struct pm_map_range_walk *walk)
{
	*walk = (struct pm_map_range_walk){.open = PM_NO_PAGE};
	walk->cells = (struct pm_map_walk){.mask = UINT64_MAX,
					   .at = from,
					   .end = to > from ? to : from,
					   .cell = keep,
					   .context = &walk->found.count};
}

bool pm_map_range_step(const struct pm_pool *pool, struct pm_map_range_walk *walk, uint64_t pages)
{
	uint64_t from = walk->cells.at;
	bool over = pm_map_cells_step(pool, &walk->cells, pages);

	for (uint32_t i = 0; i < pool->region_count; i++)
		if (pool->members[i])
			add_member(walk, pool->members[i], from, walk->cells.at);
	return over;
}

void pm_map_range_get(const struct pm_pool *pool, uint64_t from, uint64_t to, struct pm_map_range *range)
{
	struct pm_map_range_walk walk;

	pm_map_range_begin(from, to, &walk);
	pm_map_range_step(pool, &walk, UINT64_MAX);
	*range = walk.found;
}
