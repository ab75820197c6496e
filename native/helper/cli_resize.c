/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "json_build.h"

int cli_resize(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params;
	uint64_t pages;

	if (!parse_count(cli->args.words[2], &pages))
		return cli_usage_say(cli, "\"%s\" is no number of pages", cli->args.words[2]);
	params = cli_allocation_params(cli, &exit_code);
	if (!params)
		return exit_code;
	json_set_count(params, "pages", pages);
	return cli_run(cli, "allocation/resize", params, print_allocation);
}
