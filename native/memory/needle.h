/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a search looks for, and where it occurs in bytes that stand in a row. No I/O, no memory of its own. */
#ifndef PMPOOL_NEEDLE_H
#define PMPOOL_NEEDLE_H

#include "pmpool/search.h"

/* A byte b fits at i when (b & mask[i]) == want[i]. */
struct needle {
	size_t length;
	uint8_t want[PM_NEEDLE_BYTES], mask[PM_NEEDLE_BYTES];
	size_t first, second; /* the two places whose bytes are rarest: what is looked at before the rest */
	bool exact; /* every bit counts */
	bool zeros; /* fits where everything is zero */
};

/* mask: NULL when all bits count. ignore_case: ASCII letters fit in either case. length: 1 to PM_NEEDLE_BYTES. */
void needle_make(struct needle *needle, const uint8_t *bytes, const uint8_t *mask, size_t length, bool ignore_case);

/* Where the needle may start in a text. */
struct needle_text {
	const uint8_t *bytes; /* starts + length - 1 of them can be read */
	size_t starts;
	uint64_t offset; /* of the first byte in the pool: alignment counts from there */
	uint64_t align; /* at least 1 */
};
/* The first start at or after `from` where it occurs; text->starts when there is none. */
size_t needle_find(const struct needle *needle, const struct needle_text *text, size_t from);

#endif
