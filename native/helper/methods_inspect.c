/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters of main/api/inspectMethods.ts. */
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

#define BASE64(bytes) (((bytes) + 2) / 3 * 4) /* characters of so many bytes */

const struct param memory_read_params[] = {POOL, PLACE, END};
const struct param memory_write_params[] = {
	POOL,
	{"offset", PARAM_COUNT, .required = true},
	{"data", PARAM_TEXT, .required = true, .max = BASE64(EDIT_BYTES)},
	{"before", PARAM_TEXT, .required = true, .max = BASE64(EDIT_BYTES)},
	END,
};
const struct param memory_search_params[] = {
	POOL,
	{"bytes", PARAM_TEXT, .required = true, .max = BASE64(NEEDLE_BYTES)},
	{"mask", PARAM_TEXT, .max = BASE64(NEEDLE_BYTES)},
	{"ignoreCase", PARAM_BOOL},
	{"from", PARAM_COUNT},
	{"to", PARAM_COUNT},
	{"align", PARAM_COUNT, .min = 1, .max = 4096},
	{"allocatedOnly", PARAM_BOOL},
	{"limit", PARAM_COUNT, .min = 1, .max = 10000},
	{"progressToken", PARAM_TOKEN},
	END,
};
const struct param snapshot_bytes_params[] = {{"name", PARAM_FILE_NAME, .required = true}, PLACE, END};
const struct param expectation_bytes_params[] = {{"expectation", PARAM_FILE_NAME, .required = true}, PLACE, END};
