/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers 0 to count - 1 in an order that follows from a seed, without a list of them: a Feistel network over the
 * next power of four, gone through again until it lands inside.
 */
#ifndef PMPOOL_MEMORY_SHUFFLE_H
#define PMPOOL_MEMORY_SHUFFLE_H

#include <stdint.h>

struct shuffle {
	uint64_t count;
	uint64_t seed;
	unsigned half_bits;
};

void shuffle_start(struct shuffle *shuffle, uint64_t count, uint64_t seed); /* count at most 2^62 */
uint64_t shuffle_at(const struct shuffle *shuffle, uint64_t turn); /* number whose turn it is */
uint64_t shuffle_turn(const struct shuffle *shuffle, uint64_t number); /* and back */

#endif
