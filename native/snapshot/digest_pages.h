/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compiled once for each set of instructions: PM_DIGESTER names what comes of it. */
#define XXH_INLINE_ALL
#include "digest.h"
#include "digest_sets.h"
#include "pmpool/format.h"
#include <string.h>
#include <xxhash.h>

static void canonical(XXH128_hash_t hash, uint8_t digest[PM_DIGEST_BYTES])
{
	uint64_t high = __builtin_bswap64(hash.high64), low = __builtin_bswap64(hash.low64);

	memcpy(digest, &high, sizeof(high));
	memcpy(digest + sizeof(high), &low, sizeof(low));
}

static void page_digest(const void *page, uint8_t digest[PM_DIGEST_BYTES])
{
	canonical(XXH3_128bits(page, PM_PAGE_SIZE), digest);
}

/*
 * Four pages beside each other: one page after the other would wait for memory at each page's beginning, where the
 * processor's own prefetch has stopped. The steps are those of XXH3_128bits for 4096 bytes, made of xxHash's own parts;
 * they are the same in these versions of it.
 */
#if XXH_VERSION_NUMBER >= 801 && XXH_VERSION_NUMBER <= 802
enum { TOGETHER = 4, STRIPE = 64, BLOCK = 1024, AHEAD = 512 };

static void accumulate(uint64_t *sums, const uint8_t *from, const uint8_t *secret)
{
	XXH3_accumulate_512(sums, from, secret);
}

static void page_digests(const struct pm_page_due *due, const struct pm_page_due *next)
{
	static const uint64_t start[8] = XXH3_INIT_ACC;
	const uint8_t *secret = XXH3_kSecret, *last = secret + XXH_SECRET_DEFAULT_SIZE - STRIPE;
	_Alignas(64) uint64_t sums[TOGETHER][8];

	for (unsigned i = 0; i < TOGETHER; i++)
		memcpy(sums[i], start, sizeof(start));
	for (size_t at = 0; at < PM_PAGE_SIZE - STRIPE; at += STRIPE) {
		const struct pm_page_due *ask = at + AHEAD < PM_PAGE_SIZE ? due : next;

		for (unsigned i = 0; i < TOGETHER; i++) {
			__builtin_prefetch((const uint8_t *)ask[i].page + (at + AHEAD) % PM_PAGE_SIZE);
			accumulate(sums[i], (const uint8_t *)due[i].page + at, secret + at % BLOCK / STRIPE * 8);
		}
		for (unsigned i = 0; i < TOGETHER && at % BLOCK == BLOCK - STRIPE; i++)
			XXH3_scrambleAcc(sums[i], last);
	}
	for (unsigned i = 0; i < TOGETHER; i++) {
		XXH128_hash_t hash;

		accumulate(sums[i], (const uint8_t *)due[i].page + PM_PAGE_SIZE - STRIPE,
			   last - XXH_SECRET_LASTACC_START);
		hash.low64 = XXH3_mergeAccs(sums[i], secret + XXH_SECRET_MERGEACCS_START, PM_PAGE_SIZE * XXH_PRIME64_1);
		hash.high64 =
			XXH3_mergeAccs(sums[i], last - XXH_SECRET_MERGEACCS_START, ~(PM_PAGE_SIZE * XXH_PRIME64_2));
		canonical(hash, due[i].digest);
	}
}
#else
enum { TOGETHER = 1 };

static void page_digests(const struct pm_page_due *due, const struct pm_page_due *next)
{
	(void)next;
	page_digest(due->page, due->digest);
}
#endif

static void pages_digest(const struct pm_page_due *due, size_t count)
{
	for (; count >= TOGETHER; count -= TOGETHER, due += TOGETHER)
		page_digests(due, count >= 2 * TOGETHER ? due + TOGETHER : due);
	for (; count; count--, due++)
		page_digest(due->page, due->digest);
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

const struct pm_digester PM_DIGESTER = {PM_DIGESTER_NAME, page_digest, pages_digest, page_zero};
