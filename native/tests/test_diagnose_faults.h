/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults for a kit, each at random places, and what the diagnosis has to say of them. */
#ifndef PMPOOL_TEST_DIAGNOSE_FAULTS_H
#define PMPOOL_TEST_DIAGNOSE_FAULTS_H

#include "test_diagnose_kit.h"

/* One injection: which pages, and what the entry of each has to tell beside its kind. */
struct injected {
	const char *kind;
	unsigned pages[KIT_PAGES], count;
	int64_t lane, to_one, line, distance, first, last; /* INT64_MIN: not asked */
};

/* `wanted` pages of [from, to), fewer where the content does not suit; those that a fault took already are left out.
 * False when no page does. */
struct fault {
	const char *name;
	bool (*inject)(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected);
};
enum fault_number {
	FAULT_BIT_FLIP,
	FAULT_TWO_FLIPS,
	FAULT_BIT_FLIPS,
	FAULT_WORD,
	FAULT_STUCK,
	FAULT_ZEROED,
	FAULT_ONES,
	FAULT_FILLED,
	FAULT_ALIASED,
	FAULT_DISPLACED,
	FAULT_MOVED,
	FAULT_SHIFTED,
	FAULT_TORN,
	FAULT_OVER_ZEROS,
	FAULT_ELF,
	FAULT_KERNEL,
	FAULT_INITRD,
	FAULT_PAGE_TABLE,
	FAULT_TEXT,
	FAULT_PATTERN,
	FAULT_OVERWRITTEN,
	FAULT_COUNT,
};
extern const struct fault faults[FAULT_COUNT];

/* NULL when the page's entry tells all of it; else what it does not. */
const char *wrong_about(const struct kit *kit, const struct injected *injected, unsigned page);

#endif
