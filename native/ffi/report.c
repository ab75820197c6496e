/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answer.h"
#include "json/shapes.h"
#include "pmpool_ffi.h"
#include <pmpool/report.h>
#include <stdlib.h>
#include <string.h>

static enum pm_code write_report(struct json_object *object, enum pm_report_format format, struct json_object *result,
				 struct pm_error *err)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *to = open_memstream(&text, &bytes);
	enum pm_code code;

	if (!to)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for the report");
	code = pm_report_write(object, format, to, err);
	if (fclose(to) != 0 && code == PM_OK)
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for the report");
	if (code == PM_OK)
		json_set(result, "text", json_object_new_string_len(text, (int)bytes));
	free(text);
	return code;
}

char *pm_ffi_report(const char *object, const char *format)
{
	struct json_object *parsed = json_tokener_parse(object), *result = json_object_new_object();
	enum pm_report_format chosen = PM_REPORT_COUNT;
	struct pm_error err = {0};
	enum pm_code code = pm_report_format_parse(format, &chosen)
				    ? write_report(parsed, chosen, result, &err)
				    : pm_fail(&err, PM_E_INVALID_PARAMS, "there is no format %s", format);

	json_object_put(parsed);
	return answer(code, result, &err);
}
