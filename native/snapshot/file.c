// SPDX-License-Identifier: GPL-2.0-or-later
#include "file.h"
#include "core/layout.h"
#include "host/check.h"
#include <stdlib.h>
#include <string.h>

#define JSON_DEPTH 16

static enum pm_code corrupt(const struct pm_file *file, const char *what, struct pm_error *err)
{
	return pm_fail(err, PM_E_FILE_CORRUPT, "The chunk at byte %llu %s.",
		       (unsigned long long)file->reader.chunk_offset, what);
}

static struct json_object *meta_parse(const uint8_t *data, size_t bytes)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
	struct json_object *meta = NULL;

	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	meta = json_tokener_parse_ex(tokener, (const char *)data, (int)bytes);
	if (meta && (json_tokener_get_error(tokener) != json_tokener_success ||
		     json_tokener_get_parse_end(tokener) != bytes || !json_object_is_type(meta, json_type_object))) {
		json_object_put(meta);
		meta = NULL;
	}
	json_tokener_free(tokener);
	return meta;
}

enum pm_code pm_file_open_meta(struct pm_file *file, int fd, struct pm_error *err)
{
	enum pm_code code;
	const char *kind;

	*file = (struct pm_file){.total = pm_total_new()};
	code = pm_reader_open(&file->reader, fd, err);
	if (!code && !file->total)
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to read the file with.");
	if (!code)
		code = pm_reader_next(&file->reader, err);
	if (code)
		return code;
	if (file->reader.chunk.type != PM_CHUNK_META || file->reader.chunk.plain > PM_META_BYTES)
		return corrupt(file, "is not the description that comes first", err);
	file->meta = meta_parse(file->reader.data, (size_t)file->reader.chunk.plain);
	if (!file->meta)
		return corrupt(file, "is not a JSON object", err);
	kind = pm_json_text(file->meta, "kind");
	file->expectation = strcmp(kind, "expectation") == 0;
	if (!file->expectation && strcmp(kind, "snapshot") != 0)
		return pm_fail(err, PM_E_FILE_FOREIGN, "The file says it is neither a snapshot nor an expectation.");
	file->result.file_bytes = file->reader.offset;
	return PM_OK;
}

static enum pm_code pool_read(struct pm_file *file, struct pm_error *err)
{
	const struct pm_file_pool *pool = &file->pool;

	if (file->reader.chunk.type != PM_CHUNK_POOL || file->reader.chunk.plain != sizeof(file->pool))
		return corrupt(file, "is not the shape of the pool that comes second", err);
	memcpy(&file->pool, file->reader.data, sizeof(file->pool));
	if (!pool->present || pool->present > pool->region_count || pool->region_count > PM_REGIONS_MAX ||
	    !pool->page_end || pool->page_end > PM_POOL_PAGES_MAX)
		return corrupt(file, "is the shape of no pool", err);
	file->regions = calloc(pool->present, sizeof(*file->regions));
	return file->regions ? PM_OK : pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to read the file with.");
}

/* Of this pool, behind the region before, inside the pool. */
static bool region_fits(const struct pm_file *file, const struct pm_superblock *sb)
{
	const struct pm_superblock *before = file->regions_read ? &file->regions[file->regions_read - 1] : NULL;

	if (memcmp(sb->pool_uuid, file->pool.pool_uuid, sizeof(sb->pool_uuid)) != 0 ||
	    sb->region_index >= file->pool.region_count || sb->first_pool_page % PM_BLOCK_PAGES)
		return false;
	if (before && (sb->region_index <= before->region_index ||
		       sb->first_pool_page < before->first_pool_page + before->page_count))
		return false;
	return sb->page_count <= file->pool.page_end && sb->first_pool_page <= file->pool.page_end - sb->page_count;
}

static enum pm_code region_read(struct pm_file *file, struct pm_error *err)
{
	struct pm_superblock *sb = &file->regions[file->regions_read];
	enum pm_code code;

	if (file->reader.chunk.type != PM_CHUNK_SBLK || file->reader.chunk.plain != sizeof(*sb))
		return corrupt(file, "is not a superblock, of which one is due", err);
	code = pm_pool_probe(file->reader.data, sizeof(*sb), sb);
	if (code == PM_E_POOL_FORMAT_NEWER || code == PM_E_POOL_FORMAT_OLDER)
		return pm_fail(err, PM_E_FILE_FOREIGN, "The file holds a pool of %s format.",
			       code == PM_E_POOL_FORMAT_NEWER ? "a newer" : "an older");
	if (code || !region_fits(file, sb))
		return corrupt(file, code ? "holds no valid superblock" : "holds a superblock of no place here", err);
	file->regions_read++;
	return PM_OK;
}

