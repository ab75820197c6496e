/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli_memory.h"
#include "json_build.h"
#include "text.h"

/* Behind the pool, or alone. */
static const char *pattern_word(const struct cli *cli)
{
	return cli->args.words[cli->args.word_count - 1];
}

#define RATE_MS 50u /* a rate of a shorter act says nothing */

/* ", 3 GiB/s" */
static void print_rate(uint64_t bytes, uint64_t ms)
{
	char text[TEXT_BYTES];

	if (ms >= RATE_MS)
		printf(", %s/s", text_size(bytes * 1000 / ms, text));
}

static void print_fill(struct cli *cli, struct json_object *result)
{
	uint64_t pages = json_count(result, "pages"), bytes = json_count(result, "bytes");
	char size[TEXT_BYTES];

	printf("Filled %llu page%s (%s) with %s", (unsigned long long)pages, text_s(pages), text_size(bytes, size),
	       pattern_word(cli));
	print_rate(bytes, json_count(result, "durationMs"));
	printf(".\n");
	if (json_count(result, "skipped"))
		printf("%llu pages of the range are not free and were left alone.\n",
		       (unsigned long long)json_count(result, "skipped"));
}

static void print_runs(struct json_object *runs)
{
	struct table table;

	if (json_object_array_length(runs) == 0)
		return;
	printf("\n");
	table_begin(&table, ">PAGE|>PAGES|>ADDRESS|HOW");
	for (size_t i = 0; i < json_object_array_length(runs); i++) {
		struct json_object *run = json_object_array_get_idx(runs, i);
		char page[TEXT_BYTES], pages[TEXT_BYTES], address[TEXT_BYTES];
		const char *const cells[] = {text_count(json_count(run, "page"), page),
					     text_count(json_count(run, "pages"), pages),
					     text_address(json_count(run, "address"), address), json_text(run, "kind")};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

static void print_check_result(struct cli *cli, struct json_object *result)
{
	uint64_t pages = json_count(result, "pages"), changed = json_count(result, "changed");

	if (json_flag(result, "intact"))
		printf("INTACT: all %llu pages hold %s", (unsigned long long)pages, pattern_word(cli));
	else
		printf("CHANGED: %llu of %llu pages do not hold %s", (unsigned long long)changed,
		       (unsigned long long)pages, pattern_word(cli));
	print_rate(pages * PM_PAGE_SIZE, json_count(result, "durationMs"));
	printf(".\n");
	if (json_count(result, "skipped"))
		printf("%llu pages of the range are not free and were not read.\n",
		       (unsigned long long)json_count(result, "skipped"));
	if (changed)
		printf("\n");
	print_diagnoses(json_member(result, "diagnoses"));
	print_runs(json_member(result, "runs"));
}

static struct json_object *pattern_params(struct cli *cli, int *exit_code)
{
	struct json_object *params = cli_memory_params(cli, 2, exit_code), *pattern;

	if (!params)
		return NULL;
	pattern = cli_pattern(cli, pattern_word(cli), exit_code);
	if (pattern) {
		json_set(params, "pattern", pattern);
		return params;
	}
	json_object_put(params);
	return NULL;
}

int cli_pattern_fill(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = pattern_params(cli, &exit_code);

	return params ? cli_run(cli, "pattern/fill", params, print_fill) : exit_code;
}

int cli_pattern_check(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = pattern_params(cli, &exit_code), *result;

	if (!params)
		return exit_code;
	result = cli_ask(cli, "pattern/check", params, &exit_code);
	if (result && !json_flag(result, "intact"))
		exit_code = EXIT_NOT_INTACT;
	return cli_result(cli, result, exit_code, print_check_result);
}
