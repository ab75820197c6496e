/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patterns that say by themselves what each word should be, so that a fill is verified later without any stored
 * digest; and the memory test made of them.
 */
#ifndef PMPOOL_PATTERN_H
#define PMPOOL_PATTERN_H

#include "error.h"
#include "task.h"
#include <stddef.h>
#include <stdint.h>

/* Each 64-bit little-endian word as a function of its physical address a and the seed. */
#define PM_PATTERNS(X)                                                             \
	X(ADDRESS, "address") /* a: finds address lines */                         \
	X(ADDRESS_INVERTED, "address-inverted") /* ~a */                           \
	X(WALKING_ONES, "walking-ones") /* 1 << ((a / 8 + seed) % 64) */           \
	X(WALKING_ZEROS, "walking-zeros") /* its complement */                     \
	X(CHECKERBOARD, "checkerboard") /* 0x5555... and 0xaaaa... in turn */      \
	X(CHECKERBOARD_INVERTED, "checkerboard-inverted")                          \
	X(RANDOM, "random") /* splitmix64 of (a / 8) ^ seed: any word by itself */ \
	X(ZEROS, "zeros")                                                          \
	X(ONES, "ones")                                                            \
	X(DATA, "data") /* the given bytes over and over, from the address 0 on */

enum pm_pattern_kind {
#define PM_PATTERN_ENUM(id, name) PM_PATTERN_##id,
	PM_PATTERNS(PM_PATTERN_ENUM)
#undef PM_PATTERN_ENUM
		PM_PATTERN_COUNT,
};

#define PM_PATTERN_DATA_BYTES 65536u
struct pm_pattern {
	enum pm_pattern_kind kind;
	uint64_t seed;
	const uint8_t *data; /* DATA: 1 to PM_PATTERN_DATA_BYTES of them; the caller's */
	size_t data_bytes;
};

const char *pm_pattern_name(enum pm_pattern_kind kind);
bool pm_pattern_parse(const char *name, enum pm_pattern_kind *kind);

/* `to` and `bytes` are multiples of 8, `address` is the physical address of `to`. */
void pm_pattern_fill(const struct pm_pattern *pattern, uint64_t address, void *to, size_t bytes);
/* Offset of the first word that differs; `bytes` when none does. */
size_t pm_pattern_check(const struct pm_pattern *pattern, uint64_t address, const void *from, size_t bytes);

/* --- memory test: overwrites what it tests --- */

#define PM_MEMORY_TESTS(X)                                                                                           \
	X(OWN_ADDRESS, "own-address") /* each word its address, then the complement */                               \
	X(WALKING_ONES, "walking-ones")                                                                              \
	X(WALKING_ZEROS, "walking-zeros")                                                                            \
	X(CHECKERBOARD, "checkerboard") /* and its complement */                                                     \
	X(MOVING_INVERSIONS, "moving-inversions") /* upwards and downwards, zeros and ones, then a random pattern */ \
	X(RANDOM, "random")

struct pm_memory_error {
	uint64_t address; /* physical, of the 64-bit word */
	uint64_t expected, found;
	uint32_t test; /* PM_MEMORY_TEST_... */
	uint32_t pass; /* from 1 */
};

enum pm_memory_test {
#define PM_MEMORY_TEST_ENUM(id, name) PM_MEMORY_TEST_##id,
	PM_MEMORY_TESTS(PM_MEMORY_TEST_ENUM)
#undef PM_MEMORY_TEST_ENUM
		PM_MEMORY_TEST_COUNT,
};
const char *pm_memory_test_name(enum pm_memory_test test);

struct pm_memory_test_request {
	unsigned tests; /* bit n: test n; 0: all of them */
	uint32_t pass; /* number of this pass; goes into seeds and errors */
	uint64_t seed;
	/* Each wrong word, as it is found. */
	void (*found)(void *context, const struct pm_memory_error *error);
	/* Between writing and reading back; NULL: nothing. Tests of the test put their faults here. */
	void (*written)(void *context, void *words, size_t bytes);
	void *context;
};

/* Tests `bytes` at `words`; they hold zeros afterwards. Reads past the caches: what was written is flushed before it is
 * read back. CANCELLED leaves them in any state. */
enum pm_code pm_memory_test(void *words, size_t bytes, uint64_t address, const struct pm_memory_test_request *request,
			    struct pm_task *task, struct pm_error *err);

#endif
