/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the records of a region stand, and what they are about: hashes and lists in this process's memory, made anew
 * at attach and whenever another process changed a record. What is on the medium decides.
 *
 * Slots come in parts: the section RECORDS, then the runs of DIRECTORY records, each found through slot 0 of the part
 * before it. Parts are never given back.
 *
 * Locks: everything here but pm_directory_may_start is under pool->books; functions take it themselves unless their
 * name ends in _locked. Nothing else is locked or waited for while it is held.
 */
#ifndef PMPOOL_DIRECTORY_H
#define PMPOOL_DIRECTORY_H

#include "member.h"
#include "table.h"

enum { PM_DIRECTORY_PARTS_MAX = 1024 };
#define PM_DIRECTORY_PART_PAGES UINT64_C(1024) /* a DIRECTORY run has no more */

struct pm_directory_part {
	struct pm_record *slots;
	uint64_t first, count; /* number of its first slot in the directory, and of its slots */
};

struct pm_quarantined {
	uint64_t page, pages;
};

/* What was listed of a slot; that the medium says otherwise by now is how changes of other processes are found. */
struct pm_listed {
	uint64_t id; /* 0: not listed */
	uint64_t name; /* its key among the names; ALLOCATION only */
	uint32_t page;
	uint32_t kind; /* enum pm_record_kind */
};

struct pm_directory {
	_Atomic uint16_t *starts; /* of each block: live records whose page is in it, and records about to be */
	uint64_t blocks;
	struct pm_directory_part parts[PM_DIRECTORY_PARTS_MAX];
	_Atomic uint32_t part_count;
	struct pm_table pages; /* page -> slot, of live records of pages */
	struct pm_listed *listed; /* by number of the slot */
	uint64_t listed_capacity;
	uint64_t *free_slots; /* a stack: the next one to take is last */
	uint64_t free_count, free_capacity;
	struct pm_quarantined *quarantines; /* live ones, by page */
	uint64_t quarantine_count, quarantine_capacity;
	bool loading; /* they are not in order yet */
	uint64_t live; /* live records of all kinds */
	uint64_t members; /* live records of that kind */
	uint64_t in_flight; /* pending or leaving, when it was loaded */
	uint64_t replaced; /* live, but another live one has taken over; when it was loaded */
	uint64_t next_id;
};

static inline void pm_books_lock(const struct pm_pool *pool)
{
	_Atomic uint32_t *books = (_Atomic uint32_t *)(uintptr_t)&pool->books; /* volatile: a reader may take it too */

	while (atomic_exchange_explicit(books, 1, memory_order_acquire))
		while (atomic_load_explicit(books, memory_order_relaxed))
#if defined(__x86_64__)
			__builtin_ia32_pause();
#elif defined(__aarch64__)
			__asm__ volatile("yield");
#else
			;
#endif
}

static inline void pm_books_unlock(const struct pm_pool *pool)
{
	atomic_store_explicit((_Atomic uint32_t *)(uintptr_t)&pool->books, 0, memory_order_release);
}

/* May a record be about the page? Without a lock; false is certain for an allocation of the caller's own. Asks for its
 * block only, so true says little. */
static inline bool pm_directory_may_start(const struct pm_member *member, uint64_t page)
{
	return atomic_load_explicit(&member->directory->starts[page >> PM_BLOCK_SHIFT], memory_order_relaxed) != 0;
}

/* The same, asked after the run was freed: did somebody give it a record meanwhile? */
static inline bool pm_directory_started(const struct pm_member *member, uint64_t page)
{
	return atomic_load(&member->directory->starts[page >> PM_BLOCK_SHIFT]) != 0;
}

/* The live record about the run (or quarantine) that starts at this page, NULL when there is none. For readers too:
 * sees what other processes did. */
const struct pm_record *pm_directory_at(const struct pm_pool *pool, const struct pm_member *member, uint64_t page);
/* Is the page in a live quarantine? *end (may be NULL): one past the last page for which the answer is the same. No
 * lock: only while no other thread changes the pool (attach, recovery), or with books held. */
bool pm_directory_quarantined(const struct pm_member *member, uint64_t page, uint64_t *end);

/* Allocate with a record (request->name is a fit name, the request was checked). run->page is a pool page. */
enum pm_code pm_alloc_named(struct pm_pool *pool, const struct pm_alloc_request *request, const struct pm_act *act,
			    struct pm_run *run);
/* Free the run at this page index with its record; NOT_ALLOCATED when no live record is about it: it is unnamed, or
 * another thread was faster; PAGE_IN_USE when a record of another kind is: the directory's own pages. run->page is a pool page, run->record NULL. */
enum pm_code pm_free_named(struct pm_pool *pool, struct pm_member *member, uint64_t page, uint32_t lane,
			   struct pm_run *run);

