// SPDX-License-Identifier: GPL-2.0-or-later
#include "image.h"
#include "json/json.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum pm_code pm_done_read(int fd, struct pm_done *done, uint64_t *size, struct pm_error *err)
{
	struct {
		struct pm_chunk chunk;
		struct pm_done done;
	} end;
	uint64_t offset;
	struct stat stat;
	enum pm_code code;
	size_t got;

	_Static_assert(sizeof(end) == 128, "no padding");
	if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))
		return pm_fail(err, PM_E_IO_FAILED, "The file cannot be sought in.");
	*size = (uint64_t)stat.st_size;
	if (*size < sizeof(struct pm_file_header) + sizeof(end))
		return pm_fail(err, PM_E_FILE_TRUNCATED, "The file has no trailer.");
	offset = *size - sizeof(end);
	code = pm_file_read_at(fd, offset, &end, sizeof(end), &got, err);
	if (code)
		return code;
	if (got < sizeof(end) || end.chunk.type != PM_CHUNK_DONE || end.chunk.stored != sizeof(end.done) ||
	    end.chunk.flags || pm_chunk_check(&end.chunk, offset, NULL))
		return pm_fail(err, PM_E_FILE_TRUNCATED, "The file has no trailer.");
	if (end.chunk.payload_crc != pm_crc32c(0, &end.done, sizeof(end.done)) || end.done.offset != offset)
		return pm_fail(err, PM_E_FILE_CORRUPT, "The trailer does not match its checksum or place.");
	*done = end.done;
	return PM_OK;
}

void pm_done_totals(const struct pm_done *done, uint64_t size, struct pm_snapshot_result *totals)
{
	*totals = (struct pm_snapshot_result){
		.pages = done->pages,
		.zero_pages = done->zero_pages,
		.repeated_pages = done->repeated_pages,
		.parent_pages = done->parent_pages,
		.moved_pages = done->moved_pages,
		.file_bytes = size,
	};
	memcpy(totals->digest, done->digest, sizeof(totals->digest));
}

void pm_snapshot_result_set(struct json_object *object, const struct pm_snapshot_result *result)
{
	json_set_count(object, "pages", result->pages);
	json_set_count(object, "zeroPages", result->zero_pages);
	json_set_count(object, "repeatedPages", result->repeated_pages);
	json_set_count(object, "parentPages", result->parent_pages);
	json_set_count(object, "movedPages", result->moved_pages);
	json_set_digest(object, "digest", result->digest);
}

static void parent_name_take(struct pm_snapshot *snapshot)
{
	struct json_object *parent = json_member(json_member(snapshot->file.meta, "snapshot"), "parent");

	if (snapshot->file.rules.parent)
		snprintf(snapshot->parent_name, sizeof(snapshot->parent_name), "%s", json_text(parent, "name"));
}

/* By its index; where that fails, by what is found. */
static enum pm_code groups_find(struct pm_snapshot *snapshot, struct pm_error *err)
{
	enum pm_code code = pm_index_read(snapshot, &snapshot->damage);

	if (code != PM_E_FILE_TRUNCATED && code != PM_E_FILE_CORRUPT) {
		if (code && err)
			*err = snapshot->damage;
		return code;
	}
	snapshot->damage.code = code;
	return pm_index_walk(snapshot, err);
}

enum pm_code pm_snapshot_open(int fd, struct pm_snapshot **opened, struct pm_error *err)
{
	struct pm_snapshot *snapshot = calloc(1, sizeof(*snapshot));
	enum pm_code code;

	*opened = NULL;
	if (!snapshot)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to open the file.");
	pthread_mutex_init(&snapshot->mutex, NULL);
	code = pm_file_open_anywhere(&snapshot->file, fd, err);
	snapshot->body = snapshot->file.reader.offset;
	if (!code)
		code = groups_find(snapshot, err);
	if (code) {
		pm_snapshot_close(snapshot);
		return code;
	}
	parent_name_take(snapshot);
	*opened = snapshot;
	return PM_OK;
}

void pm_snapshot_close(struct pm_snapshot *snapshot)
{
	if (!snapshot)
		return;
	pm_snapshot_pool_close(snapshot);
	pm_file_close(&snapshot->file);
	free(snapshot->entries);
	pthread_mutex_destroy(&snapshot->mutex);
	free(snapshot);
}

enum pm_code pm_snapshot_damage(const struct pm_snapshot *snapshot, struct pm_error *err)
{
	if (snapshot->damage.code && err)
		*err = snapshot->damage;
	return snapshot->damage.code;
}

bool pm_snapshot_parent(const struct pm_snapshot *snapshot, uint8_t digest[16], char name[128])
{
	memcpy(digest, snapshot->file.parent_digest, PM_DIGEST_BYTES);
	memcpy(name, snapshot->parent_name, sizeof(snapshot->parent_name));
	return snapshot->file.rules.parent;
}

enum pm_code pm_snapshot_set_parent(struct pm_snapshot *snapshot, struct pm_snapshot *parent, struct pm_error *err)
{
	if (!snapshot->file.rules.parent)
		return pm_fail(err, PM_E_SNAPSHOT_PARENT, "The file stands by itself.");
	if (memcmp(parent->totals.digest, snapshot->file.parent_digest, PM_DIGEST_BYTES) != 0 ||
	    memcmp(parent->file.pool.pool_uuid, snapshot->file.pool.pool_uuid, 16) != 0)
		return pm_fail(err, PM_E_SNAPSHOT_PARENT,
			       "The digest of that file is not the one that the parent %s had.", snapshot->parent_name);
	/* an expectation of the same pages has the same digest */
	if (!parent->file.rules.bytes)
		return pm_fail(err, PM_E_SNAPSHOT_PARENT, "That file holds digests only, no pages.");
	if (pm_snapshot_depth(parent) >= PM_CHAIN_MAX)
		return pm_fail(err, PM_E_SNAPSHOT_PARENT, "More than %u files build on each other.", PM_CHAIN_MAX);
	snapshot->parent = parent;
	return PM_OK;
}

unsigned pm_snapshot_depth(const struct pm_snapshot *snapshot)
{
	unsigned depth = 0;

	/* asked of the whole chain each time: it may have been linked from either end */
	for (; snapshot && depth <= PM_CHAIN_MAX; snapshot = snapshot->parent)
		depth++;
	return depth;
}

struct json_object *pm_snapshot_meta(const struct pm_snapshot *snapshot)
{
	return snapshot->file.meta;
}

const struct pm_snapshot_result *pm_snapshot_totals(const struct pm_snapshot *snapshot)
{
	return &snapshot->totals;
}

const struct pm_superblock *pm_snapshot_regions(const struct pm_snapshot *snapshot, size_t *count)
{
	*count = snapshot->file.pool.present;
	return snapshot->file.regions;
}

bool pm_snapshot_is_expectation(const struct pm_snapshot *snapshot)
{
	return snapshot->file.expectation;
}

bool pm_snapshot_has_bytes(const struct pm_snapshot *snapshot)
{
	return snapshot->file.rules.bytes;
}
