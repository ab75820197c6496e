/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a snapshot holds back into its pool. The word that confirms it is asked for on a terminal; without one --yes
 * does for content, and what a whole pool would destroy has to be named with --confirm. */
#include "act_restore.h"
#include "acts.h"
#include "cli_snapshot_file.h"
#include "json_build.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_restored(struct cli *cli, struct json_object *result)
{
	unsigned long long pages = json_count(result, "pages"), allocations = json_count(result, "allocations");
	unsigned long long skipped = json_count(result, "skipped");
	char bytes[TEXT_BYTES];

	(void)cli;
	printf("Of %llu allocation%s %llu page%s (%s) written back and verified; %llu held the content already.\n",
	       allocations, text_s(allocations), pages, text_s(pages), text_size(pages * PM_PAGE_SIZE, bytes),
	       (unsigned long long)json_count(result, "unchanged"));
	if (skipped > 0)
		printf("Left out: %llu allocation%s of the snapshot, freed since or another one by now.\n", skipped,
		       text_s(skipped));
}

struct restoring {
	struct cli *cli;
	const char *path; /* of the file, or of the name in the state directory */
	bool named;
};

static enum pm_code open_chain(const struct restoring *restoring, struct chain *chain, struct pm_error *err)
{
	if (restoring->named)
		return chain_open_stored(chain, &restoring->cli->session.host, restoring->path, err);
	return chain_open_file(chain, restoring->path, args_text(&restoring->cli->args, "parent"), err);
}

/* One try; params are kept for another with the word. */
static enum pm_code attempt(const struct restoring *restoring, struct call *call)
{
	struct restore_job job = {.name = base_name(restoring->path, "stdin")};
	enum pm_code code = open_chain(restoring, &job.chain, &call->err);

	if (code == PM_OK)
		code = restore_begin(call, &job);
	if (code != PM_OK) {
		restore_free(&job);
		return code;
	}
	return restore_end(call, &job, restore_work(call, &job));
}

/* The pool: given, or the one the snapshot is of. */
static bool put_pool(const struct restoring *restoring, struct json_object *params, int *exit_code)
{
	struct cli *cli = restoring->cli;
	unsigned at = restoring->named ? 0 : 1;
	char uuid[PM_UUID_TEXT];
	struct chain chain = {.count = 0};
	struct pm_error err = {0};
	enum pm_code code;

	if (cli->args.word_count > at) {
		code = session_pool_named(&cli->session, cli->args.words[at], uuid, &err);
	} else {
		code = open_chain(restoring, &chain, &err);
		if (code == PM_OK)
			chain_pool(&chain, uuid);
		chain_close(&chain);
	}
	if (code == PM_OK)
		json_set_text(params, "pool", uuid);
	else
		*exit_code = cli_fail(cli, &err, "");
	return code == PM_OK;
}

static bool put_allocation(struct cli *cli, struct json_object *params, int *exit_code)
{
	struct pm_error err = {0};
	struct attached *attached;
	struct run_copy run;
	uint64_t page = 0;
	struct json_object *shown;
	enum pm_code code = session_pool(&cli->session, json_text(params, "pool"), &attached, &err);

	if (code == PM_OK && !cli_allocation(cli, attached, args_text(&cli->args, "allocation"), &page, exit_code))
		return false;
	if (code == PM_OK)
		code = guarded_run_at(&attached->pool, page, &run, &err);
	if (code != PM_OK) {
		*exit_code = cli_fail(cli, &err, "");
		return false;
	}
	shown = cli_run_params(attached, &run);
	json_set_count(params, "page", page);
	json_set(params, "expect", json_object_get(json_member(shown, "expect")));
	json_object_put(shown);
	return true;
}

static struct json_object *params_of(const struct restoring *restoring, int *exit_code)
{
	const struct args *args = &restoring->cli->args;
	struct json_object *params = json_object_new_object();
	bool whole = args_given(args, "pool"), content = args_given(args, "content");

	json_set_text(params, "what", whole ? "pool" : content ? "content" : "allocation");
	cli_pass_text(restoring->cli, "confirm", params, "confirm");
	if (put_pool(restoring, params, exit_code) &&
	    (whole || content || put_allocation(restoring->cli, params, exit_code)))
		return params;
	json_object_put(params);
	return NULL;
}

/* The word in the error becomes the one to type; `yes` gives it for what is not a whole pool. */
static bool agreed(struct cli *cli, struct call *call, int *exit_code)
{
	bool yes = args_given(&cli->args, "yes") && !args_given(&cli->args, "pool");

	if (!yes && (args_given(&cli->args, "confirm") || args_given(&cli->args, "yes") || !isatty(STDIN_FILENO) ||
		     !isatty(STDERR_FILENO))) {
		*exit_code = cli_fail(cli, &call->err, call->confirm);
		return false;
	}
	return yes || cli_agreed(cli, call->err.message, call->confirm, exit_code);
}

static int restore(const struct restoring *restoring)
{
	struct cli *cli = restoring->cli;
	struct call call = {.session = &cli->session};
	int exit_code = EXIT_OK;
	enum pm_code code;

	call.params = params_of(restoring, &exit_code);
	if (!call.params)
		return exit_code;
	interruptible_begin(&call, "restore");
	call_task(&call);
	code = attempt(restoring, &call);
	interruptible_end(&call);
	if (code == PM_E_CONFIRM_NEEDED) {
		if (!agreed(cli, &call, &exit_code)) {
			call_clear(&call);
			return exit_code;
		}
		json_set_text(call.params, "confirm", call.confirm);
		call.confirm[0] = '\0';
		interruptible_begin(&call, "restore");
		code = attempt(restoring, &call);
		interruptible_end(&call);
	}
	return cli_answer(cli, &call, code, print_restored);
}

int cli_snapshot_restore(struct cli *cli)
{
	const struct args *args = &cli->args;
	struct restoring restoring = {.cli = cli, .named = args_given(args, "name")};
	int exit_code;

	if (!cli_which(cli, 0, 1, &exit_code))
		return exit_code;
	if (args_given(args, "allocation") + args_given(args, "content") + args_given(args, "pool") != 1)
		return cli_usage_say(cli, "give one of --allocation, --content and --pool");
	restoring.path = restoring.named ? args_text(args, "name") : args->words[0];
	return restore(&restoring);
}
