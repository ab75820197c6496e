/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every store into a region that matters goes through here, in the order in which it has to arrive.
 * A kexec needs that order only; a power loss on real persistent memory needs the flush as well.
 */
#ifndef PMPOOL_PERSIST_H
#define PMPOOL_PERSIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void pm_store64(uint64_t *word, uint64_t value);
/* False, and *expected renewed, when the word was not *expected. */
bool pm_cas64(_Atomic uint64_t *word, uint64_t *expected, uint64_t desired);
/* In ascending order, 8 bytes at a time; whoever reads must bear a prefix of it. `to` is 8-byte aligned. */
void pm_store_bytes(void *to, const void *from, size_t bytes);
void pm_store_zero(void *to, size_t bytes);
void pm_flush(const void *from, size_t bytes);
void pm_fence(void); /* what was flushed before stands before anything stored after */
void pm_persist(const void *from, size_t bytes); /* flush, then fence */

/* Tests stop the world here: called after each store, NULL otherwise. Not thread-safe. */
extern void (*pm_store_hook)(const void *at, size_t bytes);

#endif
