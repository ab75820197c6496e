/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of core share: fixed requests, a region in memory, what a pool promises as a list that can be
 * compared, an audit of the medium that shares no code with core, and random numbers.
 */
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
extern const struct pm_memory model_memory;
int64_t model_memory_out(void); /* bytes taken from model_memory and not given back */
struct pm_pool_request model_request(void);

struct model_region {
	uint8_t *memory;
	uint64_t bytes;
	struct pm_pool pool;
};
/* A pool of one region at MODEL_BASE, attached. */
void model_region_make(struct model_region *region, uint64_t bytes);
/* Detach (when attached) and attach again. */
enum pm_code model_region_again(struct model_region *region);
void model_region_end(struct model_region *region);
/* One region at MODEL_BASE, not flushed. pm_pool_detach is due when PM_OK. */
enum pm_code model_attach(struct pm_pool *pool, void *memory, uint64_t bytes);

/* Everything that an attached pool promises, in the order of pages. Pages of the directory count as free: when it
 * grows is its own affair. */
enum model_kind { MODEL_RUN, MODEL_QUARANTINE, MODEL_MEMBER };
struct model_item {
	enum model_kind kind;
	uint64_t page, pages; /* pool pages */
	uint64_t id; /* of the record; 0: none */
	char name[PM_NAME_BYTES], owner[PM_OWNER_BYTES], purpose[PM_PURPOSE_BYTES];
};
struct model_view {
	char pool_name[PM_NAME_BYTES];
	uint32_t regions;
	uint64_t pages_free, pages_bad, records;
	size_t count, capacity;
	struct model_item *items;
};
void model_view_take(const struct pm_pool *pool, struct model_view *view); /* reuses view->items */
bool model_view_equal(const struct model_view *a, const struct model_view *b);
void model_view_end(struct model_view *view);

/* Holds the words on the medium against each other and against what core says. NULL, or what is wrong. */
const char *model_audit(const struct pm_pool *pool);
/* model_audit, and free, allocated, bad and metadata pages are all pages. */
void model_assert_adds_up(const struct pm_pool *pool);
bool model_recovered_anything(const struct pm_pool *pool);

uint64_t model_random(uint64_t *state);

#endif
