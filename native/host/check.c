// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"
#include "core/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pm_check_add(struct json_object *checks, const char *id, enum pm_level level, const char *title,
		  const char *remedy, const char *detail, ...)
{
	static const char *const names[] = {[PM_PASS] = "pass", [PM_WARN] = "warn", [PM_FAIL] = "fail"};
	struct json_object *check = json_object_new_object();
	char text[3072]; /* holds a whole command line */
	va_list arguments;

	va_start(arguments, detail);
	vsnprintf(text, sizeof(text), detail, arguments);
	va_end(arguments);
	json_object_object_add(check, "id", json_object_new_string(id));
	json_object_object_add(check, "level", json_object_new_string(names[level]));
	json_object_object_add(check, "title", json_object_new_string(title));
	json_object_object_add(check, "detail", pm_json_clean(text, sizeof(text)));
	json_object_object_add(check, "remedy", json_object_new_string(level == PM_PASS ? "" : remedy));
	json_object_array_add(checks, check);
}

struct json_object *pm_check_failed(struct json_object *checks)
{
	for (size_t i = 0; i < json_object_array_length(checks); i++) {
		struct json_object *check = json_object_array_get_idx(checks, i);

		if (strcmp(pm_json_text(check, "level"), "fail") == 0)
			return check;
	}
	return NULL;
}

const char *pm_json_text(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!object || !json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

struct json_object *pm_json_clean(const char *text, size_t capacity)
{
	struct json_object *json;
	size_t bytes = strnlen(text, capacity);
	char *copy = malloc(bytes + 1);

	if (!copy)
		return json_object_new_string("");
	memcpy(copy, text, bytes);
	copy[bytes] = 0;
	pm_text_clean(copy, bytes + 1);
	json = json_object_new_string(copy);
	free(copy);
	return json;
}
