/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pools stand where. */
#include "places.h"
#include "session.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define POOLS_MAX 256 /* in one region, as far as we list them */

enum pm_code region_places(const struct session *session, const struct pm_region_info *info, struct place **list,
			   size_t *count, struct pm_error *err)
{
	struct pm_pool_at *pools = malloc(POOLS_MAX * sizeof(*pools));
	size_t found = 0;
	enum pm_code code;

	*list = NULL;
	*count = 0;
	code = pools ? pm_region_pools(&session->host, info, pools, POOLS_MAX, &found, err)
		     : pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look for pools");
	if (code == PM_OK && found > 0)
		*list = calloc(found, sizeof(**list));
	if (code == PM_OK && found > 0 && !*list)
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to list %zu pools", found);
	for (size_t i = 0; code == PM_OK && i < found; i++)
		/* one that cannot be read is no pool here; region/recognise names it */
		if (pools[i].code == PM_OK)
			(*list)[(*count)++] = (struct place){*info, pools[i].offset, pools[i].sb};
	free(pools);
	return code;
}

static bool fits(const struct place *place)
{
	return place->sb.region_bytes <= place->region.bytes - place->offset;
}

/* Regions may share memory (pmpool= inside a memmap=): one pool is listed once, in the smallest that holds all of it. */
static bool listed(struct place *list, size_t count, const struct place *place)
{
	for (size_t i = 0; i < count; i++) {
		if (place_base(&list[i]) != place_base(place))
			continue;
		if (fits(place) && (!fits(&list[i]) || place->region.bytes < list[i].region.bytes))
			list[i] = *place;
		return true;
	}
	return false;
}

static bool same_pool(const struct place *a, const struct place *b)
{
	return memcmp(a->sb.pool_uuid, b->sb.pool_uuid, sizeof(a->sb.pool_uuid)) == 0;
}

size_t places_together(const struct place *places, size_t count)
{
	size_t together = 0;

	while (together < count && same_pool(places, &places[together]))
		together++;
	return together;
}

const struct place *places_first(const struct place *places, size_t count)
{
	const struct place *first = places;

	for (size_t i = 1; i < count; i++)
		if (places[i].sb.region_index < first->sb.region_index)
			first = &places[i];
	return first;
}

/* By index; of two that claim the same one, the one that stands where it was made. */
static bool before(const struct place *a, const struct place *b)
{
	if (a->sb.region_index != b->sb.region_index)
		return a->sb.region_index < b->sb.region_index;
	return place_right(a) && !place_right(b);
}

/* Moves places[from] to the others of its pool; they are few. */
static void bring_together(struct place *places, size_t count, size_t from)
{
	struct place moved = places[from];
	size_t to = from;

	for (size_t i = 0; i < from && to == from; i++)
		if (same_pool(&places[i], &moved)) {
			size_t end = i + places_together(&places[i], from - i);

			for (to = i; to < end && !before(&moved, &places[to]);)
				to++;
		}
	memmove(&places[to + 1], &places[to], (from - to) * sizeof(*places));
	places[to] = moved;
}

static enum pm_code append(struct place **list, size_t *count, const struct place *more, size_t n, struct pm_error *err)
{
	struct place *grown;

	if (n == 0)
		return PM_OK;
	grown = realloc(*list, (*count + n) * sizeof(**list));
	if (!grown)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to list the pools");
	*list = grown;
	for (size_t i = 0; i < n; i++)
		if (!listed(grown, *count, &more[i]))
			grown[(*count)++] = more[i];
	return PM_OK;
}

enum pm_code session_places(const struct session *session, struct place **list, size_t *count, struct pm_error *err)
{
	struct pm_region_info *regions = NULL;
	size_t region_count = 0;
	enum pm_code code = pm_region_list(&session->host, &regions, &region_count, err);

	*list = NULL;
	*count = 0;
	for (size_t i = 0; code == PM_OK && i < region_count; i++) {
		struct place *found = NULL;
		size_t n = 0;

		if (regions[i].refused.code != PM_OK)
			continue;
		/* one region that cannot be looked at must not hide the pools of the others */
		if (region_places(session, &regions[i], &found, &n, NULL) == PM_OK)
			code = append(list, count, found, n, err);
		free(found);
	}
	free(regions);
	for (size_t i = 1; code == PM_OK && i < *count; i++)
		bring_together(*list, *count, i);
	if (code != PM_OK) {
		free(*list);
		*list = NULL;
		*count = 0;
	}
	return code;
}

/* --- pools that cannot be opened: newer, older, or damaged in both superblocks --- */

static bool is_called(const struct pm_pool_at *at, const char *text)
{
	char uuid[PM_UUID_TEXT];

	pm_uuid_format(at->sb.pool_uuid, uuid);
	return strcmp(uuid, text) == 0 || strncmp(at->sb.pool_name, text, sizeof(at->sb.pool_name)) == 0;
}

enum pm_code place_refused(const struct session *session, const char *text, struct pm_error *err)
{
	struct pm_pool_at *pools = malloc(POOLS_MAX * sizeof(*pools));
	struct pm_region_info *list = NULL;
	size_t regions = 0, count = 0;
	enum pm_code code = PM_E_POOL_NOT_FOUND;

	if (!pools || pm_region_list(&session->host, &list, &regions, NULL) != PM_OK)
		regions = 0;
	for (size_t i = 0; i < regions && code == PM_E_POOL_NOT_FOUND; i++) {
		if (list[i].refused.code ||
		    pm_region_pools(&session->host, &list[i], pools, POOLS_MAX, &count, NULL) != PM_OK)
			continue;
		for (size_t j = 0; j < count && code == PM_E_POOL_NOT_FOUND; j++)
			if (pools[j].code != PM_OK && is_called(&pools[j], text))
				code = pm_fail(err, pools[j].code, "pool %s at 0x%" PRIx64 " in %s cannot be opened",
					       text, list[i].base + pools[j].offset, list[i].id);
	}
	free(pools);
	free(list);
	return code;
}
