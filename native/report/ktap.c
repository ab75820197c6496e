/* SPDX-License-Identifier: GPL-2.0-or-later */
/* KTAP, version 1, as Documentation/dev-tools/ktap.rst of Linux has it. */
#include "internal.h"
#include "runes.h"

struct ktap {
	FILE *to;
	unsigned number;
};

/* One line: a description ends at a # and at the line's end. */
static void put_line(FILE *to, const char *text)
{
	struct rune rune;

	while (rune_next(&text, &rune)) {
		if (rune.utf8[0] == '#')
			fputs("no. ", to);
		else if (rune.utf8[0] == '\n' || rune.utf8[0] == '\t')
			fputc(' ', to);
		else
			fputs(rune.utf8, to);
	}
}

/* A line of text is a line of diagnostics. */
static void put_diagnostic(FILE *to, const char *text)
{
	struct rune rune;

	if (!text || !text[0])
		return;
	fputs("# ", to);
	while (rune_next(&text, &rune))
		fputs(rune.utf8[0] == '\n' ? "\n# " : rune.utf8, to);
	fputc('\n', to);
}

static void put_case(void *context, const struct report_case *one)
{
	struct ktap *ktap = context;

	for (size_t i = 0; i < sizeof(one->evidence) / sizeof(one->evidence[0]); i++)
		put_diagnostic(ktap->to, one->evidence[i]);
	fprintf(ktap->to, "%s %u ", one->passed ? "ok" : "not ok", ++ktap->number);
	put_line(ktap->to, one->group);
	fputs(": ", ktap->to);
	put_line(ktap->to, one->type);
	fputs(": ", ktap->to);
	put_line(ktap->to, one->name);
	fputc('\n', ktap->to);
}

void report_ktap(const struct report *report, FILE *to)
{
	struct ktap ktap = {.to = to};
	struct report_tally tally = report_count(report);

	fputs("KTAP version 1\n", to);
	fprintf(to, "1..%u\n", tally.cases);
	put_diagnostic(to, report->headline);
	put_diagnostic(to, report->summary);
	report_cases(report, put_case, &ktap);
	fprintf(to, "# Totals: pass:%u fail:%u skip:0 error:0\n", tally.cases - tally.failures, tally.failures);
}
