// SPDX-License-Identifier: GPL-2.0-or-later
/* What a file holds, believed only after every sum has been checked, or told from its two ends. */
#include "json/json.h"
#include "image.h"
#include "meter.h"
#include "verify.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static uint64_t size_of(int fd)
{
	struct stat stat;

	return fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_size > 0 ? (uint64_t)stat.st_size : 0;
}

static enum pm_code metadata_check(struct pm_verification *check, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	while (!code) {
		check->result.file_bytes = check->file.reader.offset;
		code = pm_task_check(check->task, err);
		if (!code)
			code = pm_file_next(&check->file, err);
		if (!code && check->file.part == PM_PART_PAGES)
			break;
	}
	return code;
}

static enum pm_code move_check(struct pm_verification *check, struct pm_error *err)
{
	const struct pm_reader *reader = &check->file.reader;
	struct json_object *move, *moved;
	bool sane;

	if (reader->chunk.type != PM_CHUNK_MOVE || reader->chunk.plain > PM_META_BYTES)
		return pm_chunk_corrupt(reader->chunk_offset, "has a type that cannot stand here", err);
	move = pm_meta_parse(reader->data, (size_t)reader->chunk.plain);
	sane = move && json_object_object_get_ex(move, "movedPages", &moved);
	check->result.moved_pages = sane ? json_object_get_uint64(moved) : 0;
	json_object_put(move);
	return sane ? PM_OK : pm_chunk_corrupt(reader->chunk_offset, "does not say what moved", err);
}

/* The index has to be what was seen. */
static enum pm_code index_check(struct pm_verification *check, size_t *at, struct pm_error *err)
{
	const struct pm_reader *reader = &check->file.reader;
	size_t entries = (size_t)(reader->chunk.plain / sizeof(*check->index));

	if (reader->chunk.flags || !entries || entries > check->groups - *at ||
	    reader->chunk.plain % sizeof(*check->index) ||
	    memcmp(reader->data, check->index + *at, (size_t)reader->chunk.plain) != 0)
		return pm_chunk_corrupt(reader->chunk_offset, "is an index of other groups", err);
	*at += entries;
	return PM_OK;
}

static enum pm_code done_check(struct pm_verification *check, uint64_t index_offset, struct pm_error *err)
{
	const struct pm_reader *reader = &check->file.reader;
	struct pm_snapshot_result *result = &check->result;
	uint8_t own[PM_DIGEST_BYTES];
	bool all_known = !result->parent_pages || check->parent;
	struct pm_done done = {0};

	if (reader->chunk.type != PM_CHUNK_DONE || reader->chunk.plain != sizeof(done))
		return pm_chunk_corrupt(reader->chunk_offset, "is no trailer, where one is due", err);
	memcpy(&done, reader->data, sizeof(done));
	pm_total_get(check->own, own);
	if (done.pages != result->pages || done.zero_pages != result->zero_pages ||
	    done.repeated_pages != result->repeated_pages || done.parent_pages != result->parent_pages ||
	    done.moved_pages != result->moved_pages || done.groups != check->groups ||
	    done.index_offset != index_offset || done.offset != reader->chunk_offset ||
	    memcmp(done.own_digest, own, sizeof(own)) != 0 ||
	    (all_known && memcmp(done.digest, result->digest, sizeof(done.digest)) != 0))
		return pm_chunk_corrupt(reader->chunk_offset, "is a trailer that does not sum up what came before",
					err);
	memcpy(result->digest, done.digest, sizeof(done.digest));
	return PM_OK;
}

/* MOVE, whose header has been read, INDX, DONE, and nothing behind. */
static enum pm_code end_check(struct pm_verification *check, struct pm_error *err)
{
	struct pm_reader *reader = &check->file.reader;
	enum pm_code code = pm_reader_body(reader, err);
	uint64_t index_offset;
	size_t at = 0;

	if (!code)
		code = move_check(check, err);
	index_offset = reader->offset;
	while (!code && at < check->groups) {
		check->result.file_bytes = reader->offset;
		code = pm_reader_next(reader, err);
		if (!code && reader->chunk.type != PM_CHUNK_INDX)
			code = pm_chunk_corrupt(reader->chunk_offset, "is no part of the index, where one is due", err);
		if (!code)
			code = index_check(check, &at, err);
	}
	if (code)
		return code;
	check->result.file_bytes = reader->offset;
	code = pm_reader_next(reader, err);
	if (!code)
		code = done_check(check, index_offset, err);
	if (!code)
		check->result.file_bytes = reader->offset;
	return code ? code : pm_reader_end(reader, err);
}

static enum pm_code parent_fits(const struct pm_verification *check, struct pm_error *err)
{
	if (check->parent && (!check->file.rules.parent || memcmp(pm_snapshot_totals(check->parent)->digest,
								  check->file.parent_digest, PM_DIGEST_BYTES) != 0))
		return pm_fail(err, PM_E_SNAPSHOT_PARENT, "That is not the parent that the file builds on.");
	return PM_OK;
}

static enum pm_code check_all(struct pm_verification *check, int fd, struct pm_error *err)
{
	enum pm_code code;

	check->total = pm_total_new();
	check->own = pm_total_new();
	check->repeats = pm_repeats_new();
	if (!check->total || !check->own || !check->repeats)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to read the file with.");
	code = pm_file_open(&check->file, fd, err);
	if (!code)
		code = parent_fits(check, err);
	if (!code)
		code = metadata_check(check, err);
	if (!code) {
		code = pm_verify_pages(check, size_of(fd), err);
		pm_total_get(check->total, check->result.digest);
	}
	return code ? code : end_check(check, err);
}

enum pm_code pm_snapshot_verify(int fd, struct pm_snapshot *parent, struct pm_task *task,
				struct pm_snapshot_result *result, struct json_object **description,
				struct pm_error *err)
{
	struct pm_verification check = {.parent = parent, .task = task};
	enum pm_code code = check_all(&check, fd, err);

	*result = check.result;
	if (description)
		*description = json_object_get(check.file.meta);
	pm_file_close(&check.file);
	pm_total_free(check.total);
	pm_total_free(check.own);
	pm_repeats_free(check.repeats);
	free(check.index);
	return code;
}

/* From the start to the first page. */
static enum pm_code metadata_whole(int fd, struct pm_error *err)
{
	struct pm_file file;
	enum pm_code code = pm_file_open_anywhere(&file, fd, err);

	while (!code && file.part != PM_PART_PAGES)
		code = pm_file_next(&file, err);
	pm_file_close(&file);
	return code;
}

enum pm_code pm_snapshot_summary(int fd, struct pm_snapshot_result *result, struct json_object **description,
				 struct pm_error *err)
{
	struct pm_file file;
	struct pm_done done;
	uint64_t size;
	enum pm_code code = pm_file_open_meta(&file, fd, err);

	*result = (struct pm_snapshot_result){0};
	if (description)
		*description = json_object_get(file.meta);
	if (!code)
		code = pm_done_read(fd, &done, &size, err);
	if (!code)
		pm_done_totals(&done, size, result);
	pm_file_close(&file);
	return code ? code : metadata_whole(fd, err);
}

enum pm_code pm_expectation_facts(int fd, struct json_object **facts, struct pm_error *err)
{
	struct pm_file file;
	enum pm_code code = pm_file_open_meta(&file, fd, err);

	*facts = !code && file.expectation ? json_object_get(json_part(file.meta, "facts")) : NULL;
	if (!code && !*facts)
		code = pm_fail(err, PM_E_FILE_FOREIGN, "The file holds no expectation.");
	pm_file_close(&file);
	return code;
}
