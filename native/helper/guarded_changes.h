/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As guarded.h, for what labels, quarantines and the pool as a whole need of core. */
#ifndef PMPOOL_HELPER_GUARDED_CHANGES_H
#define PMPOOL_HELPER_GUARDED_CHANGES_H

#include "guarded.h"

enum pm_code guarded_record_change(struct pm_pool *pool, uint64_t page, const struct pm_label *label,
				   const struct pm_act *act, struct pm_error *err);

/* pm_resize; the new length is for the caller to look at. */
enum pm_code guarded_resize(struct pm_pool *pool, uint64_t page, uint64_t pages, const struct pm_act *act,
			    uint64_t *in_the_way, struct pm_error *err);

/* A quarantine with a copy of its record. */
struct bad_copy {
	uint64_t page, pages; /* pool page */
	struct pm_record record;
};
enum pm_code guarded_quarantine(struct pm_pool *pool, uint64_t page, uint64_t pages, const char *why,
				const struct pm_act *act, struct pm_error *err);
enum pm_code guarded_quarantine_release(struct pm_pool *pool, uint64_t page, struct pm_error *err);
/* The quarantine that starts at the page: NOT_ALLOCATED when none does. */
enum pm_code guarded_bad_at(const struct pm_pool *pool, uint64_t page, struct bad_copy *bad, struct pm_error *err);
/* All of them in page order. *list is malloc'd. */
enum pm_code guarded_bad_list(const struct pm_pool *pool, struct bad_copy **list, size_t *count, struct pm_error *err);

enum pm_code guarded_pool_rename(struct pm_pool *pool, const char *name, struct pm_error *err);
enum pm_code guarded_pool_extend(struct pm_pool *pool, const struct pm_mapping *mapping,
				 const struct pm_pool_request *request, const struct pm_act *act, struct pm_error *err);
/* Of one region: *present false when it is missing. */
enum pm_code guarded_member_usage(const struct pm_pool *pool, uint32_t index, struct pm_usage *usage, bool *present,
				  struct pm_error *err);

#endif
