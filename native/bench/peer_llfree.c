/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LLFree (https://github.com/luhsra/llfree-c), from a folder of its sources: meson option llfree. */
#include "peer.h"
#include <llfree.h>
#include <stdlib.h>

struct trees {
	llfree_t *self;
	llfree_meta_t meta;
	llfree_meta_size_t sizes;
};

static uint8_t *metadata(size_t bytes)
{
	return bench_map(bytes ? bytes : 1);
}

static void *make(uint64_t bytes)
{
	llfree_classing_t classing = {
		.classes = {{0, 16}, {1, 16}}, .num_classes = 2, .default_class = 1, .policy = llfree_simple_policy};
	struct trees *trees = calloc(1, sizeof(*trees));

	trees->sizes = llfree_metadata_size(&classing, bytes >> 12);
	trees->self = (llfree_t *)(void *)metadata(trees->sizes.llfree);
	trees->meta.local = metadata(trees->sizes.local);
	trees->meta.trees = metadata(trees->sizes.trees);
	trees->meta.lower = metadata(trees->sizes.lower);
	if (!llfree_is_ok(llfree_init(trees->self, bytes >> 12, LLFREE_INIT_FREE, trees->meta, &classing)))
		return NULL;
	return trees;
}

static llfree_request_t request(unsigned order, unsigned lane)
{
	return llreq((uint8_t)order, order >= LLFREE_HUGE_ORDER, ll_some(lane));
}

static uint64_t alloc(void *heap, unsigned order, unsigned lane)
{
	struct trees *trees = heap;
	llfree_result_t got = llfree_get(trees->self, frame_id_none(), request(order, lane));

	return llfree_is_ok(got) ? got.frame.value : BENCH_NONE;
}

static void give(void *heap, uint64_t handle, unsigned order, unsigned lane)
{
	struct trees *trees = heap;

	if (!llfree_is_ok(llfree_put(trees->self, frame_id(handle), request(order, lane))))
		abort();
}

static void end(void *heap)
{
	struct trees *trees = heap;

	bench_unmap(trees->self, trees->sizes.llfree);
	bench_unmap(trees->meta.local, trees->sizes.local);
	bench_unmap(trees->meta.trees, trees->sizes.trees);
	bench_unmap(trees->meta.lower, trees->sizes.lower);
	free(trees);
}

static const char *version(void)
{
	return LLFREE_VERSION;
}

const struct peer peer_llfree = {"LLFree", LLFREE_MAX_ORDER, UINT64_C(1) << 40, 16, version, make, alloc, give, end};
