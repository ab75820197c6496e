/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli_memory.h"
#include "json_build.h"
#include "text.h"

static void print_filled(struct cli *cli, struct json_object *result)
{
	char size[TEXT_BYTES];

	printf("Filled %s with %s.\n", text_size(json_count(result, "written"), size), cli->args.words[2]);
}

int cli_fill(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = cli_allocation_params(cli, &exit_code), *pattern;

	if (!params)
		return exit_code;
	pattern = cli_pattern(cli, cli->args.words[2], &exit_code);
	if (!pattern) {
		json_object_put(params);
		return exit_code;
	}
	json_set(params, "pattern", pattern);
	cli_pass_count(cli, "offset", params, "offset");
	cli_pass_count(cli, "length", params, "length");
	return cli_run(cli, "allocation/fill", params, print_filled);
}
