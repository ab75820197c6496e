/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report as things that hold or do not: what JUnit and KTAP count. */
#include "internal.h"
#include <stdio.h>
#include <string.h>

static void each_check(const struct report *report, report_case_visitor visit, void *context)
{
	for (size_t i = 0; i < json_length(report->object, "checks"); i++) {
		struct json_object *check = json_item(report->object, "checks", i);
		const char *level = json_text(check, "level");
		struct report_case one = {.group = "check", .type = json_text(check, "id")};

		one.passed = strcmp(level, "fail") != 0;
		snprintf(one.name, sizeof(one.name), "%s", json_text(check, "title"));
		one.evidence[0] = json_text(check, "detail");
		one.evidence[1] = json_text(check, "remedy");
		if (strcmp(level, "warn") == 0)
			one.evidence[2] = "This is a warning.";
		visit(context, &one);
	}
}

static void each_diagnosis(const struct report *report, report_case_visitor visit, void *context)
{
	for (size_t i = 0; i < json_length(report->object, "diagnoses"); i++) {
		struct json_object *diagnosis = json_item(report->object, "diagnoses", i);
		struct report_case one = {.group = "diagnosis", .type = json_text(diagnosis, "kind")};

		snprintf(one.name, sizeof(one.name), "%s", json_text(diagnosis, "title"));
		snprintf(one.words, sizeof(one.words), "Confidence: %u %%.",
			 (unsigned)json_count(diagnosis, "confidence"));
		one.evidence[0] = json_text(diagnosis, "detail");
		one.evidence[1] = json_text(diagnosis, "cause");
		one.evidence[2] = one.words;
		visit(context, &one);
	}
}

static void each_record(const struct report *report, report_case_visitor visit, void *context)
{
	for (size_t i = 0; i < json_length(report->object, "records"); i++) {
		struct json_object *record = json_item(report->object, "records", i);
		const char *state = json_text(record, "state");
		struct report_case one = {.group = "record", .type = state};
		char pages[WORD_BYTES], first[WORD_BYTES];

		one.passed = strcmp(state, "intact") == 0;
		snprintf(one.name, sizeof(one.name), "Record %s", json_text(record, "name"));
		snprintf(one.words, sizeof(one.words), "%.32s: %s of %s from page %s on changed.", state,
			 word_count(json_count(record, "changedPages"), (char[WORD_BYTES]){""}),
			 word_plural(json_count(record, "pages"), "page", pages),
			 word_count(json_count(record, "page"), first));
		one.evidence[0] = one.words;
		visit(context, &one);
	}
}

static void free_pages(const struct report *report, report_case_visitor visit, void *context)
{
	struct json_object *free = json_part(report->object, "freePages");
	uint64_t changed = json_count(free, "changed");
	struct report_case one = {.group = "pages", .type = "pattern", .passed = changed == 0};
	char pages[WORD_BYTES], wrong[WORD_BYTES];

	if (!free)
		return;
	snprintf(one.name, sizeof(one.name), "Free pages hold their pattern: %s", json_text(free, "pattern"));
	snprintf(one.words, sizeof(one.words), "%s of %s changed.", word_count(changed, wrong),
		 word_plural(json_count(free, "checked"), "page", pages));
	one.evidence[0] = one.words;
	visit(context, &one);
}

static void difference(const char *group, const char *name, uint64_t count, report_case_visitor visit, void *context)
{
	struct report_case one = {.group = group, .type = "differs", .passed = count == 0};
	char number[WORD_BYTES];

	snprintf(one.name, sizeof(one.name), "%s", name);
	snprintf(one.words, sizeof(one.words), "%s differ.", word_count(count, number));
	one.evidence[0] = one.words;
	visit(context, &one);
}

static void comparison_cases(const struct report *report, report_case_visitor visit, void *context)
{
	static const char *const ways[] = {"changed", "added", "removed", "unreadable"};
	struct json_object *pages = json_part(report->object, "pages");
	char name[32];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		snprintf(name, sizeof(name), "No page is %s", ways[i]);
		difference("pages", name, json_count(pages, ways[i]), visit, context);
	}
	difference("allocation", "The allocations are the same", json_length(report->object, "allocations"), visit,
		   context);
	difference("record", "The records are the same", json_length(report->object, "records"), visit, context);
}

static void each_test(const struct report *report, report_case_visitor visit, void *context)
{
	for (size_t i = 0; i < json_length(report->object, "tests"); i++) {
		struct json_object *test = json_item(report->object, "tests", i);
		uint64_t errors = json_count(test, "errors");
		struct report_case one = {.group = "test", .type = json_text(test, "test"), .passed = errors == 0};
		char number[WORD_BYTES];

		snprintf(one.name, sizeof(one.name), "Test %s", json_text(test, "test"));
		snprintf(one.words, sizeof(one.words), "%s read back wrong.", word_plural(errors, "word", number));
		one.evidence[0] = one.words;
		visit(context, &one);
	}
}

void report_cases(const struct report *report, report_case_visitor visit, void *context)
{
	switch (report->kind) {
	case REPORT_VERDICT:
		each_check(report, visit, context);
		each_record(report, visit, context);
		free_pages(report, visit, context);
		break;
	case REPORT_COMPARISON:
		comparison_cases(report, visit, context);
		break;
	case REPORT_TEST:
		each_test(report, visit, context);
		break;
	}
	each_diagnosis(report, visit, context);
}

static void count_case(void *context, const struct report_case *one)
{
	struct report_tally *tally = context;

	tally->cases++;
	tally->failures += !one->passed;
}

struct report_tally report_count(const struct report *report)
{
	struct report_tally tally = {0};

	report_cases(report, count_case, &tally);
	return tally;
}
