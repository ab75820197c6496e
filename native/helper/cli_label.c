/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "guarded.h"
#include "json_build.h"

struct json_object *cli_allocation_params(struct cli *cli, int *exit_code)
{
	struct attached *attached = cli_pool_attached(cli, exit_code);
	struct pm_error err = {0};
	struct run_copy run;
	uint64_t page;

	if (!attached || !cli_allocation(cli, attached, cli->args.words[1], &page, exit_code))
		return NULL;
	if (guarded_run_at(&attached->pool, page, &run, &err) == PM_OK)
		return cli_run_params(attached, &run);
	*exit_code = cli_fail(cli, &err, "");
	return NULL;
}

int cli_rename(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = cli_allocation_params(cli, &exit_code);

	if (!params)
		return exit_code;
	cli_set_typed(params, "name", cli->args.words[2]);
	return cli_run(cli, "allocation/rename", params, print_allocation);
}

int cli_label(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params;

	if (!args_given(&cli->args, "owner") && !args_given(&cli->args, "purpose"))
		return cli_usage_say(cli, "give --owner, --purpose or both");
	params = cli_allocation_params(cli, &exit_code);
	if (!params)
		return exit_code;
	cli_pass_typed(cli, "owner", params, "owner");
	cli_pass_typed(cli, "purpose", params, "purpose");
	return cli_run(cli, "allocation/relabel", params, print_allocation);
}
