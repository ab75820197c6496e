/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "act_pattern.h"
#include "host/base64.h"
#include "json_build.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum pm_code read_data(struct json_object *object, struct pm_pattern *pattern, struct pm_error *err)
{
	uint8_t *data = NULL;

	if (!base64_decode(json_text(object, "data"), &data, &pattern->data_bytes))
		return pm_fail(err, PM_E_INVALID_PARAMS, "parameter pattern.data: is not base64");
	pattern->data = data;
	if (pattern->data_bytes >= 1 && pattern->data_bytes <= PM_PATTERN_DATA_BYTES)
		return PM_OK;
	return pm_fail(err, PM_E_INVALID_PARAMS, "parameter pattern.data: must have 1 to %u bytes",
		       PM_PATTERN_DATA_BYTES);
}

enum pm_code pattern_read(struct json_object *object, struct pm_pattern *pattern, struct pm_error *err)
{
	bool has_data = json_member(object, "data") != NULL;
	enum pm_code code = PM_OK;

	memset(pattern, 0, sizeof(*pattern));
	if (!pm_pattern_parse(json_text(object, "kind"), &pattern->kind))
		return pm_fail(err, PM_E_INVALID_PARAMS, "parameter pattern.kind: there is no pattern \"%.40s\"",
			       json_text(object, "kind"));
	if (has_data != (pattern->kind == PM_PATTERN_DATA))
		return pm_fail(err, PM_E_INVALID_PARAMS, "parameter pattern.data: %s",
			       has_data ? "belongs to the pattern data"
					: "is missing: the pattern data needs its bytes (--data FILE)");
	pattern->seed = json_count(object, "seed");
	if (has_data)
		code = read_data(object, pattern, err);
	if (code != PM_OK)
		pattern_free(pattern);
	return code;
}

void pattern_free(struct pm_pattern *pattern)
{
	free((void *)(uintptr_t)pattern->data);
	pattern->data = NULL;
}

void pattern_words(const struct pm_pattern *pattern, char text[64])
{
	const char *name = pm_pattern_name(pattern->kind);

	if (pattern->kind == PM_PATTERN_DATA)
		snprintf(text, 64, "%s, %zu bytes", name, pattern->data_bytes);
	else if (pattern->seed)
		snprintf(text, 64, "%s, seed %llu", name, (unsigned long long)pattern->seed);
	else
		snprintf(text, 64, "%s", name);
}
