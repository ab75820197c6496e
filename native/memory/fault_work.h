/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call of pm_fault_inject. Holds no memory of its own: it may be jumped out of when the mapping is lost. */
#ifndef PMPOOL_MEMORY_FAULT_WORK_H
#define PMPOOL_MEMORY_FAULT_WORK_H

#include "choice.h"
#include "pmpool/fault.h"
#include "random.h"

#define DETAIL_BYTES sizeof(((struct pm_fault *)0)->detail)

struct fault_work {
	struct pm_pool *pool;
	enum pm_fault_kind kind;
	uint64_t first, end; /* pool pages */
	uint64_t wanted, done; /* faults, or pages of them */
	void (*put)(void *context, const struct pm_fault *fault);
	void *context;
	struct random random;
	struct choice choice;
	uint8_t before[PM_PAGE_SIZE], after[PM_PAGE_SIZE], other[PM_PAGE_SIZE];
	/* the same for all pages of a call */
	unsigned lane; /* STUCK_BIT */
	bool stuck_at; /* 0 or 1 */
	unsigned address_bit; /* ALIASED */
	uint64_t filling; /* FILLED */
	const char *poison; /* its name; NULL: one byte over and over */
};

/* `work->after` starts as a copy of `work->before`, the page's content. False: the page does not suit. */
typedef bool (*fault_spoil)(struct fault_work *work, uint64_t page, char *detail);

bool spoil_bit_flip(struct fault_work *work, uint64_t page, char *detail);
bool spoil_bit_flips(struct fault_work *work, uint64_t page, char *detail);
bool spoil_stuck_bit(struct fault_work *work, uint64_t page, char *detail);
bool spoil_zeroed(struct fault_work *work, uint64_t page, char *detail);
bool spoil_ones(struct fault_work *work, uint64_t page, char *detail);
bool spoil_filled(struct fault_work *work, uint64_t page, char *detail);
bool spoil_torn(struct fault_work *work, uint64_t page, char *detail);
bool spoil_overwritten(struct fault_work *work, uint64_t page, char *detail);
bool spoil_aliased(struct fault_work *work, uint64_t page, char *detail);
bool spoil_displaced(struct fault_work *work, uint64_t page, char *detail);
bool spoil_elf(struct fault_work *work, uint64_t page, char *detail);
bool spoil_kernel(struct fault_work *work, uint64_t page, char *detail);
bool spoil_initrd(struct fault_work *work, uint64_t page, char *detail);
bool spoil_page_table(struct fault_work *work, uint64_t page, char *detail);
bool spoil_text(struct fault_work *work, uint64_t page, char *detail);

/* Settle what is the same for all pages of the call; false when nothing suits. The choice is rewound. */
bool prepare_stuck_bit(struct fault_work *work);
bool prepare_filled(struct fault_work *work);
bool prepare_aliased(struct fault_work *work);

/* Whole kinds: they count `work->done` themselves. */
void inject_shifted(struct fault_work *work);
void inject_superblock(struct fault_work *work);
void inject_states(struct fault_work *work);
void inject_record(struct fault_work *work);

/* Write what differs between `before` and `after` to the page, and tell it; false when nothing does. */
bool fault_write(struct fault_work *work, uint64_t page, const char *detail);
/* Write over `bytes` at `at`, which stand in this pool page, and tell it. */
void fault_write_metadata(struct fault_work *work, uint64_t page, void *at, const void *with, size_t bytes,
			  const char *detail);
/* The page's bytes, a copy. */
void fault_read(const struct fault_work *work, uint64_t page, uint8_t bytes[PM_PAGE_SIZE]);
/* One word over and over. */
bool fault_uniform(const uint8_t bytes[PM_PAGE_SIZE]);

#endif
