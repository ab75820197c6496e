/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each region as a strip over its pages: what changed, and below it the records, and what the new kernel took. A page
 * may be far smaller than a dot: everything is at least `LEAST` wide, and what falls on the same dots is drawn once.
 */
#include "html.h"
#include <string.h>

#define WIDE 1000.0
#define LEAST 1.5

struct strip {
	uint64_t first, pages; /* the axis: pool pages */
	uint64_t base, bytes; /* physical; bytes 0: not known */
};

static const char *const kinds[] = {"changed", "zeroed", "ones", "unreadable", "added", "removed"};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static size_t kind_of(const char *kind)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i], kind) == 0)
			return i;
	return 0;
}

struct bar {
	double from, to; /* dots; from == to: none */
};

/* Where [at, at + length) of an axis lies; none when outside. */
static struct bar place(uint64_t at, uint64_t length, uint64_t first, uint64_t total)
{
	struct bar bar = {0};
	double from = ((double)at - (double)first) / (double)total * WIDE;
	double to = from + (double)length / (double)total * WIDE;

	if (total == 0 || to <= 0 || from >= WIDE)
		return bar;
	bar.from = from < 0 ? 0 : from > WIDE - LEAST ? WIDE - LEAST : from;
	bar.to = to > WIDE ? WIDE : to;
	if (bar.to < bar.from + LEAST)
		bar.to = bar.from + LEAST;
	return bar;
}

static void put_bar(FILE *to, struct bar bar, int y, int height, const char *class)
{
	fprintf(to, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" class=\"%s\"", bar.from, y,
		bar.to - bar.from, height, class);
}

static void put_runs(struct json_object *runs, const struct strip *strip, FILE *to)
{
	size_t length = runs ? json_object_array_length(runs) : 0, pending_kind = 0;
	struct bar pending = {0};

	for (size_t i = 0; i < length; i++) {
		struct json_object *run = json_object_array_get_idx(runs, i);
		struct bar bar = place(json_count(run, "page"), json_count(run, "pages"), strip->first, strip->pages);
		size_t kind = kind_of(json_text(run, "kind"));

		if (bar.from == bar.to)
			continue;
		if (pending.from < pending.to && kind == pending_kind && bar.from >= pending.from &&
		    bar.from <= pending.to) {
			pending.to = bar.to > pending.to ? bar.to : pending.to;
			continue;
		}
		if (pending.from < pending.to) {
			put_bar(to, pending, 0, 36, kinds[pending_kind]);
			fputs("/>\n", to);
		}
		pending = bar;
		pending_kind = kind;
	}
	if (pending.from < pending.to) {
		put_bar(to, pending, 0, 36, kinds[pending_kind]);
		fputs("/>\n", to);
	}
}

static void put_records(struct json_object *object, const char *name, const struct strip *strip, FILE *to)
{
	for (size_t i = 0; i < json_length(object, name); i++) {
		struct json_object *record = json_item(object, name, i);
		bool kept = strcmp(json_text(record, "state"), "intact") == 0;
		struct bar bar =
			place(json_count(record, "page"), json_count(record, "pages"), strip->first, strip->pages);

		if (bar.from == bar.to)
			continue;
		put_bar(to, bar, 40, 12, kept ? "kept" : "lost");
		fputs("><title>", to);
		markup_format(to, "%s: %s", json_text(record, "name"), json_text(record, "state"));
		fputs("</title></rect>\n", to);
	}
}

static void put_taken(struct json_object *object, const struct strip *strip, FILE *to)
{
	for (size_t i = 0; i < json_length(object, "taken"); i++) {
		struct json_object *part = json_item(object, "taken", i);
		struct bar bar = place(json_count(part, "base"), json_count(part, "size"), strip->base, strip->bytes);

		if (bar.from == bar.to)
			continue;
		put_bar(to, bar, 56, 8, "taken");
		fputs("><title>", to);
		markup_text(to, json_text(part, "name"));
		fputs("</title></rect>\n", to);
	}
}

static struct json_object *runs_of(const struct report *report)
{
	static const char *const names[] = {
		[REPORT_VERDICT] = "changedRuns",
		[REPORT_COMPARISON] = "runs",
		[REPORT_TEST] = "badPages",
	};

	return json_length(report->object, names[report->kind]) > 0 ? json_member(report->object, names[report->kind])
								    : NULL;
}

static void put_ends(const struct strip *strip, FILE *to)
{
	char word[WORD_BYTES];

	fputs("<div class=\"ends small muted\"><span>page ", to);
	markup_text(to, word_count(strip->first, word));
	fputs("</span><span>", to);
	markup_text(to, word_count(strip->first + (strip->pages ? strip->pages - 1 : 0), word));
	fputs("</span></div>\n", to);
}

