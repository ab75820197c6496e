/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The locks of several regions at once, as a pool of several regions needs them. Lock order: by the names of the locks,
 * each once, so that two processes that want the same ones never wait for each other.
 */
#ifndef PMPOOL_REGION_TOGETHER_H
#define PMPOOL_REGION_TOGETHER_H

#include "pmpool/region.h"

/* Puts the list into the order of the locks. All or none: the codes of pm_region_lock. */
enum pm_code pm_regions_lock(struct pm_region **regions, size_t count, struct pm_error *err);
/* The same list. keep_marks: what a dead holder left is for the next one who changes something, so the mark of such a
 * lock stays. */
void pm_regions_unlock(struct pm_region **regions, size_t count, bool keep_marks);
/* Of a list that is locked: did the holder before of any of them die in the middle. */
bool pm_regions_abandoned(struct pm_region *const *regions, size_t count);

#endif
