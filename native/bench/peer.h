/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An allocator of pages, as the benchmark drives it: ours and those it is held against. */
#ifndef PMPOOL_BENCH_PEER_H
#define PMPOOL_BENCH_PEER_H

#include "figures.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_NONE UINT64_MAX

struct peer {
	const char *name;
	unsigned max_order;
	uint64_t max_bytes; /* largest heap that makes sense with it here */
	unsigned max_threads;
	const char *(*version)(void);
	void *(*make)(uint64_t bytes); /* NULL: could not */
	uint64_t (*alloc)(void *heap, unsigned order, unsigned lane); /* BENCH_NONE: no room */
	void (*give)(void *heap, uint64_t handle, unsigned order, unsigned lane);
	void (*end)(void *heap);
	/* Hand out every page of a fresh heap in order, where doing it by alloc takes forever; the number of handles. */
	uint64_t (*fill)(void *heap, uint64_t *handles, uint64_t capacity);
};

extern const struct peer peer_pmpool, peer_pmpool_flush; /* order only, as a kexec needs; and flushed */
extern const struct peer peer_first_fit; /* the RFC's way: a bitmap searched from its start, under a lock */
extern const struct peer peer_memalign; /* volatile: glibc's posix_memalign */
#ifdef HAVE_PMEMOBJ
extern const struct peer peer_pmemobj; /* PMDK's libpmemobj on a file in memory, flushing as on persistent memory */
#endif
#ifdef HAVE_LLFREE
extern const struct peer peer_llfree; /* volatile but for its bitmaps, which it can recover from */
#endif

/* Memory that costs nothing until it is touched. NULL when there is no address space for it. */
void *bench_map(uint64_t bytes);
void bench_unmap(void *memory, uint64_t bytes);

#endif
