/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults put into a pool on purpose, so that a lab can prove that its checks see them. Deterministic by the seed.
 * The caller holds the locks of all regions and runs this inside pm_region_guarded.
 */
#ifndef PMPOOL_FAULT_H
#define PMPOOL_FAULT_H

#include "core.h"

/* Into the content of allocated pages (not the directory's), but for the last three. */
#define PM_FAULTS(X)                                                                                       \
	X(BIT_FLIP, "bit-flip") /* one bit of each page */                                                 \
	X(BIT_FLIPS, "bit-flips") /* 2 to 32 bits of each page */                                          \
	X(STUCK_BIT, "stuck-bit") /* one lane of 64, one direction, in every word of each page */          \
	X(ZEROED, "zeroed")                                                                                \
	X(ONES, "ones")                                                                                    \
	X(FILLED, "filled") /* a byte, or a known poison */                                                \
	X(ALIASED, "aliased") /* content of the page whose address differs in one bit, the same for all */ \
	X(DISPLACED, "displaced") /* content of another allocated page */                                  \
	X(SHIFTED, "shifted") /* each allocation's content some bytes on */                                \
	X(TORN, "torn") /* other bytes from a cache line on */                                             \
	X(ELF, "elf")                                                                                      \
	X(KERNEL, "kernel")                                                                                \
	X(INITRD, "initrd")                                                                                \
	X(PAGE_TABLE, "page-table")                                                                        \
	X(TEXT, "text")                                                                                    \
	X(OVERWRITTEN, "overwritten") /* random bytes */                                                   \
	X(SUPERBLOCK, "superblock") /* both copies of region 0 */                                          \
	X(STATES, "states") /* page states of an allocation */                                             \
	X(RECORD, "record") /* bytes of a live record */

enum pm_fault_kind {
#define PM_FAULT_ENUM(id, name) PM_FAULT_##id,
	PM_FAULTS(PM_FAULT_ENUM)
#undef PM_FAULT_ENUM
		PM_FAULT_COUNT,
};
const char *pm_fault_name(enum pm_fault_kind kind);
bool pm_fault_parse(const char *name, enum pm_fault_kind *kind);

struct pm_fault_request {
	enum pm_fault_kind kind;
	uint64_t seed;
	uint64_t pages; /* how many pages to spoil; 0: a number that fits the kind */
	uint64_t first, end; /* pool pages to choose among; end 0: the whole pool */
};

struct pm_fault { /* what was done to one page, or to one place of the metadata */
	uint64_t page; /* pool page */
	uint64_t address; /* physical, of the first byte that may have changed */
	uint64_t bytes; /* from there to the last one */
	char detail[96]; /* "bit 5 of byte 1234: 0 to 1" */
};

/* Each fault is told to `put`. A page that would not change (zeroing a page of zeros) is not chosen. NOT_ALLOCATED when
 * no page of the range suits the kind, POOL_READ_ONLY on a read-only pool. */
enum pm_code pm_fault_inject(struct pm_pool *pool, const struct pm_fault_request *request,
			     void (*put)(void *context, const struct pm_fault *fault), void *context,
			     struct pm_error *err);

#endif
