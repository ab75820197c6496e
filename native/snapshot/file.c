// SPDX-License-Identifier: GPL-2.0-or-later
#include "file.h"
#include "core/layout.h"
#include "host/check.h"
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

enum pm_code pm_file_open(struct pm_file *file, int fd, struct pm_error *err)
{
	enum pm_code code = pm_file_open_meta(file, fd, err);

	if (!code)
		code = pm_reader_next(&file->reader, err);
	if (code)
		return code;
	if (file->reader.chunk.type != PM_CHUNK_SBLK || file->reader.chunk.plain != sizeof(file->sb))
		return corrupt(file, "is not the superblock that comes second", err);
	code = pm_pool_probe(file->reader.data, sizeof(file->sb), &file->sb);
	if (code == PM_E_POOL_FORMAT_NEWER)
		return pm_fail(err, PM_E_FILE_FOREIGN, "The file holds a pool of a newer format.");
	if (code)
		return corrupt(file, "holds no valid superblock", err);
	file->next_page = file->sb.data_first;
	file->result.file_bytes = file->reader.offset;
	return PM_OK;
}

void pm_file_close(struct pm_file *file)
{
	pm_reader_close(&file->reader);
	pm_total_free(file->total);
	json_object_put(file->meta);
	*file = (struct pm_file){0};
}

static const struct pm_section *section_of(const struct pm_file *file, int index)
{
	static const enum pm_section_type types[] = {PM_SECTION_PAGE_STATES, PM_SECTION_RECORDS, PM_SECTION_LOG};

	return pm_section_find(&file->sb, types[index]);
}

/* Index of the first section that is not complete yet, PM_COPY_SECTIONS when all are. */
static int section_due(const struct pm_file *file)
{
	int index = 0;

	while (index < PM_COPY_SECTIONS && file->section_bytes[index] == section_of(file, index)->bytes)
		index++;
	return index;
}

static enum pm_code section_next(struct pm_file *file, int index, struct pm_error *err)
{
	static const uint32_t types[] = {PM_CHUNK_STAT, PM_CHUNK_RECS, PM_CHUNK_LOGS};
	uint64_t left = section_of(file, index)->bytes - file->section_bytes[index];
	uint64_t bytes = file->reader.chunk.plain;

	if (file->reader.chunk.type != types[index])
		return corrupt(file, "comes before the metadata is complete", err);
	if (!bytes || bytes > PM_SLICE_BYTES || bytes > left || bytes % sizeof(uint64_t))
		return corrupt(file, "has a length that its section cannot have", err);
	file->part = PM_PART_SECTION;
	file->section = index;
	file->section_offset = file->section_bytes[index];
	file->section_bytes[index] += bytes;
	return PM_OK;
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
	uint32_t zeros = 0;

	if (!group->count || group->count > PM_GROUP_PAGES)
		return false;
	if (group->first < file->next_page || group->first >= file->sb.data_end ||
	    group->count > file->sb.data_end - group->first)
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
	int due = section_due(file);

	if (due < PM_COPY_SECTIONS)
		return section_next(file, due, err);
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
