/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "html.h"

static const char *title_of(const struct report *report)
{
	static const char *const titles[] = {
		[REPORT_VERDICT] = "Verdict",
		[REPORT_COMPARISON] = "Comparison",
		[REPORT_TEST] = "Memory test",
	};

	return titles[report->kind];
}

static void put_head(const struct report *report, FILE *to)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	      "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'\"/>\n<title>",
	      to);
	markup_format(to, "%s of %s: %s", title_of(report), json_text(report->object, "poolName"), report->headline);
	fputs("</title>\n<style>\n", to);
	html_style(to);
	fputs("</style>\n</head>\n", to);
}

static void put_header(const struct report *report, FILE *to)
{
	fprintf(to, "<header class=\"%s\">\n<p class=\"what\">", report->good ? "good" : "bad");
	markup_format(to, "%s of pool %s", title_of(report), json_text(report->object, "poolName"));
	fputs("</p>\n", to);
	markup_element(to, "h1", NULL, report->headline);
	markup_element(to, "p", "summary", report->summary);
	if (json_flag(report->object, "simulated"))
		fputs("<p class=\"note\">On a simulated host: no kernel was started.</p>", to);
	fputs("\n</header>\n", to);
}

void report_html(const struct report *report, FILE *to)
{
	char time[WORD_BYTES];

	put_head(report, to);
	fputs("<body>\n<main>\n", to);
	put_header(report, to);
	html_facts(report, to);
	html_map(report, to);
	html_checks(report, to);
	html_diagnoses(report, to);
	html_tables(report, to);
	fputs("</main>\n<footer>", to);
	markup_format(to, "pmpool %s, %s", PMPOOL_VERSION, word_time(report->at, time));
	fputs("</footer>\n</body>\n</html>\n", to);
}
