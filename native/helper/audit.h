/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who uses a pool, since when, and what nobody may know of any more. A record says when and in which boot its
 * allocation was made; of an unnamed allocation only the event log does, as far back as it reaches.
 */
#ifndef PMPOOL_HELPER_AUDIT_H
#define PMPOOL_HELPER_AUDIT_H

#include "guarded_changes.h"
#include "tally.h"

#define AUDIT_LIST_MAX 1000 /* owners, boots, leaks and bad pages of one answer */

struct share {
	uint64_t allocations, pages;
};

enum age_class { AGE_HOUR, AGE_DAY, AGE_WEEK, AGE_MONTH, AGE_OLDER, AGE_UNKNOWN, AGE_CLASSES };

struct leak {
	uint64_t page, pages;
	bool known; /* the log tells of it: the rest holds */
	uint64_t time_ns;
	uint8_t boot_id[16];
	char actor[PM_ACTOR_BYTES];
};

struct audit {
	uint64_t sequence;
	struct pm_usage usage;
	struct share unnamed;
	struct share unknown_boot;
	struct share ages[AGE_CLASSES];
	struct tally owners; /* of named allocations, most pages first */
	struct tally boots; /* key: boot id; newest first */
	struct share leaked;
	struct leak leaks[AUDIT_LIST_MAX]; /* in page order */
	size_t leak_count;
	struct bad_copy *bad;
	size_t bad_count;
};

/* act: now, and the running boot. older_than: the boot before which a leak was made; INVALID_PARAMS when it is neither
 * the running one nor in the log. audit_free is due whatever it answers. */
enum pm_code audit_pool(struct audit *audit, const struct pm_pool *pool, const uint8_t older_than[16],
			const struct pm_act *act, struct pm_error *err);
void audit_free(struct audit *audit);

/* Thousandths of the free pages that an allocation of this order cannot use; all of them when none is free. */
uint64_t audit_unusable(const struct pm_usage *usage, unsigned order);

#endif
