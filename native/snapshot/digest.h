/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XXH3-128 of pages, in xxHash's canonical (big-endian) form, so that its hex digits are those that xxhsum prints. */
#ifndef PMPOOL_DIGEST_H
#define PMPOOL_DIGEST_H

#include "container.h"
#include <stdbool.h>

void pm_page_digest(const void *page, uint8_t digest[PM_DIGEST_BYTES]);
bool pm_page_zero(const void *page);
bool pm_page_filled(const void *page, uint8_t byte);

/* The digest of the whole: over all page digests in order. */
struct pm_total;
struct pm_total *pm_total_new(void); /* NULL without memory */
void pm_total_add(struct pm_total *total, const void *digests, size_t count);
void pm_total_get(const struct pm_total *total, uint8_t digest[PM_DIGEST_BYTES]);
void pm_total_free(struct pm_total *total);

#endif
