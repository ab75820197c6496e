/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pmpool/error.h"
#include <stddef.h>

static const struct row {
	int code;
	const char *name, *reason, *remedy;
} rows[] = {
#define PM_ERROR_ROW(number, id, name, reason, remedy) {(number), (name), (reason), (remedy)},
	PM_ERRORS(PM_ERROR_ROW)
#undef PM_ERROR_ROW
		{PM_OK, "ok", "It worked.", ""},
	{PM_E_PARSE, "parse-error", "The message is not JSON.", "Send JSON-RPC 2.0."},
	{PM_E_INVALID_REQUEST, "invalid-request", "The message is not a request.", "Send JSON-RPC 2.0."},
	{PM_E_METHOD_NOT_FOUND, "method-not-found", "No method has this name.", "Use a method of docs/protocol.md."},
	{PM_E_INVALID_PARAMS, "invalid-params", "A parameter is missing or wrong.", "See the message."},
	{PM_E_CANCELLED, "cancelled", "It was cancelled.", "Start it again when you want it."},
};

static const struct row *row_of(enum pm_code code)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == (int)code)
			return &rows[i];
	return row_of(PM_E_INTERNAL);
}

const char *pm_error_name(enum pm_code code)
{
	return row_of(code)->name;
}

const char *pm_error_reason(enum pm_code code)
{
	return row_of(code)->reason;
}

const char *pm_error_remedy(enum pm_code code)
{
	return row_of(code)->remedy;
}
