/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two snapshots beside each other, or one beside the pool as it is. */
#include "act_restore.h"
#include "cli_snapshot_file.h"
#include "cli_snapshot_print.h"
#include "json_build.h"
#include "text.h"
#include <string.h>

#define SHOWN 20 /* entries of a list, on paper; --json has all */

static unsigned long long count_of(struct json_object *object, const char *name)
{
	return (unsigned long long)json_count(object, name);
}

static void print_side(const char *what, struct json_object *side)
{
	char when[TEXT_BYTES];
	const char *name = json_text(side, "name");

	fact(stdout, what, "%s, %s, %llu pages, sequence %llu", name[0] ? name : "the pool as it is",
	     text_time(json_count(side, "at"), when), count_of(side, "pages"), count_of(side, "sequence"));
}

static void more_of(size_t length)
{
	if (length > SHOWN)
		printf("  and %zu more: --json has them\n", length - SHOWN);
}

static void print_runs(struct json_object *runs)
{
	size_t length = json_object_array_length(runs);
	struct table table;

	if (length == 0)
		return;
	printf("\n");
	table_begin(&table, "OFFSET|>PAGE|>LENGTH|ADDRESS|KIND");
	for (size_t i = 0; i < length && i < SHOWN; i++) {
		struct json_object *run = json_object_array_get_idx(runs, i);
		char offset[TEXT_BYTES], page[TEXT_BYTES], bytes[TEXT_BYTES], address[TEXT_BYTES];
		const char *const cells[] = {
			text_address(json_count(run, "page") * PM_PAGE_SIZE, offset),
			text_count(json_count(run, "page"), page),
			text_size(json_count(run, "pages") * PM_PAGE_SIZE, bytes),
			text_address(json_count(run, "address"), address),
			json_text(run, "kind"),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
	more_of(length);
}

static void print_allocations(struct json_object *allocations)
{
	size_t length = json_object_array_length(allocations);
	struct table table;

	if (length == 0)
		return;
	printf("\n");
	table_begin(&table, "ALLOCATION|OWNER|>PAGE|>PAGES|STATE|>CHANGED PAGES");
	for (size_t i = 0; i < length && i < SHOWN; i++) {
		struct json_object *allocation = json_object_array_get_idx(allocations, i);
		char page[TEXT_BYTES], pages[TEXT_BYTES], changed[TEXT_BYTES];
		const char *const cells[] = {
			json_member(allocation, "name") ? json_text(allocation, "name") : "(unnamed)",
			json_text(allocation, "owner"),
			text_count(json_count(allocation, "page"), page),
			text_count(json_count(allocation, "pages"), pages),
			json_text(allocation, "state"),
			text_count(json_count(allocation, "changedPages"), changed),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
	more_of(length);
}

static const char *label(struct json_object *record, const char *side, char text[200])
{
	static const char *const parts[] = {"name", "owner", "purpose"};
	struct json_object *labels = json_member(record, side);

	if (!labels)
		return "-";
	text[0] = '\0';
	for (size_t i = 0; i < 3; i++) {
		const char *part = json_text(labels, parts[i]);
		size_t at = strlen(text);

		if (part[0])
			snprintf(text + at, 200 - at, "%s%s", at > 0 ? ", " : "", part);
	}
	return text;
}

static void print_records(struct json_object *records)
{
	size_t length = json_object_array_length(records);
	struct table table;

	if (length == 0)
		return;
	printf("\n");
	table_begin(&table, "RECORD|>PAGE|BEFORE|AFTER");
	for (size_t i = 0; i < length && i < SHOWN; i++) {
		struct json_object *record = json_object_array_get_idx(records, i);
		char page[TEXT_BYTES], before[200], after[200];
		const char *const cells[] = {
			json_text(record, "state"),
			text_count(json_count(record, "page"), page),
			label(record, "before", before),
			label(record, "after", after),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
	more_of(length);
}

static void print_diagnoses(struct json_object *diagnoses)
{
	for (size_t i = 0; i < json_object_array_length(diagnoses); i++) {
		struct json_object *diagnosis = json_object_array_get_idx(diagnoses, i);

		printf("%s%s (%llu%%)\n", i == 0 ? "\n" : "", json_text(diagnosis, "title"),
		       count_of(diagnosis, "confidence"));
		printf("  %s\n  %s\n", json_text(diagnosis, "detail"), json_text(diagnosis, "cause"));
	}
}

static bool is_damaged(struct json_object *comparison)
{
	return json_text(json_member(comparison, "before"), "damage")[0] ||
	       json_text(json_member(comparison, "after"), "damage")[0];
}

void print_comparison(struct cli *cli, struct json_object *comparison)
{
	struct json_object *pages = json_member(comparison, "pages");

	(void)cli;
	fact(stdout, "Pool", "%s %s", json_text(comparison, "poolName"), json_text(comparison, "pool"));
	print_side("Before", json_member(comparison, "before"));
	print_side("After", json_member(comparison, "after"));
	fact(stdout, "Pages", "%llu compared, %llu changed, %llu added, %llu removed, %llu unreadable",
	     count_of(pages, "compared"), count_of(pages, "changed"), count_of(pages, "added"),
	     count_of(pages, "removed"), count_of(pages, "unreadable"));
	if (json_flag(comparison, "same"))
		printf("Nothing differs%s: no page, no allocation, no record.\n",
		       is_damaged(comparison) ? " in what can be read" : "");
	print_runs(json_member(comparison, "runs"));
	print_allocations(json_member(comparison, "allocations"));
	print_records(json_member(comparison, "records"));
	print_diagnoses(json_member(comparison, "diagnoses"));
}

/* Beside the result: why it is not the whole of it. True when a file is damaged. */
static bool say_side(const struct cli *cli, struct json_object *side)
{
	const char *name = json_text(side, "name");
	struct json_object *missing = json_member(side, "missingRegions");
	const char *damage = json_text(side, "damage");

	for (size_t i = 0; !cli->json && missing && i < json_object_array_length(missing); i++) {
		fputs("pmpool: ", stderr);
		print_clean(stderr, name[0] ? name : "the pool as it is");
		fprintf(stderr,
			": region %llu is missing; its pages count as unreadable, what is allocated in it is left out\n",
			(unsigned long long)json_object_get_uint64(json_object_array_get_idx(missing, i)));
	}
	if (!cli->json && damage[0]) {
		fputs("pmpool: ", stderr);
		print_clean(stderr, name);
		fputs(" is damaged: ", stderr);
		print_clean(stderr, damage);
		fputs(" What it does not show any more counts as unreadable.\n", stderr);
	}
	return damage[0] != '\0';
}

struct outcome {
	bool answered, same, damaged;
};

static struct outcome outcome_of(const struct cli *cli, struct json_object *comparison)
{
	struct outcome outcome = {.answered = comparison != NULL};

	if (!comparison)
		return outcome;
	outcome.same = json_flag(comparison, "same");
	outcome.damaged = say_side(cli, json_member(comparison, "before"));
	outcome.damaged |= say_side(cli, json_member(comparison, "after"));
	return outcome;
}

/* Differs is an answer, not an error: 3, as of a verdict that is not intact. Nothing that differs in what is left of a
 * damaged file is no proof that nothing does: 1. */
static int differs(int exit_code, const struct outcome *outcome)
{
	if (exit_code != EXIT_OK || !outcome->answered)
		return exit_code;
	return !outcome->same ? EXIT_NOT_INTACT : outcome->damaged ? EXIT_REFUSED : EXIT_OK;
}

static int compare_named(struct cli *cli)
{
	struct json_object *params = json_object_new_object(), *comparison;
	int exit_code = EXIT_OK;
	struct outcome outcome;

	cli_pass_text(cli, "name", params, "before");
	cli_pass_text(cli, "after-name", params, "after");
	comparison = cli_ask(cli, "snapshot/compare", params, &exit_code);
	outcome = outcome_of(cli, comparison);
	return differs(cli_result(cli, comparison, exit_code, print_comparison), &outcome);
}

static enum pm_code compare_files(struct cli *cli, struct call *call)
{
	bool two = cli->args.word_count > 1;
	struct compare_job job = {.before_name = base_name(cli->args.words[0], "stdin")};
	enum pm_code code =
		chain_open_file(&job.before, cli->args.words[0], args_text(&cli->args, "parent"), &call->err);

	if (two)
		job.after_name = base_name(cli->args.words[1], "stdin");
	if (code == PM_OK && two)
		code = chain_open_file(&job.after, cli->args.words[1], args_text(&cli->args, "after-parent"),
				       &call->err);
	if (code == PM_OK)
		code = compare_begin(call, &job);
	if (code == PM_OK)
		code = settled(call, compare_work(call, &job));
	if (code == PM_OK)
		call->result = json_object_get(job.comparison);
	compare_free(&job);
	return code;
}

int cli_snapshot_compare(struct cli *cli)
{
	struct call call = {.session = &cli->session};
	int exit_code;
	enum pm_code code;
	struct outcome outcome;

	if (!cli_which(cli, 0, 0, &exit_code))
		return exit_code;
	if (args_given(&cli->args, "name"))
		return compare_named(cli);
	if (args_given(&cli->args, "after-name"))
		return cli_usage_say(cli, "--after-name goes with --name");
	interruptible_begin(&call, "compare");
	call_task(&call);
	code = compare_files(cli, &call);
	interruptible_end(&call);
	outcome = outcome_of(cli, code == PM_OK ? call.result : NULL);
	return differs(cli_answer(cli, &call, code, print_comparison), &outcome);
}
