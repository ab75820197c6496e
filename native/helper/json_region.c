/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_build.h"
#include <stdlib.h>

static struct json_object *place_object(const struct place *place)
{
	struct json_object *object = json_object_new_object();

	json_set_uuid(object, "uuid", place->sb.pool_uuid);
	json_set_field(object, "name", place->sb.pool_name, sizeof(place->sb.pool_name));
	json_set_count(object, "offset", place->offset);
	json_set_count(object, "size", place->sb.region_bytes);
	return object;
}

enum pm_code json_region(struct session *session, const struct pm_region_info *info, struct json_object **region,
			 struct pm_error *err)
{
	struct json_object *object, *pools;
	struct place *places = NULL;
	struct pm_error refused = info->refused;
	size_t count = 0;

	/* a region that cannot be looked at stays in the list and says why */
	if (refused.code == PM_OK && region_places(session, info, &places, &count, &refused) != PM_OK)
		count = 0;
	object = json_object_new_object();
	json_set_text(object, "id", info->id);
	json_set_text(object, "kind", pm_region_kind_name(info->kind));
	json_set_count(object, "base", info->base);
	json_set_count(object, "size", info->bytes);
	json_set_count(object, "grain", info->grain);
	json_set(object, "numaNode", json_node(info->numa_node));
	json_set_text(object, "source", info->source);
	json_set(object, "refused", json_error_of(&refused));
	pools = json_object_new_array();
	for (size_t i = 0; i < count; i++)
		json_object_array_add(pools, place_object(&places[i]));
	json_set(object, "pools", pools);
	free(places);
	*region = object;
	return PM_OK;
}
