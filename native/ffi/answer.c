/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answer.h"
#include "json/shapes.h"
#include "pmpool_ffi.h"
#include <stdlib.h>
#include <string.h>

char *answer(enum pm_code code, struct json_object *result, const struct pm_error *err)
{
	struct json_object *envelope = json_object_new_object();
	const char *text;
	char *copy;

	if (code == PM_OK) {
		json_set(envelope, "ok", result);
	} else {
		json_object_put(result);
		json_set(envelope, "error", json_error(code, err->message));
	}
	text = json_object_to_json_string_ext(envelope, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	copy = text ? strdup(text) : NULL;
	json_object_put(envelope);
	return copy;
}

void pm_ffi_free(char *answer)
{
	free(answer);
}

uint32_t pm_ffi_version(void)
{
	return PM_FFI_VERSION;
}
