/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists: changed pages, records, allocations, parts that were taken, facts of the host that differ, failed words. */
#include "html.h"
#include <string.h>

static void begin(FILE *to, const char *title, const char *const *heads)
{
	fputs("<section class=\"long\">\n", to);
	markup_element(to, "h2", NULL, title);
	fputs("\n<table>\n<thead><tr>", to);
	for (; *heads; heads++) {
		bool number = (*heads)[0] == '>';

		fprintf(to, "<th scope=\"col\"%s>%s</th>", number ? " class=\"number\"" : "", *heads + number);
	}
	fputs("</tr></thead>\n<tbody>\n", to);
}

static void end(FILE *to)
{
	fputs("</tbody>\n</table>\n</section>\n", to);
}

static void put_number(FILE *to, uint64_t number)
{
	char word[WORD_BYTES];

	markup_element(to, "td", "number", word_count(number, word));
}

static void put_address(FILE *to, uint64_t address)
{
	char word[WORD_BYTES];

	markup_element(to, "td", "mono", word_hex(address, word));
}

static void put_state(FILE *to, const char *state, bool good)
{
	fputs("<td>", to);
	markup_element(to, "span", good ? "badge good" : "badge bad", state);
	fputs("</td>", to);
}

static void put_runs(struct json_object *object, const char *name, FILE *to)
{
	static const char *const heads[] = {">Page", ">Pages", "Address", "How", NULL};

	if (json_length(object, name) == 0)
		return;
	begin(to, "Changed pages", heads);
	for (size_t i = 0; i < json_length(object, name); i++) {
		struct json_object *run = json_item(object, name, i);

		fputs("<tr>", to);
		put_number(to, json_count(run, "page"));
		put_number(to, json_count(run, "pages"));
		put_address(to, json_count(run, "address"));
		markup_element(to, "td", NULL, json_text(run, "kind"));
		fputs("</tr>\n", to);
	}
	end(to);
}

static void put_named(struct json_object *object, const char *name, const char *title, FILE *to)
{
	static const char *const heads[] = {"Name", "Owner", ">Page", ">Pages", ">Changed", "State", NULL};

	if (json_length(object, name) == 0)
		return;
	begin(to, title, heads);
	for (size_t i = 0; i < json_length(object, name); i++) {
		struct json_object *one = json_item(object, name, i);
		const char *state = json_text(one, "state");

		fputs("<tr>", to);
		markup_element(to, "td", NULL, json_text(one, "name")[0] ? json_text(one, "name") : "(unnamed)");
		markup_element(to, "td", NULL, json_text(one, "owner"));
		put_number(to, json_count(one, "page"));
		put_number(to, json_count(one, "pages"));
		put_number(to, json_count(one, "changedPages"));
		put_state(to, state, strcmp(state, "intact") == 0);
		fputs("</tr>\n", to);
	}
	end(to);
}

static void put_label(struct json_object *labels, FILE *to)
{
	fputs("<td>", to);
	if (labels) {
		markup_text(to, json_text(labels, "name"));
		if (json_text(labels, "owner")[0])
			markup_format(to, ", of %s", json_text(labels, "owner"));
		if (json_text(labels, "purpose")[0])
			markup_format(to, ": %s", json_text(labels, "purpose"));
	}
	fputs("</td>", to);
}

static void put_records_that_differ(struct json_object *object, FILE *to)
{
	static const char *const heads[] = {">Page", "State", "Before", "After", NULL};

	if (json_length(object, "records") == 0)
		return;
	begin(to, "Records that differ", heads);
	for (size_t i = 0; i < json_length(object, "records"); i++) {
		struct json_object *record = json_item(object, "records", i);

		fputs("<tr>", to);
		put_number(to, json_count(record, "page"));
		put_state(to, json_text(record, "state"), false);
		put_label(json_part(record, "before"), to);
		put_label(json_part(record, "after"), to);
		fputs("</tr>\n", to);
	}
	end(to);
}

static void put_taken(struct json_object *object, FILE *to)
{
	static const char *const heads[] = {"Address", "Size", "Given to", NULL};
	char size[WORD_BYTES];

	if (json_length(object, "taken") == 0)
		return;
	begin(to, "Taken by the new kernel", heads);
	for (size_t i = 0; i < json_length(object, "taken"); i++) {
		struct json_object *part = json_item(object, "taken", i);

		fputs("<tr>", to);
		put_address(to, json_count(part, "base"));
		markup_element(to, "td", NULL, word_size(json_count(part, "size"), size));
		markup_element(to, "td", NULL, json_text(part, "name"));
		fputs("</tr>\n", to);
	}
	end(to);
}

