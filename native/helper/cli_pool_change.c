/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool rename, pool extend, pool delete. */
#include "cli.h"
#include "guarded.h"
#include "json_build.h"
#include "text.h"

int cli_pool_rename(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = cli_pool_params(cli, &exit_code);

	if (!params)
		return exit_code;
	cli_set_typed(params, "name", cli->args.words[1]);
	return cli_run(cli, "pool/rename", params, print_pool);
}

int cli_pool_extend(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params;

	if (!args_given(&cli->args, "region"))
		return cli_usage_say(cli, "say which region with --region");
	if (cli_is_zero(cli, "size"))
		return cli_usage_say(cli, "--size 0 is no region; leave --size out for all up to the region's end");
	params = cli_pool_params(cli, &exit_code);
	if (!params)
		return exit_code;
	cli_pass_text(cli, "region", params, "region");
	cli_pass_count(cli, "offset", params, "offset");
	cli_pass_count(cli, "size", params, "size");
	cli_pass_text(cli, "overwrite", params, "overwrite");
	return cli_run(cli, "pool/extend", params, print_pool);
}

static struct json_object *delete_params(const struct attached *attached)
{
	struct json_object *params = json_object_new_object(), *expect = json_object_new_object();
	const struct pm_superblock *sb = &attached->pool.sb;

	json_set_field(expect, "name", sb->pool_name, sizeof(sb->pool_name));
	json_set_count(expect, "sequence", guarded_log_sequence(&attached->pool));
	json_set_text(params, "pool", attached->uuid);
	json_set(params, "expect", expect);
	return params;
}

/* ", without region 1, 3: ..." of a pool that is not whole; "" of one that is. */
static void name_missing(const struct attached *attached, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < attached->pool.region_count && length < size; i++)
		if (session_region_state(attached, i).code != PM_OK)
			length +=
				(size_t)snprintf(text + length, size - length, "%s%u", length ? ", " : "", (unsigned)i);
}

static void ask_delete(const struct attached *attached, const struct pm_usage *usage, char *question, size_t size)
{
	const struct pm_pool *pool = &attached->pool;
	char missing[96];
	int length = snprintf(question, size,
			      "Delete pool %.63s (%s) with %llu allocation%s, of them %llu named, in %u region%s? "
			      "It cannot be undone.",
			      pool->sb.pool_name, attached->uuid, (unsigned long long)usage->allocations,
			      usage->allocations == 1 ? "" : "s", (unsigned long long)usage->records,
			      (unsigned)pool->region_count, pool->region_count == 1 ? "" : "s");

	name_missing(attached, missing, sizeof(missing));
	if (missing[0])
		snprintf(question + length, size - (size_t)length,
			 " Missing or damaged: region %s. A missing one is left as it is.", missing);
}

static bool may_delete(struct cli *cli, const struct attached *attached, int *exit_code)
{
	const struct pm_pool *pool = &attached->pool;
	struct pm_error err = {0};
	struct pm_usage usage;
	char question[768], word[PM_NAME_BYTES];

	if (guarded_usage(pool, &usage, &err) != PM_OK) {
		*exit_code = cli_fail(cli, &err, "");
		return false;
	}
	snprintf(word, sizeof(word), "%.63s", pool->sb.pool_name);
	ask_delete(attached, &usage, question, sizeof(question));
	return cli_agreed(cli, question, word, exit_code);
}

static void print_deleted(struct cli *cli, struct json_object *result)
{
	(void)result;
	printf("Deleted pool ");
	print_clean(stdout, cli->args.words[0]);
	printf(".\n");
}

/* Too damaged to be opened: who wants to be rid of it makes another one in its place. */
static int fail_delete(const struct cli *cli, const struct pm_error *err)
{
	int exit_code = cli_fail(cli, err, "");

	if ((err->code == PM_E_POOL_CORRUPT || err->code == PM_E_REGION_MOVED) && !cli->json)
		fprintf(stderr, "  to be rid of it: pmpool pool create NAME --region REGION --overwrite WORD makes "
				"another one in its place\n");
	return exit_code;
}

int cli_pool_delete(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct attached *attached = NULL;
	struct pm_error err = {0};
	struct json_object *params;
	char uuid[PM_UUID_TEXT];

	if (session_pool_named(&cli->session, cli->args.words[0], uuid, &err) != PM_OK ||
	    session_pool(&cli->session, uuid, &attached, &err) != PM_OK)
		return fail_delete(cli, &err);
	params = delete_params(attached); /* before it asks: what is shown is what may go */
	if (!may_delete(cli, attached, &exit_code)) {
		json_object_put(params);
		return exit_code;
	}
	return cli_run(cli, "pool/delete", params, print_deleted);
}
