/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a chunk DIGS or BOOK says, once its lengths and kinds have been found to fit each other. */
#ifndef PMPOOL_GROUP_H
#define PMPOOL_GROUP_H

#include "container.h"
#include "pmpool/format.h"
#include <stdbool.h>
#include <stddef.h>

/* What the file may hold. */
struct pm_group_rules {
	bool book; /* metadata pages */
	bool bytes; /* pages, not only their digests */
	bool parent; /* pages of a parent */
};

struct pm_group_view { /* points into the chunk */
	struct pm_group group;
	const uint8_t *stores; /* of a MIXED group: enum pm_page_store of each page */
	uint32_t counts[PM_STORE_KINDS];
	const uint8_t *digests, *syndromes, *same; /* one after the other, without alignment */
	const uint8_t *bytes; /* of BOOK: of its DATA pages */
};

/* NULL, or what is wrong with the chunk, as "The chunk at byte N ..." goes on. */
const char *pm_group_parse(struct pm_group_view *view, const struct pm_group_rules *rules, const uint8_t *data,
			   uint64_t bytes);
/* The same for the place of its pages in the pool. `region`: that of the first page, NULL when there is none. */
const char *pm_group_place(const struct pm_group_view *view, const struct pm_group_rules *rules,
			   const struct pm_superblock *region);

/* Pages told of: not ABSENT. */
uint32_t pm_group_pages(const struct pm_group_view *view);

/* Bytes of a chunk DIGS that is as long as it can be. */
#define PM_GROUP_BYTES (sizeof(struct pm_group) + PM_GROUP_PAGES * (1 + PM_DIGEST_BYTES + 8))

#endif