static void put_changes(struct json_object *host, FILE *to)
{
	static const char *const heads[] = {"What", "Before", "After", NULL};

	if (json_length(host, "changes") == 0)
		return;
	begin(to, "What else differs on the host", heads);
	for (size_t i = 0; i < json_length(host, "changes"); i++) {
		struct json_object *change = json_item(host, "changes", i);

		fputs("<tr>", to);
		markup_element(to, "td", NULL, json_text(change, "what"));
		markup_element(to, "td", "mono", json_text(change, "before"));
		markup_element(to, "td", "mono", json_text(change, "after"));
		fputs("</tr>\n", to);
	}
	end(to);
}

static void put_tests(struct json_object *object, FILE *to)
{
	static const char *const heads[] = {"Test", ">Wrong words", NULL};

	begin(to, "Tests", heads);
	for (size_t i = 0; i < json_length(object, "tests"); i++) {
		struct json_object *test = json_item(object, "tests", i);

		fputs("<tr>", to);
		markup_element(to, "td", NULL, json_text(test, "test"));
		put_number(to, json_count(test, "errors"));
		fputs("</tr>\n", to);
	}
	end(to);
}

static void put_bad_pages(struct json_object *object, FILE *to)
{
	static const char *const heads[] = {">Page", ">Pages", "Quarantine", NULL};

	if (json_length(object, "badPages") == 0)
		return;
	begin(to, "Pages that failed", heads);
	for (size_t i = 0; i < json_length(object, "badPages"); i++) {
		struct json_object *run = json_item(object, "badPages", i);
		bool fenced = json_flag(run, "quarantined");

		fputs("<tr>", to);
		put_number(to, json_count(run, "page"));
		put_number(to, json_count(run, "pages"));
		put_state(to, fenced ? "in quarantine" : "still handed out", fenced);
		fputs("</tr>\n", to);
	}
	end(to);
}

static void put_errors(struct json_object *object, FILE *to)
{
	static const char *const heads[] = {"Address", ">Page", "Test", ">Pass", "Expected", "Found", NULL};

	if (json_length(object, "errors") == 0)
		return;
	begin(to, "Words that read back wrong", heads);
	for (size_t i = 0; i < json_length(object, "errors"); i++) {
		struct json_object *error = json_item(object, "errors", i);

		fputs("<tr>", to);
		put_address(to, json_count(error, "address"));
		put_number(to, json_count(error, "page"));
		markup_element(to, "td", NULL, json_text(error, "test"));
		put_number(to, json_count(error, "pass"));
		markup_element(to, "td", "mono", json_text(error, "expected"));
		markup_element(to, "td", "mono", json_text(error, "found"));
		fputs("</tr>\n", to);
	}
	end(to);
}

static void put_free_pages(struct json_object *free, FILE *to)
{
	static const char *const heads[] = {"Pattern", ">Checked", ">Changed", ">Not free any more", NULL};

	if (!free)
		return;
	begin(to, "Pattern on free pages", heads);
	fputs("<tr>", to);
	markup_element(to, "td", NULL, json_text(free, "pattern"));
	put_number(to, json_count(free, "checked"));
	put_number(to, json_count(free, "changed"));
	put_number(to, json_count(free, "skipped"));
	fputs("</tr>\n", to);
	end(to);
}

void html_tables(const struct report *report, FILE *to)
{
	struct json_object *object = report->object;

	switch (report->kind) {
	case REPORT_VERDICT:
		put_taken(object, to);
		put_named(object, "records", "Records", to);
		put_free_pages(json_part(object, "freePages"), to);
		put_changes(json_part(object, "host"), to);
		put_runs(object, "changedRuns", to);
		break;
	case REPORT_COMPARISON:
		put_named(object, "allocations", "Allocations that differ", to);
		put_records_that_differ(object, to);
		put_runs(object, "runs", to);
		break;
	case REPORT_TEST:
		put_tests(object, to);
		put_bad_pages(object, to);
		put_errors(object, to);
		break;
	}
}
