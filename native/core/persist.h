/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every store into a region that matters goes through here, in the order in which it has to arrive.
 * A kexec needs that order only; a power loss on real persistent memory needs the flush as well.
 */
#ifndef PMPOOL_PERSIST_H
#define PMPOOL_PERSIST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Tests stop the world here, or keep what has not been flushed from arriving: called after each store, each flushed
 * cache line and each fence; NULL otherwise. A store is 8 aligned bytes (or the short rest of a pm_store_bytes). Set
 * them while no other thread is in core.
 */
extern void (*pm_store_hook)(const void *at, size_t bytes);
extern void (*pm_flush_hook)(const void *at, size_t bytes);
extern void (*pm_fence_hook)(void);

static inline void pm_stored(const void *at, size_t bytes)
{
	if (__builtin_expect(pm_store_hook != NULL, 0))
		pm_store_hook(at, bytes);
}

static inline void pm_store64(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	pm_stored(word, 8);
}

static inline void pm_put64(_Atomic uint64_t *word, uint64_t value)
{
	atomic_store_explicit(word, value, memory_order_release);
	pm_stored((const void *)word, 8);
}

/* False, and *expected renewed, when the word was not *expected. */
static inline bool pm_cas64(_Atomic uint64_t *word, uint64_t *expected, uint64_t desired)
{
	if (!atomic_compare_exchange_strong(word, expected, desired))
		return false;
	pm_stored((const void *)word, 8);
	return true;
}

/* Gives the value before. */
static inline uint64_t pm_xor64(_Atomic uint64_t *word, uint64_t bits)
{
	uint64_t old = atomic_fetch_xor(word, bits);

	pm_stored((const void *)word, 8);
	return old;
}

/* In ascending order, 8 bytes at a time; whoever reads must bear a prefix of it. `to` is 8-byte aligned. */
void pm_store_bytes(void *to, const void *from, size_t bytes);
void pm_store_zero(void *to, size_t bytes);
void pm_flush(const void *from, size_t bytes);
void pm_fence(void); /* what was flushed before stands before anything stored after */
void pm_persist(const void *from, size_t bytes); /* flush, then fence */

/* The same where `flush` (of a mapping or member) says that it is needed; stores are ordered either way. */
static inline void pm_flush_if(bool flush, const void *from, size_t bytes)
{
	if (__builtin_expect(flush, 0))
		pm_flush(from, bytes);
	else
		atomic_signal_fence(memory_order_seq_cst);
}

static inline void pm_fence_if(bool flush)
{
	if (__builtin_expect(flush, 0))
		pm_fence();
	else
		atomic_signal_fence(memory_order_seq_cst);
}

static inline void pm_persist_if(bool flush, const void *from, size_t bytes)
{
	pm_flush_if(flush, from, bytes);
	pm_fence_if(flush);
}

#endif
