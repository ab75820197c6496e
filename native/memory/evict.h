/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_MEMORY_EVICT_H
#define PMPOOL_MEMORY_EVICT_H

#include <stdbool.h>
#include <stddef.h>

/* Write back and drop from all caches, so that the next read is answered by the memory. Unlike clwb (core/persist.h),
 * after which a line may stay. False where this processor has no such instruction for a program: then only order is
 * kept, and small ranges may be answered by a cache. */
bool evict(const void *from, size_t bytes);

#endif
