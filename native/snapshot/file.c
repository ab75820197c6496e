// SPDX-License-Identifier: GPL-2.0-or-later
#include "file.h"
#include "core/layout.h"
#include "core/uuid.h"
#include "json/json.h"
#include <stdlib.h>
#include <string.h>

#define JSON_DEPTH 16

static enum pm_code corrupt(const struct pm_file *file, const char *what, struct pm_error *err)
{
	return pm_chunk_corrupt(file->reader.chunk_offset, what, err);
}

struct json_object *pm_meta_parse(const uint8_t *data, size_t bytes)
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

/* Does the file have a parent, and which. */
static bool parent_read(struct pm_file *file)
{
	struct json_object *parent = json_member(json_member(file->meta, "snapshot"), "parent");

	if (!parent)
		return true;
	file->rules.parent = true;
	return pm_hex_parse(json_text(parent, "digest"), file->parent_digest, sizeof(file->parent_digest));
}

static enum pm_code meta_read(struct pm_file *file, struct pm_error *err)
{
	const char *kind;

	if (file->reader.chunk.type != PM_CHUNK_META || file->reader.chunk.plain > PM_META_BYTES)
		return corrupt(file, "is not the description that comes first", err);
	file->meta = pm_meta_parse(file->reader.data, (size_t)file->reader.chunk.plain);
	if (!file->meta)
		return corrupt(file, "is not a JSON object", err);
	kind = json_text(file->meta, "kind");
	file->expectation = strcmp(kind, "expectation") == 0;
	if (!file->expectation && strcmp(kind, "snapshot") != 0)
		return pm_fail(err, PM_E_FILE_FOREIGN, "The file says it is neither a snapshot nor an expectation.");
	file->rules.bytes = !file->expectation || json_flag(file->meta, "content");
	return file->expectation || parent_read(file) ? PM_OK : corrupt(file, "names a parent without a digest", err);
}

static enum pm_code meta_open(struct pm_file *file, int fd, bool anywhere, struct pm_error *err)
{
	enum pm_code code;

	*file = (struct pm_file){0};
	code = pm_reader_open(&file->reader, fd, anywhere, err);
	if (!code)
		code = pm_reader_next(&file->reader, err);
	return code ? code : meta_read(file, err);
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

static enum pm_code open_at(struct pm_file *file, int fd, bool anywhere, struct pm_error *err)
{
	enum pm_code code = meta_open(file, fd, anywhere, err);

	if (!code)
		code = pm_reader_next(&file->reader, err);
	if (!code)
		code = pool_read(file, err);
	while (!code && file->regions_read < file->pool.present) {
		code = pm_reader_next(&file->reader, err);
		if (!code)
			code = region_read(file, err);
	}
	return code ? code : log_check(file, err);
}

enum pm_code pm_file_open(struct pm_file *file, int fd, struct pm_error *err)
{
	return open_at(file, fd, false, err);
}

enum pm_code pm_file_open_anywhere(struct pm_file *file, int fd, struct pm_error *err)
{
	return open_at(file, fd, true, err);
}

enum pm_code pm_file_open_meta(struct pm_file *file, int fd, struct pm_error *err)
{
	return meta_open(file, fd, true, err);
}

void pm_file_close(struct pm_file *file)
{
	pm_reader_close(&file->reader);
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
	return page - sb->first_pool_page < sb->page_count ? sb : NULL;
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

static enum pm_code book_next(struct pm_file *file, struct pm_error *err)
{
	static const struct pm_group_rules rules = {.book = true};
	const char *wrong = pm_group_parse(&file->book, &rules, file->reader.data, file->reader.chunk.plain);

	if (!wrong && file->book.group.first < file->next_book)
		wrong = "is a group of pages that cannot stand here";
	if (!wrong)
		wrong = pm_group_place(&file->book, &rules, pm_file_region(file, file->book.group.first));
	if (wrong)
		return corrupt(file, wrong, err);
	file->next_book = file->book.group.first + PM_GROUP_PAGES;
	file->part = PM_PART_BOOK;
	return PM_OK;
}

enum pm_code pm_file_next(struct pm_file *file, struct pm_error *err)
{
	enum pm_code code = pm_reader_head(&file->reader, err);
	uint32_t due = metadata_due(file);
	bool book = !due && !file->expectation && file->reader.chunk.type == PM_CHUNK_BOOK;

	if (!code && !due && !book)
		file->part = PM_PART_PAGES;
	else if (!code)
		code = pm_reader_body(&file->reader, err);
	if (code || (!due && !book))
		return code;
	return due ? metadata_next(file, due, err) : book_next(file, err);
}
