/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One region of an attached pool, inside core. What is on the medium are facts and decide; everything volatile is a
 * hint, made anew at attach.
 */
#ifndef PMPOOL_MEMBER_H
#define PMPOOL_MEMBER_H

#include "pmpool/core.h"
#include <stdatomic.h>

struct pm_index; /* index.h: where there is room */
struct pm_directory; /* directory.h: which record stands where */

struct pm_member {
	uint8_t *base; /* the mapping of the whole region */
	struct pm_superblock sb; /* a copy: later damage on the medium cannot move pointers */
	bool flush; /* see struct pm_mapping */
	_Atomic uint64_t *blocks; /* block words */
	_Atomic uint64_t *states; /* words of 32 pages */
	uint64_t block_count; /* (page_count + 511) / 512 */
	struct pm_shared *shared;
	struct pm_log_entry *log; /* NULL but in region 0 */
	uint64_t log_slots;
	/* volatile */
	struct pm_index *index;
	struct pm_directory *directory;
	uint64_t pages_generation, records_generation; /* of the shared words, as of our last look */
};

static inline uint64_t pm_member_pool_page(const struct pm_member *member, uint64_t page)
{
	return member->sb.first_pool_page + page;
}

#endif
