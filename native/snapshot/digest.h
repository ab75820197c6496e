/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XXH3-128 of pages, in xxHash's canonical (big-endian) form, so that its hex digits are those that xxhsum prints. The
 * widest instructions that the processor has are chosen at run time; the digests are the same.
 */
#ifndef PMPOOL_DIGEST_H
#define PMPOOL_DIGEST_H

#include "container.h"
#include <stdbool.h>

void pm_page_digest(const void *page, uint8_t digest[PM_DIGEST_BYTES]);
/* The same for many pages, wherever they are: at the speed of reading them. */
struct pm_page_due {
	const void *page;
	uint8_t *digest; /* room for PM_DIGEST_BYTES */
};
void pm_pages_digest(const struct pm_page_due *due, size_t count);
bool pm_page_zero(const void *page); /* at once where the first bytes are not */
bool pm_page_filled(const void *page, uint8_t byte);
extern const uint8_t pm_zero_digest[PM_DIGEST_BYTES]; /* of a page of zeros */

/* Is it worth while to compress the page? By a sample of its bytes: noise is not. */
bool pm_page_packs(const void *page);

/* The digest of the whole: over all page digests in order, and where each run of pages begins. So content in other places
 * is other content: what a page of a parent holds is told by this digest and the page's place alone. */
struct pm_total;
struct pm_total *pm_total_new(void); /* NULL without memory */
/* Of pages that follow each other. */
void pm_total_add(struct pm_total *total, uint64_t page, const void *digests, size_t count);
void pm_total_get(const struct pm_total *total, uint8_t digest[PM_DIGEST_BYTES]);
void pm_total_free(struct pm_total *total);

/* One way to do it, so that a test can hold them against each other. */
struct pm_digester {
	const char *name;
	void (*digest)(const void *page, uint8_t digest[PM_DIGEST_BYTES]);
	void (*digests)(const struct pm_page_due *due, size_t count);
	bool (*zero)(const void *page);
};
/* The n-th that this processor can do, from 0 on: the best comes first. NULL behind the last. */
const struct pm_digester *pm_digester_at(unsigned n);

#endif
