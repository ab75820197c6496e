/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JUnit XML: one test suite. Keeps to what both Ant's and Jenkins' schemas take. */
#include "internal.h"
#include "markup.h"
#include <string.h>
#include <time.h>

static void put_property(FILE *to, const char *name, const char *value)
{
	fputs("    <property", to);
	markup_attribute(to, "name", name);
	markup_attribute(to, "value", value);
	fputs("/>\n", to);
}

static void put_properties(const struct report *report, FILE *to)
{
	struct json_object *boot = json_part(report->object, "boot");

	fputs("  <properties>\n", to);
	put_property(to, "pool", json_text(report->object, "pool"));
	put_property(to, "poolName", json_text(report->object, "poolName"));
	put_property(to, "outcome", report->headline);
	if (json_flag(report->object, "simulated"))
		put_property(to, "simulated", "true");
	if (boot) {
		put_property(to, "bootBefore", json_text(boot, "before"));
		put_property(to, "bootAfter", json_text(boot, "after"));
	}
	fputs("  </properties>\n", to);
}

static void put_case(void *context, const struct report_case *one)
{
	FILE *to = context;

	fputs("  <testcase", to);
	markup_attribute(to, "name", one->name[0] ? one->name : one->group);
	fputs(" classname=\"pmpool.", to);
	markup_text(to, one->group);
	fputs(one->type[0] ? "." : "", to);
	markup_text(to, one->type);
	fputs("\" time=\"0\"", to);
	if (one->passed) {
		fputs("/>\n", to);
		return;
	}
	fputs(">\n    <failure", to);
	markup_attribute(to, "type", one->type);
	markup_attribute(to, "message", one->evidence[0] ? one->evidence[0] : "");
	fputc('>', to);
	for (size_t i = 0; i < sizeof(one->evidence) / sizeof(one->evidence[0]); i++)
		if (one->evidence[i] && one->evidence[i][0]) {
			markup_text(to, one->evidence[i]);
			fputc('\n', to);
		}
	fputs("</failure>\n  </testcase>\n", to);
}

/* Without a zone, as the schemas want it: UTC. */
static void put_timestamp(FILE *to, uint64_t at)
{
	time_t seconds = (time_t)(at / 1000);
	char text[WORD_BYTES];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || tm.tm_year > 9999 - 1900 ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		snprintf(text, sizeof(text), "1970-01-01T00:00:00");
	markup_attribute(to, "timestamp", text);
}

void report_junit(const struct report *report, FILE *to)
{
	struct report_tally tally = report_count(report);

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite", to);
	fputs(" name=\"pmpool ", to);
	markup_text(to, report->what);
	fputc('"', to);
	fprintf(to, " tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"0\" time=\"%.3f\"", tally.cases,
		tally.failures, (double)json_count(report->object, "durationMs") / 1000);
	put_timestamp(to, report->at);
	fputs(" hostname=\"localhost\">\n", to);
	put_properties(report, to);
	report_cases(report, put_case, to);
	fputs("  <system-out>", to);
	markup_text(to, report->summary);
	fputs("</system-out>\n  <system-err/>\n</testsuite>\n", to);
}
