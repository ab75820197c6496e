/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls of core that touch a mapping, run so that a revoked mapping (SIGBUS) comes back as REGION_LOST. What core held
 * when it was jumped out of is let go of: the lock of its books, which no other thread waits for (a struct pm_pool is
 * one thread's here); memory that it took for a new index is lost. The pool
 * is torn from then on: guarded_end leaves its regions busy, so that whoever attaches or begins next takes back the
 * rest.
 */
#ifndef PMPOOL_HELPER_GUARDED_H
#define PMPOOL_HELPER_GUARDED_H

#include <pmpool/core.h>
#include <pmpool/region.h>

/* Run body; its own code, left in *code, wins unless a mapping was lost. `pool` may be NULL, `what` begins the message
 * of a code that has none. For calls that are not below. */
enum pm_code guarded_run(void (*body)(void *argument), void *argument, const enum pm_code *code,
			 const struct pm_pool *pool, const char *what, struct pm_error *err);

enum pm_code guarded_probe(const struct pm_region *region, struct pm_superblock *sb, struct pm_error *err);
enum pm_code guarded_attach(struct pm_pool *pool, const struct pm_mapping *mappings, size_t count, unsigned flags,
			    const struct pm_act *act, struct pm_error *err);
void guarded_detach(struct pm_pool *pool);
enum pm_code guarded_begin(struct pm_pool *pool, bool abandoned, const struct pm_act *act, struct pm_error *err);
void guarded_end(struct pm_pool *pool); /* a region that is lost stays marked busy */
enum pm_code guarded_format(const struct pm_region *region, const struct pm_pool_request *request,
			    const struct pm_act *act, struct pm_error *err);
enum pm_code guarded_erase(const struct pm_region *region, uint64_t bytes, struct pm_error *err);
enum pm_code guarded_alloc(struct pm_pool *pool, const struct pm_alloc_request *request, const struct pm_act *act,
			   struct pm_run *run, struct pm_error *err);
enum pm_code guarded_free(struct pm_pool *pool, uint64_t page, struct pm_run *freed, struct pm_error *err);
enum pm_code guarded_usage(const struct pm_pool *pool, struct pm_usage *usage, struct pm_error *err);
enum pm_code guarded_states(const struct pm_pool *pool, uint64_t first, uint64_t words, uint64_t *states,
			    struct pm_error *err);

/* A run with a copy of its record, which the medium may change or lose at any time. */
struct run_copy {
	uint64_t page, pages;
	bool named;
	struct pm_record record;
};
enum pm_code guarded_run_at(const struct pm_pool *pool, uint64_t page, struct run_copy *run, struct pm_error *err);
/* Fills at most `capacity` runs that begin in pool pages [from, to); the directory's own pages are none. */
enum pm_code guarded_runs(const struct pm_pool *pool, uint64_t from, uint64_t to, struct run_copy *runs,
			  size_t capacity, size_t *count, struct pm_error *err);
enum pm_code guarded_record_find(const struct pm_pool *pool, const char *name, uint64_t *page, struct pm_error *err);

uint64_t guarded_log_sequence(const struct pm_pool *pool); /* 0 when the region is lost */
enum pm_code guarded_log_append(struct pm_pool *pool, enum pm_verb verb, uint64_t page, uint64_t pages,
				const char *detail, const struct pm_act *act, struct pm_error *err);
enum pm_code guarded_log_read(const struct pm_pool *pool, uint64_t sequence, struct pm_log_entry *entry, bool *found,
			      struct pm_error *err);

#endif
