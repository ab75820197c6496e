/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots by name in the state directory (--name, as the protocol has them), or as a file of the user's own. */
#include "acts.h"
#include "cli_snapshot_file.h"
#include "cli_snapshot_print.h"
#include "json_build.h"
#include "long_act.h"
#include "text.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the file says of itself, for one that may have gone down a pipe. */
static struct json_object *describe(const struct attached *attached, const struct pm_snapshot_request *request,
				    uint64_t time_ns)
{
	struct json_object *description = json_object_new_object(), *pool = json_object_new_object();
	struct json_object *snapshot = json_object_new_object(), *parent = NULL;

	json_set_text(pool, "uuid", attached->uuid);
	json_set_field(pool, "name", attached->pool.sb.pool_name, sizeof(attached->pool.sb.pool_name));
	if (request->parent) {
		char digest[33];

		pm_hex_format(pm_snapshot_totals(request->parent)->digest, 16, digest);
		parent = json_object_new_object();
		json_set_text(parent, "name", request->parent_name);
		json_set_text(parent, "digest", digest);
	}
	json_set_bool(snapshot, "all", request->all);
	json_set(snapshot, "parent", parent);
	json_set(description, "pool", pool);
	json_set(description, "snapshot", snapshot);
	json_set(description, "host", json_object_get(request->host));
	json_set_count(description, "createdAt", time_ns / 1000000);
	return description;
}

/* On this thread, with the caller's own rights; nobody else's path is ever opened. */
static enum pm_code write_pool(struct call *call, struct attached *attached, struct pm_snapshot_request *request,
			       int fd, const char *name)
{
	struct pm_snapshot_result result = {0};
	struct snapshot_facts facts = {.name = name, .result = &result, .present = true};
	struct pool_source source;
	enum pm_code code = json_host_info(call->session, &request->host, &call->err);

	if (code != PM_OK)
		return code;
	code = pool_source_of(call->session, attached, &source, &call->err);
	if (code == PM_OK)
		code = settled(call, pool_source_write(call, &source, write_snapshot, request, fd, &result));
	pool_source_free(&source);
	if (code == PM_OK) {
		facts.description = describe(attached, request, source.act.time_ns);
		facts.bytes = result.file_bytes;
		code = json_snapshot(&facts, &call->result, &call->err);
		json_object_put(facts.description);
	}
	json_object_put(request->host);
	return code;
}

static enum pm_code write_file(struct cli *cli, struct call *call, struct attached *attached, const char *path)
{
	const char *parent_file = args_text(&cli->args, "parent"), *parent_name = args_text(&cli->args, "parent-name");
	struct pm_snapshot_request request = {.all = args_given(&cli->args, "all")};
	struct chain chain = {.count = 0};
	struct new_file file;
	enum pm_code code = new_file_open(&file, path, &call->err);

	if (code == PM_OK && parent_file) {
		code = chain_open_file(&chain, parent_file, NULL, &call->err);
		request.parent_name = base_name(parent_file, "stdin");
	} else if (code == PM_OK && parent_name) {
		code = chain_open_stored(&chain, &call->session->host, parent_name, &call->err);
		request.parent_name = parent_name;
	}
	request.parent = chain_first(&chain);
	if (code == PM_OK)
		code = write_pool(call, attached, &request, file.fd, base_name(path, "stdout"));
	if (code == PM_OK)
		code = new_file_commit(&file, &call->err);
	new_file_close(&file);
	chain_close(&chain);
	return code;
}

static int create_file(struct cli *cli, const char *path)
{
	struct call call = {.session = &cli->session};
	int exit_code = EXIT_OK;
	struct attached *attached = cli_pool_attached(cli, &exit_code);
	enum pm_code code;

	if (!attached)
		return exit_code;
	cli->content_on_stdout = strcmp(path, "-") == 0;
	if (cli->content_on_stdout && isatty(STDOUT_FILENO))
		return cli_usage_say(cli, "a snapshot is no text: send it to a file or a pipe");
	interruptible_begin(&call, "snapshot");
	call_task(&call);
	code = write_file(cli, &call, attached, path);
	interruptible_end(&call);
	if (code == PM_OK)
		note_act(&cli->session, attached, PM_VERB_SNAPSHOT, 0, json_count(call.result, "pages"),
			 base_name(path, "stdout"), NULL);
	return cli_answer(cli, &call, code, print_snapshot);
}

