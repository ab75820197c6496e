/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pmpool_heap.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *take(size_t bytes)
{
	return calloc(1, bytes);
}

static void give_back(void *memory, size_t bytes)
{
	(void)bytes;
	free(memory);
}

const struct pm_memory heap_memory = {take, give_back};
const struct pm_act heap_act = {.time_ns = 1, .actor = "bench"};

static void must(enum pm_code code, const char *what)
{
	if (!code)
		return;
	fprintf(stderr, "pmpool_bench: %s: %s\n", what, pm_error_name(code));
	exit(1);
}

void heap_attach(struct heap *heap)
{
	must(pm_pool_attach(&heap->pool, &heap->mapping, 1, 0, &heap_memory, &heap_act), "attach");
	must(pm_pool_begin(&heap->pool, false, &heap_act), "begin");
}

void heap_detach(struct heap *heap)
{
	pm_pool_end(&heap->pool);
	pm_pool_detach(&heap->pool);
}

struct heap *heap_make(uint64_t bytes, bool flush)
{
	struct pm_pool_request request = {.name = "bench", .physical_base = UINT64_C(4) << 30, .numa_node = -1};
	struct heap *heap = calloc(1, sizeof(*heap));

	heap->mapping = (struct pm_mapping){bench_map(bytes), bytes, request.physical_base, flush};
	if (!heap->mapping.base) {
		free(heap);
		return NULL;
	}
	request.pool_uuid[0] = request.region_uuid[0] = 1;
	request.flush = flush;
	must(pm_pool_format(heap->mapping.base, bytes, &request, &heap_act), "create");
	heap_attach(heap);
	/* Reserved memory is there before it is used: no page of the metadata is to come by a page fault. */
	for (uint64_t page = 0; page < heap->pool.sb.data_first; page++)
		__atomic_fetch_or((uint8_t *)heap->mapping.base + page * PM_PAGE_SIZE, 0, __ATOMIC_RELAXED);
	return heap;
}

void heap_end(void *argument)
{
	struct heap *heap = argument;

	heap_detach(heap);
	bench_unmap(heap->mapping.base, heap->mapping.bytes);
	free(heap);
}

static void *make_ordered(uint64_t bytes)
{
	return heap_make(bytes, false);
}

static void *make_flushed(uint64_t bytes)
{
	return heap_make(bytes, true);
}

static uint64_t alloc(void *argument, unsigned order, unsigned lane)
{
	struct heap *heap = argument;
	struct pm_alloc_request request = {.pages = UINT64_C(1) << order, .align_order = order, .lane = lane};
	struct pm_run run;

	return pm_alloc(&heap->pool, &request, &heap_act, &run) ? BENCH_NONE : run.page;
}

static void give(void *argument, uint64_t handle, unsigned order, unsigned lane)
{
	struct heap *heap = argument;
	struct pm_run run;

	(void)order;
	must(pm_free(&heap->pool, handle, lane, &run), "free");
}

static const char *version(void)
{
	return PMPOOL_VERSION;
}

const struct peer peer_pmpool = {"pmpool", PM_ORDERS - 1, UINT64_C(1) << 44, PM_LANES, version, make_ordered,
				 alloc,	   give,	  heap_end};
const struct peer peer_pmpool_flush = {
	"pmpool, flushed", PM_ORDERS - 1, UINT64_C(1) << 44, PM_LANES, version, make_flushed, alloc, give, heap_end};
