/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "peer.h"
#include <gnu/libc-version.h>
#include <stdlib.h>

static int heap_of_the_process;

static void *make(uint64_t bytes)
{
	(void)bytes;
	return &heap_of_the_process;
}

static uint64_t alloc(void *heap, unsigned order, unsigned lane)
{
	void *memory;

	(void)heap, (void)lane;
	return posix_memalign(&memory, 4096, (size_t)4096 << order) ? BENCH_NONE : (uint64_t)(uintptr_t)memory;
}

static void give(void *heap, uint64_t handle, unsigned order, unsigned lane)
{
	(void)heap, (void)order, (void)lane;
	free((void *)(uintptr_t)handle);
}

static void end(void *heap)
{
	(void)heap;
}

const struct peer peer_memalign = {
	"posix_memalign", 12, UINT64_C(4) << 30, 16, gnu_get_libc_version, make, alloc, give, end};
