/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"
#include "core/text.h"
#include "core/uuid.h"
#include <stdlib.h>
#include <string.h>

char *json_clean_text(const char *field, size_t size)
{
	const char *end = field + strnlen(field, size);
	char *clean = malloc((size_t)(end - field) * (sizeof(PM_TEXT_DAMAGED) - 1) + 1), *to = clean;

	while (clean && field < end) {
		struct pm_character character;

		if (*field == '\t' || *field == '\n') {
			*to++ = *field++;
			continue;
		}
		pm_text_next(&field, (size_t)(end - field), &character);
		memcpy(to, character.utf8, character.bytes);
		to += character.bytes;
	}
	if (clean)
		*to = 0;
	return clean;
}

struct json_object *json_clean(const char *field, size_t size)
{
	char *clean = json_clean_text(field, size);
	struct json_object *text = json_object_new_string(clean ? clean : "");

	free(clean);
	return text;
}

void json_set(struct json_object *object, const char *name, struct json_object *value)
{
	json_object_object_add(object, name, value);
}

void json_set_count(struct json_object *object, const char *name, uint64_t value)
{
	json_set(object, name, json_object_new_uint64(value < JSON_COUNT_MAX ? value : JSON_COUNT_MAX));
}

void json_set_field(struct json_object *object, const char *name, const char *field, size_t size)
{
	json_set(object, name, json_clean(field, size));
}

void json_set_text(struct json_object *object, const char *name, const char *text)
{
	json_set_field(object, name, text, strlen(text));
}

void json_set_bool(struct json_object *object, const char *name, bool value)
{
	json_set(object, name, json_object_new_boolean(value));
}

void json_set_uuid(struct json_object *object, const char *name, const uint8_t uuid[16])
{
	char text[PM_UUID_TEXT];

	pm_uuid_format(uuid, text);
	json_set(object, name, json_object_new_string(text));
}

void json_set_digest(struct json_object *object, const char *name, const uint8_t digest[16])
{
	char text[33];

	pm_hex_format(digest, 16, text);
	json_set(object, name, json_object_new_string(text));
}

void json_set_time(struct json_object *object, const char *name, uint64_t time_ns)
{
	json_set_count(object, name, time_ns / 1000000);
}

struct json_object *json_member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &value);
	return value;
}

bool json_has(struct json_object *object, const char *name, enum json_type type)
{
	struct json_object *value = json_member(object, name);

	return value && json_object_is_type(value, type);
}

struct json_object *json_part(struct json_object *object, const char *name)
{
	return json_has(object, name, json_type_object) ? json_member(object, name) : NULL;
}

const char *json_value_text(struct json_object *value)
{
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

uint64_t json_value_count(struct json_object *value)
{
	if (!json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_double))
		return 0;
	return json_object_get_double(value) > 0 ? json_object_get_uint64(value) : 0;
}

const char *json_text(struct json_object *object, const char *name)
{
	return json_value_text(json_member(object, name));
}

const char *json_uuid(struct json_object *object, const char *name)
{
	const char *text = json_text(object, name);
	uint8_t uuid[16];

	return pm_uuid_parse(text, uuid) ? text : NULL;
}

uint64_t json_count(struct json_object *object, const char *name)
{
	return json_value_count(json_member(object, name));
}

bool json_flag(struct json_object *object, const char *name)
{
	return json_has(object, name, json_type_boolean) && json_object_get_boolean(json_member(object, name));
}

size_t json_length(struct json_object *object, const char *name)
{
	return json_has(object, name, json_type_array) ? json_object_array_length(json_member(object, name)) : 0;
}

struct json_object *json_item(struct json_object *object, const char *name, size_t index)
{
	return index < json_length(object, name) ? json_object_array_get_idx(json_member(object, name), index) : NULL;
}
