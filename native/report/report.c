/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *const format_names[PM_REPORT_COUNT] = {
	[PM_REPORT_HTML] = "html", [PM_REPORT_JSON] = "json", [PM_REPORT_JUNIT] = "junit",
	[PM_REPORT_KTAP] = "ktap", [PM_REPORT_TEXT] = "text",
};

const char *pm_report_format_name(enum pm_report_format format)
{
	return format < PM_REPORT_COUNT ? format_names[format] : "";
}

bool pm_report_format_parse(const char *name, enum pm_report_format *format)
{
	for (size_t i = 0; i < PM_REPORT_COUNT; i++)
		if (strcmp(name, format_names[i]) == 0) {
			*format = (enum pm_report_format)i;
			return true;
		}
	return false;
}

static void verdict_of(struct report *report)
{
	report->what = "verdict";
	report->good = json_flag(report->object, "intact");
	report->headline = word_class(json_text(report->object, "class"));
	report->at = json_count(report->object, "reachedAt");
	snprintf(report->summary, sizeof(report->summary), "%s", json_text(report->object, "summary"));
}

static void comparison_of(struct report *report)
{
	struct json_object *pages = json_part(report->object, "pages");
	char changed[WORD_BYTES], compared[WORD_BYTES], allocations[WORD_BYTES], records[WORD_BYTES];

	report->what = "comparison";
	report->good = json_flag(report->object, "same");
	report->headline = report->good ? "Same" : "Different";
	report->at = json_count(json_part(report->object, "after"), "at");
	snprintf(report->summary, sizeof(report->summary),
		 "%s of %s differ; %" PRIu64 " added, %" PRIu64 " removed; %s and %s differ.",
		 word_count(json_count(pages, "changed"), changed),
		 word_plural(json_count(pages, "compared"), "compared page", compared), json_count(pages, "added"),
		 json_count(pages, "removed"),
		 word_plural(json_length(report->object, "allocations"), "allocation", allocations),
		 word_plural(json_length(report->object, "records"), "record", records));
}

static void test_of(struct report *report)
{
	char pages[WORD_BYTES], passes[WORD_BYTES], runs[WORD_BYTES];

	report->what = "memory-test";
	report->good = json_flag(report->object, "passed");
	report->headline = report->good ? "Passed" : "Failed";
	report->at = json_count(report->object, "startedAt");
	snprintf(report->summary, sizeof(report->summary), "%s tested in %s; %s failed.",
		 word_plural(json_count(report->object, "pages"), "page", pages),
		 word_plural(json_count(report->object, "passes"), "pass", passes),
		 report->good ? "none" : word_plural(json_length(report->object, "badPages"), "run", runs));
}

bool report_of(struct json_object *object, struct report *report)
{
	*report = (struct report){.object = object};
	if (json_has(object, "intact", json_type_boolean) && json_has(object, "class", json_type_string)) {
		report->kind = REPORT_VERDICT;
		verdict_of(report);
	} else if (json_has(object, "same", json_type_boolean) && json_part(object, "before")) {
		report->kind = REPORT_COMPARISON;
		comparison_of(report);
	} else if (json_has(object, "passed", json_type_boolean) && json_has(object, "tests", json_type_array)) {
		report->kind = REPORT_TEST;
		test_of(report);
	} else {
		return false;
	}
	return true;
}

enum pm_code pm_report_write(struct json_object *object, enum pm_report_format format, FILE *to, struct pm_error *err)
{
	static void (*const writers[PM_REPORT_COUNT])(const struct report *, FILE *) = {
		[PM_REPORT_HTML] = report_html, [PM_REPORT_JSON] = report_json, [PM_REPORT_JUNIT] = report_junit,
		[PM_REPORT_KTAP] = report_ktap, [PM_REPORT_TEXT] = report_text,
	};
	struct report report;

	if (format >= PM_REPORT_COUNT)
		return pm_fail(err, PM_E_INVALID_PARAMS, "there is no such format of reports");
	if (!report_of(object, &report))
		return pm_fail(err, PM_E_INVALID_PARAMS, "this is no verdict, no comparison and no memory test");
	writers[format](&report, to);
	if (fflush(to) != 0 || ferror(to))
		return pm_fail(err, errno == ENOSPC ? PM_E_DISK_FULL : PM_E_IO_FAILED, "writing the report: %s",
			       strerror(errno));
	return PM_OK;
}
