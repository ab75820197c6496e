/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acts.h"
#include "held_file.h"
#include "host/base64.h"
#include "json_build.h"
#include "long_act.h"
#include "store.h"
#include "store_snapshots.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum pm_code open_parent(struct call *call)
{
	struct pool_file *to = call->state;

	if (!param_given(call, "parent"))
		return PM_OK;
	return chain_open_stored(&to->chain, &call->session->host, param_text(call, "parent", ""), &call->err);
}

enum pm_code act_snapshot_create_begin(struct call *call)
{
	struct json_object *facts = NULL;
	struct attached *attached;
	enum pm_code code = call_pool(call, &attached);

	if (code == PM_OK)
		code = json_host_info(call->session, &facts, &call->err);
	if (code == PM_OK)
		code = pool_file_begin(call, attached, &store_snapshots, param_text(call, "name", ""), facts);
	if (code != PM_OK)
		return code;
	code = open_parent(call);
	if (code != PM_OK)
		pool_file_free(call->state);
	return code;
}

enum pm_code act_snapshot_create_work(struct call *call)
{
	const struct pool_file *to = call->state;
	struct pm_snapshot_request request = {
		.host = to->facts,
		.all = param_bool(call, "all", false),
		.parent = chain_first(&to->chain),
		.parent_name = param_text(call, "parent", NULL),
	};

	return pool_file_work(call, write_snapshot, &request);
}

enum pm_code act_snapshot_create_end(struct call *call, enum pm_code worked)
{
	const char *name = param_text(call, "name", "");
	struct pool_file *job = call->state;
	enum pm_code code = settled(call, worked);
	struct attached *attached;

	if (code == PM_OK)
		code = snapshot_stored(job->file.fd, name, true, &call->result, &call->err);
	if (code == PM_OK)
		code = store_commit(&job->file, &call->err);
	/* the snapshot stands: a log that cannot take the entry (read-only, gone by now) does not undo it */
	if (code == PM_OK && call_pool(call, &attached) == PM_OK)
		note_act(call->session, attached, PM_VERB_SNAPSHOT, 0, job->result.pages, name, NULL);
	pool_file_free(job);
	return code;
}

enum pm_code act_snapshot_list(struct call *call)
{
	struct json_object *snapshots = NULL;
	enum pm_code code = snapshots_stored(&call->session->host, &snapshots, &call->err);

	if (code != PM_OK)
		return code;
	call->result = json_object_new_object();
	json_set(call->result, "snapshots", snapshots);
	return PM_OK;
}

struct verify_job {
	struct chain chain;
	int fd;
	struct pm_error parent; /* code PM_OK: it is there, or none is needed */
	struct pm_snapshot_result result;
	struct json_object *description;
};

/* A file too damaged to tell its parent is verified by itself. */
enum pm_code act_snapshot_verify_begin(struct call *call)
{
	const char *name = param_text(call, "name", "");
	struct verify_job *job = calloc(1, sizeof(*job));
	enum pm_code code;

	if (!job)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory to verify a snapshot");
	code = store_open(&call->session->host, &store_snapshots, name, &job->fd, &call->err);
	if (code != PM_OK) {
		free(job);
		return code;
	}
	code = chain_open_stored(&job->chain, &call->session->host, name, &job->parent);
	job->parent.code = job->chain.count > 0 ? code : PM_OK;
	call->state = job;
	return PM_OK;
}

enum pm_code act_snapshot_verify_work(struct call *call)
{
	struct verify_job *job = call->state;
	struct pm_snapshot *parent = job->chain.count > 1 ? job->chain.snapshots[1] : NULL;

	if (job->parent.code != PM_OK)
		parent = NULL;
	return pm_snapshot_verify(job->fd, parent, &call->task, &job->result, &job->description, &call->err);
}

enum pm_code act_snapshot_verify_end(struct call *call, enum pm_code worked)
{
	struct verify_job *job = call->state;
	struct snapshot_facts facts = {.name = param_text(call, "name", ""), .result = &job->result, .present = true};
	enum pm_code code = settled(call, worked);
	struct stat status;

