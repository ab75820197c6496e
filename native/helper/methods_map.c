/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters of main/api/mapMethods.ts. */
#include "act_map.h"
#include <pmpool/map.h>

#define END                       \
	{                         \
		NULL, PARAM_COUNT \
	}
#define POOL                                         \
	{                                            \
		"pool", PARAM_UUID, .required = true \
	}

const struct param tiles_params[] = {
	POOL,
	{"level", PARAM_COUNT, .required = true, .max = PM_MAP_LEVEL_MAX},
	{"first", PARAM_COUNT, .required = true},
	{"count", PARAM_COUNT, .required = true, .min = 1, .max = TILE_CELLS},
	END,
};
const struct param range_params[] = {
	POOL,
	{"from", PARAM_COUNT, .required = true},
	{"to", PARAM_COUNT, .required = true},
	END,
};
const struct param find_params[] = {
	POOL,
	{"what", PARAM_TEXT, .required = true, .max = 16},
	{"from", PARAM_COUNT, .required = true},
	{"direction", PARAM_TEXT, .required = true, .max = 16},
	{"pages", PARAM_COUNT, .min = 1},
	END,
};
