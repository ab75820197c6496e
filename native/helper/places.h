/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pools stand where on a host. */
#ifndef PMPOOL_HELPER_PLACES_H
#define PMPOOL_HELPER_PLACES_H

#include <pmpool/core.h>
#include <pmpool/region.h>

/* A region of a pool, as its superblock says. */
struct place {
	struct pm_region_info region;
	uint64_t offset;
	struct pm_superblock sb;
};

/* Where it really is. */
static inline uint64_t place_base(const struct place *place)
{
	return place->region.base + place->offset;
}

/* Does it stand where it was made, whole. */
static inline bool place_right(const struct place *place)
{
	return place->sb.physical_base == place_base(place) &&
	       place->sb.region_bytes <= place->region.bytes - place->offset;
}

struct session;

/* Everything that the regions which may be opened hold. The regions of one pool stand together, by their index; pools
 * in the order of their first region's address. *list is malloc'd. */
enum pm_code session_places(const struct session *session, struct place **list, size_t *count, struct pm_error *err);
/* What one region of the host holds, in the order of addresses. */
enum pm_code region_places(const struct session *session, const struct pm_region_info *info, struct place **list,
			   size_t *count, struct pm_error *err);
/* How many of `count` places, from the first on, are of the same pool as it. */
size_t places_together(const struct place *places, size_t count);
/* The one whose superblock holds for what the pool's regions share: its name. */
const struct place *places_first(const struct place *places, size_t count);

/* Why the pool with this name or UUID cannot be opened although a superblock says that it is here: POOL_FORMAT_NEWER,
 * POOL_FORMAT_OLDER, POOL_CORRUPT. POOL_NOT_FOUND, and *err is left alone, when none says so. */
enum pm_code place_refused(const struct session *session, const char *text, struct pm_error *err);

#endif
