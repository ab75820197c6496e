/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool/tiles: two bytes for each cell of 2^level pages. */
#include "act_map.h"
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
	struct pool_walk walk;
	struct pm_map_walk pages;
	unsigned level;
	uint64_t first;
	size_t count; /* told of so far */
	struct cell cells[];
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
	struct cell *next = &tiles->cells[tiles->count++];
	uint64_t used = count->allocated + count->bad + count->metadata;

	next->occurs = (uint8_t)((count->free ? FREE : 0) | (count->metadata ? METADATA : 0) |
				 (count->allocated ? ALLOCATED : 0) | (count->first ? FIRST : 0) |
				 (count->bad ? BAD : 0) | (count->absent ? ABSENT : 0));
	next->used = share(used, used + count->free);
}

static bool tiles_piece(struct pool_walk *walk, const struct pm_pool *pool, uint64_t pages)
{
	return pm_map_cells_step(pool, &((struct tiles *)walk)->pages, pages);
}

static struct json_object *json_tiles(const struct pool_walk *walk)
{
	const struct tiles *tiles = (const struct tiles *)walk;
	struct json_object *object = json_object_new_object();

	json_set_count(object, "level", tiles->level);
	json_set_count(object, "first", tiles->first);
	json_set_count(object, "count", tiles->count);
	json_set_count(object, "sequence", walk->sequence);
	json_set(object, "cells", base64_json(tiles->cells, tiles->count * sizeof(*tiles->cells)));
	return object;
}

enum pm_code act_pool_tiles(struct call *call)
{
	unsigned level = (unsigned)param_count(call, "level", 0);
	uint64_t first = param_count(call, "first", 0), count = param_count(call, "count", 1), last;
	struct attached *attached;
	struct tiles *tiles;
	enum pm_code code = call_pool(call, &attached);

	if (code != PM_OK)
		return code;
	last = (attached->pool.page_end - 1) >> level;
	if (first > last)
		return pm_fail(&call->err, PM_E_OUT_OF_RANGE,
			       "the pool's %llu pages end in cell %llu of level %u; cell %llu is behind it",
			       (unsigned long long)attached->pool.page_end, (unsigned long long)last, level,
			       (unsigned long long)first);
	count = count > last - first ? last - first + 1 : count;
	tiles = calloc(1, sizeof(*tiles) + (size_t)count * sizeof(struct cell));
	if (!tiles)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for %llu cells", (unsigned long long)count);
	tiles->walk = (struct pool_walk){tiles_piece, json_tiles, "cannot read the page states"};
	tiles->level = level;
	tiles->first = first;
	pm_map_cells_begin(&attached->pool, level, first, count, add_cell, tiles, &tiles->pages);
	return pool_walk_begin(call, &tiles->walk, &attached->pool);
}
