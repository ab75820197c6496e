/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the formats share. The object is not trusted: whatever of it is missing is left out. */
#ifndef PMPOOL_REPORT_INTERNAL_H
#define PMPOOL_REPORT_INTERNAL_H

#include "json/json.h"
#include "words.h"
#include <pmpool/report.h>

enum report_kind { REPORT_VERDICT, REPORT_COMPARISON, REPORT_TEST };

struct report {
	enum report_kind kind;
	struct json_object *object;
	bool good; /* intact, same, passed */
	const char *what; /* "verdict", "comparison", "memory-test" */
	const char *headline; /* the outcome in a word or three */
	char summary[512]; /* one sentence */
	uint64_t at; /* milliseconds since 1970 */
};

/* False when it is none of the three. */
bool report_of(struct json_object *object, struct report *report);

/* One thing that holds or does not, for the formats that count them. */
struct report_case {
	const char *group; /* "check", "diagnosis", "record", "pages", "test" */
	const char *type; /* of the failure: id of the check, kind of the diagnosis, state of the record */
	char name[512];
	bool passed;
	const char *evidence[3]; /* sentences; "" or NULL: none */
	char words[256]; /* where a piece of evidence is made up of numbers */
};
typedef void (*report_case_visitor)(void *context, const struct report_case *one);
void report_cases(const struct report *report, report_case_visitor visit, void *context);
struct report_tally {
	unsigned cases, failures;
};
struct report_tally report_count(const struct report *report);

void report_html(const struct report *report, FILE *to);
void report_json(const struct report *report, FILE *to);
void report_junit(const struct report *report, FILE *to);
void report_ktap(const struct report *report, FILE *to);
void report_text(const struct report *report, FILE *to);

#endif
