/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot in another form, and back. Files only: no host takes part. */
#include "cli_snapshot_file.h"
#include "cli_snapshot_print.h"
#include "json_build.h"
#include "long_act.h"
#include "store.h"
#include "text.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void print_exported(struct cli *cli, struct json_object *result)
{
	char bytes[TEXT_BYTES], disk[TEXT_BYTES];

	if (cli->content_on_stdout) /* nobody counts what goes down a pipe */
		fprintf(stderr, "Standard output: the snapshot as %s\n", json_text(result, "format"));
	else
		printf("%s: %s as %s, %s on the disk\n", json_text(result, "path"),
		       text_size(json_count(result, "bytes"), bytes), json_text(result, "format"),
		       text_size(json_count(result, "diskBytes"), disk));
}

/* What could be read of a damaged snapshot is kept, and the damage said. */
static enum pm_code export_to(struct call *call, struct chain *chain, const char *format, const char *path)
{
	bool raw = strcmp(format, "raw") == 0;
	struct new_file file;
	struct stat status = {0};
	enum pm_code code = new_file_open(&file, path, &call->err), kept;

	if (code != PM_OK) {
		new_file_close(&file);
		return code;
	}
	code = settled(call, raw ? pm_export_raw(chain_first(chain), file.fd, &call->task, &call->err)
				 : pm_export_elf(chain_first(chain), file.fd, &call->task, &call->err));
	if (fstat(file.fd, &status) == 0 && status.st_size > 0 &&
	    (code == PM_OK || code == PM_E_FILE_CORRUPT || code == PM_E_FILE_TRUNCATED)) {
		kept = new_file_commit(&file, code == PM_OK ? &call->err : NULL);
		if (code != PM_OK && kept == PM_OK) {
			struct pm_error why = call->err;

			pm_fail(&call->err, code, "%.250s What could be read was kept: %.200s", why.message, path);
		}
		code = code == PM_OK ? kept : code;
	}
	new_file_close(&file);
	if (code != PM_OK)
		return code;
	call->result = json_object_new_object();
	json_set_text(call->result, "path", path);
	json_set_text(call->result, "format", format);
	json_set_count(call->result, "bytes", (uint64_t)status.st_size);
	json_set_count(call->result, "diskBytes", (uint64_t)status.st_blocks * 512);
	return PM_OK;
}

int cli_snapshot_export(struct cli *cli)
{
	struct call call = {.session = &cli->session};
	bool named = args_given(&cli->args, "name");
	const char *format = args_text(&cli->args, "format"), *path;
	struct chain chain = {.count = 0};
	int exit_code;
	enum pm_code code;

	if (!cli_which(cli, 1, 0, &exit_code))
		return exit_code;
	if (!format || (strcmp(format, "raw") != 0 && strcmp(format, "elf") != 0))
		return cli_usage_say(cli, "--format is raw or elf");
	path = cli->args.words[named ? 0 : 1];
	cli->content_on_stdout = strcmp(path, "-") == 0;
	if (cli->content_on_stdout && isatty(STDOUT_FILENO))
		return cli_usage_say(cli, "an image is no text: send it to a file or a pipe");
	interruptible_begin(&call, "export");
	call_task(&call);
	code = named ? chain_open_stored(&chain, &cli->session.host, args_text(&cli->args, "name"), &call.err)
		     : chain_open_file(&chain, cli->args.words[0], args_text(&cli->args, "parent"), &call.err);
	if (code == PM_OK)
		code = export_to(&call, &chain, format, path);
	interruptible_end(&call);
	chain_close(&chain);
	return cli_answer(cli, &call, code, print_exported);
}

static enum pm_code import_to(struct cli *cli, struct call *call, int from, const char *path)
{
	struct pm_snapshot_result result = {0};
	struct new_file file;
	struct chain chain = {.count = 0};
	struct snapshot_facts facts = {.name = base_name(path, "stdout"), .result = &result, .present = true};
	enum pm_code code = new_file_open(&file, path, &call->err);

	if (code == PM_OK)
		code = settled(call, pm_import(from, args_number(&cli->args, "base", UINT64_MAX),
					       args_given(&cli->args, "all"), NULL, file.fd, &call->task, &result,
					       &call->err));
	if (code == PM_OK)
		code = new_file_commit(&file, &call->err);
	/* what it says of itself; gone down a pipe, nobody can look */
	if (code == PM_OK && !file.is_stdout)
		code = chain_open_file(&chain, path, NULL, &call->err);
	if (code == PM_OK && chain.count > 0) {
		facts.description = pm_snapshot_meta(chain_first(&chain));
		facts.bytes = result.file_bytes;
		code = json_snapshot(&facts, &call->result, &call->err);
	}
	chain_close(&chain);
	new_file_close(&file);
	return code;
}

static void print_imported(struct cli *cli, struct json_object *result)
{
	if (result)
		print_snapshot(cli, result);
}

int cli_snapshot_import(struct cli *cli)
{
	const char *path = cli->args.words[1];
	struct call call = {.session = &cli->session};
	int from = -1;
	enum pm_code code;

	cli->content_on_stdout = strcmp(path, "-") == 0;
	if (cli->content_on_stdout && isatty(STDOUT_FILENO))
		return cli_usage_say(cli, "a snapshot is no text: send it to a file or a pipe");
	interruptible_begin(&call, "import");
	call_task(&call);
	code = open_input(cli->args.words[0], &from, &call.err);
	if (code == PM_OK)
		code = import_to(cli, &call, from, path);
	interruptible_end(&call);
	if (from >= 0)
		close(from);
	return cli_answer(cli, &call, code, print_imported);
}
