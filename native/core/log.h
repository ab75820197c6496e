/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_LOG_H
#define PMPOOL_LOG_H

#include "member.h"

/* Highest sequence of a whole entry in the ring, 0 when there is none. */
uint64_t pm_log_find_newest(const struct pm_member *member);
/* One sealed entry, for the first entry of a new pool too. */
void pm_log_entry_make(struct pm_log_entry *entry, uint64_t sequence, enum pm_verb verb, uint64_t page, uint64_t pages,
		       const char *detail, const struct pm_act *act);

#endif