int cli_snapshot_create(struct cli *cli)
{
	bool parent = args_given(&cli->args, "parent"), parent_name = args_given(&cli->args, "parent-name");
	struct json_object *params;
	int exit_code = EXIT_OK;

	if (args_given(&cli->args, "name") == (cli->args.word_count > 1))
		return cli_usage_say(cli, "give either a file (or -), or --name for the state directory");
	if (parent && parent_name)
		return cli_usage_say(cli, "give either --parent, or --parent-name for the state directory");
	if (cli->args.word_count > 1)
		return create_file(cli, cli->args.words[1]);
	if (parent)
		return cli_usage_say(cli, "a snapshot of the state directory builds on one there: --parent-name");
	params = cli_pool_params(cli, &exit_code);
	if (!params)
		return exit_code;
	cli_pass_text(cli, "name", params, "name");
	cli_pass_text(cli, "parent-name", params, "parent");
	json_set_bool(params, "all", args_given(&cli->args, "all"));
	return cli_run(cli, "snapshot/create", params, print_snapshot);
}

int cli_snapshot_list(struct cli *cli)
{
	return cli_run(cli, "snapshot/list", json_object_new_object(), print_snapshots);
}

struct verifying {
	struct chain chain; /* of a pipe: what --parent names; else the file and what it builds on */
	struct pm_snapshot *parent;
	struct pm_error parent_err;
	bool piped;
};

/* A file too damaged to say what it builds on is verified by itself. */
static enum pm_code find_parent(struct verifying *verifying, int fd, const char *path, const char *parent_path,
				struct pm_error *err)
{
	struct stat status;
	enum pm_code code;

	verifying->piped = fstat(fd, &status) != 0 || !S_ISREG(status.st_mode);
	if (verifying->piped && parent_path) {
		code = chain_open_file(&verifying->chain, parent_path, NULL, err);
		verifying->parent = chain_first(&verifying->chain);
		return code;
	}
	if (verifying->piped)
		return PM_OK;
	code = chain_open_file(&verifying->chain, path, parent_path, &verifying->parent_err);
	verifying->parent_err.code = verifying->chain.count > 0 ? code : PM_OK;
	if (code == PM_OK && verifying->chain.count > 1)
		verifying->parent = verifying->chain.snapshots[1];
	return PM_OK;
}

static enum pm_code verify_fd(struct call *call, const struct verifying *verifying, int fd, const char *name)
{
	struct pm_snapshot_result result = {0};
	struct snapshot_facts facts = {.name = name, .result = &result, .present = verifying->parent != NULL};
	struct stat status;
	enum pm_code code = settled(call, pm_snapshot_verify(fd, verifying->parent, &call->task, &result,
							     &facts.description, &call->err));

	facts.bytes = result.file_bytes;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		facts.bytes = (uint64_t)status.st_size;
	if (code == PM_OK && verifying->parent_err.code != PM_OK)
		code = pm_fail(&call->err, verifying->parent_err.code, "every checksum of the file matches, but %.300s",
			       verifying->parent_err.message);
	if (code == PM_OK)
		code = json_snapshot(&facts, &call->result, &call->err);
	json_object_put(facts.description);
	return code;
}

static int verify_file(struct cli *cli, const char *path)
{
	struct call call = {.session = &cli->session};
	struct verifying verifying = {.parent = NULL};
	int fd;
	enum pm_code code = open_input(path, &fd, &call.err);

	if (code != PM_OK)
		return cli_answer(cli, &call, code, NULL);
	interruptible_begin(&call, "verify");
	call_task(&call);
	code = find_parent(&verifying, fd, path, args_text(&cli->args, "parent"), &call.err);
	if (code == PM_OK)
		code = verify_fd(&call, &verifying, fd, base_name(path, "stdin"));
	interruptible_end(&call);
	chain_close(&verifying.chain);
	close(fd);
	return cli_answer(cli, &call, code, print_whole);
}

int cli_snapshot_verify(struct cli *cli)
{
	struct json_object *params;
	int exit_code;

	if (!cli_which(cli, 0, 0, &exit_code))
		return exit_code;
	if (cli->args.word_count > 0)
		return verify_file(cli, cli->args.words[0]);
	if (args_given(&cli->args, "parent"))
		return cli_usage_say(cli, "a snapshot of the state directory finds its parent there");
	params = json_object_new_object();
	cli_pass_text(cli, "name", params, "name");
	return cli_run(cli, "snapshot/verify", params, print_whole);
}

static void print_deleted(struct cli *cli, struct json_object *result)
{
	(void)result;
	printf("Snapshot %s is deleted.\n", cli->args.words[0]);
}

int cli_snapshot_delete(struct cli *cli)
{
	struct json_object *params;
	char question[256];
	int exit_code;

	snprintf(question, sizeof(question), "Delete snapshot %.100s? It cannot be undone.", cli->args.words[0]);
	/* its name after --confirm is as good as --yes; another name the method refuses */
	if (!args_given(&cli->args, "confirm") && !cli_agreed(cli, question, "yes", &exit_code))
		return exit_code;
	params = json_object_new_object();
	json_set_text(params, "name", cli->args.words[0]);
	cli_pass_text(cli, "confirm", params, "confirm");
	return cli_run(cli, "snapshot/delete", params, print_deleted);
}
