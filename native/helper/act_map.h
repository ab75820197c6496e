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

#endif
