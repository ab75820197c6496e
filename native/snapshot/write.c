// SPDX-License-Identifier: GPL-2.0-or-later
/* Snapshots and expectations: metadata first, then pages (or only their digests), then what sums them up. */
#include "image.h"
#include "job.h"
#include <stdlib.h>
#include <string.h>

/* Whole, of this pool, and not at the end of a chain that is too long. */
static enum pm_code parent_fits(const struct pm_job *job, struct pm_error *err)
{
	size_t count;
	const struct pm_superblock *regions;
	enum pm_code code;

	if (!job->parent)
		return PM_OK;
	regions = pm_snapshot_regions(job->parent, &count);
	if (memcmp(regions->pool_uuid, job->pool->sb.pool_uuid, sizeof(regions->pool_uuid)) != 0)
		return pm_fail(err, PM_E_SNAPSHOT_FOREIGN, "The parent is of another pool.");
	if (!pm_snapshot_has_bytes(job->parent))
		return pm_fail(err, PM_E_SNAPSHOT_PARENT, "The parent holds digests only, no pages.");
	code = pm_snapshot_damage(job->parent, err);
	if (code)
		return code;
	if (pm_snapshot_depth(job->parent) >= PM_CHAIN_MAX)
		return pm_fail(err, PM_E_SNAPSHOT_PARENT, "The parent has %u parents already: take a whole one.",
			       PM_CHAIN_MAX - 1);
	return PM_OK;
}

/* Under the locks of the caller. */
static enum pm_code metadata_copy(struct pm_job *job, struct pm_error *err)
{
	enum pm_code code = pm_copy_take(job->pool, job->all, &job->copy, err);

	if (!code && !job->expectation)
		code = pm_books_take(job->pool, &job->copy, &job->books, err);
	return code;
}

static enum pm_code file_write(struct pm_job *job, int fd, struct pm_error *err)
{
	enum pm_code code;

	job->total = pm_total_new();
	job->own = pm_total_new();
	job->repeats = job->bytes ? pm_repeats_new() : NULL;
	if (!job->total || !job->own || (job->bytes && !job->repeats))
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to copy pages through.");
	code = pm_writer_open(&job->writer, fd, err);
	if (!code)
		code = pm_job_metadata(job, err);
	pm_books_free(&job->books);
	if (!code)
		code = pm_job_pages(job, err);
	return code ? code : pm_job_end(job, err);
}

static enum pm_code job_run(struct pm_job *job, int fd, struct pm_task *task, struct pm_snapshot_result *result,
			    struct pm_error *err)
{
	enum pm_code code = parent_fits(job, err);

	job->task = task;
	if (!code)
		code = metadata_copy(job, err);
	if (task && task->metadata_copied)
		task->metadata_copied(task->context);
	if (!code)
		code = file_write(job, fd, err);
	if (!code) {
		job->result.file_bytes = job->writer.bytes;
		*result = job->result;
	}
	pm_writer_close(&job->writer);
	pm_repeats_free(job->repeats);
	pm_total_free(job->total);
	pm_total_free(job->own);
	pm_books_free(&job->books);
	pm_copy_free(&job->copy);
	free(job->index);
	return code;
}

enum pm_code pm_snapshot_write(const struct pm_pool *pool, const struct pm_snapshot_request *request, int fd,
			       struct pm_task *task, struct pm_snapshot_result *result, struct pm_error *err)
{
	struct pm_job job = {
		.pool = pool,
		.bytes = true,
		.all = request->all,
		.parent = request->parent,
		.parent_name = request->parent_name ? request->parent_name : "",
		.facts = request->host,
	};

	return job_run(&job, fd, task, result, err);
}

enum pm_code pm_expectation_write(const struct pm_pool *pool, struct json_object *facts, bool content, int fd,
				  struct pm_task *task, struct pm_snapshot_result *result, struct pm_error *err)
{
	struct pm_job job = {.pool = pool, .expectation = true, .bytes = content, .facts = facts};

	return job_run(&job, fd, task, result, err);
}
