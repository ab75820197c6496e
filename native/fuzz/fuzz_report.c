/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any JSON object in every format: what comes out is well-formed. */
#include "../tests/well_formed.h"
#include <pmpool/report.h>
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_format(struct json_object *object, enum pm_report_format format)
{
	static const char *(*const lookers[PM_REPORT_COUNT])(const char *) = {
		[PM_REPORT_HTML] = markup_wrong, [PM_REPORT_JSON] = json_wrong,	 [PM_REPORT_JUNIT] = markup_wrong,
		[PM_REPORT_KTAP] = ktap_wrong,	 [PM_REPORT_TEXT] = plain_wrong,
	};
	struct pm_error err = {0};
	const char *wrong;
	char *text = NULL;
	size_t bytes = 0;
	FILE *to = open_memstream(&text, &bytes);

	if (!to)
		return;
	if (pm_report_write(object, format, to, &err) == PM_OK) {
		wrong = strlen(text) == bytes ? lookers[format](text) : "a NUL";
		if (wrong) {
			fprintf(stderr, "%s: %s\n%s\n", pm_report_format_name(format), wrong, text);
			abort();
		}
	}
	fclose(to);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_tokener *tokener = json_tokener_new_ex(80);
	struct json_object *object = json_tokener_parse_ex(tokener, (const char *)data, (int)size);

	for (enum pm_report_format format = 0; object && format < PM_REPORT_COUNT; format++)
		check_format(object, format);
	json_object_put(object);
	json_tokener_free(tokener);
	return 0;
}
