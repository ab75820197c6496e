/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli_memory.h"
#include "json_build.h"
#include "text.h"
#include <stdlib.h>

static void print_faults(struct cli *cli, struct json_object *result)
{
	struct json_object *faults = json_member(result, "faults");
	uint64_t count = json_count(result, "count");
	struct table table;

	if (args_given(&cli->args, "pages") && count < strtoull(args_text(&cli->args, "pages"), NULL, 0))
		printf("%llu of %s pages: no more suit.\n", (unsigned long long)count, args_text(&cli->args, "pages"));
	printf("Injected %s at %llu place%s; --seed %llu does the same again on the same pool.\n",
	       json_text(result, "kind"), (unsigned long long)count, text_s(count),
	       (unsigned long long)json_count(result, "seed"));
	table_begin(&table, ">PAGE|>ADDRESS|>BYTES|WHAT");
	for (size_t i = 0; i < json_object_array_length(faults); i++) {
		struct json_object *fault = json_object_array_get_idx(faults, i);
		char page[TEXT_BYTES], address[TEXT_BYTES], bytes[TEXT_BYTES];
		const char *const cells[] = {text_count(json_count(fault, "page"), page),
					     text_address(json_count(fault, "address"), address),
					     text_count(json_count(fault, "bytes"), bytes), json_text(fault, "detail")};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
	if (json_object_array_length(faults) < count)
		printf("and %llu more\n", (unsigned long long)(count - json_object_array_length(faults)));
}

int cli_fault_inject(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = cli_range_params(cli, &exit_code);

	if (!params)
		return exit_code;
	json_set_text(params, "kind", cli->args.words[1]);
	cli_pass_count(cli, "seed", params, "seed");
	cli_pass_count(cli, "pages", params, "pages");
	cli_pass_typed(cli, "confirm", params, "confirm");
	return cli_run(cli, "fault/inject", params, print_faults);
}
