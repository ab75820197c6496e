/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of core share: fixed requests, a region in memory, a plain reference model and random numbers. */
#ifndef PMPOOL_TESTS_MODEL_H
#define PMPOOL_TESTS_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pmpool/core.h"

#define MODEL_BASE UINT64_C(0x123457000) /* no large alignment by accident */

extern const struct pm_act model_act;
struct pm_pool_request model_request(void);

struct model_region {
	uint8_t *memory;
	uint64_t bytes;
	struct pm_pool pool;
};
void model_region_make(struct model_region *region, uint64_t bytes);
void model_region_end(struct model_region *region);
enum pm_code model_attach(struct pm_pool *pool, void *memory, uint64_t bytes);

/* Everything that an attached pool promises, in one list. */
struct model_run {
	uint64_t page, pages, id;
	char name[PM_NAME_BYTES];
};
struct model_view {
	size_t count;
	struct model_run runs[4096];
	uint64_t pages_free, pages_bad, records;
};
void model_view_take(const struct pm_pool *pool, struct model_view *view);
int model_view_equal(const struct model_view *a, const struct model_view *b);
/* Free, allocated, bad and metadata pages are all pages, and the runs are the allocated ones. */
void model_assert_adds_up(const struct pm_pool *pool);
int model_recovered_anything(const struct pm_pool *pool);

uint64_t model_random(uint64_t *state);

#endif
