/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool of many regions in memory, to be shuffled and spoiled. */
#ifndef PMPOOL_TESTS_MANY_H
#define PMPOOL_TESTS_MANY_H

#include "model.h"

#define MIB (UINT64_C(1) << 20)
#define REGIONS_MAX 80

struct many {
	uint32_t count;
	struct pm_mapping mappings[REGIONS_MAX];
	struct pm_pool pool;
	bool attached;
};

/* Sizes that are no multiples of a block, places that are not in order. */
uint64_t many_bytes(uint32_t index);
uint64_t many_base(uint32_t index);
struct pm_pool_request many_request(uint32_t index);
struct pm_mapping many_mapping(uint32_t index);
enum pm_code many_attach(struct many *many, unsigned flags);
enum pm_code many_extend(struct many *many);
void many_make(struct many *many, uint32_t count);
void many_end(struct many *many);
const char *many_name(uint32_t index);
enum pm_code many_name_in(struct many *many, uint32_t region, const char *name, struct pm_run *run);
struct pm_superblock *many_copy_a(const struct pm_mapping *mapping);
struct pm_superblock *many_copy_b(const struct pm_mapping *mapping);
void many_reseal(const struct pm_mapping *mapping);
/* All bytes of all regions, to see that nothing was written. */
uint32_t many_digest(const struct many *many);
enum pm_code many_attach_unchanged(struct many *many, unsigned flags);
struct pm_record *many_member_record(const struct many *many, uint32_t index);
void many_swap(struct many *many, uint32_t a, uint32_t b);

#endif
