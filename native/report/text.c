/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For a terminal: no colours, lines of at most 96 columns unless one word is longer. */
#include "internal.h"
#include "runes.h"
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { COLUMNS = 96, MOST_ROWS = 200 };

/* Words from column `indent` on, folded there; starts at the current column, which is `indent` too. */
static void put_folded(FILE *to, unsigned indent, const char *text)
{
	unsigned column = indent;
	bool first = true;

	while (*text) {
		size_t skip = strspn(text, " \n\t"), bytes;
		const char *end, *word;
		struct rune rune;
		unsigned width = 0;

		text += skip;
		bytes = strcspn(text, " \n\t");
		if (bytes == 0)
			break;
		end = text + bytes;
		for (word = text; word < end && rune_next(&word, &rune);)
			width++;
		if (!first && column + 1 + width > COLUMNS) {
			fprintf(to, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', to);
			column++;
		}
		while (text < end && rune_next(&text, &rune))
			fputs(rune.utf8, to);
		column += width;
		first = false;
	}
	fputc('\n', to);
}

static void put_padded(FILE *to, unsigned width, const char *text)
{
	struct rune rune;
	unsigned column = 0;

	for (; rune_next(&text, &rune); column++)
		fputs(rune.utf8[0] == '\n' || rune.utf8[0] == '\t' ? " " : rune.utf8, to);
	fprintf(to, "%*s", column < width ? (int)(width - column) : 0, "");
}

static void put_fact(FILE *to, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void put_fact(FILE *to, const char *name, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_padded(to, 12, name);
	fputs("  ", to);
	put_folded(to, 14, text);
}

static void put_paragraph(FILE *to, unsigned indent, const char *label, const char *text)
{
	if (!text[0])
		return;
	fprintf(to, "%*s%s", (int)indent, "", label);
	put_folded(to, indent + (unsigned)rune_count(label), text);
}

static void verdict_facts(struct json_object *verdict, FILE *to)
{
	struct json_object *boot = json_part(verdict, "boot"), *pages = json_part(verdict, "pages");
	char count[3][WORD_BYTES], size[WORD_BYTES], time[WORD_BYTES];

	put_fact(to, "Expectation", "%s", json_text(verdict, "expectation"));
	put_fact(to, "Boot", "%s, before %s: %s", json_text(boot, "after"), json_text(boot, "before"),
		 word_boot(json_text(boot, "how")));
	put_fact(to, "Kernel", "%s, before %s", json_text(boot, "kernelAfter"), json_text(boot, "kernelBefore"));
	put_fact(to, "Pages", "%s expected, %s compared, %s changed",
		 word_count(json_count(pages, "expected"), count[0]),
		 word_count(json_count(pages, "compared"), count[1]),
		 word_count(json_count(pages, "changed"), count[2]));
	put_fact(to, "Compared", "%s in %s", word_size(json_count(verdict, "comparedBytes"), size),
		 word_duration(json_count(verdict, "durationMs"), time));
}

static const char *side_name(struct json_object *side)
{
	const char *name = json_text(side, "name");

	return name[0] ? name : "the pool as it was then";
}

static void comparison_facts(struct json_object *comparison, FILE *to)
{
	static const char *const sides[] = {"before", "after"};
	char time[WORD_BYTES], pages[WORD_BYTES];

	for (size_t i = 0; i < 2; i++) {
		struct json_object *side = json_part(comparison, sides[i]);

		put_fact(to, i == 0 ? "Before" : "After", "%s, %s, %s, boot %s", side_name(side),
			 word_time(json_count(side, "at"), time), word_plural(json_count(side, "pages"), "page", pages),
			 json_text(side, "bootId")[0] ? json_text(side, "bootId") : "not known");
	}
}

static void test_facts(struct json_object *test, FILE *to)
{
	char time[WORD_BYTES], skipped[WORD_BYTES];

	put_fact(to, "Boot", "%s", json_text(test, "bootId"));
	put_fact(to, "Took", "%s", word_duration(json_count(test, "durationMs"), time));
	put_fact(to, "Skipped", "%s", word_plural(json_count(test, "skipped"), "page", skipped));
	for (size_t i = 0; i < json_length(test, "tests"); i++) {
		struct json_object *one = json_item(test, "tests", i);
		char errors[WORD_BYTES];

		put_fact(to, json_text(one, "test"), "%s",
			 word_plural(json_count(one, "errors"), "wrong word", errors));
	}
}

static void put_checks(struct json_object *object, FILE *to)
{
	static const char *const levels[] = {"fail", "warn", "pass"}; /* what has to be mended comes first */

	for (size_t level = 0; level < sizeof(levels) / sizeof(levels[0]); level++)
		for (size_t i = 0; i < json_length(object, "checks"); i++) {
			struct json_object *check = json_item(object, "checks", i);

			if (strcmp(json_text(check, "level"), levels[level]) != 0)
				continue;
			fprintf(to, "%-4s  ", levels[level]);
			put_folded(to, 6, json_text(check, "title"));
			put_paragraph(to, 6, "", json_text(check, "detail"));
			put_paragraph(to, 6, "way out: ", json_text(check, "remedy"));
		}
}

static void put_sample(struct json_object *sample, FILE *to)
{
	char address[WORD_BYTES];
	const char *expected = json_text(sample, "expected"), *found = json_text(sample, "found");

	fprintf(to, "      at %s\n", word_hex(json_count(sample, "address"), address));
	put_paragraph(to, 8, "expected ", expected[0] ? expected : "not known");
	put_paragraph(to, 8, "found    ", found[0] ? found : "unreadable");
}

static void put_diagnoses(struct json_object *object, FILE *to)
{
	for (size_t i = 0; i < json_length(object, "diagnoses"); i++) {
		struct json_object *diagnosis = json_item(object, "diagnoses", i);

		if (i == 0)
			fputs("\nDiagnosis\n", to);
		fprintf(to, "%3u %%  ", (unsigned)json_count(diagnosis, "confidence"));
		put_folded(to, 7, json_text(diagnosis, "title"));
		put_paragraph(to, 7, "", json_text(diagnosis, "detail"));
		put_paragraph(to, 7, "cause: ", json_text(diagnosis, "cause"));
		for (size_t sample = 0; sample < json_length(diagnosis, "samples") && sample < 2; sample++)
			put_sample(json_item(diagnosis, "samples", sample), to);
	}
}

static void put_more(FILE *to, size_t length)
{
	if (length > MOST_ROWS)
		fprintf(to, "(and %zu more)\n", length - MOST_ROWS);
}

static void put_runs(struct json_object *object, const char *name, FILE *to)
{
	size_t length = json_length(object, name);

	if (length == 0)
		return;
	fprintf(to, "\nChanged pages\n%14s %10s  %-18s %s\n", "PAGE", "PAGES", "ADDRESS", "HOW");
	for (size_t i = 0; i < length && i < MOST_ROWS; i++) {
		struct json_object *run = json_item(object, name, i);
		char address[WORD_BYTES];

		fprintf(to, "%14" PRIu64 " %10" PRIu64 "  %-18s ", json_count(run, "page"), json_count(run, "pages"),
			word_hex(json_count(run, "address"), address));
		put_folded(to, 46, json_text(run, "kind"));
	}
	put_more(to, length);
}

static void put_named(struct json_object *object, const char *name, const char *title, FILE *to)
{
	size_t length = json_length(object, name);

	if (length == 0)
		return;
	fprintf(to, "\n%s\n%14s %10s %10s  %-16s %s\n", title, "PAGE", "PAGES", "CHANGED", "STATE", "NAME");
	for (size_t i = 0; i < length && i < MOST_ROWS; i++) {
		struct json_object *one = json_item(object, name, i);
		const char *label = json_text(one, "name");

		if (!label[0])
			label = json_text(json_member(one, "after") ? json_member(one, "after")
								    : json_member(one, "before"),
					  "name");
		fprintf(to, "%14" PRIu64 " %10" PRIu64 " %10" PRIu64 "  ", json_count(one, "page"),
			json_count(one, "pages"), json_count(one, "changedPages"));
		put_padded(to, 17, json_text(one, "state"));
		put_folded(to, 55, label[0] ? label : "(unnamed)");
	}
	put_more(to, length);
}

static void put_taken(struct json_object *object, FILE *to)
{
	for (size_t i = 0; i < json_length(object, "taken"); i++) {
		struct json_object *part = json_item(object, "taken", i);
		char base[WORD_BYTES], size[WORD_BYTES];

		if (i == 0)
			fputs("\nTaken by the new kernel\n", to);
		put_fact(to, word_hex(json_count(part, "base"), base), "%s, %s",
			 word_size(json_count(part, "size"), size), json_text(part, "name"));
	}
}

static void put_changes(struct json_object *object, FILE *to)
{
	struct json_object *host = json_part(object, "host");

	for (size_t i = 0; i < json_length(host, "changes"); i++) {
		struct json_object *change = json_item(host, "changes", i);

		if (i == 0)
			fputs("\nWhat else differs on the host\n", to);
		put_paragraph(to, 0, "", json_text(change, "what"));
		put_paragraph(to, 4, "before: ", json_text(change, "before"));
		put_paragraph(to, 4, "after:  ", json_text(change, "after"));
	}
}

static void put_bad_pages(struct json_object *object, FILE *to)
{
	size_t length = json_length(object, "badPages");

	if (length > 0)
		fputs("\nPages that failed\n", to);
	for (size_t i = 0; i < length && i < MOST_ROWS; i++) {
		struct json_object *run = json_item(object, "badPages", i);

		fprintf(to, "%14" PRIu64 " %10" PRIu64 "  %s\n", json_count(run, "page"), json_count(run, "pages"),
			json_flag(run, "quarantined") ? "in quarantine" : "still handed out");
	}
	put_more(to, length);
}

static void put_facts(const struct report *report, FILE *to)
{
	char time[WORD_BYTES];

	put_fact(to, "Pool", "%s %s", json_text(report->object, "poolName"), json_text(report->object, "pool"));
	if (report->kind == REPORT_VERDICT)
		verdict_facts(report->object, to);
	else if (report->kind == REPORT_COMPARISON)
		comparison_facts(report->object, to);
	else
		test_facts(report->object, to);
	put_fact(to, "At", "%s", word_time(report->at, time));
}

void report_text(const struct report *report, FILE *to)
{
	struct json_object *object = report->object;
	char head[640];

	snprintf(head, sizeof(head), "%.100s: %.500s%s", report->headline, report->summary,
		 json_flag(object, "simulated") ? " (simulated kexec)" : "");
	put_folded(to, 0, head);
	fputc('\n', to);
	put_facts(report, to);
	if (json_length(object, "checks") > 0)
		fputc('\n', to);
	put_checks(object, to);
	put_diagnoses(object, to);
	put_runs(object, report->kind == REPORT_COMPARISON ? "runs" : "changedRuns", to);
	put_bad_pages(object, to);
	put_named(object, "allocations", "Allocations that differ", to);
	put_named(object, "records", report->kind == REPORT_COMPARISON ? "Records that differ" : "Records", to);
	put_taken(object, to);
	put_changes(object, to);
}
