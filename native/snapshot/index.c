// SPDX-License-Identifier: GPL-2.0-or-later
#include "image.h"
#include <stdlib.h>
#include <string.h>

static bool form_fits(const struct pm_snapshot *snapshot, const struct pm_index_entry *entry)
{
	static const uint8_t zeros[sizeof(entry->reserved)];
	bool run = entry->form == PM_FORM_ZERO || (entry->form == PM_FORM_PARENT && snapshot->file.rules.parent);

	if (memcmp(entry->reserved, zeros, sizeof(zeros)) != 0 || entry->first % PM_GROUP_PAGES || !entry->count)
		return false;
	if (entry->form == PM_FORM_MIXED)
		return entry->count <= PM_GROUP_PAGES;
	return run && entry->count <= PM_RUN_PAGES && entry->count % PM_GROUP_PAGES == 0;
}

/* Behind the entry before, and inside one region. */
static bool place_fits(const struct pm_snapshot *snapshot, const struct pm_index_entry *entry)
{
	const struct pm_index_entry *before = snapshot->count ? &snapshot->entries[snapshot->count - 1] : NULL;
	const struct pm_superblock *region = pm_file_region(&snapshot->file, entry->first);

	if (before && (entry->first < before->first + before->count || entry->offset <= before->offset))
		return false;
	return region && entry->count <= region->first_pool_page + region->page_count - entry->first &&
	       entry->offset >= snapshot->body;
}

enum pm_code pm_index_add(struct pm_snapshot *snapshot, const struct pm_index_entry *entry, struct pm_error *err)
{
	if (!form_fits(snapshot, entry) || !place_fits(snapshot, entry))
		return pm_fail(err, PM_E_FILE_CORRUPT, "The index names a group that has no place there.");
	if (snapshot->count == snapshot->capacity) {
		size_t capacity = snapshot->capacity * 2 + 64;
		struct pm_index_entry *larger = realloc(snapshot->entries, capacity * sizeof(*larger));

		if (!larger)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the file's index.");
		snapshot->entries = larger;
		snapshot->capacity = capacity;
	}
	snapshot->entries[snapshot->count++] = *entry;
	return PM_OK;
}

/* The current chunk of the reader. */
static enum pm_code entries_add(struct pm_snapshot *snapshot, const struct pm_done *done, struct pm_error *err)
{
	const struct pm_reader *reader = &snapshot->file.reader;
	struct pm_index_entry entry;
	enum pm_code code = PM_OK;

	if (reader->chunk.type != PM_CHUNK_INDX || reader->chunk.flags || reader->chunk.plain % sizeof(entry))
		return pm_chunk_corrupt(reader->chunk_offset, "is no part of the index, where one is due", err);
	for (size_t at = 0; !code && at < reader->chunk.plain; at += sizeof(entry)) {
		memcpy(&entry, reader->data + at, sizeof(entry));
		if (entry.offset >= done->index_offset)
			return pm_chunk_corrupt(reader->chunk_offset, "names a group behind itself", err);
		code = pm_index_add(snapshot, &entry, err);
	}
	return code;
}

enum pm_code pm_index_read(struct pm_snapshot *snapshot, struct pm_error *err)
{
	struct pm_reader *reader = &snapshot->file.reader;
	struct pm_done done;
	enum pm_code code = pm_done_read(reader->fd, &done, &snapshot->size, err);

	if (code)
		return code;
	if (done.index_offset < snapshot->body || done.index_offset > done.offset)
		return pm_fail(err, PM_E_FILE_CORRUPT, "The trailer says that the index stands where it cannot.");
	for (reader->offset = done.index_offset; !code && reader->offset < done.offset;) {
		code = pm_reader_next(reader, err);
		if (!code)
			code = entries_add(snapshot, &done, err);
	}
	if (!code && (reader->offset != done.offset || snapshot->count != done.groups))
		code = pm_fail(err, PM_E_FILE_CORRUPT, "The index does not have the groups that the trailer counts.");
	if (!code)
		pm_done_totals(&done, snapshot->size, &snapshot->totals);
	return code;
}

const struct pm_index_entry *pm_index_find(const struct pm_snapshot *snapshot, uint64_t page)
{
	size_t low = 0, high = snapshot->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (snapshot->entries[middle].first <= page)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || page - snapshot->entries[low - 1].first >= snapshot->entries[low - 1].count)
		return NULL;
	return &snapshot->entries[low - 1];
}

bool pm_snapshot_next_window(const struct pm_snapshot *snapshot, uint64_t *window)
{
	uint64_t page = *window * PM_GROUP_PAGES;
	size_t low = 0, high = snapshot->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (snapshot->entries[middle].first + snapshot->entries[middle].count <= page)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == snapshot->count)
		return false;
	if (snapshot->entries[low].first > page)
		*window = snapshot->entries[low].first / PM_GROUP_PAGES;
	return true;
}
