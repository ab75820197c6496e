/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging a region that is mapped, and taking back what a crash left in it: for attach and for pm_pool_begin. */
#ifndef PMPOOL_RECOVER_H
#define PMPOOL_RECOVER_H

#include "member.h"

/* Everything inside the region agrees, and its directory is loaded. Writes nothing. `reader`: others may be changing
 * it, so what they change while we look is no contradiction. */
enum pm_code pm_member_check(struct pm_pool *pool, struct pm_member *member, bool reader, bool abandoned);
/* All regions, after all of them were checked and the names are known. `joined`: a pending record of a region that is
 * there and whole, or NULL. What was done is counted and said in the log. */
void pm_pool_recover(struct pm_pool *pool, struct pm_record *joined, const struct pm_act *act);

/* records_attach.c: finish or drop records that a crash left in flight. */
void pm_records_settle(struct pm_pool *pool, struct pm_member *member, const struct pm_record *joined);

/* owners.c: at rest, with its directory loaded, no page is bad or continues a run for no reason that a record or a head
 * gives. False: attach would release what may be bad memory or in use. */
bool pm_pages_owned(const struct pm_member *member);

void pm_member_busy(struct pm_member *member, bool busy);

#endif
