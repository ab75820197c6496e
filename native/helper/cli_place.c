/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of alloc that say where: --align, --within, --from, --to, --below, --place. */
#include "cli.h"
#include "json_build.h"
#include <string.h>

/* An order as it is, or a size that is a power of two of at least a page. */
static bool parse_order(const char *text, uint64_t *order)
{
	uint64_t bytes;

	if (parse_count(text, order) && *order <= 40)
		return true;
	if (!parse_size(text, &bytes) || bytes < PM_PAGE_SIZE || (bytes & (bytes - 1)) != 0)
		return false;
	for (*order = 0; PM_PAGE_SIZE << *order < bytes; ++*order)
		;
	return *order <= 40;
}

static bool pass_order(struct cli *cli, const char *option, struct json_object *params, const char *name,
		       int *exit_code)
{
	uint64_t order;

	if (!args_given(&cli->args, option))
		return true;
	if (!parse_order(args_text(&cli->args, option), &order)) {
		*exit_code =
			cli_usage_say(cli,
				      "--%s: \"%s\" is neither a size that is a power of two, like 2M, nor an order",
				      option, args_text(&cli->args, option));
		return false;
	}
	json_set_count(params, name, order);
	return true;
}

static bool pass_place(struct cli *cli, struct json_object *params, int *exit_code)
{
	const char *text = args_text(&cli->args, "place");
	const char *equals = text ? strchr(text, '=') : NULL;
	char placement[16];
	uint64_t node;

	if (!text)
		return true;
	if (!equals && (strcmp(text, "first") == 0 || strcmp(text, "most-free") == 0)) {
		json_set_text(params, "placement", text);
		return true;
	}
	if (!equals || (strncmp(text, "node=", 5) != 0 && strncmp(text, "region=", 7) != 0) ||
	    !parse_count(equals + 1, &node)) {
		*exit_code =
			cli_usage_say(cli, "--place: \"%s\" is none of first, most-free, node=N and region=N", text);
		return false;
	}
	snprintf(placement, sizeof(placement), "%.*s", (int)(equals - text), text);
	json_set_text(params, "placement", placement);
	json_set_count(params, "node", node);
	return true;
}

bool cli_pass_placement(struct cli *cli, struct json_object *params, int *exit_code)
{
	if (args_given(&cli->args, "to") && args_given(&cli->args, "below")) {
		*exit_code = cli_usage_say(cli, "--below is another word for --to; give one of them");
		return false;
	}
	if (cli_is_zero(cli, "to") || cli_is_zero(cli, "below")) {
		*exit_code = cli_usage_say(cli, "nothing lies below address 0");
		return false;
	}
	cli_pass_count(cli, "from", params, "addressFrom");
	cli_pass_count(cli, "to", params, "addressTo");
	cli_pass_count(cli, "below", params, "addressTo");
	return pass_order(cli, "align", params, "alignOrder", exit_code) &&
	       pass_order(cli, "within", params, "withinOrder", exit_code) && pass_place(cli, params, exit_code);
}
