/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters of main/api/inspectMethods.ts. */
#include "act_inspect.h"
#include "acts.h"

#define END                       \
	{                         \
		NULL, PARAM_COUNT \
	}
#define POOL                                         \
	{                                            \
		"pool", PARAM_UUID, .required = true \
	}
#define PLACE                                                                         \
	{"offset", PARAM_COUNT, .required = true},                                    \
	{                                                                             \
		"length", PARAM_COUNT, .required = true, .min = 1, .max = CHUNK_BYTES \
	}

const struct param memory_read_params[] = {POOL, PLACE, END};
