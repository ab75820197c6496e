/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pool as a set of regions, inside core. */
#ifndef PMPOOL_POOL_H
#define PMPOOL_POOL_H

#include "member.h"

/* Room for this many regions; what there is stays. */
enum pm_code pm_pool_make_room(struct pm_pool *pool, uint32_t regions);
/* A region at its mapping, with the directory's first part; not yet among the pool's. */
enum pm_code pm_member_open(const struct pm_memory *memory, const struct pm_mapping *mapping,
			    const struct pm_superblock *sb, struct pm_member **member);
void pm_member_close(const struct pm_memory *memory, struct pm_member *member); /* NULL is fine */
/* Put it in its place. */
void pm_pool_put(struct pm_pool *pool, struct pm_member *member);

#endif
