/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pool: format, attach, allocate, free, records, event log. Works on memory that somebody else has
 * mapped; does no I/O, takes no time, gets memory only through the caller. Functions return PM_OK or a
 * code of error.h.
 *
 * Who may call what at once:
 * - Processes: whoever changes a pool holds the lock of its regions (region.h) from pm_pool_begin to pm_pool_end.
 * - Threads of that process: between begin and end any number of them call pm_alloc, pm_free, the record and
 *   quarantine calls and pm_log_append on the same struct pm_pool. Pages are claimed without a lock, records and log
 *   under a spin lock of struct pm_pool.
 * - Readers take no lock; they may see an operation half done, never a torn word. What a struct pm_run or a pointer
 *   to a record says may be outdated at once.
 */
#ifndef PMPOOL_CORE_H
#define PMPOOL_CORE_H

#include "error.h"
#include "format.h"
#include <stdbool.h>

/* Where core's own memory comes from: indexes that are rebuilt at attach, never facts. */
struct pm_memory {
	void *(*take)(size_t bytes); /* zeroed, NULL when there is none */
	void (*give)(void *memory, size_t bytes);
};

/* Who acts, and when: goes into records and the event log. */
struct pm_act {
	uint64_t time_ns; /* CLOCK_REALTIME */
	uint8_t boot_id[16];
	char actor[PM_ACTOR_BYTES]; /* user or program, NUL-terminated */
};

/* A region as it is mapped, whole. */
struct pm_mapping {
	void *base;
	uint64_t bytes;
	uint64_t physical_base; /* where it really is */
	bool flush; /* persistent memory: stores are flushed as well as ordered. Else order is all a kexec needs */
};

struct pm_pool_request {
	uint8_t pool_uuid[16];
	uint8_t region_uuid[16];
	char name[PM_NAME_BYTES];
	uint64_t physical_base; /* bytes, page-aligned */
	uint64_t record_slots; /* 0: what fits one page; the directory grows by itself */
	uint64_t log_slots; /* 0: one for 2048 pages, 128 to 65536 */
	enum pm_medium medium;
	int32_t numa_node; /* -1: not known */
	bool flush;
	/* of a region that joins a pool (pm_pool_extend sets them); 0 for the first */
	uint32_t region_index;
	uint64_t first_pool_page;
};

