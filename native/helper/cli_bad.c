/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "guarded_changes.h"
#include "json_build.h"
#include "text.h"

#define HEADINGS ">PAGE|>PAGES|>SIZE|>ADDRESS|SINCE|BOOT|WHO|WHY"

static void add_bad(struct table *table, struct json_object *bad)
{
	char page[TEXT_BYTES], pages[TEXT_BYTES], size[TEXT_BYTES], address[TEXT_BYTES], since[TEXT_BYTES], boot[9];
	const char *const cells[] = {
		text_count(json_count(bad, "page"), page),
		text_count(json_count(bad, "pages"), pages),
		text_size(json_count(bad, "pages") * PM_PAGE_SIZE, size),
		text_address(json_count(bad, "address"), address),
		text_time(json_count(bad, "at"), since),
		boot,
		json_text(bad, "who"),
		json_text(bad, "why"),
	};

	snprintf(boot, sizeof(boot), "%.8s", json_text(bad, "bootId"));
	table_row(table, cells);
}

static void print_bad(struct cli *cli, struct json_object *bad)
{
	struct table table;

	(void)cli;
	table_begin(&table, HEADINGS);
	add_bad(&table, bad);
	table_end(&table, stdout);
}

void print_bad_list(struct json_object *list)
{
	struct table table;

	table_begin(&table, HEADINGS);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		add_bad(&table, json_object_array_get_idx(list, i));
	table_end(&table, stdout);
}

static void print_list(struct cli *cli, struct json_object *result)
{
	struct json_object *list = json_member(result, "bad");

	(void)cli;
	if (json_object_array_length(list) == 0)
		printf("No bad page.\n");
	else
		print_bad_list(list);
	if (json_member(result, "next"))
		printf("More from page %llu on: --from %llu\n", (unsigned long long)json_count(result, "next"),
		       (unsigned long long)json_count(result, "next"));
}

int cli_bad_list(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = cli_pool_params(cli, &exit_code);

	if (!params)
		return exit_code;
	cli_pass_count(cli, "from", params, "from");
	json_set_count(params, "limit", 10000);
	return cli_run(cli, "bad/list", params, print_list);
}

int cli_bad_add(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct attached *attached;
	struct json_object *params;
	uint64_t page;

	if (!args_given(&cli->args, "why"))
		return cli_usage_say(cli, "say --why: whoever finds the pages bad later will ask");
	attached = cli_pool_attached(cli, &exit_code);
	if (!attached || !cli_page(cli, attached, cli->args.words[1], &page, &exit_code))
		return exit_code;
	params = json_object_new_object();
	json_set_text(params, "pool", attached->uuid);
	json_set_count(params, "page", page);
	json_set_count(params, "pages", args_number(&cli->args, "pages", 1));
	cli_pass_typed(cli, "why", params, "why");
	return cli_run(cli, "bad/add", params, print_bad);
}

static struct json_object *remove_params(const struct attached *attached, const struct bad_copy *bad)
{
	struct json_object *params = json_object_new_object(), *expect = json_object_new_object();

	json_set_count(expect, "pages", bad->pages);
	json_set_count(expect, "recordId", bad->record.id);
	json_set_text(params, "pool", attached->uuid);
	json_set_count(params, "page", bad->page);
	json_set(params, "expect", expect);
	return params;
}

int cli_bad_remove(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct attached *attached = cli_pool_attached(cli, &exit_code);
	struct pm_error err = {0};
	struct bad_copy bad;
	char question[384];
	uint64_t page;

	if (!attached || !cli_page(cli, attached, cli->args.words[1], &page, &exit_code))
		return exit_code;
	if (guarded_bad_at(&attached->pool, page, &bad, &err) != PM_OK)
		return cli_fail(cli, &err, "");
	snprintf(question, sizeof(question),
		 "Take %llu page%s at page %llu of pool %.63s out of quarantine? %.31s put them there: %.63s",
		 (unsigned long long)bad.pages, text_s(bad.pages), (unsigned long long)bad.page,
		 attached->pool.sb.pool_name, bad.record.owner, bad.record.purpose);
	if (!cli_agreed(cli, question, "yes", &exit_code))
		return exit_code;
	return cli_run(cli, "bad/remove", remove_params(attached, &bad), print_bad);
}
