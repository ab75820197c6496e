/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pmpool/error.h"
#include <stdarg.h>
#include <stdio.h>

enum pm_code pm_fail(struct pm_error *err, enum pm_code code, const char *format, ...)
{
	va_list arguments;

	if (!err)
		return code;
	err->code = code;
	va_start(arguments, format);
	vsnprintf(err->message, sizeof(err->message), format, arguments);
	va_end(arguments);
	return code;
}
