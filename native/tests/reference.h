/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool as plain arrays: who has each page. What core answers is held against it. */
#ifndef PMPOOL_TESTS_REFERENCE_H
#define PMPOOL_TESTS_REFERENCE_H

#include "model.h"

#define REFERENCE_REGIONS 3u
#define REFERENCE_OWNERS 4096u

/* Owners 1 to REFERENCE_OWNERS - 1 are allocations and quarantines. */
#define NOBODY 0u
#define METADATA 0xfffffffeu
#define DIRECTORY 0xffffffffu

struct reference_owner {
	uint64_t page, pages; /* pages 0: not in use */
	bool quarantine;
	char name[32], owner[32], purpose[32]; /* name empty: no record */
};

struct reference {
	uint32_t *owner; /* of each pool page */
	uint64_t page_end;
	struct reference_owner owners[REFERENCE_OWNERS];
};

void reference_begin(struct reference *reference, const struct pm_pool *pool);
/* Metadata of new regions, and where the directories stand: call after each act. */
void reference_learn(struct reference *reference, const struct pm_pool *pool);
void reference_end(struct reference *reference);

uint32_t reference_new(const struct reference *reference); /* an owner that is not in use */
uint32_t reference_named(const struct reference *reference, const char *name); /* NOBODY: none */
bool reference_all_free(const struct reference *reference, uint64_t page, uint64_t pages);
void reference_take(struct reference *reference, uint32_t owner, uint64_t page, uint64_t pages);
void reference_give(struct reference *reference, uint32_t owner);
uint64_t reference_free_pages(const struct reference *reference, const struct pm_member_info *info);

/* Is this run what was asked for: alignment, borders, range of addresses, and inside one region. */
bool reference_fits(const struct pm_member_info *info, const struct pm_alloc_request *request, uint64_t page);
/* Could it be had in this region at all. */
bool reference_room(struct reference *reference, const struct pm_member_info *info,
		    const struct pm_alloc_request *request);
/* Everything that core says of the pool. */
void reference_compare(const struct reference *reference, const struct pm_pool *pool);

#endif