static void put_strip(const struct report *report, const struct strip *strip, const char *caption, FILE *to)
{
	fputs("<figure>\n<figcaption>", to);
	markup_text(to, caption);
	fputs("</figcaption>\n<svg class=\"map\" viewBox=\"0 0 1000 64\" preserveAspectRatio=\"none\" role=\"img\"",
	      to);
	markup_attribute(to, "aria-label", caption);
	fputs(">\n<rect x=\"0\" y=\"0\" width=\"1000\" height=\"36\" class=\"pages\"/>\n", to);
	put_runs(runs_of(report), strip, to);
	if (report->kind == REPORT_VERDICT)
		put_records(report->object, "records", strip, to);
	else
		put_records(report->object, "allocations", strip, to);
	put_taken(report->object, strip, to);
	fputs("</svg>\n", to);
	put_ends(strip, to);
	fputs("</figure>\n", to);
}

static void put_regions(const struct report *report, FILE *to)
{
	for (size_t i = 0; i < json_length(report->object, "regions"); i++) {
		struct json_object *region = json_item(report->object, "regions", i);
		struct strip strip = {
			.first = json_count(region, "firstPage"),
			.pages = json_count(region, "pages"),
			.base = json_count(region, "base"),
			.bytes = json_count(region, "size"),
		};
		char caption[256], base[WORD_BYTES], size[WORD_BYTES], pages[WORD_BYTES], index[WORD_BYTES];

		snprintf(caption, sizeof(caption), "Region %s at %s: %s, %s",
			 word_count(json_count(region, "index"), index), word_hex(strip.base, base),
			 word_size(strip.bytes, size), word_plural(strip.pages, "page", pages));
		put_strip(report, &strip, caption, to);
	}
}

static void stretch(struct strip *strip, struct json_object *runs)
{
	size_t length = runs ? json_object_array_length(runs) : 0;

	for (size_t i = 0; i < length; i++) {
		struct json_object *run = json_object_array_get_idx(runs, i);
		uint64_t end = json_count(run, "page") + json_count(run, "pages");

		if (end > strip->pages && end >= json_count(run, "page"))
			strip->pages = end;
	}
}

/* Comparisons and tests do not say how long the pool is: as far as anything is told of. */
static void put_whole(const struct report *report, FILE *to)
{
	struct strip strip = {0};

	stretch(&strip, runs_of(report));
	stretch(&strip, json_has(report->object, "allocations", json_type_array)
				? json_member(report->object, "allocations")
				: NULL);
	if (strip.pages > 0)
		put_strip(report, &strip, "The pool, as far as it differs", to);
}

static void put_key(FILE *to, const char *class, const char *label, uint64_t pages)
{
	char word[WORD_BYTES];

	fprintf(to,
		"<span><svg viewBox=\"0 0 12 12\" aria-hidden=\"true\"><rect width=\"12\" height=\"12\" class=\"%s\"/>"
		"</svg>%s",
		class, label);
	if (pages > 0)
		markup_format(to, ": %s", word_plural(pages, "page", word));
	fputs("</span>\n", to);
}

static void put_legend(const struct report *report, FILE *to)
{
	struct json_object *runs = runs_of(report);
	size_t length = runs ? json_object_array_length(runs) : 0;
	uint64_t pages[KINDS] = {0};

	for (size_t i = 0; i < length; i++) {
		struct json_object *run = json_object_array_get_idx(runs, i);

		pages[kind_of(json_text(run, "kind"))] += json_count(run, "pages");
	}
	fputs("<p class=\"legend small\">\n", to);
	for (size_t i = 0; i < KINDS; i++)
		if (pages[i] > 0)
			put_key(to, kinds[i], report->kind == REPORT_TEST ? "failed" : kinds[i], pages[i]);
	if (report->kind == REPORT_VERDICT) {
		put_key(to, "pages", "pages of the region", 0);
		put_key(to, "kept", "record, intact", 0);
		put_key(to, "lost", "record, not intact", 0);
	}
	if (json_length(report->object, "taken") > 0)
		put_key(to, "taken", "taken by the new kernel", 0);
	fputs("</p>\n", to);
	if (length >= 4096)
		fputs("<p class=\"small muted\">The first 4,096 runs are drawn and counted here.</p>\n", to);
}

void html_map(const struct report *report, FILE *to)
{
	if (json_length(report->object, "regions") == 0 && !runs_of(report))
		return;
	fputs("<section>\n<h2>Map</h2>\n", to);
	if (json_length(report->object, "regions") > 0)
		put_regions(report, to);
	else
		put_whole(report, to);
	put_legend(report, to);
	fputs("</section>\n", to);
}
