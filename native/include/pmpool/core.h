/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pool: format, attach, allocate, free, records, event log. Works on memory that somebody else has
 * mapped; does no I/O, takes no time, allocates nothing but through the caller. Functions return PM_OK or a
 * code of error.h.
 *
 * Locking: callers that change a pool hold the region's lock (region.h) over the call. Readers take none;
 * they may see an operation half done, never a torn word.
 */
#ifndef PMPOOL_CORE_H
#define PMPOOL_CORE_H

#include "error.h"
#include "format.h"
#include <stdbool.h>

/* Who acts, and when: goes into records and the event log. */
struct pm_act {
	uint64_t time_ns; /* CLOCK_REALTIME */
	uint8_t boot_id[16];
	char actor[PM_ACTOR_BYTES]; /* user or program, NUL-terminated */
};

struct pm_pool_request {
	uint8_t pool_uuid[16];
	uint8_t region_uuid[16];
	char name[PM_NAME_BYTES];
	uint64_t physical_base; /* bytes, page-aligned */
	uint64_t record_slots; /* 0: a slot for each 128 pages, 64 to 131072 */
	uint64_t log_slots; /* 0: 256 for small regions, up to 65536 */
};

/* What attach found; a copy of the superblock, so later damage on the medium cannot move pointers. */
struct pm_pool {
	uint8_t *base; /* the mapping of the whole region */
	uint64_t bytes;
	struct pm_superblock sb;
	bool read_only;
	_Atomic uint64_t *states; /* words of 32 pages */
	struct pm_record *records;
	uint64_t record_slots;
	struct pm_log_entry *log;
	uint64_t log_slots;
	/* volatile, rebuilt at attach, only hints */
	uint64_t log_next; /* sequence the next entry gets */
	uint64_t record_next_id;
	uint64_t hint_word; /* where the next single-page search starts */
	struct {
		uint64_t runs_taken_back, pages_taken_back, records_finished, records_dropped;
		bool superblock_mended; /* the other copy was missing or older */
	} recovered;
};

struct pm_layout {
	uint64_t page_count, data_first, data_end;
	struct pm_section sections[3];
};

/* Where everything goes in a region of this size; PM_E_REGION_TOO_SMALL and the like. Overflow-checked. */
enum pm_code pm_layout_compute(uint64_t bytes, const struct pm_pool_request *request, struct pm_layout *layout);

/* Make a new pool. The magic of superblock A commits it: a crash before that store leaves no pool. Writes the
 * log's first entry (POOL_CREATE) itself. */
enum pm_code pm_pool_format(void *base, uint64_t bytes, const struct pm_pool_request *request,
			    const struct pm_act *act);

/* Make the pool of this size that stands here none: its two magics go. What makes another pool over a part of it
 * does this first, or both would hand out the same pages. */
void pm_pool_erase(void *base, uint64_t bytes);

/* Look at a superblock without trusting anything else: is there a pool, which, of what size and format.
 * Returns PM_OK, POOL_NOT_FOUND, POOL_FORMAT_NEWER, POOL_CORRUPT. `bytes` is what is mapped (at least a page). */
enum pm_code pm_pool_probe(const void *base, uint64_t bytes, struct pm_superblock *sb);

enum pm_attach_flags { PM_ATTACH_READ_ONLY = 1 };
/* Validate everything, then (unless read-only) take back what a crash left. physical_base is where the mapping
 * really is: a pool made for another address is REGION_MOVED. */
enum pm_code pm_pool_attach(struct pm_pool *pool, void *base, uint64_t bytes, uint64_t physical_base, unsigned flags,
			    const struct pm_act *act);

struct pm_alloc_request {
	uint64_t pages; /* at least 1 */
	uint32_t align_order; /* the head's physical page frame number is a multiple of 2^align_order */
	const char *name; /* NULL or "": no record */
	const char *owner; /* NULL or printable UTF-8 of at most 31 bytes, else NAME_INVALID */
	const char *purpose; /* at most 63 bytes */
};

struct pm_run { /* an allocation as the page states tell it */
	uint64_t page; /* index of the head */
	uint64_t pages;
	const struct pm_record *record; /* NULL when unnamed */
};

enum pm_code pm_alloc(struct pm_pool *pool, const struct pm_alloc_request *request, const struct pm_act *act,
		      struct pm_run *run);
/* Free the allocation whose head is `page`; with its record when it has one. */
enum pm_code pm_free(struct pm_pool *pool, uint64_t page, struct pm_run *freed);

enum pm_page_state pm_page_state_get(const struct pm_pool *pool, uint64_t page);
/* The allocation that starts at `page`: NOT_ALLOCATED when none does. */
enum pm_code pm_run_at(const struct pm_pool *pool, uint64_t page, struct pm_run *run);
/* First allocation whose head is at or after `from`; false at the end. Bounded by the region. */
bool pm_run_next(const struct pm_pool *pool, uint64_t from, struct pm_run *run);
const struct pm_record *pm_record_find(const struct pm_pool *pool, const char *name);

struct pm_usage {
	uint64_t pages_free, pages_allocated, pages_bad, pages_metadata;
	uint64_t allocations, records;
	uint64_t largest_free_run; /* pages */
	uint32_t largest_free_order; /* order allocatable now; UINT32_MAX when none */
};
void pm_usage_get(const struct pm_pool *pool, struct pm_usage *usage);

/* Append to the event log; sequence of the entry, 0 on a read-only pool. Only pm_pool_format and the recovery in
 * pm_pool_attach write entries by themselves: whoever calls pm_alloc or pm_free appends that act's entry. */
uint64_t pm_log_append(struct pm_pool *pool, enum pm_verb verb, uint64_t page, uint64_t pages, const char *detail,
		       const struct pm_act *act);
/* Sequence of the newest entry on the medium, read afresh: grows with every act of any process. */
uint64_t pm_log_sequence(const struct pm_pool *pool);
/* Copy the entry with this sequence; false when overwritten, absent or torn. */
bool pm_log_read(const struct pm_pool *pool, uint64_t sequence, struct pm_log_entry *entry);

bool pm_name_valid(const char *name); /* 1 to 63 bytes of printable UTF-8 without '/' */
/* For a new name: valid and not of blanks alone, which no screen shows. Pools made before this rule still open. */
bool pm_name_fit(const char *name);
uint32_t pm_crc32c(uint32_t seed, const void *data, size_t bytes);

#endif
