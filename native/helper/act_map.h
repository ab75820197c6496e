/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The acts behind main/api/mapMethods.ts, with their parameters for methods.c. */
#ifndef PMPOOL_HELPER_ACT_MAP_H
#define PMPOOL_HELPER_ACT_MAP_H

#include "call.h"

#define TILE_CELLS (UINT64_C(1) << 16) /* tileCells of main/api/mapMethods.ts */

extern const struct param tiles_params[];
extern const struct param range_params[];
extern const struct param find_params[];

enum pm_code act_pool_tiles(struct call *call);
enum pm_code act_pool_range(struct call *call);
enum pm_code act_pool_find(struct call *call);
enum pm_code act_pool_step(struct call *call); /* of all three */

/* A walk over the pages of a pool that goes on from request to request: the first member of a call's malloc'd state. */
struct pool_walk {
	bool (*piece)(struct pool_walk *walk, const struct pm_pool *pool, uint64_t pages); /* true: it was the last */
	struct json_object *(*answer)(const struct pool_walk *walk);
	const char *doing; /* begins the message of an error that has none */
	uint64_t sequence; /* of the log before the first page was read: who acts on it misses nothing */
	const struct pm_pool *pool;
	bool over;
};
/* Takes over `walk`, whatever it answers, and walks the first piece. */
enum pm_code pool_walk_begin(struct call *call, struct pool_walk *walk, const struct pm_pool *pool);

#endif
