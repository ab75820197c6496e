/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patterns and the memory test on the free pages of a pool, or on memory without one. The work goes in pieces of whole
 * windows (256 pages, from a multiple of 256 on); around each piece the caller's lock is taken, so that nobody else
 * allocates these pages meanwhile, and every 150 ms there is a pause in which who waits for it gets it. Which pages
 * are free is read under the lock. All cores work on a piece. Nothing of the metadata changes.
 */
#ifndef PMPOOL_MEMORY_H
#define PMPOOL_MEMORY_H

#include "core.h"
#include "pattern.h"

struct pm_plain { /* mapped memory that no pool has: all of it counts as free */
	uint8_t *bytes;
	uint64_t address; /* physical, of the first byte */
	uint64_t first, pages; /* number of its first page, and how many they are */
};

struct pm_free_range {
	struct pm_pool *pool; /* NULL: `plain` instead, and "pool page" below is the number of one of its pages */
	struct pm_plain plain;
	uint64_t first, end; /* pool pages; end 0: to the pool's end. OUT_OF_RANGE when they are none of it */
	/* Around each piece, on the calling thread, so that pm_pool_begin and pm_pool_end fit. NULL both: the caller
	 * keeps others off by himself, or only reads what nobody changes. */
	enum pm_code (*lock)(void *context, struct pm_error *err);
	void (*unlock)(void *context);
	void *context; /* of lock and unlock */
	struct pm_task *task; /* may be NULL. CANCELLED comes after a window at most; what was done stays done */
};

/* Physical address of a page, where it is mapped, and the page at an address; for pages that are there. */
uint64_t pm_free_address(const struct pm_free_range *range, uint64_t page);
void *pm_free_bytes(const struct pm_free_range *range, uint64_t page);
uint64_t pm_free_page(const struct pm_free_range *range, uint64_t address);
uint64_t pm_free_end(const struct pm_free_range *range); /* one past the last page that there is */

struct pm_free_counts {
	uint64_t pages; /* free ones that were worked on */
	uint64_t skipped; /* of the range: allocated, bad, metadata, or of a missing region */
};

/* A page that does not hold what it should. */
struct pm_wrong_page {
	uint64_t page; /* pool page */
	uint64_t address; /* physical, of its first byte */
	uint32_t offset; /* of the first word that differs */
	const uint8_t *now; /* its 4096 bytes, a copy; until the callback returns */
	const uint8_t *then; /* what the pattern says */
};

/* Functions below return REGION_LOST when the mapping was revoked, POOL_READ_ONLY, OUT_OF_MEMORY, CANCELLED, or what
 * `lock` returned; the counts tell how far they came. Callbacks come on the calling thread. */

enum pm_code pm_free_fill(const struct pm_free_range *range, const struct pm_pattern *pattern,
			  struct pm_free_counts *counts, struct pm_error *err);

/* Each wrong page in page order, while the piece's lock is held. */
enum pm_code pm_free_check(const struct pm_free_range *range, const struct pm_pattern *pattern,
			   void (*wrong)(void *context, const struct pm_wrong_page *page), void *context,
			   struct pm_free_counts *counts, struct pm_error *err);

struct pm_free_test {
	unsigned tests; /* bit n: test n of PM_MEMORY_TESTS; 0: all of them */
	uint32_t passes; /* over the whole range, one after the other; 0: one */
	uint64_t seed;
	/* Wrong words by their address, at most 1024 of a window and pass; the counts count all. */
	void (*found)(void *context, uint64_t page, const struct pm_memory_error *error);
	/* Each run of failing pages of a piece, in page order, under the lock under which they failed: what is put in
	 * quarantine here was never handed out. Any code but PM_OK ends the work. NULL: nothing. */
	enum pm_code (*bad)(void *context, uint64_t page, uint64_t pages, struct pm_error *err);
	/* As in struct pm_memory_test_request; comes on any thread. NULL: nothing. */
	void (*written)(void *context, void *words, size_t bytes);
	void *context;
};

struct pm_test_counts {
	struct pm_free_counts free; /* of the first pass */
	uint32_t passes; /* that came to their end */
	uint64_t errors[PM_MEMORY_TEST_COUNT]; /* wrong words, of all passes */
	unsigned failing; /* bit n: test n failed in the piece whose pages are told as bad right now */
};

/* Overwrites the free pages; they hold zeros afterwards. */
enum pm_code pm_free_test(const struct pm_free_range *range, const struct pm_free_test *test,
			  struct pm_test_counts *counts, struct pm_error *err);

#endif
