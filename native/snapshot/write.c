// SPDX-License-Identifier: GPL-2.0-or-later
/* Snapshots and expectations: metadata first, then pages (or only their digests), group by group. */
#include "copy.h"
#include "digest.h"
#include "host/check.h"
#include "host/uuid.h"
#include "meter.h"
#include "pmpool/region.h"
#include "pmpool/snapshot.h"
#include "writer.h"
#include <stdlib.h>
#include <string.h>

struct job {
	const struct pm_pool *pool;
	bool bytes; /* a snapshot: pages are kept, not only their digests */
	struct pm_copy copy;
	struct pm_writer writer;
	struct pm_meter meter;
	struct pm_total *total;
	uint8_t *pages; /* PM_GROUP_PAGES of them, as read */
	uint8_t *payload; /* of the group's chunk */
	uint64_t groups;
	struct pm_snapshot_result result;
};

#define PM_META_REGIONS 256u /* more would not fit the description */
#define PAYLOAD_BYTES (sizeof(struct pm_group) + PM_GROUP_PAGES * (PM_DIGEST_BYTES + (size_t)PM_PAGE_SIZE))

static void put_number(struct json_object *object, const char *key, uint64_t number)
{
	json_object_object_add(object, key, json_object_new_uint64(number));
}

static struct json_object *region_facts(const struct pm_superblock *sb)
{
	struct json_object *region = json_object_new_object();

	put_number(region, "index", sb->region_index);
	put_number(region, "base", sb->physical_base);
	put_number(region, "size", sb->region_bytes);
	put_number(region, "firstPage", sb->first_pool_page);
	put_number(region, "pages", sb->page_count);
	return region;
}

/* For people and lists; what counts stands in the chunks. */
static struct json_object *pool_facts(const struct job *job)
{
	const struct pm_superblock *sb = &job->pool->sb;
	struct json_object *pool = json_object_new_object(), *regions = json_object_new_array();
	char uuid[PM_UUID_TEXT];

	for (size_t i = 0; i < job->copy.region_count && i < PM_META_REGIONS; i++)
		json_object_array_add(regions, region_facts(&job->copy.regions[i]));
	pm_uuid_format(sb->pool_uuid, uuid);
	json_object_object_add(pool, "uuid", json_object_new_string(uuid));
	json_object_object_add(pool, "name", pm_json_clean(sb->pool_name, sizeof(sb->pool_name)));
	put_number(pool, "base", sb->physical_base);
	put_number(pool, "size", sb->region_bytes);
	put_number(pool, "pages", job->copy.page_end);
	json_object_object_add(pool, "regions", regions);
	return pool;
}

static enum pm_code meta_write(struct job *job, struct json_object *facts, struct pm_error *err)
{
	struct json_object *meta = json_object_new_object();
	enum pm_code code;
	size_t bytes;
	const char *text;

	json_object_object_add(meta, "kind", json_object_new_string(job->bytes ? "snapshot" : "expectation"));
	json_object_object_add(meta, "writer", json_object_new_string("pmpool " PMPOOL_VERSION));
	json_object_object_add(meta, "createdAt", json_object_new_uint64(pm_wall_ms()));
	json_object_object_add(meta, "pool", pool_facts(job));
	json_object_object_add(meta, "logSequence", json_object_new_uint64(job->copy.log_sequence));
	json_object_object_add(meta, job->bytes ? "host" : "facts", json_object_get(facts));
	text = json_object_to_json_string_length(meta, JSON_C_TO_STRING_PLAIN, &bytes);
	if (bytes > PM_META_BYTES)
		code = pm_fail(err, PM_E_INVALID_PARAMS, "The facts take %zu bytes, more than fits.", bytes);
	else
		code = pm_writer_chunk(&job->writer, PM_CHUNK_META, text, bytes, false, err);
	json_object_put(meta);
	return code;
}

static enum pm_code pool_write(struct job *job, struct pm_error *err)
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

static enum pm_code slices_write(struct job *job, uint32_t type, const void *data, uint64_t bytes, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	for (uint64_t at = 0; !code && at < bytes; at += PM_SLICE_BYTES) {
		size_t slice = bytes - at < PM_SLICE_BYTES ? (size_t)(bytes - at) : PM_SLICE_BYTES;

		code = pm_writer_chunk(&job->writer, type, (const uint8_t *)data + at, slice, true, err);
		if (!code)
			code = pm_meter_step(&job->meter, 0, err);
	}
	return code;
}

/* Records of one region from `from` on, as many as fit a chunk; how many. */
static uint32_t records_fill(const struct job *job, size_t from, uint8_t *payload)
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

static enum pm_code records_write(struct job *job, struct pm_error *err)
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

static enum pm_code metadata_write(struct job *job, struct pm_error *err)
{
	enum pm_code code = pool_write(job, err);

