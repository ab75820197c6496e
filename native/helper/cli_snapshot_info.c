/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a snapshot file is of, without any host; of a pipe, what its description and trailer say. */
#include "cli_snapshot_file.h"
#include "cli_snapshot_print.h"
#include "json_build.h"
#include "store.h"
#include "store_snapshots.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct json_object *usage_of(struct pm_snapshot *snapshot)
{
	const struct pm_pool *pool;
	struct pm_usage usage;

	if (!snapshot || pm_snapshot_is_expectation(snapshot) || pm_snapshot_pool(snapshot, &pool, NULL) != PM_OK)
		return NULL;
	pm_usage_get(pool, &usage);
	return json_usage(&usage);
}

static void put_member(struct json_object *info, struct json_object *description, const char *name, json_type type)
{
	struct json_object *member = description ? json_member(description, name) : NULL;

	json_set(info, name, json_object_is_type(member, type) ? json_object_get(member) : NULL);
}

static void put_description(struct json_object *info, struct json_object *description, struct json_object *usage)
{
	struct json_object *pool = description ? json_member(description, "pool") : NULL;

	put_member(info, description, "writer", json_type_string);
	put_member(info, description, "host", json_type_object);
	put_member(info, json_object_is_type(pool, json_type_object) ? pool : NULL, "regions", json_type_array);
	json_set(info, "usage", usage);
}

static bool tells_pool(struct json_object *description)
{
	struct json_object *pool = description ? json_member(description, "pool") : NULL;

	return json_object_is_type(pool, json_type_object) && json_text(pool, "uuid")[0];
}

/* A damaged snapshot is shown as far as it can be read; what does not even say of which pool it is, is no snapshot. */
static enum pm_code snapshot_known(int fd, struct pm_error *err)
{
	struct pm_snapshot_result result;
	struct json_object *description = NULL;
	struct pm_error why = {0};
	enum pm_code code = pm_snapshot_summary(fd, &result, &description, &why);
	bool known = tells_pool(description) && code != PM_E_FILE_FOREIGN;

	json_object_put(description);
	if (known)
		return PM_OK;
	return pm_fail(err, code == PM_OK ? PM_E_FILE_FOREIGN : code, "%s",
		       code == PM_OK ? "The file does not say of which pool it is." : why.message);
}

static void put_missing(struct json_object *info, struct pm_snapshot *snapshot)
{
	struct json_object *missing = json_object_new_array();
	const struct pm_pool *pool = NULL;

	if (snapshot && !pm_snapshot_is_expectation(snapshot) && pm_snapshot_pool(snapshot, &pool, NULL) == PM_OK) {
		for (uint32_t i = 0; i < pool->region_count; i++) {
			const struct pm_member_info *region = &pool->infos[i];
			struct json_object *object;

			if (region->present)
				continue;
			object = json_object_new_object();
			json_set_count(object, "index", i);
			json_set_count(object, "base", region->physical_base);
			json_set_count(object, "size", region->bytes);
			json_object_array_add(missing, object);
		}
	}
	json_set(info, "missingRegions", missing);
}

static enum pm_code info_of_file(struct call *call, struct chain *chain, int fd, const char *name, bool present)
{
	struct json_object *snapshot = NULL;
	enum pm_code code = snapshot_known(fd, &call->err);

	if (code == PM_OK)
		code = snapshot_stored(fd, name, present, &snapshot, &call->err);

	if (code != PM_OK)
		return code;
	call->result = json_object_new_object();
	json_set(call->result, "snapshot", snapshot);
	put_description(call->result, chain->count > 0 ? pm_snapshot_meta(chain_first(chain)) : NULL,
			usage_of(chain_first(chain)));
	put_missing(call->result, chain_first(chain));
	return PM_OK;
}

/* Read to its end: what it holds stands in the last chunk. */
static enum pm_code info_of_pipe(struct call *call, int fd, const char *name)
{
	struct pm_snapshot_result result = {0};
	struct pm_error damage = {0};
	struct snapshot_facts facts = {.name = name, .result = &result, .damage = &damage};
	struct json_object *snapshot = NULL;
	enum pm_code code =
		settled(call, pm_snapshot_verify(fd, NULL, &call->task, &result, &facts.description, &damage));

	damage.code = code;
	facts.bytes = result.file_bytes;
	if (code == PM_OK ||
	    ((code == PM_E_FILE_CORRUPT || code == PM_E_FILE_TRUNCATED) && tells_pool(facts.description)))
		code = json_snapshot(&facts, &snapshot, &call->err);
	else
		pm_fail(&call->err, code, "%s", damage.message);
	if (code == PM_OK) {
		call->result = json_object_new_object();
		json_set(call->result, "snapshot", snapshot);
		put_description(call->result, facts.description, NULL);
		put_missing(call->result, NULL);
	}
	json_object_put(facts.description);
	return code;
}

static enum pm_code open_named(struct cli *cli, struct call *call, int *fd, struct chain *chain, bool *present)
{
	const char *name = args_text(&cli->args, "name");
	enum pm_code code = store_open(&cli->session.host, &store_snapshots, name, fd, &call->err);

	if (code == PM_OK)
		*present = chain_open_stored(chain, &cli->session.host, name, NULL) == PM_OK;
	return code;
}

int cli_snapshot_info(struct cli *cli)
{
	struct call call = {.session = &cli->session};
	struct chain chain = {.count = 0};
	struct stat status;
	bool present = false, named = args_given(&cli->args, "name");
	const char *path;
	int fd = -1, exit_code;
	enum pm_code code;

	if (!cli_which(cli, 0, 0, &exit_code))
		return exit_code;
	path = named ? args_text(&cli->args, "name") : cli->args.words[0];
	code = named ? open_named(cli, &call, &fd, &chain, &present) : open_input(path, &fd, &call.err);
	interruptible_begin(&call, "info");
	call_task(&call);
	if (code == PM_OK && !named && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		present = chain_open_file(&chain, path, NULL, NULL) == PM_OK;
	if (code == PM_OK && fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
		code = info_of_pipe(&call, fd, base_name(path, "stdin"));
	else if (code == PM_OK)
		code = info_of_file(&call, &chain, fd, base_name(path, "stdin"), present);
	interruptible_end(&call);
	chain_close(&chain);
	if (fd >= 0)
		close(fd);
	return cli_answer(cli, &call, code, print_snapshot_info);
}