/* The log stands in region 0, so its superblock says how long it is. */
static enum pm_code log_check(struct pm_file *file, struct pm_error *err)
{
	const struct pm_section *log =
		file->regions[0].region_index == 0 ? pm_section_find(&file->regions[0], PM_SECTION_LOG) : NULL;

	if (file->pool.log_bytes != (log ? log->bytes : 0))
		return corrupt(file, "does not belong to a log of the length that was said", err);
	return PM_OK;
}

enum pm_code pm_file_open(struct pm_file *file, int fd, struct pm_error *err)
{
	enum pm_code code = pm_file_open_meta(file, fd, err);

	if (!code)
		code = pm_reader_next(&file->reader, err);
	if (!code)
		code = pool_read(file, err);
	while (!code && file->regions_read < file->pool.present) {
		code = pm_reader_next(&file->reader, err);
		if (!code)
			code = region_read(file, err);
	}
	if (!code)
		code = log_check(file, err);
	if (!code)
		file->result.file_bytes = file->reader.offset;
	return code;
}

void pm_file_close(struct pm_file *file)
{
	pm_reader_close(&file->reader);
	pm_total_free(file->total);
	json_object_put(file->meta);
	free(file->regions);
	*file = (struct pm_file){0};
}

const struct pm_superblock *pm_file_region(const struct pm_file *file, uint64_t page)
{
	size_t low = 0, high = file->pool.present;
	const struct pm_superblock *sb;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (file->regions[middle].first_pool_page <= page)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	sb = &file->regions[low - 1];
	page -= sb->first_pool_page;
	return page >= sb->data_first && page < sb->data_end ? sb : NULL;
}

/* A slice of what is `all` bytes long together. */
static enum pm_code slice_next(struct pm_file *file, enum pm_part part, uint64_t *before, uint64_t all,
			       struct pm_error *err)
{
	uint64_t bytes = file->reader.chunk.plain, left = all - *before;

	/* page states are cut between blocks, so that block words can be held against them */
	if (!bytes || bytes > PM_SLICE_BYTES || bytes > left || (bytes % PM_SLICE_GRAIN && bytes != left))
		return corrupt(file, "has a length that it cannot have", err);
	file->part = part;
	file->part_offset = *before;
	*before += bytes;
	return PM_OK;
}

static enum pm_code records_next(struct pm_file *file, struct pm_error *err)
{
	const struct pm_superblock *before = file->records_of;
	uint64_t bytes = file->reader.chunk.plain;

	if (bytes < sizeof(file->records))
		return corrupt(file, "is too short for records", err);
	memcpy(&file->records, file->reader.data, sizeof(file->records));
	file->records_of = NULL;
	for (uint32_t i = 0; i < file->pool.present; i++)
		if (file->regions[i].region_index == file->records.region_index)
			file->records_of = &file->regions[i];
	if (!file->records_of || (before && file->records_of < before))
		return corrupt(file, "holds records of a region that is not due", err);
	if (!file->records.count || file->records.count > PM_GROUP_RECORDS ||
	    file->records.count > file->pool.records - file->record_count ||
	    bytes != sizeof(file->records) + (uint64_t)file->records.count * sizeof(struct pm_record))
		return corrupt(file, "has a length that its records do not have", err);
	file->part = PM_PART_RECORDS;
	file->record_count += file->records.count;
	return PM_OK;
}

static uint64_t state_bytes(const struct pm_file *file)
{
	return (file->pool.page_end + PM_PAGES_PER_WORD - 1) / PM_PAGES_PER_WORD * sizeof(uint64_t);
}

/* The type of chunk that has to come next while the metadata is not complete, else 0. */
static uint32_t metadata_due(const struct pm_file *file)
{
	if (file->state_bytes < state_bytes(file))
		return PM_CHUNK_STAT;
	if (file->record_count < file->pool.records)
		return PM_CHUNK_RECS;
	return file->log_bytes < file->pool.log_bytes ? PM_CHUNK_LOGS : 0;
}

static enum pm_code metadata_next(struct pm_file *file, uint32_t due, struct pm_error *err)
{
	if (file->reader.chunk.type != due)
		return corrupt(file, "comes before the metadata is complete", err);
	if (due == PM_CHUNK_RECS)
		return records_next(file, err);
	if (due == PM_CHUNK_STAT)
		return slice_next(file, PM_PART_STATES, &file->state_bytes, state_bytes(file), err);
	return slice_next(file, PM_PART_LOG, &file->log_bytes, file->pool.log_bytes, err);
}

