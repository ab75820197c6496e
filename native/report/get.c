/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "get.h"

struct json_object *get(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &value);
	return value;
}

bool get_has(struct json_object *object, const char *name, enum json_type type)
{
	struct json_object *value = get(object, name);

	return value && json_object_is_type(value, type);
}

struct json_object *get_object(struct json_object *object, const char *name)
{
	return get_has(object, name, json_type_object) ? get(object, name) : NULL;
}

const char *value_text(struct json_object *value)
{
	return value && json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

uint64_t value_count(struct json_object *value)
{
	if (!value || (!json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_double)))
		return 0;
	return json_object_get_double(value) > 0 ? json_object_get_uint64(value) : 0;
}

const char *get_text(struct json_object *object, const char *name)
{
	return value_text(get(object, name));
}

uint64_t get_count(struct json_object *object, const char *name)
{
	return value_count(get(object, name));
}

bool get_flag(struct json_object *object, const char *name)
{
	return get_has(object, name, json_type_boolean) && json_object_get_boolean(get(object, name));
}

size_t get_length(struct json_object *object, const char *name)
{
	return get_has(object, name, json_type_array) ? json_object_array_length(get(object, name)) : 0;
}

struct json_object *get_item(struct json_object *object, const char *name, size_t index)
{
	return index < get_length(object, name) ? json_object_array_get_idx(get(object, name), index) : NULL;
}
