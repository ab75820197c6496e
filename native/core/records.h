/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of named allocations. Slots are taken from the front: one that was never used (no id, free) ends the
 * directory, so a search never walks the unused rest.
 *
 *   name an allocation:  body -> PENDING -> pages, head last -> LIVE
 *   free it:             LEAVING -> pages, head first -> FREE (the body stays, for its id)
 */
#ifndef PMPOOL_RECORDS_H
#define PMPOOL_RECORDS_H

#include "pmpool/core.h"

struct pm_record_scan {
	struct pm_record *slot; /* a free one, NULL when there is none */
	uint64_t next_id;
	bool name_taken;
};

/* Slots up to the first that was never used. */
uint64_t pm_records_used(const struct pm_pool *pool);
uint64_t pm_record_state_load(const struct pm_record *record);
bool pm_record_sane(const struct pm_pool *pool, const struct pm_record *record);
const struct pm_record *pm_record_at(const struct pm_pool *pool, uint64_t page);

void pm_records_scan(const struct pm_pool *pool, const char *name, struct pm_record_scan *scan);
void pm_record_prepare(struct pm_record *slot, uint64_t id, const struct pm_alloc_request *request,
		       const struct pm_act *act, uint64_t page);
void pm_record_state_set(struct pm_record *record, enum pm_record_state state);

/* Check all of them against the page states; changes nothing. */
bool pm_records_consistent(const struct pm_pool *pool);
/* Finish or drop what a crash left; counts into pool->recovered. */
void pm_records_recover(struct pm_pool *pool);

#endif