static bool zero_bit(const struct pm_group *group, uint32_t i)
{
	return group->zero[i / 8] >> i % 8 & 1;
}

/* Does each page of the group have the bytes (a snapshot's) and the zero bit that its digest says? */
static bool group_true(const struct pm_file *file, const uint8_t *bytes)
{
	static const uint8_t zero_page[PM_PAGE_SIZE];
	const struct pm_group *group = &file->group;
	uint8_t zero[PM_DIGEST_BYTES], digest[PM_DIGEST_BYTES];

	pm_page_digest(zero_page, zero);
	for (uint32_t i = 0; i < group->count; i++) {
		const uint8_t *expected = file->digests + (size_t)i * PM_DIGEST_BYTES;
		bool is_zero = memcmp(expected, zero, sizeof(zero)) == 0;

		if (is_zero != zero_bit(group, i))
			return false;
		if (is_zero || file->expectation)
			continue;
		pm_page_digest(bytes, digest);
		if (memcmp(expected, digest, sizeof(digest)) != 0)
			return false;
		bytes += PM_PAGE_SIZE;
	}
	return true;
}

static bool group_sane(const struct pm_file *file)
{
	const struct pm_group *group = &file->group;
	const struct pm_superblock *sb = pm_file_region(file, group->first);
	uint32_t zeros = 0;

	if (!group->count || group->count > PM_GROUP_PAGES)
		return false;
	if (group->first < file->next_page || !sb || group->count > sb->first_pool_page + sb->data_end - group->first)
		return false;
	for (uint32_t i = 0; i < PM_GROUP_PAGES; i++) {
		if (zero_bit(group, i) && i >= group->count)
			return false;
		zeros += zero_bit(group, i);
	}
	return zeros == group->zero_count;
}

static enum pm_code group_next(struct pm_file *file, struct pm_error *err)
{
	const struct pm_group *group = &file->group;
	uint64_t bytes = file->reader.chunk.plain, expected;
	const uint8_t *data;

	if (bytes < sizeof(*group))
		return corrupt(file, "is too short for a group of pages", err);
	memcpy(&file->group, file->reader.data, sizeof(file->group));
	if (!group_sane(file))
		return corrupt(file, "is a group of pages that cannot stand here", err);
	expected = sizeof(*group) + (uint64_t)group->count * PM_DIGEST_BYTES;
	data = file->reader.data + expected;
	if (!file->expectation)
		expected += (uint64_t)(group->count - group->zero_count) * PM_PAGE_SIZE;
	if (bytes != expected)
		return corrupt(file, "has a length that its pages do not have", err);
	file->digests = file->reader.data + sizeof(*group);
	if (!group_true(file, data))
		return corrupt(file, "holds a page that does not match its digest", err);
	file->part = PM_PART_GROUP;
	file->next_page = group->first + group->count;
	file->groups++;
	file->result.pages += group->count;
	file->result.zero_pages += group->zero_count;
	pm_total_add(file->total, file->digests, group->count);
	return PM_OK;
}

static enum pm_code done_next(struct pm_file *file, struct pm_error *err)
{
	struct pm_done done = {0};

	if (file->reader.chunk.plain != sizeof(done))
		return corrupt(file, "is a trailer of a wrong length", err);
	memcpy(&done, file->reader.data, sizeof(done));
	if (done.pages != file->result.pages || done.zero_pages != file->result.zero_pages ||
	    done.groups != file->groups || done.offset != file->reader.chunk_offset ||
	    memcmp(done.digest, file->result.digest, sizeof(done.digest)) != 0)
		return corrupt(file, "is a trailer that does not sum up what came before", err);
	file->part = PM_PART_DONE;
	return pm_reader_end(&file->reader, err);
}

static enum pm_code part_next(struct pm_file *file, struct pm_error *err)
{
	uint32_t due = metadata_due(file);

	if (due)
		return metadata_next(file, due, err);
	if (file->reader.chunk.type == PM_CHUNK_DONE)
		return done_next(file, err);
	if (file->reader.chunk.type == (uint32_t)(file->expectation ? PM_CHUNK_DIGS : PM_CHUNK_PAGE))
		return group_next(file, err);
	return corrupt(file, "has a type that cannot stand here", err);
}

enum pm_code pm_file_next(struct pm_file *file, struct pm_error *err)
{
	enum pm_code code = pm_reader_next(&file->reader, err);

	if (!code)
		code = part_next(file, err);
	if (!code)
		file->result.file_bytes = file->reader.offset;
	pm_total_get(file->total, file->result.digest);
	return code;
}
