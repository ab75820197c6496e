/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool with content of every kind to put faults into, and what was told of them. */
#ifndef PMPOOL_TEST_FAULT_POOL_H
#define PMPOOL_TEST_FAULT_POOL_H

#include "model.h"
#include "pmpool/fault.h"

#define FAULT_BYTES (UINT64_C(16) << 20)

struct fault_pool {
	struct model_region region;
	uint8_t *before; /* the region as it was made */
	size_t count;
	struct pm_fault faults[4096];
	struct pm_error err;
};

/* Named and unnamed allocations of 1 to 700 pages, of random bytes, words, text and zeros, with holes between them;
 * records enough for the directory to have grown. */
void fault_pool_open(struct fault_pool *pool);
void fault_pool_open_empty(struct fault_pool *pool);
void fault_pool_close(struct fault_pool *pool);

/* What was told replaces what was told before. */
enum pm_code fault_pool_inject(struct fault_pool *pool, const struct pm_fault_request *request);
/* The region as it was made. */
void fault_pool_restore(struct fault_pool *pool);

/* Offset in the region of a told address. */
uint64_t fault_offset(const struct pm_fault *fault);
/* The bytes of a pool page now, and as it was made. */
const uint8_t *fault_now(const struct fault_pool *pool, uint64_t page);
const uint8_t *fault_then(const struct fault_pool *pool, uint64_t page);

#endif
