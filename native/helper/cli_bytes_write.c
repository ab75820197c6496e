/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory write: asks first, with what stands there and what is to. */
#include "acts.h"
#include "cli_inspect.h"
#include "hex_text.h"
#include "host/base64.h"
#include "json_build.h"
#include "pool_bytes.h"
#include "text.h"
#include <inttypes.h>
#include <stdlib.h>

const struct option_spec memory_write_options[] = {
	{"hex", OPTION_TEXT, "BYTES", "what to write: pairs of hexadecimal digits"},
	{"expect", OPTION_TEXT, "BYTES", "what has to stand there (default: what stands there now)"},
	{"page", OPTION_COUNT, "PAGE", "the offset counts from the first byte of this page"},
	{"address", OPTION_SIZE, "ADDRESS", "the offset counts from this physical address"},
	{"yes", OPTION_FLAG, NULL, "do not ask; needed without a terminal"},
	{NULL, OPTION_FLAG, NULL, NULL},
};

struct edit {
	const struct attached *attached;
	uint64_t offset;
	size_t count;
	uint8_t data[EDIT_BYTES], before[EDIT_BYTES];
};

static bool bytes_of(struct cli *cli, const char *option, uint8_t *bytes, size_t *count, int *exit_code)
{
	struct pm_error err = {0};

	if (hex_parse(args_text(&cli->args, option), bytes, NULL, EDIT_BYTES, count, &err) == PM_OK)
		return true;
	*exit_code = cli_usage_say(cli, "--%s: %s", option, err.message);
	return false;
}

static bool edit_of(struct cli *cli, struct edit *edit, int *exit_code)
{
	struct pm_error err = {0};
	size_t expected = 0;

	if (!bytes_of(cli, "hex", edit->data, &edit->count, exit_code))
		return false;
	if (args_given(&cli->args, "expect")) {
		if (!bytes_of(cli, "expect", edit->before, &expected, exit_code))
			return false;
		if (expected == edit->count)
			return true;
		*exit_code = cli_usage_say(cli, "--expect: %zu byte%s, --hex has %zu", expected, text_s(expected),
					   edit->count);
		return false;
	}
	if (pool_bytes_read(&edit->attached->pool, edit->offset, edit->before, edit->count, &err) == PM_OK)
		return true;
	*exit_code = cli_fail(cli, &err, "");
	return false;
}

static bool agreed(struct cli *cli, const struct edit *edit, int *exit_code)
{
	char before[64], data[64], question[384];

	hex_format(edit->before, edit->count, before, sizeof(before));
	hex_format(edit->data, edit->count, data, sizeof(data));
	snprintf(question, sizeof(question),
		 "Write %zu byte%s at 0x%" PRIx64 " (page %" PRIu64 ") of pool %.63s?\n  now  %s\n  then %s",
		 edit->count, text_s(edit->count), edit->offset, edit->offset / PM_PAGE_SIZE,
		 edit->attached->pool.sb.pool_name, before, data);
	return cli_agreed(cli, question, "yes", exit_code);
}

static void print_written(struct cli *cli, struct json_object *result)
{
	uint64_t written = json_count(result, "written");

	(void)cli;
	printf("%" PRIu64 " byte%s written.\n", written, text_s(written));
}

static int write_edit(struct cli *cli, const struct edit *edit)
{
	struct json_object *params = json_object_new_object();

	json_set_text(params, "pool", edit->attached->uuid);
	json_set_count(params, "offset", edit->offset);
	json_set(params, "data", base64_json(edit->data, edit->count));
	json_set(params, "before", base64_json(edit->before, edit->count));
	return cli_run(cli, "memory/write", params, print_written);
}

int cli_memory_write(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct edit *edit;

	if (!args_given(&cli->args, "hex"))
		return cli_usage_say(cli, "say --hex: what to write");
	edit = calloc(1, sizeof(*edit));
	if (!edit)
		abort();
	edit->attached = cli_pool_attached(cli, &exit_code);
	if (edit->attached && cli_offset(cli, edit->attached, cli->args.words[1], &edit->offset, &exit_code) &&
	    edit_of(cli, edit, &exit_code) && agreed(cli, edit, &exit_code))
		exit_code = write_edit(cli, edit);
	free(edit);
	return exit_code;
}