	facts.description = job->description;
	if (fstat(job->fd, &status) == 0)
		facts.bytes = (uint64_t)status.st_size;
	if (code == PM_OK && job->parent.code != PM_OK)
		code = pm_fail(&call->err, job->parent.code, "every checksum of the file matches, but %.300s",
			       job->parent.message);
	if (code == PM_OK)
		code = json_snapshot(&facts, &call->result, &call->err);
	json_object_put(job->description);
	chain_close(&job->chain);
	close(job->fd);
	free(job);
	return code;
}

static enum pm_code read_at(int fd, uint64_t offset, uint64_t length, struct call *call)
{
	struct stat status;
	uint8_t *data;
	ssize_t got;

	if (fstat(fd, &status) != 0)
		return fail_errno(&call->err, errno, "cannot read the snapshot");
	if (offset > (uint64_t)status.st_size)
		return pm_fail(&call->err, PM_E_OUT_OF_RANGE, "offset %llu; the file has %llu bytes",
			       (unsigned long long)offset, (unsigned long long)status.st_size);
	data = malloc((size_t)length);
	if (!data)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for %llu bytes", (unsigned long long)length);
	got = pread(fd, data, (size_t)length, (off_t)offset);
	if (got < 0) {
		int error = errno;

		free(data);
		return fail_errno(&call->err, error, "cannot read the snapshot");
	}
	call->result = json_object_new_object();
	json_set(call->result, "data", base64_json(data, (size_t)got));
	json_set_count(call->result, "size", (uint64_t)status.st_size);
	free(data);
	return PM_OK;
}

enum pm_code act_snapshot_read(struct call *call)
{
	int fd;
	enum pm_code code =
		store_open(&call->session->host, &store_snapshots, param_text(call, "name", ""), &fd, &call->err);

	if (code != PM_OK)
		return code;
	code = read_at(fd, param_count(call, "offset", 0), param_count(call, "length", 0), call);
	close(fd);
	return code;
}

/* Is it among those that go when `name` goes? */
static bool is_lost(struct json_object *lost, const char *name)
{
	return json_object_object_get_ex(lost, name, NULL);
}

/* Others that build on it, at first or second hand, by name and digest; *count of them, and the name of one. */
static enum pm_code children(const struct pm_host *host, const char *name, size_t *count, char child[128],
			     struct pm_error *err)
{
	struct json_object *snapshots = NULL, *lost = json_object_new_object();
	enum pm_code code = snapshots_stored(host, &snapshots, err);
	bool more = code == PM_OK;

	*count = 0;
	json_set_bool(lost, name, true);
	while (more) {
		more = false;
		for (size_t i = 0; i < json_object_array_length(snapshots); i++) {
			struct json_object *snapshot = json_object_array_get_idx(snapshots, i);
			struct json_object *parent = json_member(snapshot, "parent");
			const char *own = json_text(snapshot, "name");

			if (!parent || !json_flag(parent, "present") || is_lost(lost, own) ||
			    !is_lost(lost, json_text(parent, "name")))
				continue;
			json_set_bool(lost, own, true);
			more = true;
			if ((*count)++ == 0)
				snprintf(child, 128, "%s", own);
		}
	}
	json_object_put(snapshots);
	json_object_put(lost);
	return code;
}

enum pm_code act_snapshot_delete(struct call *call)
{
	const char *name = param_text(call, "name", "");
	char child[128] = "", word[CONFIRM_BYTES]; /* a very long name is its own word as far as there is room */
	size_t count;
	enum pm_code code = children(&call->session->host, name, &count, child, &call->err);

	if (code != PM_OK)
		return code;
	snprintf(word, sizeof(word), "%s", name);
	if ((count > 0 || param_given(call, "confirm")) && strcmp(param_text(call, "confirm", ""), word) != 0) {
		memcpy(call->confirm, word, sizeof(word));
		if (count == 0)
			return pm_fail(&call->err, PM_E_CONFIRM_NEEDED, "the word to delete %s is %s", name, word);
		return pm_fail(&call->err, PM_E_CONFIRM_NEEDED,
			       "%zu snapshot%s build%s on %s, %s among them; the word to delete it all the same is %s",
			       count, count == 1 ? "" : "s", count == 1 ? "s" : "", name, child, word);
	}
	call->result = json_object_new_object();
	held_file_drop(call->session); /* open, it would keep its room on the disk */
	return store_delete(&call->session->host, &store_snapshots, name, &call->err);
}
