// SPDX-License-Identifier: GPL-2.0-or-later
#include "digest.h"
#include "digest_sets.h"
#include "pmpool/format.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

const uint8_t pm_zero_digest[PM_DIGEST_BYTES] = {
	0x3e, 0xe8, 0xdc, 0x4f, 0x9e, 0x7e, 0xe4, 0x95, 0x93, 0xd7, 0x6f, 0xe1, 0x48, 0xc6, 0x89, 0xba,
};

const struct pm_digester *pm_digester_at(unsigned n)
{
	const struct pm_digester *able[3];
	unsigned count = 0;

#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx512f"))
		able[count++] = &pm_digester_avx512;
	if (__builtin_cpu_supports("avx2"))
		able[count++] = &pm_digester_avx2;
#endif
	able[count++] = &pm_digester_plain;
	return n < count ? able[n] : NULL;
}

static const struct pm_digester *best(void)
{
	static const struct pm_digester *_Atomic known;
	const struct pm_digester *digester = atomic_load_explicit(&known, memory_order_relaxed);

	if (!digester) {
		digester = pm_digester_at(0);
		atomic_store_explicit(&known, digester, memory_order_relaxed);
	}
	return digester;
}

void pm_page_digest(const void *page, uint8_t digest[PM_DIGEST_BYTES])
{
	best()->digest(page, digest);
}

void pm_pages_digest(const struct pm_page_due *due, size_t count)
{
	best()->digests(due, count);
}

bool pm_page_zero(const void *page)
{
	return best()->zero(page);
}

bool pm_page_filled(const void *page, uint8_t byte)
{
	const uint8_t *bytes = page;

	return bytes[0] == byte && memcmp(bytes, bytes + 1, PM_PAGE_SIZE - 1) == 0;
}

/*
 * 128 bytes of 8 places. Of noise, two of them are alike in 64 of all ordered pairs, with a standard deviation of 11;
 * of text in more than 1000, of code or tables in several hundred.
 */
bool pm_page_packs(const void *page)
{
	enum { PLACES = 8, BYTES = 16, LIMIT = 130 };
	const uint8_t *bytes = page;
	uint8_t seen[256] = {0};
	unsigned alike = 0;

	for (unsigned place = 0; place < PLACES; place++)
		for (unsigned i = 0; i < BYTES; i++)
			alike += 2u * seen[bytes[place * (PM_PAGE_SIZE / PLACES) + i]]++;
	return alike > LIMIT;
}

struct pm_total {
	XXH3_state_t *state;
	uint64_t next; /* page; a run goes on with it */
};

struct pm_total *pm_total_new(void)
{
	struct pm_total *total = malloc(sizeof(*total));

	if (!total)
		return NULL;
	*total = (struct pm_total){XXH3_createState(), UINT64_MAX};
	if (!total->state) {
		free(total);
		return NULL;
	}
	XXH3_128bits_reset(total->state);
	return total;
}

void pm_total_add(struct pm_total *total, uint64_t page, const void *digests, size_t count)
{
	if (page != total->next) {
		const uint64_t begin[2] = {page, ~page};

		_Static_assert(sizeof(begin) == PM_DIGEST_BYTES, "as long as a digest, and by chance none");
		XXH3_128bits_update(total->state, begin, sizeof(begin));
	}
	XXH3_128bits_update(total->state, digests, count * PM_DIGEST_BYTES);
	total->next = page + count;
}

void pm_total_get(const struct pm_total *total, uint8_t digest[PM_DIGEST_BYTES])
{
	XXH128_canonical_t form;

	XXH128_canonicalFromHash(&form, XXH3_128bits_digest(total->state));
	memcpy(digest, form.digest, PM_DIGEST_BYTES);
}

void pm_total_free(struct pm_total *total)
{
	if (total)
		XXH3_freeState(total->state);
	free(total);
}
