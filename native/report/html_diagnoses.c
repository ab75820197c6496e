/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A card for each diagnosis: evidence, cause, charts, and bytes with those that differ marked. */
#include "html.h"
#include <ctype.h>
#include <string.h>

enum { BARS = 64, SHOWN_RUNS = 12 };

static void put_chart(const uint64_t bars[BARS], const char *label, const char *first, const char *last, FILE *to)
{
	uint64_t most = 0;

	for (unsigned i = 0; i < BARS; i++)
		most = bars[i] > most ? bars[i] : most;
	fputs("<figure>\n<figcaption class=\"small\">", to);
	markup_text(to, label);
	fputs("</figcaption>\n<svg class=\"bars\" viewBox=\"0 0 64 16\" preserveAspectRatio=\"none\" role=\"img\"", to);
	markup_attribute(to, "aria-label", label);
	fputs(">\n", to);
	for (unsigned i = 0; i < BARS; i++) {
		double height = most ? (double)bars[i] / (double)most * 16 : 0;

		if (bars[i] > 0) /* seen, however small */
			fprintf(to, "<rect x=\"%.2f\" y=\"%.2f\" width=\"0.9\" height=\"%.2f\"/>\n", i + 0.05,
				16 - (height < 1 ? 1 : height), height < 1 ? 1 : height);
	}
	fprintf(to, "</svg>\n<div class=\"ends small muted\"><span>%s</span><span>%s</span></div>\n</figure>\n", first,
		last);
}

static void put_lanes(struct json_object *bits, FILE *to)
{
	uint64_t bars[BARS] = {0};
	char label[256], flips[WORD_BYTES], ones[WORD_BYTES], zeros[WORD_BYTES];

	for (size_t i = 0; i < json_length(bits, "lanes"); i++) {
		struct json_object *lane = json_item(bits, "lanes", i);

		if (json_count(lane, "lane") < BARS)
			bars[json_count(lane, "lane")] = json_count(lane, "flips");
	}
	snprintf(label, sizeof(label), "%s by lane: %s to 1, %s to 0",
		 word_plural(json_count(bits, "flips"), "wrong bit", flips),
		 word_count(json_count(bits, "toOne"), ones), word_count(json_count(bits, "toZero"), zeros));
	put_chart(bars, label, "bit 0", "63", to);
}

static void put_histogram(struct json_object *diagnosis, FILE *to)
{
	uint64_t bars[BARS] = {0};

	for (size_t i = 0; i < json_length(diagnosis, "histogram") && i < BARS; i++)
		bars[i] = json_value_count(json_item(diagnosis, "histogram", i));
	put_chart(bars, "Where in the pool", "its start", "its end", to);
}

/* Bytes of `hex`, those that differ from the other's marked. */
static void put_bytes(const char *hex, const char *other, FILE *to)
{
	size_t others = strlen(other);

	for (size_t i = 0; isxdigit((unsigned char)hex[i]) && isxdigit((unsigned char)hex[i + 1]) && i < 64; i += 2) {
		bool differs = i + 1 < others && strncasecmp(hex + i, other + i, 2) != 0;

		fprintf(to, differs ? "<b>%.2s</b> " : "%.2s ", hex + i);
	}
}

static void put_sample(struct json_object *sample, FILE *to)
{
	const char *expected = json_text(sample, "expected"), *found = json_text(sample, "found");
	char address[WORD_BYTES], page[WORD_BYTES];

	fputs("<div class=\"sample mono\"><span class=\"at muted\">", to);
	markup_format(to, "%s, page %s", word_hex(json_count(sample, "address"), address),
		      word_count(json_count(sample, "page"), page));
	fputs("</span><span class=\"muted\">expected</span><span>", to);
	put_bytes(expected, found, to);
	fputs(expected[0] ? "" : "not known", to);
	fputs("</span><span class=\"muted\">found</span><span>", to);
	put_bytes(found, expected, to);
	fputs(found[0] ? "" : "unreadable", to);
	fputs("</span></div>\n", to);
}

static void put_where(struct json_object *diagnosis, FILE *to)
{
	size_t length = json_length(diagnosis, "runs");
	char word[WORD_BYTES], last[WORD_BYTES];

	fputs("<p class=\"small muted\">", to);
	markup_text(to, word_plural(json_count(diagnosis, "pages"), "page", word));
	for (size_t i = 0; i < length && i < SHOWN_RUNS; i++) {
		struct json_object *run = json_item(diagnosis, "runs", i);
		uint64_t page = json_count(run, "page"), pages = json_count(run, "pages");

		fputs(i == 0 ? ": " : ", ", to);
		markup_text(to, word_count(page, word));
		if (pages > 1)
			markup_format(to, " to %s", word_count(page + pages - 1, last));
	}
	if (length > SHOWN_RUNS)
		markup_format(to, " and %zu more runs", length - SHOWN_RUNS);
	fputs("</p>\n", to);
}

static void put_confidence(uint64_t confidence, FILE *to)
{
	fprintf(to, "<span class=\"badge %s\">", confidence >= 80 ? "good" : "warn");
	if (confidence == 100)
		fputs("proven", to);
	else
		fprintf(to, "%u %% sure", (unsigned)confidence);
	fputs("</span>", to);
}

static void put_card(struct json_object *diagnosis, FILE *to)
{
	fputs("<li class=\"card\">", to);
	markup_element(to, "span", "badge bad", json_text(diagnosis, "kind"));
	markup_element(to, "h3", NULL, json_text(diagnosis, "title"));
	put_confidence(json_count(diagnosis, "confidence"), to);
	fputc('\n', to);
	markup_element(to, "p", NULL, json_text(diagnosis, "detail"));
	fputs("\n<p><strong>Look at:</strong> ", to);
	markup_text(to, json_text(diagnosis, "cause"));
	fputs("</p>\n", to);
	put_where(diagnosis, to);
	fputs("<div class=\"charts\">\n", to);
	if (json_part(diagnosis, "bits"))
		put_lanes(json_part(diagnosis, "bits"), to);
	put_histogram(diagnosis, to);
	fputs("</div>\n", to);
	for (size_t i = 0; i < json_length(diagnosis, "samples") && i < 8; i++)
		put_sample(json_item(diagnosis, "samples", i), to);
	fputs("</li>\n", to);
}

void html_diagnoses(const struct report *report, FILE *to)
{
	size_t length = json_length(report->object, "diagnoses");

	if (length == 0)
		return;
	fputs("<section class=\"long\">\n<h2>What happened to the changed pages</h2>\n<ul>\n", to);
	for (size_t i = 0; i < length; i++)
		put_card(json_item(report->object, "diagnoses", i), to);
	fputs("</ul>\n</section>\n", to);
}
