/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots by name in the state directory (--name, as the protocol has them), or as a file of the user's own. */
#include "acts.h"
#include "cli.h"
#include "json_build.h"
#include "long_act.h"
#include "store.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void print_snapshot(struct cli *cli, struct json_object *snapshot)
{
	FILE *to = cli->content_on_stdout ? stderr : stdout;
	char bytes[TEXT_BYTES], when[TEXT_BYTES];

	fact(to, "Snapshot", "%s, %s", json_text(snapshot, "name"), text_size(json_count(snapshot, "bytes"), bytes));
	fact(to, "Pool", "%s %s", json_text(snapshot, "poolName"), json_text(snapshot, "pool"));
	fact(to, "Taken", "%s", text_time(json_count(snapshot, "createdAt"), when));
	fact(to, "Pages", "%llu, of them %llu all zero", (unsigned long long)json_count(snapshot, "pages"),
	     (unsigned long long)json_count(snapshot, "zeroPages"));
	fact(to, "Digest", "%s", json_text(snapshot, "digest"));
}

static void print_whole(struct cli *cli, struct json_object *snapshot)
{
	print_snapshot(cli, snapshot);
	printf("Every checksum matches.\n");
}

static int usage(struct cli *cli, const char *message)
{
	struct pm_error err = {0};

	pm_fail(&err, PM_E_INVALID_PARAMS, "%s", message);
	return cli_usage(cli, &err);
}

/* What the protocol calls the name: the last part of a path. */
static const char *base_name(const char *path, const char *of_stdio)
{
	const char *slash = strrchr(path, '/');

	return strcmp(path, "-") == 0 ? of_stdio : slash ? slash + 1 : path;
}

/* On this thread, with the caller's own rights; nobody else's path is ever opened. */
static enum pm_code write_pool(struct call *call, struct attached *attached, int fd, const char *name)
{
	struct pm_snapshot_result result;
	struct json_object *facts = NULL, *description, *pool;
	struct pm_snapshot_request request = {0};
	struct pool_source source;
	enum pm_code code = json_host_info(call->session, &facts, &call->err);

	if (code != PM_OK)
		return code;
	code = pool_source_of(call->session, attached, &source, &call->err);
	request.host = facts;
	if (code == PM_OK)
		code = settled(call, pool_source_write(call, &source, write_snapshot, &request, fd, &result));
	pool_source_free(&source);
	json_object_put(facts);
	if (code != PM_OK)
		return code;
	description = json_object_new_object();
	pool = json_object_new_object();
	json_set_text(pool, "uuid", attached->uuid);
	json_set_field(pool, "name", attached->pool.sb.pool_name, sizeof(attached->pool.sb.pool_name));
	json_set(description, "pool", pool);
	json_set_count(description, "createdAt", source.act.time_ns / 1000000);
	code = json_snapshot(name, &result, description, &call->result, &call->err);
	json_object_put(description);
	return code;
}

static enum pm_code write_to(struct call *call, struct attached *attached, const char *path)
{
	bool is_stdout = strcmp(path, "-") == 0;
	int fd = is_stdout ? STDOUT_FILENO : open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	enum pm_code code;

	if (fd < 0)
		return fail_errno(&call->err, errno, path);
	code = write_pool(call, attached, fd, base_name(path, "stdout"));
	if (is_stdout)
		return code;
	if (code == PM_OK && fsync(fd) != 0)
		code = fail_errno(&call->err, errno, path);
	close(fd);
	if (code != PM_OK)
		unlink(path);
	return code;
}

static int create_file(struct cli *cli, const char *path)
{
	struct call call = {.session = &cli->session};
	struct json_object *result;
	int exit_code = EXIT_OK;
	struct attached *attached = cli_pool_attached(cli, &exit_code);
	enum pm_code code;

	if (!attached)
		return exit_code;
	if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO))
		return usage(cli, "a snapshot is no text: send it to a file or a pipe");
	cli->content_on_stdout = strcmp(path, "-") == 0;
	interruptible_begin(&call, "snapshot");
	call_task(&call);
	code = write_to(&call, attached, path);
	interruptible_end(&call);
	if (code == PM_OK)
		note_act(&cli->session, attached, PM_VERB_SNAPSHOT, 0, json_count(call.result, "pages"),
			 base_name(path, "stdout"), NULL);
	call.err.code = code;
	exit_code = code == PM_OK ? EXIT_OK : cli_fail(cli, &call.err, "");
	result = code == PM_OK ? json_object_get(call.result) : NULL;
	call_clear(&call);
	return cli_result(cli, result, exit_code, print_snapshot);
}

