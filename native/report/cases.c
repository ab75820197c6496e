/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report as things that hold or do not: what JUnit and KTAP count. */
#include "internal.h"
#include <stdio.h>
#include <string.h>

static void each_check(const struct report *report, report_case_visitor visit, void *context)
{
	for (size_t i = 0; i < get_length(report->object, "checks"); i++) {
		struct json_object *check = get_item(report->object, "checks", i);
		const char *level = get_text(check, "level");
		struct report_case one = {.group = "check", .type = get_text(check, "id")};

		one.passed = strcmp(level, "fail") != 0;
		snprintf(one.name, sizeof(one.name), "%s", get_text(check, "title"));
		one.evidence[0] = get_text(check, "detail");
		one.evidence[1] = get_text(check, "remedy");
		if (strcmp(level, "warn") == 0)
			one.evidence[2] = "This is a warning.";
		visit(context, &one);
	}
}

static void each_diagnosis(const struct report *report, report_case_visitor visit, void *context)
{
	for (size_t i = 0; i < get_length(report->object, "diagnoses"); i++) {
		struct json_object *diagnosis = get_item(report->object, "diagnoses", i);
		struct report_case one = {.group = "diagnosis", .type = get_text(diagnosis, "kind")};

		snprintf(one.name, sizeof(one.name), "%s", get_text(diagnosis, "title"));
		snprintf(one.words, sizeof(one.words), "Confidence: %u %%.",
			 (unsigned)get_count(diagnosis, "confidence"));
		one.evidence[0] = get_text(diagnosis, "detail");
		one.evidence[1] = get_text(diagnosis, "cause");
		one.evidence[2] = one.words;
		visit(context, &one);
	}
}

static void each_record(const struct report *report, report_case_visitor visit, void *context)
{
	for (size_t i = 0; i < get_length(report->object, "records"); i++) {
		struct json_object *record = get_item(report->object, "records", i);
		const char *state = get_text(record, "state");
		struct report_case one = {.group = "record", .type = state};
		char pages[WORD_BYTES], first[WORD_BYTES];

		one.passed = strcmp(state, "intact") == 0;
		snprintf(one.name, sizeof(one.name), "Record %s", get_text(record, "name"));
		snprintf(one.words, sizeof(one.words), "%.32s: %s of %s from page %s on changed.", state,
			 word_count(get_count(record, "changedPages"), (char[WORD_BYTES]){""}),
			 word_plural(get_count(record, "pages"), "page", pages),
			 word_count(get_count(record, "page"), first));
		one.evidence[0] = one.words;
		visit(context, &one);
	}
}

static void free_pages(const struct report *report, report_case_visitor visit, void *context)
{
	struct json_object *free = get_object(report->object, "freePages");
	uint64_t changed = get_count(free, "changed");
	struct report_case one = {.group = "pages", .type = "pattern", .passed = changed == 0};
	char pages[WORD_BYTES], wrong[WORD_BYTES];

	if (!free)
		return;
	snprintf(one.name, sizeof(one.name), "Free pages hold their pattern: %s", get_text(free, "pattern"));
	snprintf(one.words, sizeof(one.words), "%s of %s changed.", word_count(changed, wrong),
		 word_plural(get_count(free, "checked"), "page", pages));
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
	struct json_object *pages = get_object(report->object, "pages");
	char name[32];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		snprintf(name, sizeof(name), "No page is %s", ways[i]);
		difference("pages", name, get_count(pages, ways[i]), visit, context);
	}
	difference("allocation", "The allocations are the same", get_length(report->object, "allocations"), visit,
		   context);
	difference("record", "The records are the same", get_length(report->object, "records"), visit, context);
}

static void each_test(const struct report *report, report_case_visitor visit, void *context)
{
	for (size_t i = 0; i < get_length(report->object, "tests"); i++) {
		struct json_object *test = get_item(report->object, "tests", i);
		uint64_t errors = get_count(test, "errors");
		struct report_case one = {.group = "test", .type = get_text(test, "test"), .passed = errors == 0};
		char number[WORD_BYTES];

		snprintf(one.name, sizeof(one.name), "Test %s", get_text(test, "test"));
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
