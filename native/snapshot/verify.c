// SPDX-License-Identifier: GPL-2.0-or-later
/* What a file holds, believed only after every sum has been checked, or told from its two ends. */
#include "file.h"
#include "host/check.h"
#include "meter.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t size_of(int fd)
{
	struct stat stat;

	return fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_size > 0 ? (uint64_t)stat.st_size : 0;
}

static void describe(const struct pm_file *file, struct json_object **description)
{
	if (description)
		*description = json_object_get(file->meta);
}

enum pm_code pm_snapshot_verify(int fd, struct pm_snapshot *parent, struct pm_task *task,
				struct pm_snapshot_result *result, struct json_object **description,
				struct pm_error *err)
{
	struct pm_file file;
	struct pm_meter meter;
	enum pm_code code = pm_file_open(&file, fd, err);

	pm_meter_start(&meter, task, size_of(fd));
	while (!code) {
		code = pm_file_next(&file, err);
		if (code || file.part == PM_PART_DONE)
			break;
		code = pm_meter_step(&meter, file.reader.offset - meter.done, err);
	}
	if (!code)
		pm_meter_end(&meter);
	*result = file.result;
	describe(&file, description);
	pm_file_close(&file);
	return code;
}

static enum pm_code done_at_end(int fd, struct pm_done *done, struct pm_error *err)
{
	struct {
		struct pm_chunk chunk;
		struct pm_done done;
	} end;
	uint64_t size = size_of(fd), offset = size - sizeof(end);

	_Static_assert(sizeof(end) == 80, "no padding");
	if (size < sizeof(struct pm_file_header) + sizeof(end) ||
	    pread(fd, &end, sizeof(end), (off_t)offset) != (ssize_t)sizeof(end) || end.chunk.type != PM_CHUNK_DONE ||
	    end.chunk.stored != sizeof(end.done) || pm_chunk_check(&end.chunk, offset, NULL))
		return pm_fail(err, PM_E_FILE_TRUNCATED, "The file has no trailer.");
	if (end.chunk.payload_crc != pm_crc32c(0, &end.done, sizeof(end.done)) || end.done.offset != offset)
		return pm_fail(err, PM_E_FILE_CORRUPT, "The trailer does not match its checksum or place.");
	*done = end.done;
	return PM_OK;
}

enum pm_code pm_snapshot_summary(int fd, struct pm_snapshot_result *result, struct json_object **description,
				 struct pm_error *err)
{
	struct pm_file file;
	struct pm_done done = {0};
	enum pm_code code = PM_OK;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return pm_fail(err, PM_E_IO_FAILED, "The file cannot be sought in: %s.", strerror(errno));
	*result = (struct pm_snapshot_result){0};
	code = pm_file_open_meta(&file, fd, err);
	describe(&file, description);
	if (!code)
		code = done_at_end(fd, &done, err);
	if (!code) {
		*result = (struct pm_snapshot_result){
			.pages = done.pages, .zero_pages = done.zero_pages, .file_bytes = size_of(fd)};
		memcpy(result->digest, done.digest, sizeof(result->digest));
	}
	pm_file_close(&file);
	return code;
}

enum pm_code pm_expectation_facts(int fd, struct json_object **facts, struct pm_error *err)
{
	struct pm_file file;
	struct json_object *found = NULL;
	enum pm_code code = pm_file_open_meta(&file, fd, err);

	if (!code && !(file.expectation && json_object_object_get_ex(file.meta, "facts", &found) &&
		       json_object_is_type(found, json_type_object)))
		code = pm_fail(err, PM_E_FILE_FOREIGN, "The file holds no expectation.");
	*facts = code ? NULL : json_object_get(found);
	pm_file_close(&file);
	return code;
}
