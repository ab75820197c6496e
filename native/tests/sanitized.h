/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sanitizers look at accesses, not at values, and make a program ten times slower and more. Where a test takes many
 * values down the same paths, their builds take some of them, so that each path still runs; the plain build takes all.
 */
#ifndef PMPOOL_TESTS_SANITIZED_H
#define PMPOOL_TESTS_SANITIZED_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* The first is for the plain build. */
#define ROUNDS(all, sanitized) (SANITIZED ? (sanitized) : (all))

/* From byte to byte of `bytes`: each of the first and the last ones, where headers and trailers are, and between them
 * each, or each `stride`-th under a sanitizer. */
static inline size_t next_byte(size_t at, size_t bytes, size_t stride)
{
	const size_t ends = 128;

	if (!SANITIZED || at < ends || at + stride + ends >= bytes)
		return at + 1;
	return at + stride;
}

#endif
