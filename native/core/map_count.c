/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages counted by cells. The walk goes up through the pool once; a cell is told of when its last page is counted. */
#include "directory.h"
#include "map_walk.h"

/* One past the last page of [page, to) that is in the cell of `page`. */
static inline uint64_t cell_end(const struct pm_map_walk *cells, uint64_t page, uint64_t to)
{
	uint64_t last = page | cells->mask;

	return last < to ? last + 1 : to;
}

/* The walk has come to `page`. */
static inline void cell_reached(struct pm_map_walk *cells, uint64_t page)
{
	if ((page & cells->mask) && page != cells->end)
		return;
	cells->cell(cells->context, &cells->now);
	cells->now = (struct pm_map_count){0};
}

/* [page, to), all alike, into one of the counts of each cell; `counted` tells which, by its offset. */
static void add_alike(struct pm_map_walk *cells, uint64_t page, uint64_t to, size_t counted)
{
	while (page < to) {
		uint64_t end = cell_end(cells, page, to);

		*(uint64_t *)(void *)((uint8_t *)&cells->now + counted) += end - page;
		cell_reached(cells, end);
		page = end;
	}
}
#define ADD_ALIKE(cells, page, to, field) add_alike(cells, page, to, offsetof(struct pm_map_count, field))

static inline void add_word(struct pm_map_count *count, uint64_t bits, uint64_t pages)
{
	uint64_t allocated = pm_bits_count(bits & PM_LOW_BITS), bad = pm_bits_count(pm_word_bad(bits));

	count->allocated += allocated;
	count->first += pm_bits_count(pm_word_heads(bits));
	count->bad += bad;
	count->free += pages - allocated - bad;
}

/* Lower bits of pages out of four words, added up by bytes: at most 16 in each. */
static inline uint64_t four_words(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	const uint64_t pairs = UINT64_C(0x3333333333333333), halves = UINT64_C(0x0f0f0f0f0f0f0f0f);
	uint64_t ab = a + b, cd = c + d;
	uint64_t sum = (ab & pairs) + (ab >> 2 & pairs) + (cd & pairs) + (cd >> 2 & pairs);

	return (sum & halves) + (sum >> 4 & halves);
}

static inline uint64_t bytes_sum(uint64_t bytes)
{
	const uint64_t even = UINT64_C(0x00ff00ff00ff00ff);

	return ((bytes & even) + (bytes >> 8 & even)) * UINT64_C(0x0001000100010001) >> 48;
}

/* A whole split block that lies in one cell. */
static void add_block(const struct pm_member *member, uint64_t block, struct pm_map_count *count)
{
	const _Atomic uint64_t *words = &member->states[block * PM_WORDS_PER_BLOCK];
	uint64_t allocated = 0, first = 0, bad = 0;

	for (unsigned i = 0; i < PM_WORDS_PER_BLOCK; i += 4) {
		uint64_t w[4];

		for (unsigned j = 0; j < 4; j++)
			w[j] = atomic_load_explicit(words + i + j, memory_order_relaxed);
		allocated += four_words(w[0] & PM_LOW_BITS, w[1] & PM_LOW_BITS, w[2] & PM_LOW_BITS, w[3] & PM_LOW_BITS);
		first += four_words(pm_word_heads(w[0]), pm_word_heads(w[1]), pm_word_heads(w[2]), pm_word_heads(w[3]));
		bad += four_words(pm_word_bad(w[0]), pm_word_bad(w[1]), pm_word_bad(w[2]), pm_word_bad(w[3]));
	}
	allocated = bytes_sum(allocated);
	bad = bytes_sum(bad);
	count->allocated += allocated;
	count->first += bytes_sum(first);
	count->bad += bad;
	count->free += PM_BLOCK_PAGES - allocated - bad;
}

/* [page, to) of one split block; page indexes. `base`: pool page of page 0, which leaves the place in a cell alone. */
static void add_split(struct pm_map_walk *cells, const struct pm_member *member, uint64_t page, uint64_t to)
{
	uint64_t base = member->sb.first_pool_page, end;

	if (to - page == PM_BLOCK_PAGES && cell_end(cells, base + page, base + to) == base + to) {
		add_block(member, page >> PM_BLOCK_SHIFT, &cells->now);
		cell_reached(cells, base + to);
		return;
	}
	for (; page < to; page = end) {
		uint64_t word = page >> PM_WORD_SHIFT;

		end = cell_end(cells, base + page, base + pm_word_end(page, to)) - base;
		add_word(&cells->now, pm_word_load(member, word) & pm_part_mask(word, page, end), end - page);
		cell_reached(cells, base + end);
	}
}

