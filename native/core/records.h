/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One record: how its slot is read, judged and written.
 *
 *   name an allocation:  body -> PENDING -> pages, head last -> LIVE
 *   free it:             LEAVING -> head to fence -> FREE (the body stays, for its id) -> pages, fence last
 *   resize it:           another slot: body -> PENDING, the old one -> PENDING, the run, then LIVE, and the old one -> FREE
 *   change it:           another slot: body -> PENDING -> LIVE, then the old one -> FREE
 */
#ifndef PMPOOL_RECORDS_H
#define PMPOOL_RECORDS_H

#include "member.h"

enum { PM_RECORD_BROKEN = 4 }; /* bytes of a state that are not alike, or of no state */
#define PM_RECORD_ID_MAX (UINT64_C(1) << 62) /* above: damage, not a count of records */

unsigned pm_record_state_load(const struct pm_record *record); /* enum pm_record_state, or PM_RECORD_BROKEN */
/* A copy to judge: others may write the slot meanwhile. */
void pm_record_load(const struct pm_record *record, struct pm_record *copy);
/* Checksum and id: what makes the id of a free slot count. */
bool pm_record_whole(const struct pm_record *copy);
/* Whole, and every field makes sense in this region. The pages themselves are not looked at. */
bool pm_record_sane(const struct pm_member *member, const struct pm_record *copy);

struct pm_record_texts {
	const char *name, *owner, *purpose; /* NULL: empty */
};
/* A body without its id. */
void pm_record_fill(struct pm_record *body, enum pm_record_kind kind, uint64_t page, uint64_t pages,
		    const struct pm_record_texts *texts, const struct pm_act *act);
/* Seal the body, write it to the slot and make that pending. */
void pm_record_pending(struct pm_member *member, struct pm_record *slot, struct pm_record *body);
void pm_record_state_set(struct pm_member *member, struct pm_record *record, enum pm_record_state state);

#endif
