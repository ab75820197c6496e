/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compiled once for each set of instructions: PM_DIGESTER names what comes of it. */
#define XXH_INLINE_ALL
#include "digest.h"
#include "digest_sets.h"
#include "pmpool/format.h"
#include <string.h>
#include <xxhash.h>

static void page_digest(const void *page, uint8_t digest[PM_DIGEST_BYTES])
{
	XXH128_hash_t hash = XXH3_128bits(page, PM_PAGE_SIZE);
	uint64_t high = __builtin_bswap64(hash.high64), low = __builtin_bswap64(hash.low64);

	memcpy(digest, &high, sizeof(high));
	memcpy(digest + sizeof(high), &low, sizeof(low));
}

/* 256 bytes at a time, so that the compiler makes the widest loads of it. */
static bool page_zero(const void *page)
{
	const uint8_t *at = page, *end = at + PM_PAGE_SIZE;

	for (; at < end; at += 256) {
		uint64_t words[32], any = 0;

		memcpy(words, at, sizeof(words));
		for (unsigned i = 0; i < 32; i++)
			any |= words[i];
		if (any)
			return false;
	}
	return true;
}

const struct pm_digester PM_DIGESTER = {PM_DIGESTER_NAME, page_digest, page_zero};
