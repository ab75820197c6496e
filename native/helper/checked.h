/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regions that are checked and repaired: mapped and locked, not attached, because attach may refuse them. The main
 * thread's alone.
 */
#ifndef PMPOOL_HELPER_CHECKED_H
#define PMPOOL_HELPER_CHECKED_H

#include "call.h"
#include "mapped.h"
#include <pmpool/check.h>

struct checked {
	struct mapped mapped;
	struct pm_mapping *mappings; /* as many as mapped has parts */
	struct pm_check_options options;
	struct pm_check check;
	bool done; /* check holds something */
	void *taken; /* memory that core took: freed also when a lost mapping cut it short */
};

/* The regions of `params.pool`, or the one at `params.region` and `params.offset`, under their locks and checked.
 * checked_close is due after any result. POOL_NOT_FOUND, and the codes of pm_check and of the lock. */
enum pm_code checked_open(struct call *call, bool writable, struct checked *checked);
/* The same regions once more. */
enum pm_code checked_again(struct checked *checked, struct pm_error *err);
/* Write the patches. */
enum pm_code checked_apply(struct checked *checked, const struct pm_act *act, struct pm_error *err);
void checked_close(struct checked *checked);

/* All metadata of the regions as they are, in a file of the state directory. FILE_EXISTS and the like. */
enum pm_code backup_write(const struct pm_host *host, const struct checked *checked, const struct pm_act *act,
			  const char *name, struct pm_error *err);

struct json_object *json_checked_regions(const struct checked *checked); /* CheckedRegion[] */
struct json_object *json_findings(const struct pm_check *check); /* Finding[] */
struct json_object *json_check_summary(const struct pm_check *check); /* CheckSummary */
struct json_object *json_patches(const struct pm_check *check); /* Patch[] */

#endif
