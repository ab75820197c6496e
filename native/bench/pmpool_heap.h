/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool over memory of this process, for the works that only pmpool does. */
#ifndef PMPOOL_BENCH_HEAP_H
#define PMPOOL_BENCH_HEAP_H

#include "peer.h"
#include <pmpool/core.h>

struct heap {
	struct pm_mapping mapping;
	struct pm_pool pool;
};
extern const struct pm_memory heap_memory;
extern const struct pm_act heap_act;
struct heap *heap_make(uint64_t bytes, bool flush); /* attached; ends the program when the pool refuses */
void heap_attach(struct heap *heap);
void heap_detach(struct heap *heap);
void heap_end(void *heap);

#endif
