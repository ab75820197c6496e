/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A verdict, a comparison or the result of a memory test as a document: one implementation for the command line, the
 * page and files without a helper. What it is given is the JSON object of main/api, and is not trusted.
 */
#ifndef PMPOOL_REPORT_H
#define PMPOOL_REPORT_H

#include "error.h"
#include <stdbool.h>
#include <stdio.h>

struct json_object;

enum pm_report_format {
	PM_REPORT_HTML, /* one file, no script, nothing loaded from elsewhere */
	PM_REPORT_JSON, /* the object itself, with "$schema" */
	PM_REPORT_JUNIT, /* one test case a check and one a diagnosis */
	PM_REPORT_KTAP, /* version 1 */
	PM_REPORT_TEXT, /* for a terminal, without colours */
	PM_REPORT_COUNT,
};
const char *pm_report_format_name(enum pm_report_format format); /* html json junit ktap text */
bool pm_report_format_parse(const char *name, enum pm_report_format *format);

/* INVALID_PARAMS when the object is none of the three. IO_FAILED when `to` cannot take it. */
enum pm_code pm_report_write(struct json_object *object, enum pm_report_format format, FILE *to, struct pm_error *err);

#endif