/* [page, to) of one block, or of some alike, as its state says. */
static void add_whole(struct pm_map_walk *cells, const struct pm_member *member, uint64_t page, uint64_t to,
		      unsigned state)
{
	uint64_t base = member->sb.first_pool_page;

	if (state == PM_BLOCK_FREE) {
		ADD_ALIKE(cells, base + page, base + to, free);
	} else if (state == PM_BLOCK_FENCED) {
		ADD_ALIKE(cells, base + page, base + to, bad);
	} else {
		cells->now.first += state == PM_BLOCK_HEAD && page % PM_BLOCK_PAGES == 0;
		ADD_ALIKE(cells, base + page, base + to, allocated);
	}
}

/* [page, to) among the data, without the directory's pages. */
static void add_states(struct pm_map_walk *cells, const struct pm_member *member, uint64_t page, uint64_t to)
{
	uint64_t end;

	for (; page < to; page = end) {
		unsigned state = pm_block_state(pm_block_load(member, page >> PM_BLOCK_SHIFT));

		end = pm_alike_end(member, page, to, state);
		if (state == PM_BLOCK_SPLIT)
			add_split(cells, member, page, end);
		else
			add_whole(cells, member, page, end, state);
	}
}

/* The part of the directory that `page` is in, or else the next one: [*first, *end). False when there is none. Parts
 * are few, and in no order. */
static bool directory_next(const struct pm_pool *pool, const struct pm_member *member, uint64_t page, uint64_t *first,
			   uint64_t *end)
{
	uint64_t base = member->sb.first_pool_page;
	struct pm_run part;
	bool found = false;

	for (uint32_t n = 0; pm_directory_run(pool, member->sb.region_index, n, &part); n++) {
		uint64_t at = part.page - base;

		if (at + part.pages <= page || (found && at >= *first))
			continue;
		*first = at;
		*end = at + part.pages;
		found = true;
	}
	return found;
}

static void add_data(struct pm_map_walk *cells, const struct pm_pool *pool, const struct pm_member *member,
		     uint64_t page, uint64_t to)
{
	uint64_t base = member->sb.first_pool_page, first = 0, end = 0;

	while (page < to && directory_next(pool, member, page, &first, &end) && first < to) {
		first = first > page ? first : page;
		end = end < to ? end : to;
		add_states(cells, member, page, first);
		ADD_ALIKE(cells, base + first, base + end, metadata);
		page = end;
	}
	add_states(cells, member, page, to);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* [page, to) of a region; page indexes. */
static void add_member(struct pm_map_walk *cells, const struct pm_pool *pool, const struct pm_member *member,
		       uint64_t page, uint64_t to)
{
	uint64_t base = member->sb.first_pool_page, end = least(to, member->sb.data_first);

	if (page < end) {
		ADD_ALIKE(cells, base + page, base + end, metadata);
		page = end;
	}
	end = least(to, member->sb.data_end);
	if (page < end) {
		add_data(cells, pool, member, page, end);
		page = end;
	}
	ADD_ALIKE(cells, base + page, base + to, metadata);
}

/* [page, to) of the pool. */
static void add_pool(struct pm_map_walk *cells, const struct pm_pool *pool, uint64_t page, uint64_t to)
{
	pm_books_lock(pool);
	pm_directory_fresh_locked(pool); /* what other processes made of the directory */
	pm_books_unlock(pool);
	for (uint32_t i = 0; i < pool->region_count && page < to; i++) {
		const struct pm_member *member = pool->members[i];
		uint64_t first, end;

		if (!member || member->sb.first_pool_page + member->sb.page_count <= page)
			continue;
		first = least(to, member->sb.first_pool_page);
		if (page < first) {
			ADD_ALIKE(cells, page, first, absent);
			page = first;
		}
		end = least(to, member->sb.first_pool_page + member->sb.page_count);
		if (page < end)
			add_member(cells, pool, member, page - member->sb.first_pool_page,
				   end - member->sb.first_pool_page);
		page = page < end ? end : page;
	}
	ADD_ALIKE(cells, page, to, absent);
}

void pm_map_cells_begin(const struct pm_pool *pool, unsigned level, uint64_t first, uint64_t cells, pm_map_cell *cell,
			void *context, struct pm_map_walk *walk)
{
	uint64_t last = (pool->page_end - 1) >> level;

	*walk = (struct pm_map_walk){.mask = (UINT64_C(1) << level) - 1, .cell = cell, .context = context};
	if (!pool->page_end || first > last || !cells)
		return;
	walk->at = first << level;
	walk->end = cells > last - first ? pool->page_end : (first + cells) << level;
}

bool pm_map_cells_step(const struct pm_pool *pool, struct pm_map_walk *walk, uint64_t pages)
{
	uint64_t to = pages < walk->end - walk->at ? walk->at + pages : walk->end;

	if (walk->at < to)
		add_pool(walk, pool, walk->at, to);
	walk->at = to;
	return to == walk->end;
}

void pm_map_cells(const struct pm_pool *pool, unsigned level, uint64_t first, uint64_t cells, pm_map_cell *cell,
		  void *context)
{
	struct pm_map_walk walk;

	pm_map_cells_begin(pool, level, first, cells, cell, context, &walk);
	pm_map_cells_step(pool, &walk, UINT64_MAX);
}