	if (!code)
		code = slices_write(job, PM_CHUNK_STAT, job->copy.states,
				    job->copy.state_words * sizeof(*job->copy.states), err);
	if (!code)
		code = records_write(job, err);
	return code ? code : slices_write(job, PM_CHUNK_LOGS, job->copy.log, job->copy.log_bytes, err);
}

/* Lay the group out in job->payload; the bytes it takes. */
static size_t group_fill(struct job *job, uint64_t first, uint32_t count)
{
	struct pm_group group = {.first = first, .count = count};
	uint8_t *digest = job->payload + sizeof(group), *to = digest + (size_t)count * PM_DIGEST_BYTES;

	for (uint32_t i = 0; i < count; i++, digest += PM_DIGEST_BYTES) {
		const uint8_t *page = job->pages + (size_t)i * PM_PAGE_SIZE;

		pm_page_digest(page, digest);
		if (pm_page_zero(page)) {
			group.zero[i / 8] |= (uint8_t)(1u << i % 8);
			group.zero_count++;
		} else if (job->bytes) {
			memcpy(to, page, PM_PAGE_SIZE);
			to += PM_PAGE_SIZE;
		}
	}
	memcpy(job->payload, &group, sizeof(group));
	job->result.pages += count;
	job->result.zero_pages += group.zero_count;
	job->groups++;
	pm_total_add(job->total, job->payload + sizeof(group), count);
	return (size_t)(to - job->payload);
}

static enum pm_code groups_write(struct job *job, struct pm_error *err)
{
	uint32_t type = job->bytes ? PM_CHUNK_PAGE : PM_CHUNK_DIGS, count;
	uint64_t first = 0;

	for (uint64_t from = 0; pm_copy_run(&job->copy, from, &first, &count); from = first + count) {
		size_t bytes = (size_t)count * PM_PAGE_SIZE;
		/* in one region, so the bytes follow each other */
		enum pm_code code = pm_region_copy(job->pages, pm_page_bytes(job->pool, first), bytes, err);

		if (!code)
			code = pm_writer_chunk(&job->writer, type, job->payload, group_fill(job, first, count),
					       job->bytes, err);
		if (!code)
			code = pm_meter_step(&job->meter, bytes, err);
		if (code)
			return code;
	}
	return PM_OK;
}

static enum pm_code done_write(struct job *job, struct pm_error *err)
{
	struct pm_done done = {
		.pages = job->result.pages,
		.zero_pages = job->result.zero_pages,
		.groups = job->groups,
		.offset = job->writer.bytes,
	};

	pm_total_get(job->total, job->result.digest);
	memcpy(done.digest, job->result.digest, sizeof(done.digest));
	return pm_writer_chunk(&job->writer, PM_CHUNK_DONE, &done, sizeof(done), false, err);
}

static enum pm_code job_write(struct job *job, struct json_object *facts, int fd, struct pm_error *err)
{
	enum pm_code code;

	job->total = pm_total_new();
	job->pages = malloc(PM_GROUP_PAGES * PM_PAGE_SIZE);
	job->payload = malloc(PAYLOAD_BYTES);
	if (!job->total || !job->pages || !job->payload)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to copy pages through.");
	code = pm_writer_open(&job->writer, fd, err);
	if (!code)
		code = meta_write(job, facts, err);
	if (!code)
		code = metadata_write(job, err);
	if (!code)
		code = groups_write(job, err);
	return code ? code : done_write(job, err);
}

static enum pm_code write_file(const struct pm_pool *pool, bool bytes, struct json_object *facts, int fd,
			       struct pm_task *task, struct pm_snapshot_result *result, struct pm_error *err)
{
	struct job job = {.pool = pool, .bytes = bytes};
	enum pm_code code = pm_copy_take(pool, &job.copy, err);

	if (task && task->metadata_copied)
		task->metadata_copied(task->context);
	if (!code) {
		pm_meter_start(&job.meter, task, job.copy.allocated * PM_PAGE_SIZE);
		code = job_write(&job, facts, fd, err);
	}
	if (!code) {
		pm_meter_end(&job.meter);
		job.result.file_bytes = job.writer.bytes;
		*result = job.result;
	}
	pm_writer_close(&job.writer);
	pm_total_free(job.total);
	free(job.pages);
	free(job.payload);
	pm_copy_free(&job.copy);
	return code;
}

enum pm_code pm_snapshot_write(const struct pm_pool *pool, const struct pm_snapshot_request *request, int fd,
			       struct pm_task *task, struct pm_snapshot_result *result, struct pm_error *err)
{
	return write_file(pool, true, request->host, fd, task, result, err);
}

enum pm_code pm_expectation_write(const struct pm_pool *pool, struct json_object *facts, bool content, int fd,
				  struct pm_task *task, struct pm_snapshot_result *result, struct pm_error *err)
{
	return write_file(pool, false, facts, fd, task, result, err);
}
