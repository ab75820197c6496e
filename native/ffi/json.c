/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"
#include "host/check.h"
#include "host/uuid.h"
#include <string.h>

#define COUNT_MAX ((UINT64_C(1) << 53) - 1)

void put(struct json_object *object, const char *name, struct json_object *value)
{
	json_object_object_add(object, name, value);
}

void put_field(struct json_object *object, const char *name, const char *field, size_t size)
{
	put(object, name, pm_json_clean(field, size));
}

void put_text(struct json_object *object, const char *name, const char *text)
{
	put_field(object, name, text, strlen(text));
}

void put_count(struct json_object *object, const char *name, uint64_t value)
{
	put(object, name, json_object_new_uint64(value < COUNT_MAX ? value : COUNT_MAX));
}

void put_bool(struct json_object *object, const char *name, bool value)
{
	put(object, name, json_object_new_boolean(value));
}

void put_uuid(struct json_object *object, const char *name, const uint8_t uuid[16])
{
	char text[PM_UUID_TEXT];

	pm_uuid_format(uuid, text);
	put_text(object, name, text);
}

void put_digest(struct json_object *object, const char *name, const uint8_t digest[16])
{
	char text[33];

	pm_hex_format(digest, 16, text);
	put_text(object, name, text);
}

struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &value);
	return value;
}

const char *member_text(struct json_object *object, const char *name)
{
	struct json_object *value = member(object, name);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

uint64_t member_count(struct json_object *object, const char *name)
{
	struct json_object *value = member(object, name);

	return json_object_is_type(value, json_type_int) ? json_object_get_uint64(value) : 0;
}

struct json_object *error_json(enum pm_code code, const char *message)
{
	struct json_object *error = json_object_new_object();

	put(error, "code", json_object_new_int(code));
	put_text(error, "name", pm_error_name(code));
	put_text(error, "message", message[0] ? message : pm_error_reason(code));
	put_text(error, "reason", pm_error_reason(code));
	put_text(error, "remedy", pm_error_remedy(code));
	return error;
}

static struct json_object *record_json(const struct pm_record *record)
{
	struct json_object *object = json_object_new_object();

	put_count(object, "id", record->id);
	put_field(object, "name", record->name, sizeof(record->name));
	put_field(object, "owner", record->owner, sizeof(record->owner));
	put_field(object, "purpose", record->purpose, sizeof(record->purpose));
	put_count(object, "createdAt", record->created_ns / 1000000);
	put_uuid(object, "bootId", record->boot_id);
	return object;
}

struct json_object *allocation_json(const struct pm_pool *pool, const struct pm_run *run)
{
	uint64_t address = pm_page_address(pool, run->page);
	struct json_object *object = json_object_new_object();

	put_count(object, "page", run->page);
	put_count(object, "pages", run->pages);
	put_count(object, "pfn", address >> PM_PAGE_SHIFT);
	put_count(object, "address", address);
	put(object, "record", run->record ? record_json(run->record) : NULL);
	return object;
}

struct json_object *usage_json(const struct pm_usage *usage)
{
	bool none = usage->largest_free_order == UINT32_MAX;
	struct json_object *object = json_object_new_object();

	put_count(object, "pagesFree", usage->pages_free);
	put_count(object, "pagesAllocated", usage->pages_allocated);
	put_count(object, "pagesBad", usage->pages_bad);
	put_count(object, "pagesMetadata", usage->pages_metadata);
	put_count(object, "allocations", usage->allocations);
	put_count(object, "records", usage->records);
	put_count(object, "recordSlots", usage->record_slots);
	put_count(object, "largestFreeRun", usage->largest_free_run);
	put(object, "largestFreeOrder", none ? NULL : json_object_new_uint64(usage->largest_free_order));
	return object;
}
