/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "density.h"
#include <pmpool/format.h>
#include <stdlib.h>
#include <string.h>

bool density_begin(struct density *density, uint64_t page_count, uint64_t data_first, uint64_t data_end,
		   size_t max_cells)
{
	memset(density, 0, sizeof(*density));
	density->page_count = page_count;
	density->data_first = data_first;
	density->data_end = data_end;
	density->pages_per_cell = 1;
	while ((page_count + density->pages_per_cell - 1) / density->pages_per_cell > max_cells)
		density->pages_per_cell *= 2;
	density->count = (size_t)((page_count + density->pages_per_cell - 1) / density->pages_per_cell);
	density->cells = calloc(density->count + 1, sizeof(*density->cells));
	return density->cells != NULL;
}

bool density_own(struct density *density, uint64_t first, uint64_t count)
{
	struct density_range *own = realloc(density->own, (density->own_count + 1) * sizeof(*own));

	if (!own)
		return false;
	density->own = own;
	own[density->own_count++] = (struct density_range){first, first + count};
	return true;
}

static bool is_metadata(const struct density *density, uint64_t page)
{
	if (page < density->data_first || page >= density->data_end)
		return true;
	for (size_t i = 0; i < density->own_count; i++)
		if (page >= density->own[i].first && page < density->own[i].end)
			return true;
	return false;
}

static void add_page(struct density *density, uint64_t page, unsigned state)
{
	struct density_cell *cell = &density->cells[page / density->pages_per_cell];

	cell->pages++;
	if (is_metadata(density, page))
		cell->metadata++;
	else if (state == PM_PAGE_BAD)
		cell->bad++;
	else if (state != PM_PAGE_FREE)
		cell->allocated++;
}

/* All of them data, and in one cell: counted 32 at a time. */
static bool add_word(struct density *density, uint64_t page, uint64_t count, const uint8_t *states)
{
	const uint64_t low = UINT64_C(0x5555555555555555);
	uint64_t last = page + PM_PAGES_PER_WORD - 1, word;
	struct density_cell *cell = &density->cells[page / density->pages_per_cell];

	if (count < PM_PAGES_PER_WORD || page % PM_PAGES_PER_WORD || density->pages_per_cell < PM_PAGES_PER_WORD)
		return false;
	if (page < density->data_first || last >= density->data_end)
		return false;
	for (size_t i = 0; i < density->own_count; i++)
		if (density->own[i].first <= last && page < density->own[i].end)
			return false;
	memcpy(&word, states, sizeof(word));
	cell->pages += PM_PAGES_PER_WORD;
	cell->allocated += (uint64_t)__builtin_popcountll(word & low);
	cell->bad += (uint64_t)__builtin_popcountll(word >> 1 & ~word & low);
	return true;
}

void density_add(struct density *density, uint64_t first, uint64_t count, const uint8_t *states)
{
	if (first >= density->page_count)
		return;
	if (count > density->page_count - first)
		count = density->page_count - first;
	for (uint64_t i = 0; i < count;) {
		if (i % PM_PAGES_PER_WORD == 0 && add_word(density, first + i, count - i, states + i / 4)) {
			i += PM_PAGES_PER_WORD;
		} else {
			add_page(density, first + i, states[i / 4] >> (i % 4 * 2) & 3u);
			i++;
		}
	}
}

void density_end(struct density *density)
{
	free(density->cells);
	free(density->own);
	memset(density, 0, sizeof(*density));
}

unsigned density_level(const struct density_cell *cell)
{
	uint64_t data = cell->pages - cell->metadata;

	if (cell->allocated == 0)
		return 0;
	if (cell->allocated >= data)
		return 4;
	return 1 + (unsigned)(cell->allocated * 3 / data);
}
