/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acts.h"
#include "base64.h"
#include "json_build.h"
#include "long_act.h"
#include "store.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum pm_code act_snapshot_create_begin(struct call *call)
{
	struct json_object *facts = NULL;
	struct attached *attached;
	enum pm_code code = call_pool(call, &attached);

	if (code == PM_OK)
		code = json_host_info(call->session, &facts, &call->err);
	if (code == PM_OK)
		code = pool_file_begin(call, attached, &store_snapshots, param_text(call, "name", ""), facts);
	return code;
}

enum pm_code act_snapshot_create_work(struct call *call)
{
	const struct pool_file *to = call->state;
	struct pm_snapshot_request request = {.host = to->facts};

	return pool_file_work(call, write_snapshot, &request);
}

/* The file as it is on the disk gives the answer, so that create, list and verify cannot differ. */
static enum pm_code summary(int fd, const char *name, struct json_object **snapshot, struct pm_error *err)
{
	struct pm_snapshot_result result;
	struct json_object *description = NULL;
	enum pm_code code = pm_snapshot_summary(fd, &result, &description, err);

	if (code == PM_OK)
		code = json_snapshot(name, &result, description, snapshot, err);
	json_object_put(description);
	return code;
}

enum pm_code act_snapshot_create_end(struct call *call, enum pm_code worked)
{
	const char *name = param_text(call, "name", "");
	struct pool_file *job = call->state;
	enum pm_code code = settled(call, worked);
	struct attached *attached;

	if (code == PM_OK)
		code = summary(job->file.fd, name, &call->result, &call->err);
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
	struct json_object *files = NULL, *snapshots;
	enum pm_code code = store_list(&call->session->host, &store_snapshots, &files, &call->err);

	snapshots = json_object_new_array();
	for (size_t i = 0; code == PM_OK && i < json_object_array_length(files); i++) {
		const char *name = json_text(json_object_array_get_idx(files, i), "name");
		struct json_object *snapshot = NULL;
		int fd;

		if (store_open(&call->session->host, &store_snapshots, name, &fd, NULL) != PM_OK)
			continue;
		if (summary(fd, name, &snapshot, NULL) == PM_OK)
			json_object_array_add(snapshots, snapshot);
		close(fd);
	}
	json_object_put(files);
	call->result = json_object_new_object();
	json_set(call->result, "snapshots", snapshots);
	return code;
}

struct verify_job {
	int fd;
	struct pm_snapshot_result result;
	struct json_object *description;
};

enum pm_code act_snapshot_verify_begin(struct call *call)
{
	struct verify_job *job = calloc(1, sizeof(*job));
	enum pm_code code;

	if (!job)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory to verify a snapshot");
	code = store_open(&call->session->host, &store_snapshots, param_text(call, "name", ""), &job->fd, &call->err);
	if (code != PM_OK)
		free(job);
	else
		call->state = job;
	return code;
}

enum pm_code act_snapshot_verify_work(struct call *call)
{
	struct verify_job *job = call->state;

	return pm_snapshot_verify(job->fd, NULL, &call->task, &job->result, &job->description, &call->err);
}

enum pm_code act_snapshot_verify_end(struct call *call, enum pm_code worked)
{
	struct verify_job *job = call->state;
	enum pm_code code = settled(call, worked);
	struct stat status;

	if (code == PM_OK && fstat(job->fd, &status) == 0)
		job->result.file_bytes = (uint64_t)status.st_size;
	if (code == PM_OK)
		code = json_snapshot(param_text(call, "name", ""), &job->result, job->description, &call->result,
				     &call->err);
	json_object_put(job->description);
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

enum pm_code act_snapshot_delete(struct call *call)
{
	call->result = json_object_new_object();
	return store_delete(&call->session->host, &store_snapshots, param_text(call, "name", ""), &call->err);
}
