/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "guarded.h"
#include "json_build.h"
#include "text.h"

static const char *record_text(struct json_object *allocation, const char *name)
{
	struct json_object *record = json_member(allocation, "record");

	return record ? json_text(record, name) : "";
}

static void add_allocation(struct table *table, struct json_object *allocation)
{
	char page[TEXT_BYTES], pages[TEXT_BYTES], size[TEXT_BYTES], address[TEXT_BYTES];
	const char *const cells[] = {
		text_count(json_count(allocation, "page"), page),
		text_count(json_count(allocation, "pages"), pages),
		text_size(json_count(allocation, "pages") * PM_PAGE_SIZE, size),
		text_address(json_count(allocation, "address"), address),
		record_text(allocation, "name"),
		record_text(allocation, "owner"),
		record_text(allocation, "purpose"),
	};

	table_row(table, cells);
}

#define HEADINGS ">PAGE|>PAGES|>SIZE|>ADDRESS|NAME|OWNER|PURPOSE"

void print_allocation(struct cli *cli, struct json_object *allocation)
{
	struct table table;

	(void)cli;
	table_begin(&table, HEADINGS);
	add_allocation(&table, allocation);
	table_end(&table, stdout);
}

int cli_alloc(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params;

	if (args_given(&cli->args, "name") && !args_text(&cli->args, "name")[0])
		return cli_usage_say(cli, "--name is empty; leave it out for an allocation without a record");
	if (args_given(&cli->args, "order") == args_given(&cli->args, "pages"))
		return cli_usage_say(cli, "give either --order or --pages");
	params = cli_pool_params(cli, &exit_code);
	if (!params)
		return exit_code;
	cli_pass_count(cli, "order", params, "order");
	cli_pass_count(cli, "pages", params, "pages");
	if (!cli_pass_placement(cli, params, &exit_code)) {
		json_object_put(params);
		return exit_code;
	}
	cli_pass_typed(cli, "name", params, "name");
	cli_pass_typed(cli, "owner", params, "owner");
	cli_pass_typed(cli, "purpose", params, "purpose");
	return cli_run(cli, "allocation/create", params, print_allocation);
}

static void print_list(struct cli *cli, struct json_object *result)
{
	struct json_object *list = json_member(result, "allocations");
	struct table table;

	(void)cli;
	if (json_object_array_length(list) == 0) {
		printf("No allocation.\n");
		return;
	}
	table_begin(&table, HEADINGS);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		add_allocation(&table, json_object_array_get_idx(list, i));
	table_end(&table, stdout);
}

/* The parts of a long list are joined. NULL after an error. */
static struct json_object *ask_part(struct cli *cli, uint64_t from, int *exit_code)
{
	struct json_object *params = cli_pool_params(cli, exit_code);

	if (!params)
		return NULL;
	json_set_count(params, "from", from);
	json_set_count(params, "limit", 10000);
	return cli_ask(cli, "allocation/list", params, exit_code);
}

static void join(struct json_object *all, struct json_object *part)
{
	struct json_object *list = json_member(part, "allocations"), *to = json_member(all, "allocations");
	struct json_object *next = json_member(part, "next");

	for (size_t i = 0; i < json_object_array_length(list); i++)
		json_object_array_add(to, json_object_get(json_object_array_get_idx(list, i)));
	json_set(all, "next", json_object_get(next));
}

int cli_list(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *all = ask_part(cli, 0, &exit_code);

	while (all && json_member(all, "next")) {
		struct json_object *part = ask_part(cli, json_count(all, "next"), &exit_code);

		if (!part) {
			json_object_put(all);
			return exit_code;
		}
		join(all, part);
		json_object_put(part);
	}
	return cli_result(cli, all, exit_code, print_list);
}

struct json_object *cli_run_params(const struct attached *attached, const struct run_copy *run)
{
	struct json_object *params = json_object_new_object(), *expect = json_object_new_object();

	json_set_count(expect, "pages", run->pages);
	json_set(expect, "recordId", run->named ? json_object_new_uint64(run->record.id) : NULL);
	json_set_text(params, "pool", attached->uuid);
	json_set_count(params, "page", run->page);
	json_set(params, "expect", expect);
	return params;
}

static bool may_free(const struct cli *cli, const struct attached *attached, const struct run_copy *run, int *exit_code)
{
	char question[256], size[TEXT_BYTES];

	snprintf(question, sizeof(question),
		 "Free %llu page%s (%s) at page %llu%s%.63s of pool %.63s? It cannot be undone.",
		 (unsigned long long)run->pages, text_s(run->pages), text_size(run->pages * PM_PAGE_SIZE, size),
		 (unsigned long long)run->page, run->named ? ", " : "", run->named ? run->record.name : "",
		 attached->pool.sb.pool_name);
	return cli_agreed(cli, question, "yes", exit_code);
}

int cli_free(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct attached *attached = cli_pool_attached(cli, &exit_code);
	struct pm_error err = {0};
	struct run_copy run;
	uint64_t page;

	if (!attached || !cli_allocation(cli, attached, cli->args.words[1], &page, &exit_code))
		return exit_code;
	if (guarded_run_at(&attached->pool, page, &run, &err) != PM_OK)
		return cli_fail(cli, &err, "");
	if (!may_free(cli, attached, &run, &exit_code))
		return exit_code;
	return cli_run(cli, "allocation/free", cli_run_params(attached, &run), print_allocation);
}
