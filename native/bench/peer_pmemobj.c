/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libpmemobj on a file in memory. PMEM_IS_PMEM_FORCE (set by main) makes it flush cache lines, as it does on
 * persistent memory, instead of calling msync. Objects are allocated into a root array as its users do, so that a
 * crash loses none.
 */
#include "peer.h"
#include <libpmemobj.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SLOTS (UINT64_C(1) << 19)

struct objects {
	PMEMobjpool *pool;
	PMEMoid *slots;
	uint64_t next[64][2]; /* by lane: slots lane, lane + 64, ... */
	uint64_t *freed; /* stacks of given slots, one for each lane */
	uint64_t freed_count[64];
	char path[64];
};

static void *make(uint64_t bytes)
{
	struct objects *objects = calloc(1, sizeof(*objects));
	PMEMoid root;

	snprintf(objects->path, sizeof(objects->path), "/dev/shm/pmpool-bench-%d", (int)getpid());
	unlink(objects->path);
	objects->pool = pmemobj_create(objects->path, "bench", bytes, 0600);
	if (!objects->pool) {
		fprintf(stderr, "pmpool_bench: libpmemobj: %s\n", pmemobj_errormsg());
		free(objects);
		return NULL;
	}
	root = pmemobj_root(objects->pool, SLOTS * sizeof(PMEMoid));
	objects->slots = pmemobj_direct(root);
	objects->freed = calloc(SLOTS, sizeof(uint64_t));
	return objects;
}

static uint64_t slot_take(struct objects *objects, unsigned lane)
{
	uint64_t share = SLOTS / 16;

	if (objects->freed_count[lane])
		return objects->freed[lane * share + --objects->freed_count[lane]];
	return objects->next[lane][0] < share ? lane * share + objects->next[lane][0]++ : BENCH_NONE;
}

static void slot_give(struct objects *objects, uint64_t slot, unsigned lane)
{
	uint64_t share = SLOTS / 16;

	if (objects->freed_count[lane] < share)
		objects->freed[lane * share + objects->freed_count[lane]++] = slot;
}

static uint64_t alloc(void *heap, unsigned order, unsigned lane)
{
	struct objects *objects = heap;
	uint64_t slot = slot_take(objects, lane);

	if (slot == BENCH_NONE)
		return slot;
	if (pmemobj_alloc(objects->pool, &objects->slots[slot], (size_t)4096 << order, 0, NULL, NULL)) {
		slot_give(objects, slot, lane);
		return BENCH_NONE;
	}
	return slot;
}

static void give(void *heap, uint64_t handle, unsigned order, unsigned lane)
{
	struct objects *objects = heap;

	(void)order;
	pmemobj_free(&objects->slots[handle]);
	slot_give(objects, handle, lane);
}

static void end(void *heap)
{
	struct objects *objects = heap;

	pmemobj_close(objects->pool);
	unlink(objects->path);
	free(objects->freed);
	free(objects);
}

static const char *version(void)
{
	return PMEMOBJ_VERSION;
}

const struct peer peer_pmemobj = {"libpmemobj", 12, UINT64_C(1) << 30, 16, version, make, alloc, give, end};
