/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool/tiles: two bytes for each cell of 2^level pages. */
#include "act_map.h"
#include "guarded.h"
#include "host/base64.h"
#include "json_build.h"
#include <pmpool/map.h>
#include <stdlib.h>

/* cellFlags of main/api/mapMethods.ts */
enum { FREE = 1, METADATA = 2, ALLOCATED = 4, FIRST = 8, BAD = 16, ABSENT = 32 };

struct cell {
	uint8_t occurs; /* the flags above */
	uint8_t used; /* share of the pages that are there: 0 none, 255 all, else 1 to 254 */
};

struct tiles {
	const struct pm_pool *pool;
	unsigned level;
	uint64_t first, count;
	struct cell *next; /* where the next cell goes */
};

static uint8_t share(uint64_t used, uint64_t there)
{
	if (used == 0)
		return 0;
	return used == there ? 255 : (uint8_t)(1 + used * 254 / there);
}

static void add_cell(void *context, const struct pm_map_count *count)
{
	struct tiles *tiles = context;
	uint64_t used = count->allocated + count->bad + count->metadata;

	tiles->next->occurs = (uint8_t)((count->free ? FREE : 0) | (count->metadata ? METADATA : 0) |
					(count->allocated ? ALLOCATED : 0) | (count->first ? FIRST : 0) |
					(count->bad ? BAD : 0) | (count->absent ? ABSENT : 0));
	tiles->next->used = share(used, used + count->free);
	tiles->next++;
}

static void fill(void *argument)
{
	struct tiles *tiles = argument;

	pm_map_cells(tiles->pool, tiles->level, tiles->first, tiles->count, add_cell, tiles);
}

static enum pm_code answer(struct call *call, struct tiles *tiles, uint64_t cells)
{
	struct cell *table = malloc((size_t)cells * sizeof(*table));
	const enum pm_code ok = PM_OK;
	uint64_t sequence;
	enum pm_code code;

	if (!table)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for %llu cells", (unsigned long long)cells);
	tiles->next = table;
	/* before the states: a reader that acts on the sequence then misses nothing */
	sequence = guarded_log_sequence(tiles->pool);
	code = guarded_run(fill, tiles, &ok, tiles->pool, "cannot read the page states", &call->err);
	if (code == PM_OK) {
		call->result = json_object_new_object();
		json_set_count(call->result, "level", tiles->level);
		json_set_count(call->result, "first", tiles->first);
		json_set_count(call->result, "count", cells);
		json_set_count(call->result, "sequence", sequence);
		json_set(call->result, "cells", base64_json(table, (size_t)cells * sizeof(*table)));
	}
	free(table);
	return code;
}

enum pm_code act_pool_tiles(struct call *call)
{
	struct tiles tiles = {
		.level = (unsigned)param_count(call, "level", 0),
		.first = param_count(call, "first", 0),
		.count = param_count(call, "count", 1),
	};
	struct attached *attached;
	uint64_t last;
	enum pm_code code = call_pool(call, &attached);

	if (code != PM_OK)
		return code;
	tiles.pool = &attached->pool;
	last = (attached->pool.page_end - 1) >> tiles.level;
	if (tiles.first > last)
		return pm_fail(&call->err, PM_E_OUT_OF_RANGE,
			       "the pool's %llu pages end in cell %llu of level %u; cell %llu is behind it",
			       (unsigned long long)attached->pool.page_end, (unsigned long long)last, tiles.level,
			       (unsigned long long)tiles.first);
	return answer(call, &tiles, tiles.count > last - tiles.first ? last - tiles.first + 1 : tiles.count);
}
