/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking a known place, and what hints change with it. */
#ifndef PMPOOL_CLAIM_H
#define PMPOOL_CLAIM_H

#include "index.h"
#include "pages.h"
#include "runs.h"

/* Claim a run at this very place: head PM_PAGE_HEAD for good, or PM_PAGE_BAD as a fence to be committed or aborted.
 * False and nothing changed when not all of it is free. */
bool pm_claim_place(struct pm_member *member, uint64_t page, uint64_t pages, enum pm_page_state head, uint32_t lane);

/* What a thread freed or claimed becomes known to the hints. */
void pm_hints_gave(struct pm_member *member, uint64_t page, uint64_t pages, uint32_t lane);

/* A FREE block from its hints to page words: false when it cannot be split. */
bool pm_claim_split(struct pm_member *member, uint64_t block);

/* Before the last page of a run is claimed: what a thread freed behind it may not have arrived yet, and would read as
 * part of the run. */
void pm_behind_flush(const struct pm_member *member, uint64_t end);
static inline void pm_behind_persist(const struct pm_member *member, uint64_t end)
{
	if (__builtin_expect(member->flush, 0))
		pm_behind_flush(member, end);
}

#endif
