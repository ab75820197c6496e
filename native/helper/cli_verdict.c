/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acts.h"
#include "cli_checks.h"
#include "cli_report.h"
#include "json_build.h"
#include "text.h"
#include <string.h>

static void print_check(struct json_object *check)
{
	printf("%-4s  ", json_text(check, "level"));
	print_clean(stdout, json_text(check, "title"));
	printf("\n      ");
	print_clean(stdout, json_text(check, "detail"));
	if (json_text(check, "remedy")[0]) {
		printf("\n      way out: ");
		print_clean(stdout, json_text(check, "remedy"));
	}
	printf("\n");
}

void print_checks(struct json_object *checks)
{
	static const char *const levels[] = {"fail", "warn", "pass"}; /* what has to be mended comes first */

	for (size_t level = 0; level < sizeof(levels) / sizeof(levels[0]); level++)
		for (size_t i = 0; i < json_object_array_length(checks); i++) {
			struct json_object *check = json_object_array_get_idx(checks, i);

			if (strcmp(json_text(check, "level"), levels[level]) == 0)
				print_check(check);
		}
}

bool checks_failed(struct json_object *checks)
{
	for (size_t i = 0; i < json_object_array_length(checks); i++)
		if (strcmp(json_text(json_object_array_get_idx(checks, i), "level"), "fail") == 0)
			return true;
	return false;
}

static bool newest_expectation(struct cli *cli, struct json_object *params, int *exit_code)
{
	struct json_object *ids = NULL;
	struct pm_error err = {0};
	enum pm_code code = expectations(&cli->session, &ids, &err);

	if (code == PM_OK && json_object_array_length(ids) == 0)
		code = pm_fail(&err, PM_E_EXPECTATION_NOT_FOUND, "no expectation is stored on this host");
	if (code == PM_OK)
		json_set_text(params, "expectation", json_object_get_string(json_object_array_get_idx(ids, 0)));
	else
		*exit_code = cli_fail(cli, &err, "");
	json_object_put(ids);
	return code == PM_OK;
}

int cli_verdict(struct cli *cli)
{
	struct json_object *params, *verdict;
	struct cli_document document;
	int exit_code = EXIT_OK;

	if (!cli_document_wanted(cli, "output", &document, &exit_code))
		return exit_code;
	params = json_object_new_object();
	if (cli->args.word_count > 0) {
		json_set_text(params, "expectation", cli->args.words[0]);
	} else if (!newest_expectation(cli, params, &exit_code)) {
		json_object_put(params);
		return exit_code;
	}
	verdict = cli_ask(cli, "verdict/reach", params, &exit_code);
	if (verdict && !json_flag(verdict, "intact"))
		exit_code = EXIT_NOT_INTACT;
	return cli_document_end(cli, &document, verdict, exit_code);
}

static void print_verdicts(struct cli *cli, struct json_object *result)
{
	struct json_object *verdicts = json_member(result, "verdicts");
	struct table table;

	(void)cli;
	if (json_object_array_length(verdicts) == 0) {
		printf("No verdict was reached on this host.\n");
		return;
	}
	table_begin(&table, "EXPECTATION|POOL|REACHED|VERDICT|>CHANGED|SUMMARY");
	for (size_t i = 0; i < json_object_array_length(verdicts); i++) {
		struct json_object *verdict = json_object_array_get_idx(verdicts, i);
		char when[TEXT_BYTES], changed[TEXT_BYTES];
		const char *const cells[] = {
			json_text(verdict, "expectation"),
			json_text(verdict, "poolName"),
			text_time(json_count(verdict, "reachedAt"), when),
			json_text(verdict, "class"),
			text_count(json_count(json_member(verdict, "pages"), "changed"), changed),
			json_text(verdict, "summary"),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

int cli_verdict_list(struct cli *cli)
{
	return cli_run(cli, "verdict/list", json_object_new_object(), print_verdicts);
}
