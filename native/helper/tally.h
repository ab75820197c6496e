/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocations and pages counted by a key: an owner, a boot. */
#ifndef PMPOOL_HELPER_TALLY_H
#define PMPOOL_HELPER_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TALLY_KEY_BYTES 32

struct tally_entry {
	uint8_t key[TALLY_KEY_BYTES]; /* padded with 0 */
	bool used;
	uint64_t allocations, pages;
	uint64_t at_ns; /* the earliest time told with it */
};

struct tally { /* open addressing; zero is an empty one */
	struct tally_entry *entries;
	size_t count, capacity;
};

/* The entry of a key, made when there is none; NULL when there is no memory. Valid until the next call. */
struct tally_entry *tally_take(struct tally *tally, const void *key, size_t bytes, uint64_t at_ns);
/* Moves the entries together, in order: `count` of them stand at the start. Nothing can be taken after it. */
void tally_sort(struct tally *tally, int (*compare)(const void *, const void *));
void tally_free(struct tally *tally);

#endif