int cli_snapshot_create(struct cli *cli)
{
	bool named = args_given(&cli->args, "name");
	struct json_object *params;
	int exit_code = EXIT_OK;

	if (named == (cli->args.word_count > 1))
		return usage(cli, "give either a file (or -), or --name for the state directory");
	if (!named)
		return create_file(cli, cli->args.words[1]);
	params = cli_pool_params(cli, &exit_code);
	if (!params)
		return exit_code;
	cli_pass_text(cli, "name", params, "name");
	return cli_run(cli, "snapshot/create", params, print_snapshot);
}

static void print_snapshots(struct cli *cli, struct json_object *result)
{
	struct json_object *snapshots = json_member(result, "snapshots");
	struct table table;

	(void)cli;
	if (json_object_array_length(snapshots) == 0) {
		printf("No snapshot in the state directory.\n");
		return;
	}
	table_begin(&table, "SNAPSHOT|POOL|TAKEN|>PAGES|>SIZE|DIGEST");
	for (size_t i = 0; i < json_object_array_length(snapshots); i++) {
		struct json_object *snapshot = json_object_array_get_idx(snapshots, i);
		char when[TEXT_BYTES], pages[TEXT_BYTES], size[TEXT_BYTES];
		const char *const cells[] = {
			json_text(snapshot, "name"),
			json_text(snapshot, "poolName"),
			text_time(json_count(snapshot, "createdAt"), when),
			text_count(json_count(snapshot, "pages"), pages),
			text_size(json_count(snapshot, "bytes"), size),
			json_text(snapshot, "digest"),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

int cli_snapshot_list(struct cli *cli)
{
	return cli_run(cli, "snapshot/list", json_object_new_object(), print_snapshots);
}

static enum pm_code verify_fd(struct call *call, int fd, const char *name)
{
	struct pm_snapshot_result result = {0};
	struct json_object *description = NULL;
	struct stat status;
	enum pm_code code = settled(call, pm_snapshot_verify(fd, NULL, &call->task, &result, &description, &call->err));

	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		result.file_bytes = (uint64_t)status.st_size;
	if (code == PM_OK)
		code = json_snapshot(name, &result, description, &call->result, &call->err);
	json_object_put(description);
	return code;
}

static int verify_file(struct cli *cli, const char *path)
{
	struct call call = {.session = &cli->session};
	int exit_code, fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct json_object *result;
	enum pm_code code;

	if (fd < 0) {
		fail_errno(&call.err, errno, path);
		return cli_fail(cli, &call.err, "");
	}
	interruptible_begin(&call, "verify");
	call_task(&call);
	code = verify_fd(&call, fd, base_name(path, "stdin"));
	interruptible_end(&call);
	if (fd > STDERR_FILENO)
		close(fd);
	call.err.code = code;
	exit_code = code == PM_OK ? EXIT_OK : cli_fail(cli, &call.err, "");
	result = code == PM_OK ? json_object_get(call.result) : NULL;
	call_clear(&call);
	return cli_result(cli, result, exit_code, print_whole);
}

int cli_snapshot_verify(struct cli *cli)
{
	bool named = args_given(&cli->args, "name");
	struct json_object *params;

	if (named == (cli->args.word_count > 0))
		return usage(cli, "give either a file (or -), or --name for the state directory");
	if (!named)
		return verify_file(cli, cli->args.words[0]);
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
	if (!cli_agreed(cli, question, "yes", &exit_code))
		return exit_code;
	params = json_object_new_object();
	json_set_text(params, "name", cli->args.words[0]);
	return cli_run(cli, "snapshot/delete", params, print_deleted);
}
