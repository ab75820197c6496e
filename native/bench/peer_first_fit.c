/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the RFC "Introduce persistent memory pool" does: one bit a page, bitmap_find_next_zero_area from the start,
 * bitmap_set, all under a spin lock. Nothing is flushed and nothing survives a crash in the middle.
 */
#include "peer.h"
#include <pthread.h>
#include <stdlib.h>

struct bitmap {
	uint64_t *words;
	uint64_t pages, words_bytes;
	pthread_spinlock_t lock;
};

static void *make(uint64_t bytes)
{
	struct bitmap *bitmap = calloc(1, sizeof(*bitmap));

	bitmap->pages = bytes >> 12;
	bitmap->words_bytes = bitmap->pages / 8;
	bitmap->words = bench_map(bitmap->words_bytes);
	pthread_spin_init(&bitmap->lock, PTHREAD_PROCESS_PRIVATE);
	return bitmap;
}

/* First bit of that value at or after `from`. */
static uint64_t next_bit(const struct bitmap *bitmap, uint64_t from, uint64_t to, uint64_t flip)
{
	uint64_t word = from / 64, found;

	if (from >= to)
		return to;
	found = (bitmap->words[word] ^ flip) & UINT64_MAX << from % 64;
	while (!found && ++word * 64 < to)
		found = bitmap->words[word] ^ flip;
	if (!found)
		return to;
	found = word * 64 + (uint64_t)__builtin_ctzll(found);
	return found < to ? found : to;
}

static uint64_t find(const struct bitmap *bitmap, uint64_t pages)
{
	uint64_t from = 0, used;

	for (;;) {
		from = (next_bit(bitmap, from, bitmap->pages, UINT64_MAX) + pages - 1) & ~(pages - 1);
		if (from + pages > bitmap->pages)
			return BENCH_NONE;
		used = next_bit(bitmap, from, from + pages, 0);
		if (used == from + pages)
			return from;
		from = used + 1;
	}
}

static void set(struct bitmap *bitmap, uint64_t page, uint64_t pages, bool used)
{
	while (pages) {
		uint64_t here = pages < 64 - page % 64 ? pages : 64 - page % 64;
		uint64_t mask = (here == 64 ? UINT64_MAX : (UINT64_C(1) << here) - 1) << page % 64;

		if (used)
			bitmap->words[page / 64] |= mask;
		else
			bitmap->words[page / 64] &= ~mask;
		page += here;
		pages -= here;
	}
}

static uint64_t alloc(void *heap, unsigned order, unsigned lane)
{
	struct bitmap *bitmap = heap;
	uint64_t page;

	(void)lane;
	pthread_spin_lock(&bitmap->lock);
	page = find(bitmap, UINT64_C(1) << order);
	if (page != BENCH_NONE)
		set(bitmap, page, UINT64_C(1) << order, true);
	pthread_spin_unlock(&bitmap->lock);
	return page;
}

static void give(void *heap, uint64_t handle, unsigned order, unsigned lane)
{
	struct bitmap *bitmap = heap;

	(void)lane;
	pthread_spin_lock(&bitmap->lock);
	set(bitmap, handle, UINT64_C(1) << order, false);
	pthread_spin_unlock(&bitmap->lock);
}

static void end(void *heap)
{
	struct bitmap *bitmap = heap;

	bench_unmap(bitmap->words, bitmap->words_bytes);
	pthread_spin_destroy(&bitmap->lock);
	free(bitmap);
}

static uint64_t fill(void *heap, uint64_t *handles, uint64_t capacity)
{
	struct bitmap *bitmap = heap;
	uint64_t count = bitmap->pages < capacity ? bitmap->pages : capacity;

	set(bitmap, 0, count, true);
	for (uint64_t i = 0; i < count; i++)
		handles[i] = i;
	return count;
}

static const char *version(void)
{
	return "as in the RFC";
}

const struct peer peer_first_fit = {"first fit", 20, UINT64_C(1) << 40, 16, version, make, alloc, give, end, fill};
