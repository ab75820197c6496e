/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs of pages: what block words and page words together say (the effective states), claiming and releasing. All
 * page numbers here are page indexes of one member.
 *
 * A run is claimed head first, as a fence: the head's page BAD (or its whole block FENCED), then the pages after it as
 * CONTINUES, ascending; turning the fence into a HEAD commits. It is freed the other way round. What stands behind a
 * fence is nobody's; so whatever a crash leaves is known, and never looks like part of somebody else's run. A run
 * inside one word, or of one whole block, is one store.
 */
#ifndef PMPOOL_RUNS_H
#define PMPOOL_RUNS_H

#include "member.h"

#define PM_NO_PAGE UINT64_MAX

/* --- effective states; `to` is at most sb.page_count --- */

enum pm_page_state pm_member_state(const struct pm_member *member, uint64_t page); /* BAD past page_count */
/* 32 pages: both bits each, as in a page word. BAD past page_count. */
uint64_t pm_member_word(const struct pm_member *member, uint64_t word);
/* `words` of them from page `first` (a multiple of 32) on. */
void pm_member_states(const struct pm_member *member, uint64_t first, uint64_t words, uint64_t *states);

/* First page of [from, to) in that state, or `to`. Whole blocks are one step. */
uint64_t pm_next_free(const struct pm_member *member, uint64_t from, uint64_t to);
uint64_t pm_next_used(const struct pm_member *member, uint64_t from, uint64_t to); /* anything but free */
uint64_t pm_next_head(const struct pm_member *member, uint64_t from, uint64_t to);
uint64_t pm_next_bad(const struct pm_member *member, uint64_t from, uint64_t to);
/* One past the continuing pages that start at `from`: of a head at p, pm_run_end(member, p + 1) ends its run. */
uint64_t pm_run_end(const struct pm_member *member, uint64_t from);
/* Last page of [from, to) that is not free, or PM_NO_PAGE. */
uint64_t pm_last_used(const struct pm_member *member, uint64_t from, uint64_t to);

/* Exactly this run among the data: a head, continuing pages, and no more of them after. Any numbers. */
bool pm_run_is(const struct pm_member *member, uint64_t page, uint64_t pages);

/* --- claim in two phases: for what has to be written between the room and the commit --- */

struct pm_claim {
	struct pm_member *member;
	uint64_t page, pages;
	uint32_t lane;
};

/* Find room as the request says (placement, constraints; its texts are not looked at) and fence it. PM_OK, NO_SPACE,
 * COUNT_INVALID, ORDER_TOO_LARGE. Then one of the two below is due. */
enum pm_code pm_claim_begin(struct pm_pool *pool, const struct pm_alloc_request *request, struct pm_claim *claim);
/* Room in this member only (directory extents): at least alignment 1. */
enum pm_code pm_claim_member(struct pm_member *member, uint64_t pages, uint32_t lane, struct pm_claim *claim);
void pm_claim_commit(struct pm_claim *claim); /* the head stands, on the medium too */
void pm_claim_abort(struct pm_claim *claim);
void pm_claim_join(struct pm_claim *claim); /* instead of a head: it continues the run before it, on the medium too */

/* --- release --- */

/* The head becomes a fence, on the medium too: the run is the caller's to measure and to drop by pm_claim_abort. False
 * when no head is there (any more). */
bool pm_run_fence(struct pm_member *member, uint64_t page);

/* A page that continues a run becomes a fence, on the medium too: what continues behind it is no longer part of the run,
 * and the caller's to drop by pm_claim_abort. The run itself is the caller's. False when the page does not continue one. */
bool pm_run_cut(struct pm_member *member, uint64_t page);

/* Free the unnamed run whose head is `page`, *pages (may be NULL) tells its length: NOT_ALLOCATED when there is none
 * among the data. Looks at no record: that is the caller's. */
enum pm_code pm_run_free(struct pm_member *member, uint64_t page, uint32_t lane, uint64_t *pages);
/* Free exactly this run, known to be one. Attach may call it before there is an index. */
void pm_run_release(struct pm_member *member, uint64_t page, uint64_t pages, uint32_t lane);

/* --- quarantine: BAD for good. All of them or none: false when one of the pages is not free. --- */
bool pm_pages_fence(struct pm_member *member, uint64_t page, uint64_t pages);
/* Those of them that are BAD become free; the rest stays as it is. Works without an index too. */
void pm_pages_unfence(struct pm_member *member, uint64_t page, uint64_t pages);

#endif
