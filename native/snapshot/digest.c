// SPDX-License-Identifier: GPL-2.0-or-later
#include "digest.h"
#include "pmpool/format.h"
#include <string.h>
#include <xxhash.h>

static void canonical(XXH128_hash_t hash, uint8_t digest[PM_DIGEST_BYTES])
{
	XXH128_canonical_t form;

	XXH128_canonicalFromHash(&form, hash);
	memcpy(digest, form.digest, PM_DIGEST_BYTES);
}

void pm_page_digest(const void *page, uint8_t digest[PM_DIGEST_BYTES])
{
	canonical(XXH3_128bits(page, PM_PAGE_SIZE), digest);
}

bool pm_page_filled(const void *page, uint8_t byte)
{
	const uint8_t *bytes = page;

	return bytes[0] == byte && memcmp(bytes, bytes + 1, PM_PAGE_SIZE - 1) == 0;
}

bool pm_page_zero(const void *page)
{
	return pm_page_filled(page, 0);
}

struct pm_total *pm_total_new(void)
{
	XXH3_state_t *state = XXH3_createState();

	if (state)
		XXH3_128bits_reset(state);
	return (struct pm_total *)state;
}

void pm_total_add(struct pm_total *total, const void *digests, size_t count)
{
	XXH3_128bits_update((XXH3_state_t *)total, digests, count * PM_DIGEST_BYTES);
}

void pm_total_get(const struct pm_total *total, uint8_t digest[PM_DIGEST_BYTES])
{
	canonical(XXH3_128bits_digest((const XXH3_state_t *)total), digest);
}

void pm_total_free(struct pm_total *total)
{
	XXH3_freeState((XXH3_state_t *)total);
}
