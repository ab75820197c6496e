/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "cli_checks.h"
#include "json_build.h"
#include "text.h"
#include <stdio.h>

static void print_ranges(struct json_object *ranges)
{
	for (size_t i = 0; i < json_object_array_length(ranges); i++) {
		struct json_object *range = json_object_array_get_idx(ranges, i);
		uint64_t base = json_count(range, "base"), bytes = json_count(range, "size");
		char size[TEXT_BYTES];

		printf("%*s%012llx-%012llx  %9s  ", (int)(2 * json_count(range, "depth")), "", (unsigned long long)base,
		       (unsigned long long)(base + bytes - 1), text_size(bytes, size));
		print_clean(stdout, json_text(range, "name"));
		putchar('\n');
	}
}

/* Base, size and two texts of each item. */
static void print_table(struct json_object *list, const char *headings, const char *first, const char *second,
			const char *third)
{
	struct table table;

	table_begin(&table, headings);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);
		char base[TEXT_BYTES], size[TEXT_BYTES];
		const char *const cells[] = {
			json_member(item, "base") ? text_address(json_count(item, "base"), base) : "",
			json_member(item, "size") ? text_size(json_count(item, "size"), size) : "",
			json_text(item, first),
			second ? json_text(item, second) : "",
			third ? json_text(item, third) : "",
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

static void print_memory(struct cli *cli, struct json_object *memory)
{
	struct json_object *options = json_member(memory, "options"), *free = json_member(memory, "free");
	struct json_object *differences = json_member(memory, "differences");

	(void)cli;
	if (json_flag(memory, "hidden"))
		printf("/proc/iomem shows no addresses to this user.\n");
	print_ranges(json_member(memory, "kernel"));
	if (json_object_array_length(options) > 0) {
		printf("\nOn the command line\n");
		print_table(options, ">BASE|>SIZE|KIND|OPTION", "kind", "text", NULL);
	}
	if (!json_member(memory, "firmware"))
		printf("\nThe firmware's map is not there.\n");
	if (json_object_array_length(differences) > 0) {
		printf("\nFirmware and kernel differ\n");
		print_table(differences, ">BASE|>SIZE|FIRMWARE|KERNEL|EXPLAINED BY", "firmware", "kernel", "option");
	}
	if (json_object_array_length(free) > 0) {
		printf("\nCould be reserved\n");
		print_table(free, ">BASE|>SIZE|AGAINST IT", "why", NULL, NULL);
	}
}

int cli_host_memory(struct cli *cli)
{
	return cli_run(cli, "host/memory", json_object_new_object(), print_memory);
}

static void print_readiness(struct cli *cli, struct json_object *readiness)
{
	(void)cli;
	print_checks(json_member(readiness, "checks"));
}

int cli_host_readiness(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *readiness = cli_ask(cli, "host/readiness", json_object_new_object(), &exit_code);

	if (readiness && checks_failed(json_member(readiness, "checks")))
		exit_code = EXIT_NOT_INTACT;
	return cli_result(cli, readiness, exit_code, print_readiness);
}
