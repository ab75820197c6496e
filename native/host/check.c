// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"
#include <stdarg.h>
#include <stdio.h>
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
	json_set_text(check, "detail", text);
	json_object_object_add(check, "remedy", json_object_new_string(level == PM_PASS ? "" : remedy));
	json_object_array_add(checks, check);
}

struct json_object *pm_check_failed(struct json_object *checks)
{
	for (size_t i = 0; i < json_object_array_length(checks); i++) {
		struct json_object *check = json_object_array_get_idx(checks, i);

		if (strcmp(json_text(check, "level"), "fail") == 0)
			return check;
	}
	return NULL;
}
