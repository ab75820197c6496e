/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool range, pool find: what stands in a range of pages, and where the next run of a state is. */
#include "cli.h"
#include "json_build.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>
#include <strings.h>

bool cli_page(struct cli *cli, const struct attached *attached, const char *text, uint64_t *page, int *exit_code)
{
	uint64_t number;

	if (strncmp(text, "page:", 5) == 0)
		text += 5;
	if (!parse_count(text, &number)) {
		*exit_code = cli_usage_say(cli, "\"%s\" is neither a page index nor a physical address (0x...)", text);
		return false;
	}
	*page = strncasecmp(text, "0x", 2) == 0 ? pm_page_of_address(&attached->pool, number) : number;
	if (*page != UINT64_MAX)
		return true;
	*exit_code = cli_usage_say(cli, "%s is no address in this pool", text);
	return false;
}

/* The end of a range: as an address it is one past the last byte, which may be the end of a region. */
static bool page_past(struct cli *cli, const struct attached *attached, const char *text, uint64_t *page,
		      int *exit_code)
{
	uint64_t number;

	if (strncasecmp(text, "0x", 2) != 0 || !parse_count(text, &number) || number == 0)
		return cli_page(cli, attached, text, page, exit_code);
	*page = pm_page_of_address(&attached->pool, number - 1);
	if (*page == UINT64_MAX)
		return cli_page(cli, attached, text, page, exit_code);
	++*page;
	return true;
}

static void page_fact(const struct attached *attached, const char *name, struct json_object *run)
{
	uint64_t page = json_count(run, "page"), pages = json_count(run, "pages");
	char size[TEXT_BYTES], address[TEXT_BYTES];

	fact(stdout, name, "%" PRIu64 " page%s (%s) from page %" PRIu64 ", %s", pages, text_s(pages),
	     text_size(pages * PM_PAGE_SIZE, size), page,
	     text_address(pm_page_address(&attached->pool, page), address));
}

static void count_fact(const char *name, uint64_t pages)
{
	char size[TEXT_BYTES];

	fact(stdout, name, "%" PRIu64 " page%s (%s)", pages, text_s(pages), text_size(pages * PM_PAGE_SIZE, size));
}

int cli_pool_range(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct attached *attached = cli_pool_attached(cli, &exit_code);
	struct json_object *params, *result;
	uint64_t from, to;

	if (!attached || !cli_page(cli, attached, cli->args.words[1], &from, &exit_code) ||
	    !page_past(cli, attached, cli->args.words[2], &to, &exit_code))
		return exit_code;
	params = json_object_new_object();
	json_set_text(params, "pool", attached->uuid);
	json_set_count(params, "from", from);
	json_set_count(params, "to", to);
	result = cli_ask(cli, "pool/range", params, &exit_code);
	if (!result || cli->json)
		return cli_result(cli, result, exit_code, NULL);
	count_fact("Free", json_count(result, "pagesFree"));
	count_fact("Allocated", json_count(result, "pagesAllocated"));
	count_fact("Bad", json_count(result, "pagesBad"));
	count_fact("Metadata", json_count(result, "pagesMetadata"));
	count_fact("Absent", json_count(result, "pagesAbsent"));
	fact(stdout, "Allocations", "%" PRIu64 " begin here", json_count(result, "allocations"));
	fact(stdout, "Free runs", "%" PRIu64, json_count(result, "freeRuns"));
	if (json_member(result, "largestFreeRun"))
		page_fact(attached, "Largest", json_member(result, "largestFreeRun"));
	json_object_put(result);
	return exit_code;
}

int cli_pool_find(struct cli *cli)
{
	int exit_code = EXIT_OK;
	const char *what = cli->args.words[1];
	bool previous = args_given(&cli->args, "previous");
	struct attached *attached = cli_pool_attached(cli, &exit_code);
	struct json_object *params, *result;
	uint64_t from;

	if (!attached)
		return exit_code;
	from = previous ? attached->pool.page_end : 0;
	if (args_given(&cli->args, "from") &&
	    !cli_page(cli, attached, args_text(&cli->args, "from"), &from, &exit_code))
		return exit_code;
	params = json_object_new_object();
	json_set_text(params, "pool", attached->uuid);
	json_set_text(params, "what", what);
	json_set_count(params, "from", from);
	json_set_text(params, "direction", previous ? "previous" : "next");
	cli_pass_count(cli, "pages", params, "pages");
	result = cli_ask(cli, "pool/find", params, &exit_code);
	if (!result || cli->json)
		return cli_result(cli, result, exit_code, NULL);
	if (json_member(result, "found"))
		page_fact(attached, "Found", json_member(result, "found"));
	else
		printf("None %s page %" PRIu64 ".\n", previous ? "up to" : "from", from);
	json_object_put(result);
	return exit_code;
}
