// SPDX-License-Identifier: GPL-2.0-or-later
/* The chunks before the pages. */
#include "job.h"
#include "json/shapes.h"
#include "meter.h"
#include <stdlib.h>
#include <string.h>

#define PM_META_REGIONS 256u /* more would not fit the description */

/* For people and lists; what counts stands in the chunks. */
static struct json_object *pool_facts(const struct pm_job *job)
{
	const struct pm_superblock *sb = &job->pool->sb;
	struct json_object *pool = json_object_new_object(), *regions = json_object_new_array();

	for (size_t i = 0; i < job->copy.region_count && i < PM_META_REGIONS; i++)
		json_object_array_add(regions, json_region_place(&job->copy.regions[i]));
	json_set_uuid(pool, "uuid", sb->pool_uuid);
	json_set_field(pool, "name", sb->pool_name, sizeof(sb->pool_name));
	json_set_count(pool, "base", sb->physical_base);
	json_set_count(pool, "size", sb->region_bytes);
	json_set_count(pool, "pages", job->copy.page_end);
	json_set(pool, "regions", regions);
	return pool;
}

static struct json_object *parent_facts(const struct pm_job *job)
{
	struct json_object *parent;

	if (!job->parent)
		return NULL;
	parent = json_object_new_object();
	json_set_text(parent, "name", job->parent_name);
	json_set_digest(parent, "digest", pm_snapshot_totals(job->parent)->digest);
	return parent;
}

static struct json_object *snapshot_facts(const struct pm_job *job)
{
	struct json_object *snapshot = json_object_new_object();

	json_set_bool(snapshot, "all", job->all);
	json_set(snapshot, "parent", parent_facts(job));
	return snapshot;
}

static enum pm_code meta_write(struct pm_job *job, struct pm_error *err)
{
	struct json_object *meta = json_object_new_object();
	enum pm_code code;
	size_t bytes;
	const char *text;

	json_set(meta, "kind", json_object_new_string(job->expectation ? "expectation" : "snapshot"));
	json_set(meta, "writer", json_object_new_string("pmpool " PMPOOL_VERSION));
	json_set_count(meta, "createdAt", pm_wall_ms());
	json_set(meta, "pool", pool_facts(job));
	json_set(meta, "logSequence", json_object_new_uint64(job->copy.log_sequence));
	if (job->expectation)
		json_set_bool(meta, "content", job->bytes);
	else
		json_set(meta, "snapshot", snapshot_facts(job));
	json_set(meta, job->expectation ? "facts" : "host", json_object_get(job->facts));
	text = json_object_to_json_string_length(meta, JSON_C_TO_STRING_PLAIN, &bytes);
	if (bytes > PM_META_BYTES)
		code = pm_fail(err, PM_E_INVALID_PARAMS, "The facts take %zu bytes, more than fits.", bytes);
	else
		code = pm_writer_chunk(&job->writer, PM_CHUNK_META, text, bytes, false, err);
	json_object_put(meta);
	return code;
}

static enum pm_code pool_write(struct pm_job *job, struct pm_error *err)
{
	struct pm_file_pool pool = {
		.page_end = job->copy.page_end,
		.log_bytes = job->copy.log_bytes,
		.records = job->copy.record_count,
		.region_count = job->pool->region_count,
		.present = (uint32_t)job->copy.region_count,
	};
	enum pm_code code;

	memcpy(pool.pool_uuid, job->pool->sb.pool_uuid, sizeof(pool.pool_uuid));
	code = pm_writer_chunk(&job->writer, PM_CHUNK_POOL, &pool, sizeof(pool), false, err);
	for (size_t i = 0; !code && i < job->copy.region_count; i++)
		code = pm_writer_chunk(&job->writer, PM_CHUNK_SBLK, &job->copy.regions[i], sizeof(job->copy.regions[i]),
				       false, err);
	return code;
}

static enum pm_code slices_write(struct pm_job *job, uint32_t type, const void *data, uint64_t bytes,
				 struct pm_error *err)
{
	enum pm_code code = PM_OK;

	for (uint64_t at = 0; !code && at < bytes; at += PM_SLICE_BYTES) {
		size_t slice = bytes - at < PM_SLICE_BYTES ? (size_t)(bytes - at) : PM_SLICE_BYTES;

		code = pm_task_check(job->task, err);
		if (!code)
			code = pm_writer_chunk(&job->writer, type, (const uint8_t *)data + at, slice, true, err);
	}
	return code;
}

/* Records of one region from `from` on, as many as fit a chunk; how many. */
static uint32_t records_fill(const struct pm_job *job, size_t from, uint8_t *payload)
{
	const struct pm_copied_record *records = &job->copy.records[from];
	struct pm_record_group group = {.region_index = records[0].region_index};
	size_t left = job->copy.record_count - from;

	for (; group.count < left && group.count < PM_GROUP_RECORDS; group.count++) {
		if (records[group.count].region_index != group.region_index)
			break;
		memcpy(payload + sizeof(group) + group.count * sizeof(struct pm_record), &records[group.count].record,
		       sizeof(struct pm_record));
	}
	memcpy(payload, &group, sizeof(group));
	return group.count;
}

static enum pm_code records_write(struct pm_job *job, struct pm_error *err)
{
	uint8_t *payload = malloc(sizeof(struct pm_record_group) + PM_GROUP_RECORDS * sizeof(struct pm_record));
	enum pm_code code = payload ? PM_OK : pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to copy records through.");

	for (size_t at = 0; !code && at < job->copy.record_count;) {
		uint32_t count = records_fill(job, at, payload);

		code = pm_writer_chunk(&job->writer, PM_CHUNK_RECS, payload,
				       sizeof(struct pm_record_group) + count * sizeof(struct pm_record), true, err);
		at += count;
	}
	free(payload);
	return code;
}

static size_t book_fill(const struct pm_book *book, uint8_t *payload)
{
	struct pm_group group = {.first = book->first, .count = book->count};
	size_t bytes = (size_t)book->pages * PM_PAGE_SIZE;

	memcpy(payload, &group, sizeof(group));
	memcpy(payload + sizeof(group), book->stores, book->count);
	memcpy(payload + sizeof(group) + book->count, book->bytes, bytes);
	return sizeof(group) + book->count + bytes;
}

static enum pm_code books_write(struct pm_job *job, struct pm_error *err)
{
	uint8_t *payload = malloc(sizeof(struct pm_group) + PM_GROUP_PAGES * (1 + (size_t)PM_PAGE_SIZE));
	enum pm_code code = payload ? PM_OK : pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to copy metadata through.");

	for (size_t i = 0; !code && i < job->books.count; i++) {
		code = pm_task_check(job->task, err);
		if (!code)
			code = pm_writer_chunk(&job->writer, PM_CHUNK_BOOK, payload,
					       book_fill(&job->books.list[i], payload), true, err);
	}
	free(payload);
	return code;
}

enum pm_code pm_job_metadata(struct pm_job *job, struct pm_error *err)
{
	enum pm_code code = meta_write(job, err);

	if (!code)
		code = pool_write(job, err);
	if (!code)
		code = slices_write(job, PM_CHUNK_STAT, job->copy.states,
				    job->copy.state_words * sizeof(*job->copy.states), err);
	if (!code)
		code = records_write(job, err);
	if (!code)
		code = slices_write(job, PM_CHUNK_LOGS, job->copy.log, job->copy.log_bytes, err);
	return code ? code : books_write(job, err);
}
