/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_build.h"
#include "long_act.h"

static void put_parent(struct json_object *object, const struct snapshot_facts *facts)
{
	struct json_object *parent = json_part(json_part(facts->description, "snapshot"), "parent"), *shown = NULL;

	if (parent) {
		shown = json_object_new_object();
		json_set_text(shown, "name", json_text(parent, "name"));
		json_set_text(shown, "digest", json_text(parent, "digest"));
		json_set_bool(shown, "present", facts->present);
	}
	json_set(object, "parent", shown);
}

enum pm_code json_snapshot(const struct snapshot_facts *facts, struct json_object **snapshot, struct pm_error *err)
{
	bool damaged = facts->damage && facts->damage->code != PM_OK;
	struct json_object *description = facts->description, *object, *pool = json_part(description, "pool");
	/* what a damaged or foreign file says in place of a UUID is shown to nobody */
	const char *uuid = json_uuid(pool, "uuid"), *boot = json_uuid(json_part(description, "host"), "bootId");
	uint64_t created = json_count(description, "createdAt");

	if (!uuid && !damaged)
		return pm_fail(err, PM_E_FILE_CORRUPT, "the description in %s names no pool", facts->name);
	object = json_object_new_object();
	json_set_text(object, "name", facts->name);
	json_set_count(object, "bytes", facts->bytes);
	json_set_count(object, "createdAt", created ? created : facts->created_ms);
	json_set(object, "bootId", boot ? json_object_new_string(boot) : NULL);
	json_set_text(object, "pool", uuid ? uuid : "00000000-0000-0000-0000-000000000000");
	json_set_text(object, "poolName", json_text(pool, "name"));
	json_set_bool(object, "all", json_flag(json_part(description, "snapshot"), "all"));
	pm_snapshot_result_set(object, facts->result);
	put_parent(object, facts);
	json_set(object, "damage", damaged ? json_error_of(facts->damage) : NULL);
	*snapshot = object;
	return PM_OK;
}
