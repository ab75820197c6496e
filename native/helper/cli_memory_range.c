/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/base64.h"
#include "cli_memory.h"
#include "json_build.h"
#include "store.h"
#include "text.h"
#include <errno.h>
#include <pmpool/pattern.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Page index, or the page of a physical address; the end of a range may lie inside its last page. */
static bool page_of(struct cli *cli, const struct attached *attached, const char *option, bool end, uint64_t *page,
		    int *exit_code)
{
	const char *text = args_text(&cli->args, option);
	uint64_t number;

	if (!parse_count(text, &number)) {
		*exit_code = cli_usage_say(cli, "--%s: \"%s\" is neither a page index nor a physical address (0x...)",
					   option, text);
		return false;
	}
	*page = number;
	if (strncasecmp(text, "0x", 2) != 0)
		return true;
	*page = pm_page_of_address(&attached->pool, end ? number - 1 : number);
	if (*page == UINT64_MAX) {
		*exit_code = cli_usage_say(cli, "--%s: %s is no address in this pool", option, text);
		return false;
	}
	*page += end;
	return true;
}

struct json_object *cli_range_params(struct cli *cli, int *exit_code)
{
	struct attached *attached = cli_pool_attached(cli, exit_code);
	struct json_object *params;
	uint64_t from = 0, to = 0;

	if (!attached)
		return NULL;
	if (args_given(&cli->args, "from") && !page_of(cli, attached, "from", false, &from, exit_code))
		return NULL;
	if (args_given(&cli->args, "to") && !page_of(cli, attached, "to", true, &to, exit_code))
		return NULL;
	params = json_object_new_object();
	json_set_text(params, "pool", attached->uuid);
	if (args_given(&cli->args, "from"))
		json_set_count(params, "from", from);
	if (args_given(&cli->args, "to"))
		json_set_count(params, "to", to);
	return params;
}

struct json_object *cli_memory_params(struct cli *cli, unsigned words, int *exit_code)
{
	bool plain = args_given(&cli->args, "region");
	struct json_object *params;

	if (cli->args.word_count != words - plain) {
		*exit_code = cli_usage_say(cli, plain ? "give either a pool or --region" : "which pool? Or --region");
		return NULL;
	}
	if (!plain && (args_given(&cli->args, "offset") || args_given(&cli->args, "size") ||
		       args_given(&cli->args, "overwrite"))) {
		*exit_code = cli_usage_say(cli, "--offset, --size and --overwrite belong to --region");
		return NULL;
	}
	if (!plain)
		return cli_range_params(cli, exit_code);
	if (args_given(&cli->args, "from") || args_given(&cli->args, "to")) {
		*exit_code = cli_usage_say(cli, "--from and --to belong to a pool; a region has --offset and --size");
		return NULL;
	}
	params = json_object_new_object();
	cli_pass_text(cli, "region", params, "region");
	cli_pass_count(cli, "offset", params, "offset");
	cli_pass_count(cli, "size", params, "size");
	cli_pass_typed(cli, "overwrite", params, "overwrite");
	return params;
}

/* At most PM_PATTERN_DATA_BYTES; one more shows that there are more. */
static enum pm_code read_data(const char *path, struct json_object *pattern, struct pm_error *err)
{
	size_t room = PM_PATTERN_DATA_BYTES + 1, bytes;
	FILE *from = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	enum pm_code code = PM_OK;
	uint8_t *data;

	if (!from)
		return fail_errno(err, errno, path);
	data = malloc(room);
	bytes = data ? fread(data, 1, room, from) : 0;
	if (!data)
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to read %.200s", path);
	else if (ferror(from))
		code = fail_errno(err, errno, path);
	else if (bytes == 0 || bytes == room)
		code = pm_fail(err, PM_E_INVALID_PARAMS, "%.200s %s", path,
			       bytes ? "has more than 64 KiB" : "is empty");
	else
		json_set(pattern, "data", base64_json(data, bytes));
	free(data);
	if (from != stdin)
		fclose(from);
	return code;
}

struct json_object *cli_pattern(struct cli *cli, const char *kind, int *exit_code)
{
	struct json_object *pattern = json_object_new_object();
	struct pm_error err = {0};
	enum pm_code code = PM_OK;

	json_set_text(pattern, "kind", kind);
	cli_pass_count(cli, "seed", pattern, "seed");
	if (args_given(&cli->args, "data"))
		code = read_data(args_text(&cli->args, "data"), pattern, &err);
	if (code == PM_OK)
		return pattern;
	json_object_put(pattern);
	*exit_code = cli_fail(cli, &err, "");
	return NULL;
}

void print_diagnoses(struct json_object *diagnoses)
{
	for (size_t i = 0; i < json_object_array_length(diagnoses); i++) {
		struct json_object *diagnosis = json_object_array_get_idx(diagnoses, i);

		printf("%3llu %%  ", (unsigned long long)json_count(diagnosis, "confidence"));
		print_clean(stdout, json_text(diagnosis, "title"));
		printf("\n       ");
		print_clean(stdout, json_text(diagnosis, "detail"));
		printf("\n       cause: ");
		print_clean(stdout, json_text(diagnosis, "cause"));
		printf("\n");
	}
}
