/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a pool by their place in it: page index * 4096 + byte in the page, over all its regions. */
#ifndef PMPOOL_HELPER_POOL_BYTES_H
#define PMPOOL_HELPER_POOL_BYTES_H

#include "guarded.h"

/* How many of these bytes, from `offset` on, stand in a row in one region, *at where they are mapped. OUT_OF_RANGE
 * where no region of the pool is, REGION_MISSING where one should be. */
enum pm_code pool_bytes_at(const struct pm_pool *pool, uint64_t offset, uint64_t bytes, uint8_t **at, uint64_t *there,
			   struct pm_error *err);
/* Copies them, also over the seam of two regions; what a mapping that is revoked meanwhile held is REGION_LOST. */
enum pm_code pool_bytes_read(const struct pm_pool *pool, uint64_t offset, void *to, uint64_t bytes,
			     struct pm_error *err);
/* The allocation that `page` is a page of; NOT_ALLOCATED where there is none: free, bad and metadata pages, those of the
 * directory too. */
enum pm_code run_holding(const struct pm_pool *pool, uint64_t page, struct run_copy *run, struct pm_error *err);

#endif
