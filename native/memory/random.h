/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that follow from a seed: the sequence of splitmix64. */
#ifndef PMPOOL_MEMORY_RANDOM_H
#define PMPOOL_MEMORY_RANDOM_H

#include "stream.h"
#include <stdbool.h>
#include <string.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *random)
{
	uint64_t number = splitmix64(random->state);

	random->state += UINT64_C(0x9e3779b97f4a7c15);
	return number;
}

/* 0 to bound - 1, each as likely as the other; bound is at least 1. */
static inline uint64_t random_below(struct random *random, uint64_t bound)
{
	uint64_t end = UINT64_MAX - UINT64_MAX % bound, number;

	do
		number = random_next(random);
	while (number >= end);
	return number % bound;
}

/* first to last, both included */
static inline uint64_t random_between(struct random *random, uint64_t first, uint64_t last)
{
	return first + random_below(random, last - first + 1);
}

static inline bool random_chance(struct random *random, unsigned in)
{
	return random_below(random, in) == 0;
}

static inline void random_bytes(struct random *random, uint8_t *to, size_t bytes)
{
	for (size_t done = 0; done < bytes; done += 8) {
		uint64_t number = random_next(random);

		memcpy(to + done, &number, bytes - done < 8 ? bytes - done : 8);
	}
}

#endif
