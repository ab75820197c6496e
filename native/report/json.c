/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The object itself, with "$schema" in front. */
#include "internal.h"
#include "runes.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { DEEPEST = 64 };

static void put_string(FILE *to, const char *text)
{
	struct rune rune;

	fputc('"', to);
	while (rune_next(&text, &rune)) {
		if (rune.utf8[0] == '\n' || rune.utf8[0] == '\t')
			fputs(rune.utf8[0] == '\n' ? "\\n" : "\\t", to);
		else if (rune.utf8[0] == '"' || rune.utf8[0] == '\\')
			fprintf(to, "\\%c", rune.utf8[0]);
		else
			fputs(rune.utf8, to);
	}
	fputc('"', to);
}

static void indent(FILE *to, unsigned depth)
{
	fprintf(to, "\n%*s", (int)depth * 2, "");
}

static void put_value(FILE *to, struct json_object *value, unsigned depth);

static void put_members(FILE *to, struct json_object *object, unsigned depth, bool first)
{
	json_object_object_foreach(object, key, value)
	{
		if (depth == 1 && strcmp(key, "$schema") == 0)
			continue;
		if (!first)
			fputc(',', to);
		first = false;
		indent(to, depth);
		put_string(to, key);
		fputs(": ", to);
		put_value(to, value, depth);
	}
}

static void put_array(FILE *to, struct json_object *array, unsigned depth)
{
	size_t length = json_object_array_length(array);

	fputc('[', to);
	for (size_t i = 0; i < length; i++) {
		if (i > 0)
			fputc(',', to);
		indent(to, depth + 1);
		put_value(to, json_object_array_get_idx(array, i), depth + 1);
	}
	if (length > 0)
		indent(to, depth);
	fputc(']', to);
}

static void put_object(FILE *to, struct json_object *object, unsigned depth)
{
	fputc('{', to);
	put_members(to, object, depth + 1, true);
	if (json_object_object_length(object) > 0)
		indent(to, depth);
	fputc('}', to);
}

static void put_double(FILE *to, double number)
{
	if (isfinite(number))
		fprintf(to, "%.17g", number);
	else
		fputs("null", to);
}

static void put_value(FILE *to, struct json_object *value, unsigned depth)
{
	switch (depth < DEEPEST ? json_object_get_type(value) : json_type_null) {
	case json_type_object:
		put_object(to, value, depth);
		break;
	case json_type_array:
		put_array(to, value, depth);
		break;
	case json_type_string:
		put_string(to, json_object_get_string(value));
		break;
	case json_type_double:
		put_double(to, json_object_get_double(value));
		break;
	case json_type_int:
		if (json_object_get_int64(value) < 0)
			fprintf(to, "%" PRId64, json_object_get_int64(value));
		else
			fprintf(to, "%" PRIu64, json_object_get_uint64(value));
		break;
	case json_type_boolean:
		fputs(json_object_get_boolean(value) ? "true" : "false", to);
		break;
	default:
		fputs("null", to);
	}
}

void report_json(const struct report *report, FILE *to)
{
	fputs("{\n  \"$schema\": ", to);
	fprintf(to, "\"https://pmpool-lab.example/schema/%s.schema.json\"", report->what);
	put_members(to, report->object, 1, false);
	fputs("\n}\n", to);
}
