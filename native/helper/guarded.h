/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls of core that touch a mapping, run so that a revoked mapping (SIGBUS) comes back as REGION_LOST.
 * Nothing inside them holds what would need unwinding: locks and memory stay with the caller.
 */
#ifndef PMPOOL_HELPER_GUARDED_H
#define PMPOOL_HELPER_GUARDED_H

#include <pmpool/core.h>
#include <pmpool/region.h>

enum pm_code guarded_probe(const struct pm_region *region, struct pm_superblock *sb, struct pm_error *err);
enum pm_code guarded_attach(struct pm_pool *pool, const struct pm_region *region, const struct pm_act *act,
			    struct pm_error *err);
enum pm_code guarded_format(const struct pm_region *region, const struct pm_pool_request *request,
			    const struct pm_act *act, struct pm_error *err);
enum pm_code guarded_erase(const struct pm_region *region, uint64_t bytes, struct pm_error *err);
enum pm_code guarded_alloc(struct pm_pool *pool, const struct pm_alloc_request *request, const struct pm_act *act,
			   struct pm_run *run, struct pm_error *err);
enum pm_code guarded_free(struct pm_pool *pool, uint64_t page, struct pm_run *freed, struct pm_error *err);
enum pm_code guarded_usage(const struct pm_pool *pool, struct pm_usage *usage, struct pm_error *err);

/* A run with a copy of its record, which the medium may change or lose at any time. */
struct run_copy {
	uint64_t page, pages;
	bool named;
	struct pm_record record;
};
enum pm_code guarded_run_at(const struct pm_pool *pool, uint64_t page, struct run_copy *run, struct pm_error *err);
/* Fills at most `capacity` runs from page index `from` on. */
enum pm_code guarded_runs(const struct pm_pool *pool, uint64_t from, struct run_copy *runs, size_t capacity,
			  size_t *count, struct pm_error *err);
enum pm_code guarded_record_find(const struct pm_pool *pool, const char *name, uint64_t *page, struct pm_error *err);

uint64_t guarded_log_sequence(const struct pm_pool *pool); /* 0 when the region is lost */
enum pm_code guarded_log_append(struct pm_pool *pool, enum pm_verb verb, uint64_t page, uint64_t pages,
				const char *detail, const struct pm_act *act, struct pm_error *err);
enum pm_code guarded_log_read(const struct pm_pool *pool, uint64_t sequence, struct pm_log_entry *entry, bool *found,
			      struct pm_error *err);

#endif
