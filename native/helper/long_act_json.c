/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_build.h"
#include "long_act.h"

static struct json_object *object_in(struct json_object *object, const char *name)
{
	struct json_object *member = json_object_is_type(object, json_type_object) ? json_member(object, name) : NULL;

	return json_object_is_type(member, json_type_object) ? member : NULL;
}

static const char *text_in(struct json_object *object, const char *name)
{
	return json_object_is_type(json_member(object, name), json_type_string) ? json_text(object, name) : "";
}

/* A UUID of the description, or NULL: what a damaged or foreign file says there is shown to nobody. */
static const char *uuid_in(struct json_object *object, const char *name)
{
	const char *text = object ? text_in(object, name) : "";
	uint8_t uuid[16];

	return pm_uuid_parse(text, uuid) ? text : NULL;
}

static void put_parent(struct json_object *object, const struct snapshot_facts *facts)
{
	struct json_object *parent = object_in(object_in(facts->description, "snapshot"), "parent"), *shown = NULL;

	if (parent) {
		shown = json_object_new_object();
		json_set_text(shown, "name", text_in(parent, "name"));
		json_set_text(shown, "digest", text_in(parent, "digest"));
		json_set_bool(shown, "present", facts->present);
	}
	json_set(object, "parent", shown);
}

static void put_counts(struct json_object *object, const struct pm_snapshot_result *result)
{
	char digest[33];

	pm_hex_format(result->digest, sizeof(result->digest), digest);
	json_set_count(object, "pages", result->pages);
	json_set_count(object, "zeroPages", result->zero_pages);
	json_set_count(object, "repeatedPages", result->repeated_pages);
	json_set_count(object, "parentPages", result->parent_pages);
	json_set_count(object, "movedPages", result->moved_pages);
	json_set_text(object, "digest", digest);
}

enum pm_code json_snapshot(const struct snapshot_facts *facts, struct json_object **snapshot, struct pm_error *err)
{
	bool damaged = facts->damage && facts->damage->code != PM_OK;
	struct json_object *description = facts->description, *object;
	struct json_object *pool = object_in(description, "pool");
	const char *uuid = uuid_in(pool, "uuid"), *boot = uuid_in(object_in(description, "host"), "bootId");
	uint64_t created = description ? json_count(description, "createdAt") : 0;

	if (!uuid && !damaged)
		return pm_fail(err, PM_E_FILE_CORRUPT, "the description in %s names no pool", facts->name);
	object = json_object_new_object();
	json_set_text(object, "name", facts->name);
	json_set_count(object, "bytes", facts->bytes);
	json_set_count(object, "createdAt", created ? created : facts->created_ms);
	json_set(object, "bootId", boot ? json_object_new_string(boot) : NULL);
	json_set_text(object, "pool", uuid ? uuid : "00000000-0000-0000-0000-000000000000");
	json_set_text(object, "poolName", pool ? text_in(pool, "name") : "");
	json_set_bool(object, "all",
		      object_in(description, "snapshot") && json_flag(object_in(description, "snapshot"), "all"));
	put_counts(object, facts->result);
	put_parent(object, facts);
	json_set(object, "damage", damaged ? json_error(facts->damage->code, facts->damage->message) : NULL);
	*snapshot = object;
	return PM_OK;
}
