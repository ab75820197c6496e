/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory search: text, or bytes in hexadecimal with wildcards. */
#include "acts.h"
#include "cli_inspect.h"
#include "hex_text.h"
#include "host/base64.h"
#include "json_build.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>

const struct option_spec memory_search_options[] = {
	{"hex", OPTION_FLAG, NULL, "the pattern is bytes in hexadecimal; ? fits any digit"},
	{"ignore-case", OPTION_FLAG, NULL, "ASCII letters fit in either case"},
	{"from", OPTION_SIZE, "OFFSET", "search from this byte of the pool on (default 0)"},
	{"to", OPTION_SIZE, "OFFSET", "up to the byte before this one (default: the pool's end)"},
	{"align", OPTION_SIZE, "SIZE", "only at multiples of it, at most 4K"},
	{"allocated", OPTION_FLAG, NULL, "only what lies inside one allocation"},
	{"limit", OPTION_COUNT, "N", "at most so many places, 1 to 10000 (default 1000)"},
	{NULL, OPTION_FLAG, NULL, NULL},
};

static bool pass_pattern(struct cli *cli, struct json_object *params, int *exit_code)
{
	const char *text = cli->args.words[1];
	uint8_t bytes[NEEDLE_BYTES], mask[NEEDLE_BYTES];
	struct pm_error err = {0};
	size_t count = strlen(text);

	if (!args_given(&cli->args, "hex")) {
		if (count == 0 || count > NEEDLE_BYTES) {
			*exit_code = cli_usage_say(cli, "the pattern has %zu bytes; 1 to %" PRIu64 " are looked for",
						   count, NEEDLE_BYTES);
			return false;
		}
		json_set(params, "bytes", base64_json(text, count));
		return true;
	}
	if (hex_parse(text, bytes, mask, NEEDLE_BYTES, &count, &err) != PM_OK) {
		*exit_code = cli_usage_say(cli, "the pattern: %s", err.message);
		return false;
	}
	json_set(params, "bytes", base64_json(bytes, count));
	json_set(params, "mask", base64_json(mask, count));
	return true;
}

static void print_hits(struct json_object *hits, const struct pm_pool *pool)
{
	struct table table;

	table_begin(&table, ">OFFSET|>PAGE|>ADDRESS");
	for (size_t i = 0; i < json_object_array_length(hits); i++) {
		uint64_t at = json_object_get_uint64(json_object_array_get_idx(hits, i)), page = at / PM_PAGE_SIZE;
		char offset[TEXT_BYTES], number[TEXT_BYTES], address[TEXT_BYTES];
		const char *const cells[] = {
			text_address(at, offset),
			text_count(page, number),
			text_address(pm_page_address(pool, page) + at % PM_PAGE_SIZE, address),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

static void print_found(struct json_object *result, const struct attached *attached)
{
	struct json_object *hits = json_member(result, "hits");
	char size[TEXT_BYTES];

	if (json_object_array_length(hits) == 0) {
		printf("Not found in %s.\n", text_size(json_count(result, "searched"), size));
		return;
	}
	print_hits(hits, &attached->pool);
	if (json_flag(result, "more"))
		printf("There are more: --limit, or go on with --from.\n");
}

int cli_memory_search(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct attached *attached = cli_pool_attached(cli, &exit_code);
	struct json_object *params, *result;

	if (!attached)
		return exit_code;
	params = json_object_new_object();
	json_set_text(params, "pool", attached->uuid);
	if (!pass_pattern(cli, params, &exit_code)) {
		json_object_put(params);
		return exit_code;
	}
	if (args_given(&cli->args, "ignore-case"))
		json_set_bool(params, "ignoreCase", true);
	if (args_given(&cli->args, "allocated"))
		json_set_bool(params, "allocatedOnly", true);
	cli_pass_count(cli, "from", params, "from");
	cli_pass_count(cli, "to", params, "to");
	cli_pass_count(cli, "align", params, "align");
	cli_pass_count(cli, "limit", params, "limit");
	result = cli_ask(cli, "memory/search", params, &exit_code);
	if (!result || cli->json)
		return cli_result(cli, result, exit_code, NULL);
	print_found(result, attached);
	json_object_put(result);
	return exit_code;
}