/* The run at this page index was freed as an unnamed one: a record that another thread made for it meanwhile goes. */
void pm_free_orphan(struct pm_pool *pool, struct pm_member *member, uint64_t page);

/* --- for core's books only --- */

/* Memory for it, and the first part. */
enum pm_code pm_directory_make(struct pm_member *member, const struct pm_memory *memory);
void pm_directory_free(struct pm_member *member, const struct pm_memory *memory);

/*
 * Read all slots. `strict`: for attach with the lock held; POOL_CORRUPT when something contradicts itself. Else what
 * makes no sense is passed over, for a reader beside somebody who writes. The names are read by the other, after all
 * members: POOL_CORRUPT when two live records have one name.
 */
enum pm_code pm_directory_load(struct pm_pool *pool, struct pm_member *member, bool strict);
enum pm_code pm_names_load(struct pm_pool *pool, bool strict);
/* What was loaded before, and what other processes changed since. */
enum pm_code pm_directory_refresh(struct pm_pool *pool, struct pm_member *member);
void pm_names_free(struct pm_pool *pool);
/* See what other processes did since the last look. PM_OK or OUT_OF_MEMORY. */
enum pm_code pm_directory_fresh_locked(const struct pm_pool *pool);

bool pm_directory_moved(const struct pm_pool *pool); /* another process changed a record since */

struct pm_record *pm_directory_find_locked(const struct pm_member *member, uint64_t page);
struct pm_record *pm_names_find_locked(const struct pm_pool *pool, const char *name, struct pm_member **member);

/* A free slot and memory to list one record more: DIRECTORY_FULL, OUT_OF_MEMORY. The directory may grow. */
enum pm_code pm_directory_take_locked(struct pm_pool *pool, struct pm_member *member, uint32_t lane,
				      const struct pm_act *act, struct pm_record **slot);
/* The slot, free on the medium, may be taken again. */
void pm_directory_give_locked(struct pm_member *member, struct pm_record *slot);
/* A record is about to be about the page: whoever frees it asks for books from here on. Until it is listed. */
void pm_directory_expect_locked(struct pm_member *member, uint64_t page);
void pm_directory_expected_locked(struct pm_member *member, uint64_t page);
/* A record became live, or is no longer. Others are told by the shared word. */
void pm_directory_add_locked(struct pm_pool *pool, struct pm_member *member, struct pm_record *record);
void pm_directory_remove_locked(struct pm_pool *pool, struct pm_member *member, struct pm_record *record);
/* Pages that hold slots become known as the last part. */
void pm_directory_part_add(struct pm_member *member, uint64_t page, uint64_t pages);
/* The volatile side only: what pm_directory_add_locked and the like are made of. Room for it is the caller's. */
void pm_directory_list(struct pm_member *member, struct pm_record *record, const struct pm_record *copy);
void pm_directory_unlist(struct pm_member *member, struct pm_record *record);
void pm_names_list(struct pm_pool *pool, struct pm_member *member, struct pm_record *record);
void pm_names_unlist(struct pm_pool *pool, struct pm_member *member, struct pm_record *record);
struct pm_record *pm_directory_pop(struct pm_member *member);
/* Memory to list `more` records and give back `slots` slots beyond those there are. */
bool pm_directory_reserve(struct pm_member *member, const struct pm_memory *memory, uint64_t more, uint64_t slots);

static inline struct pm_record *pm_directory_slot(const struct pm_member *member, uint64_t number)
{
	const struct pm_directory *directory = member->directory;
	uint32_t low = 0, high = atomic_load_explicit(&directory->part_count, memory_order_acquire);

	while (high - low > 1) {
		uint32_t middle = (low + high) / 2;

		if (directory->parts[middle].first <= number)
			low = middle;
		else
			high = middle;
	}
	return directory->parts[low].slots + (number - directory->parts[low].first);
}

static inline uint64_t pm_directory_number(const struct pm_directory *directory, const struct pm_record *slot)
{
	uint32_t part = atomic_load_explicit(&directory->part_count, memory_order_relaxed) - 1;

	/* Most slots are in the last parts. */
	while (part && (slot < directory->parts[part].slots ||
			slot >= directory->parts[part].slots + directory->parts[part].count))
		part--;
	return directory->parts[part].first + (uint64_t)(slot - directory->parts[part].slots);
}

/* Slots of all parts; for readers without the lock. */
static inline uint64_t pm_directory_slots(const struct pm_member *member)
{
	uint32_t count = atomic_load_explicit(&member->directory->part_count, memory_order_acquire);
	const struct pm_directory_part *last = &member->directory->parts[count - 1];

	return last->first + last->count;
}

#endif
