/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli_memory.h"
#include "cli_report.h"
#include "json_build.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

/* "a,b" as an array; the helper knows which tests there are. */
static struct json_object *tests_of(const char *text)
{
	struct json_object *list = json_object_new_array();
	char *copy = strdup(text), *rest = copy;

	if (!copy)
		abort();
	for (char *name = strsep(&rest, ","); name; name = strsep(&rest, ","))
		json_object_array_add(list, json_object_new_string(name));
	free(copy);
	return list;
}

int cli_memory_test(struct cli *cli)
{
	struct cli_document document;
	struct json_object *params, *result;
	int exit_code = EXIT_OK;

	if (!cli_document_wanted(cli, "report", &document, &exit_code))
		return exit_code;
	params = cli_memory_params(cli, 1, &exit_code);
	if (!params)
		return exit_code;
	cli_pass_count(cli, "passes", params, "passes");
	if (args_given(&cli->args, "quarantine"))
		json_set_bool(params, "quarantine", true);
	if (args_given(&cli->args, "tests"))
		json_set(params, "tests", tests_of(args_text(&cli->args, "tests")));
	result = cli_ask(cli, "memory/test", params, &exit_code);
	if (result && !json_flag(result, "passed"))
		exit_code = EXIT_NOT_INTACT;
	return cli_document_end(cli, &document, result, exit_code);
}

static void print_results(struct cli *cli, struct json_object *result)
{
	struct json_object *results = json_member(result, "results");
	struct table table;

	(void)cli;
	if (json_object_array_length(results) == 0) {
		printf("No memory test was made on this host.\n");
		return;
	}
	table_begin(&table, "RESULT|POOL|TESTED|>PASSES|>PAGES|OUTCOME|>FAILED PAGES");
	for (size_t i = 0; i < json_object_array_length(results); i++) {
		struct json_object *one = json_object_array_get_idx(results, i), *runs = json_member(one, "badPages");
		char when[TEXT_BYTES], passes[TEXT_BYTES], pages[TEXT_BYTES], bad[TEXT_BYTES];
		uint64_t bad_pages = 0;

		for (size_t j = 0; j < json_object_array_length(runs); j++)
			bad_pages += json_count(json_object_array_get_idx(runs, j), "pages");
		const char *const cells[] = {
			json_text(one, "name"),
			json_text(one, "poolName"),
			text_time(json_count(one, "startedAt"), when),
			text_count(json_count(one, "passes"), passes),
			text_count(json_count(one, "pages"), pages),
			json_flag(one, "passed") ? "passed" : "FAILED",
			text_count(bad_pages, bad),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

int cli_memory_results(struct cli *cli)
{
	return cli_run(cli, "memory/results", json_object_new_object(), print_results);
}