enum { PM_LAYOUT_SECTIONS = 5 };
struct pm_layout {
	uint64_t page_count, data_first, data_end;
	uint32_t section_count; /* 5, or 4 without a log (region_index > 0) */
	struct pm_section sections[PM_LAYOUT_SECTIONS];
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
 * Returns PM_OK, POOL_NOT_FOUND, POOL_FORMAT_NEWER, POOL_FORMAT_OLDER, POOL_CORRUPT. `bytes` is what is mapped (at
 * least a page). */
enum pm_code pm_pool_probe(const void *base, uint64_t bytes, struct pm_superblock *sb);

struct pm_member; /* one region of an attached pool; core/member.h */
struct pm_table; /* core/table.h */

/* A region of the pool, attached or missed. */
struct pm_member_info {
	uint32_t index;
	bool present;
	enum pm_code code; /* why it is not: REGION_MISSING, REGION_MOVED, POOL_CORRUPT, POOL_FORMAT_NEWER ... */
	uint8_t region_uuid[16];
	uint64_t first_pool_page, page_count;
	uint64_t data_first, data_end; /* page indexes; 0 when missing */
	uint64_t physical_base, bytes;
	uint32_t medium; /* enum pm_medium */
	int32_t numa_node;
};
/* What the superblock by itself tells of a region that is not there. */
void pm_member_info_of(struct pm_member_info *info, const struct pm_superblock *sb);

/* An attached pool. */
struct pm_pool {
	struct pm_superblock sb; /* a copy: of region 0, or of the first region there is when that one is missing */
	bool read_only; /* asked for, or for one of the reasons below */
	bool degraded; /* a region is missing, moved, damaged or foreign: pm_member_info tells which */
	uint32_t region_count; /* regions the pool has, the missing ones included */
	uint64_t page_end; /* one past the last pool page */
	struct pm_member **members; /* region_count of them, by index; NULL: missing */
	struct pm_member_info *infos; /* region_count of them */
	const struct pm_memory *memory;
	_Atomic uint32_t books; /* spin lock over records and log */
	bool torn; /* set by the caller: a change was jumped out of. pm_pool_end then leaves the regions busy */
	struct pm_table *names; /* of live records; volatile */
	uint64_t log_next; /* sequence the next entry gets, as far as we know */
	struct {
		uint64_t runs_taken_back, pages_taken_back, records_finished, records_dropped;
		uint64_t checks_renewed; /* blocks whose check lagged behind their page states after a crash */
		uint64_t blocks_taken_back; /* fenced blocks that a crash left */
		bool superblock_mended; /* the other copy was missing or older */
	} recovered;
};

enum pm_attach_flags { PM_ATTACH_READ_ONLY = 1 };
/*
 * Attach a pool whose regions are mapped at `mappings`, in any order. Validates everything, then (unless read-only)
 * takes back what a crash left; the caller holds the lock unless read-only. A pool made for another address is
 * REGION_MOVED. With one mapping of a pool of several regions, or with a wrong one, the pool is degraded: read-only.
 * On any error nothing is held; else pm_pool_detach is due. POOL_FOREIGN: a mapping holds another pool.
 */
enum pm_code pm_pool_attach(struct pm_pool *pool, const struct pm_mapping *mappings, size_t count, unsigned flags,
			    const struct pm_memory *memory, const struct pm_act *act);
void pm_pool_detach(struct pm_pool *pool);

/*
 * Around every change, with the lock held: see what other processes changed, and mark the regions busy. When the
 * process that held the lock last died in it (`abandoned`), or a region is still marked busy, what it left is taken
 * back. No thread of this process may be in a change meanwhile. PM_OK, or a code of pm_pool_attach.
 */
enum pm_code pm_pool_begin(struct pm_pool *pool, bool abandoned, const struct pm_act *act);
void pm_pool_end(struct pm_pool *pool);

/* Add a region: `mapping` is made part of the pool. Crash-safe: it joins whole or not at all. The pool's arrays move,
 * so no other thread may use it meanwhile. The log gets an EXTEND entry. request: region_uuid, medium, numa_node. */
enum pm_code pm_pool_extend(struct pm_pool *pool, const struct pm_mapping *mapping,
			    const struct pm_pool_request *request, const struct pm_act *act);
/* Give the pool another name: superblocks of all regions, region 0 first. NAME_INVALID, POOL_READ_ONLY. */
enum pm_code pm_pool_rename(struct pm_pool *pool, const char *name);

/* --- pool pages --- */

/* Region of a pool page; NULL: no such page, or its region is missing. *page_index (may be NULL) counts inside it. */
struct pm_member *pm_member_at(const struct pm_pool *pool, uint64_t page, uint64_t *page_index);
/* Where the bytes of a pool page are mapped; they are contiguous to the end of its region. NULL as above. */
void *pm_page_bytes(const struct pm_pool *pool, uint64_t page);
/* Physical address of a pool page, of a missing region too; UINT64_MAX when the pool has no such page. */
uint64_t pm_page_address(const struct pm_pool *pool, uint64_t page);
/* The pool page at a physical address; UINT64_MAX when none is there. */
uint64_t pm_page_of_address(const struct pm_pool *pool, uint64_t address);
/* First and one past the last pool page that can be allocated in the region of `page`; false when there is none. */
bool pm_page_data(const struct pm_pool *pool, uint64_t page, uint64_t *first, uint64_t *end);

/* State of a pool page as it counts: the block's, or where the block is split the page's own. BAD where there is no
 * page. */
enum pm_page_state pm_page_state_get(const struct pm_pool *pool, uint64_t page);
/* The same for `words` * 32 pool pages from `first` (a multiple of 32) on, two bits each, 32 pages to a word. */
void pm_page_states(const struct pm_pool *pool, uint64_t first, uint64_t words, uint64_t *states);

/* --- allocations --- */

enum pm_placement {
	PM_PLACE_FIRST, /* the region with the lowest index that has room */
	PM_PLACE_MOST_FREE, /* the region with the most free pages first */
	PM_PLACE_NODE, /* regions of `node` only */
	PM_PLACE_REGION, /* region `node` only (its index) */
};

struct pm_alloc_request {
	uint64_t pages; /* at least 1 */
	uint32_t align_order; /* the head's physical page frame number is a multiple of 2^align_order */
	uint32_t within_order; /* the run crosses no multiple of 2^within_order pages, by page frame number; 0: any */
	uint64_t address_from, address_to; /* bytes, physical: the run lies in [from, to); to 0: no bound */
	enum pm_placement placement;
	int32_t node; /* see above */
	uint32_t lane; /* number of the calling thread: threads on different lanes get out of each other's way */
	const char *name; /* NULL or "": no record */
	const char *owner; /* NULL or printable UTF-8 of at most 31 bytes, else NAME_INVALID */
	const char *purpose; /* at most 63 bytes */
};
enum { PM_LANES = 16 };

struct pm_run { /* an allocation as the page states tell it */
	uint64_t page; /* pool page of the head */
	uint64_t pages;
	const struct pm_record *record; /* on the medium; NULL when unnamed */
};

enum pm_code pm_alloc(struct pm_pool *pool, const struct pm_alloc_request *request, const struct pm_act *act,
		      struct pm_run *run);
/* Free the allocation whose head is `page`; with its record when it has one. `lane` as in pm_alloc_request. */
enum pm_code pm_free(struct pm_pool *pool, uint64_t page, uint32_t lane, struct pm_run *freed);

/*
 * Another length for the allocation whose head is `page`, where it is; its record, when it has one, is another one then.
 * Pages that it gets hold what they held. COUNT_INVALID: 0 pages; NOT_ALLOCATED; DIRECTORY_FULL; NO_SPACE: *in_the_way
 * is the first pool page behind it that is not free, or one past what can be allocated of the region. run->pages is the
 * old length after an error. Other threads may claim and free whatever else they like meanwhile; that one frees this
 * allocation while another resizes it is for whose it is to prevent.
 */
enum pm_code pm_resize(struct pm_pool *pool, uint64_t page, uint64_t pages, const struct pm_act *act,
		       struct pm_run *run, uint64_t *in_the_way);

/* The allocation that starts at `page`: NOT_ALLOCATED when none does. */
enum pm_code pm_run_at(const struct pm_pool *pool, uint64_t page, struct pm_run *run);
/* First allocation whose head is at or after `from`; false at the end. Bounded by the pool. */
bool pm_run_next(const struct pm_pool *pool, uint64_t from, struct pm_run *run);
/* The same of those whose head is below `to`. */
bool pm_run_next_below(const struct pm_pool *pool, uint64_t from, uint64_t to, struct pm_run *run);

/* --- records --- */

/* A live record by the name of its allocation, *page (may be NULL) its pool page. */
const struct pm_record *pm_record_find(const struct pm_pool *pool, const char *name, uint64_t *page);
/* Change what the record of the allocation at `page` says; NULL keeps. An unnamed allocation gets a record when
 * `name` is given. A new record takes the old one's place in one store. NOT_ALLOCATED, NAME_TAKEN, NAME_INVALID. */
struct pm_label {
	const char *name, *owner, *purpose;
};
enum pm_code pm_record_change(struct pm_pool *pool, uint64_t page, const struct pm_label *label,
			      const struct pm_act *act, struct pm_run *run);
/* Live records in the order of regions and slots, of all kinds: *cursor starts at 0. NULL at the end. *region_index
 * may be NULL. */
const struct pm_record *pm_record_next(const struct pm_pool *pool, uint64_t *cursor, uint32_t *region_index);
/* Data pages that the pool took for its own records: the n-th such run of a region, from 0 on; false at the end. */
bool pm_directory_run(const struct pm_pool *pool, uint32_t region_index, uint32_t n, struct pm_run *run);
/* Slots of the whole directory, and of those the ones that hold a live record. */
void pm_records_count(const struct pm_pool *pool, uint64_t *slots, uint64_t *live);

/* Fence free pages off, for good: they are never handed out until released. PAGE_IN_USE when one is allocated or bad
 * already. `why` at most 63 bytes; act->actor is who. */
enum pm_code pm_quarantine(struct pm_pool *pool, uint64_t page, uint64_t pages, const char *why,
			   const struct pm_act *act);
/* Undo it: `page` is the first page of a quarantine, else NOT_ALLOCATED. */
enum pm_code pm_quarantine_release(struct pm_pool *pool, uint64_t page, struct pm_run *released);

/* --- audit --- */

#define PM_ORDERS 33u
struct pm_usage {
	uint64_t pages_free, pages_allocated, pages_bad, pages_metadata; /* of the regions that are there */
	uint64_t allocations, records; /* records: of named allocations */
	uint64_t record_slots;
	uint64_t largest_free_run; /* pages */
	uint32_t largest_free_order; /* order allocatable now; UINT32_MAX when none */
	uint64_t metadata_bytes; /* sections, superblocks and directory extents */
	uint64_t free_runs;
	/* Of free runs with 2^n to 2^(n+1)-1 pages: their number and pages. */
	uint64_t free_runs_by_size[PM_ORDERS], free_pages_by_size[PM_ORDERS];
	/* How many allocations of order n fit now, at their natural alignment, one after the other. */
	uint64_t fits[PM_ORDERS];
};
void pm_usage_get(const struct pm_pool *pool, struct pm_usage *usage);
/* Of one region; false when it is missing. */
bool pm_member_usage_get(const struct pm_pool *pool, uint32_t region_index, struct pm_usage *usage);

/* --- event log --- */

/* Append to the event log; sequence of the entry, 0 on a read-only pool. Only pm_pool_format, pm_pool_extend and the
 * recovery in pm_pool_attach and pm_pool_begin write entries by themselves: whoever calls the others appends that
 * act's entry. */
uint64_t pm_log_append(struct pm_pool *pool, enum pm_verb verb, uint64_t page, uint64_t pages, const char *detail,
		       const struct pm_act *act);
/* Sequence of the newest entry on the medium, read afresh: grows with every act of any process. 0 when region 0 is
 * missing. */
uint64_t pm_log_sequence(const struct pm_pool *pool);
uint64_t pm_log_slots(const struct pm_pool *pool);
/* Copy the entry with this sequence; false when overwritten, absent or torn. */
bool pm_log_read(const struct pm_pool *pool, uint64_t sequence, struct pm_log_entry *entry);
/* Pages that the act of this entry gave back, *first the first of them: of a FREE, and of a RESIZE to fewer; else 0. */
uint64_t pm_log_given_back(const struct pm_log_entry *entry, uint64_t *first);

bool pm_name_valid(const char *name); /* 1 to 63 bytes of printable UTF-8 without '/' */
/* For a new name: valid and not of blanks alone, which no screen shows. Pools made before this rule still open. */
bool pm_name_fit(const char *name);
uint32_t pm_crc32c(uint32_t seed, const void *data, size_t bytes);

#endif
