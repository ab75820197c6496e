/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of records share: named allocations, slots to spoil, an attach that must not write. */
#ifndef PMPOOL_TESTS_RECORDS_KIT_H
#define PMPOOL_TESTS_RECORDS_KIT_H

#include "model.h"
#include <stdio.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

static inline enum pm_code name_pages(struct pm_pool *pool, const char *name, uint64_t pages, struct pm_run *run)
{
	struct pm_alloc_request request = {.pages = pages, .name = name, .owner = "me", .purpose = "test"};

	return pm_alloc(pool, &request, &model_act, run);
}

static inline struct pm_run named(struct pm_pool *pool, const char *name, uint64_t pages)
{
	struct pm_run run;

	assert_int_equal(name_pages(pool, name, pages, &run), PM_OK);
	return run;
}

static inline const char *numbered(uint64_t number)
{
	static char name[32];

	snprintf(name, sizeof(name), "record %llu", (unsigned long long)number);
	return name;
}

/* The slot itself, to spoil it. */
static inline struct pm_record *slot_of(const struct pm_record *record)
{
	return (struct pm_record *)(uintptr_t)record;
}

static inline void set_state(const struct pm_record *record, enum pm_record_state state)
{
	slot_of(record)->state = PM_RECORD_STATE(state);
}

static inline enum pm_code attach_unchanged(struct model_region *region, unsigned flags)
{
	const struct pm_mapping mapping = {region->memory, region->bytes, MODEL_BASE, false};
	static uint8_t before[4 * MIB];
	enum pm_code code;

	assert_true(region->bytes <= sizeof(before));
	pm_pool_detach(&region->pool);
	memcpy(before, region->memory, region->bytes);
	code = pm_pool_attach(&region->pool, &mapping, 1, flags, &model_memory, &model_act);
	assert_memory_equal(before, region->memory, region->bytes);
	return code;
}

#endif
