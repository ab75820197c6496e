// SPDX-License-Identifier: GPL-2.0-or-later
/* The chunks behind the pages. */
#include "job.h"
#include <json-c/json.h>
#include <string.h>

static enum pm_code move_write(struct pm_job *job, struct pm_error *err)
{
	struct json_object *move = NULL;
	enum pm_code code = pm_job_moved(job, &move, err);

	if (!code) {
		size_t bytes;
		const char *text = json_object_to_json_string_length(move, JSON_C_TO_STRING_PLAIN, &bytes);

		code = pm_writer_chunk(&job->writer, PM_CHUNK_MOVE, text, bytes, false, err);
	}
	json_object_put(move);
	return code;
}

static enum pm_code index_write(struct pm_job *job, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	for (size_t at = 0; !code && at < job->groups; at += PM_INDEX_ENTRIES) {
		size_t count = job->groups - at < PM_INDEX_ENTRIES ? job->groups - at : PM_INDEX_ENTRIES;

		code = pm_writer_chunk(&job->writer, PM_CHUNK_INDX, job->index + at, count * sizeof(*job->index), false,
				       err);
	}
	return code;
}

enum pm_code pm_job_end(struct pm_job *job, struct pm_error *err)
{
	enum pm_code code = move_write(job, err);
	struct pm_done done = {
		.pages = job->result.pages,
		.zero_pages = job->result.zero_pages,
		.repeated_pages = job->result.repeated_pages,
		.parent_pages = job->result.parent_pages,
		.moved_pages = job->result.moved_pages,
		.groups = job->groups,
		.index_offset = job->writer.bytes,
	};

	if (!code)
		code = index_write(job, err);
	pm_total_get(job->total, job->result.digest);
	memcpy(done.digest, job->result.digest, sizeof(done.digest));
	pm_total_get(job->own, done.own_digest);
	done.offset = job->writer.bytes;
	return code ? code : pm_writer_chunk(&job->writer, PM_CHUNK_DONE, &done, sizeof(done), false, err);
}
