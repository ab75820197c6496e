/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acts.h"
#include "cli.h"
#include "cli_checks.h"
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

static void print_expectation(struct cli *cli, struct json_object *expectation)
{
	(void)cli;
	fact(stdout, "Expectation", "%s", json_text(expectation, "id"));
	fact(stdout, "Pages", "%llu", (unsigned long long)json_count(expectation, "pages"));
	fact(stdout, "Digest", "%s", json_text(expectation, "digest"));
}

/* The nonce of the kernel that is loaded, unless another is given. */
static bool choose_nonce(struct cli *cli, struct json_object *params, int *exit_code)
{
	struct attached *attached;
	struct pm_error err = {0};
	char nonce[NONCE_BYTES] = "";

	if (args_given(&cli->args, "nonce")) {
		cli_pass_text(cli, "nonce", params, "nonce");
		return true;
	}
	attached = cli_pool_attached(cli, exit_code);
	if (!attached)
		return false;
	if (!loaded_nonce(&cli->session, attached, nonce)) {
		pm_fail(&err, PM_E_KEXEC_NOT_LOADED, "no plan of this pool was loaded in this boot: give --nonce");
		*exit_code = cli_fail(cli, &err, "");
		return false;
	}
	json_set_text(params, "nonce", nonce);
	return true;
}

int cli_expect(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = cli_pool_params(cli, &exit_code);

	if (!params)
		return exit_code;
	if (!choose_nonce(cli, params, &exit_code)) {
		json_object_put(params);
		return exit_code;
	}
	return cli_run(cli, "expectation/create", params, print_expectation);
}

static void print_runs(struct json_object *runs)
{
	struct table table;

	if (json_object_array_length(runs) == 0)
		return;
	printf("\nChanged pages:\n");
	table_begin(&table, ">PAGE|>PAGES|HOW");
	for (size_t i = 0; i < json_object_array_length(runs); i++) {
		struct json_object *run = json_object_array_get_idx(runs, i);
		char page[TEXT_BYTES], pages[TEXT_BYTES];
		const char *const cells[] = {text_count(json_count(run, "page"), page),
					     text_count(json_count(run, "pages"), pages), json_text(run, "kind")};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

static void print_records(struct json_object *records)
{
	struct table table;

	if (json_object_array_length(records) == 0)
		return;
	printf("\nRecords:\n");
	table_begin(&table, "NAME|OWNER|>PAGE|>PAGES|>CHANGED|STATE");
	for (size_t i = 0; i < json_object_array_length(records); i++) {
		struct json_object *record = json_object_array_get_idx(records, i);
		char page[TEXT_BYTES], pages[TEXT_BYTES], changed[TEXT_BYTES];
		const char *const cells[] = {
			json_text(record, "name"),
			json_text(record, "owner"),
			text_count(json_count(record, "page"), page),
			text_count(json_count(record, "pages"), pages),
			text_count(json_count(record, "changedPages"), changed),
			json_text(record, "state"),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

static void print_verdict(struct cli *cli, struct json_object *verdict)
{
	struct json_object *boot = json_member(verdict, "boot"), *pages = json_member(verdict, "pages");
	char size[TEXT_BYTES];

	(void)cli;
	if (json_flag(verdict, "intact"))
		printf("INTACT: ");
	else
		printf("NOT INTACT (%s): ", json_text(verdict, "class"));
	print_clean(stdout, json_text(verdict, "summary"));
	printf("%s\n\n", json_flag(verdict, "simulated") ? " (simulated kexec)" : "");
	fact(stdout, "Pool", "%s %s", json_text(verdict, "poolName"), json_text(verdict, "pool"));
	fact(stdout, "Expectation", "%s", json_text(verdict, "expectation"));
	fact(stdout, "Boot", "%s, before %s", json_text(boot, "after"), json_text(boot, "before"));
	fact(stdout, "Kernel", "%s, before %s", json_text(boot, "kernelAfter"), json_text(boot, "kernelBefore"));
	fact(stdout, "Pages", "%llu expected, %llu compared, %llu changed",
	     (unsigned long long)json_count(pages, "expected"), (unsigned long long)json_count(pages, "compared"),
	     (unsigned long long)json_count(pages, "changed"));
	fact(stdout, "Compared", "%s in %llu ms", text_size(json_count(verdict, "comparedBytes"), size),
	     (unsigned long long)json_count(verdict, "durationMs"));
	printf("\n");
	print_checks(json_member(verdict, "checks"));
	print_runs(json_member(verdict, "changedRuns"));
	print_records(json_member(verdict, "records"));
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
	struct json_object *params = json_object_new_object(), *verdict;
	int exit_code = EXIT_OK;

	if (cli->args.word_count > 0) {
		json_set_text(params, "expectation", cli->args.words[0]);
	} else if (!newest_expectation(cli, params, &exit_code)) {
		json_object_put(params);
		return exit_code;
	}
	verdict = cli_ask(cli, "verdict/reach", params, &exit_code);
	if (verdict && !json_flag(verdict, "intact"))
		exit_code = EXIT_NOT_INTACT;
	return cli_result(cli, verdict, exit_code, print_verdict);
}
