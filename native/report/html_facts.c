/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What it is about, and the checks. */
#include "html.h"
#include <string.h>

static void put_fact(FILE *to, const char *name, bool id, const char *value)
{
	if (!value[0])
		return;
	markup_element(to, "dt", NULL, name);
	markup_element(to, "dd", id ? "id" : NULL, value);
	fputc('\n', to);
}

static void verdict_facts(struct json_object *verdict, FILE *to)
{
	struct json_object *boot = json_part(verdict, "boot"), *pages = json_part(verdict, "pages");
	char count[3][WORD_BYTES], size[WORD_BYTES], time[WORD_BYTES], line[256];

	put_fact(to, "Expectation", true, json_text(verdict, "expectation"));
	put_fact(to, "Boot", false, word_boot(json_text(boot, "how")));
	put_fact(to, "Boot id before", true, json_text(boot, "before"));
	put_fact(to, "Boot id after", true, json_text(boot, "after"));
	put_fact(to, "Kernel before", false, json_text(boot, "kernelBefore"));
	put_fact(to, "Kernel after", false, json_text(boot, "kernelAfter"));
	put_fact(to, "Nonce", false, json_flag(boot, "nonceSeen") ? "on the command line" : "not on the command line");
	snprintf(line, sizeof(line), "%s expected, %s compared, %s changed",
		 word_count(json_count(pages, "expected"), count[0]),
		 word_count(json_count(pages, "compared"), count[1]),
		 word_count(json_count(pages, "changed"), count[2]));
	put_fact(to, "Pages", false, line);
	snprintf(line, sizeof(line), "%s in %s, against %s", word_size(json_count(verdict, "comparedBytes"), size),
		 word_duration(json_count(verdict, "durationMs"), time),
		 json_flag(verdict, "content") ? "the bytes of the pages" : "their digests");
	put_fact(to, "Compared", false, line);
}

static void comparison_facts(struct json_object *comparison, FILE *to)
{
	static const char *const sides[] = {"before", "after"}, *const names[] = {"Before", "After"};
	char time[WORD_BYTES], pages[WORD_BYTES], line[512];

	for (size_t i = 0; i < 2; i++) {
		struct json_object *side = json_part(comparison, sides[i]);
		const char *name = json_text(side, "name");

		snprintf(line, sizeof(line), "%.200s, %s, %s", name[0] ? name : "the pool as it was",
			 word_time(json_count(side, "at"), time),
			 word_plural(json_count(side, "pages"), "page", pages));
		put_fact(to, names[i], false, line);
		put_fact(to, "Boot id", true, json_text(side, "bootId"));
	}
}

static void test_facts(struct json_object *test, FILE *to)
{
	char word[WORD_BYTES];

	put_fact(to, "Result", true, json_text(test, "name"));
	put_fact(to, "Boot id", true, json_text(test, "bootId"));
	put_fact(to, "Tested", false, word_plural(json_count(test, "pages"), "page", word));
	put_fact(to, "Not free, skipped", false, word_plural(json_count(test, "skipped"), "page", word));
	put_fact(to, "Took", false, word_duration(json_count(test, "durationMs"), word));
}

void html_facts(const struct report *report, FILE *to)
{
	char time[WORD_BYTES];

	fputs("<section>\n<dl>\n", to);
	put_fact(to, "Pool", false, json_text(report->object, "poolName"));
	put_fact(to, "UUID", true, json_text(report->object, "pool"));
	if (report->kind == REPORT_VERDICT)
		verdict_facts(report->object, to);
	else if (report->kind == REPORT_COMPARISON)
		comparison_facts(report->object, to);
	else
		test_facts(report->object, to);
	put_fact(to, "At", false, word_time(report->at, time));
	fputs("</dl>\n</section>\n", to);
}

static void put_check(struct json_object *check, const char *level, FILE *to)
{
	fputs("<li class=\"check\"><span>", to);
	fprintf(to, "<span class=\"badge %s\">%s</span></span><div>", level, level);
	markup_element(to, "h3", NULL, json_text(check, "title"));
	markup_element(to, "p", NULL, json_text(check, "detail"));
	if (json_text(check, "remedy")[0]) {
		fputs("<p><strong>Way out:</strong> ", to);
		markup_text(to, json_text(check, "remedy"));
		fputs("</p>", to);
	}
	fputs("</div></li>\n", to);
}

void html_checks(const struct report *report, FILE *to)
{
	static const char *const levels[] = {"fail", "warn", "pass"}; /* what has to be mended comes first */

	if (json_length(report->object, "checks") == 0)
		return;
	fputs("<section class=\"long\">\n<h2>Checks</h2>\n<ul>\n", to);
	for (size_t level = 0; level < sizeof(levels) / sizeof(levels[0]); level++)
		for (size_t i = 0; i < json_length(report->object, "checks"); i++) {
			struct json_object *check = json_item(report->object, "checks", i);

			if (strcmp(json_text(check, "level"), levels[level]) == 0)
				put_check(check, levels[level], to);
		}
	fputs("</ul>\n</section>\n", to);
}
