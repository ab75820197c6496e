/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_build.h"
#include "utf8.h"
#include <stdlib.h>
#include <string.h>

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
	size_t bytes = strnlen(field, size);
	char *clean = utf8_clean(field, bytes);

	json_set(object, name, json_object_new_string(clean ? clean : ""));
	free(clean);
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

void json_set_time(struct json_object *object, const char *name, uint64_t time_ns)
{
	json_set_count(object, name, time_ns / 1000000);
}

struct json_object *json_member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

uint64_t json_count(struct json_object *object, const char *name)
{
	return json_object_get_uint64(json_member(object, name));
}

const char *json_text(struct json_object *object, const char *name)
{
	struct json_object *value = json_member(object, name);

	return value ? json_object_get_string(value) : "";
}

bool json_flag(struct json_object *object, const char *name)
{
	return json_object_get_boolean(json_member(object, name));
}

static void set_table_row(struct json_object *object, enum pm_code code)
{
	json_set_text(object, "name", pm_error_name(code));
	json_set_text(object, "reason", pm_error_reason(code));
	json_set_text(object, "remedy", pm_error_remedy(code));
}

struct json_object *json_error(enum pm_code code, const char *message)
{
	struct json_object *error = json_object_new_object();

	json_set(error, "code", json_object_new_int(code));
	json_set_text(error, "message", message[0] ? message : pm_error_reason(code));
	set_table_row(error, code);
	return error;
}

struct json_object *json_error_data(enum pm_code code, const char *confirm)
{
	struct json_object *data = json_object_new_object();

	set_table_row(data, code);
	if (confirm[0])
		json_set_text(data, "confirm", confirm);
	return data;
}
