// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The groups of a file without its index: from chunk to chunk, and where a chunk header is damaged, on to the next
 * bytes that are one. A header's checksum covers its place in the file, so the content of a page never passes for one.
 */
#include "image.h"
#include <stdlib.h>
#include <string.h>

#define STEP_BYTES ((size_t)256 << 10)

struct walk {
	struct pm_snapshot *snapshot;
	struct pm_group_chunk group;
	uint8_t *buffer; /* STEP_BYTES and a chunk header */
	bool done; /* a whole trailer was found */
};

static bool type_known(uint32_t type)
{
	static const uint32_t types[] = {
		PM_CHUNK_META, PM_CHUNK_POOL, PM_CHUNK_SBLK, PM_CHUNK_STAT, PM_CHUNK_RECS, PM_CHUNK_LOGS, PM_CHUNK_BOOK,
		PM_CHUNK_DIGS, PM_CHUNK_PACK, PM_CHUNK_PAGE, PM_CHUNK_MOVE, PM_CHUNK_INDX, PM_CHUNK_DONE,
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i] == type)
			return true;
	return false;
}

/* Is the first letter one of those that chunks begin with; most bytes are not. */
static bool may_start(uint8_t byte)
{
	return byte >= 'B' && byte <= 'S';
}

static bool head_at(const uint8_t *bytes, uint64_t offset, struct pm_chunk *chunk)
{
	memcpy(chunk, bytes, sizeof(*chunk));
	return type_known(chunk->type) && pm_chunk_check(chunk, offset, NULL) == PM_OK;
}

/* The first whole chunk header at or after *offset; false at the end of the file. */
static enum pm_code head_find(struct walk *walk, uint64_t *offset, struct pm_chunk *chunk, bool *found,
			      struct pm_error *err)
{
	*found = false;
	for (;;) {
		size_t got;
		enum pm_code code = pm_file_read_at(walk->snapshot->file.reader.fd, *offset, walk->buffer,
						    STEP_BYTES + sizeof(*chunk), &got, err);

		if (code || got < sizeof(*chunk))
			return code;
		for (size_t i = 0; i + sizeof(*chunk) <= got && i < STEP_BYTES; i++)
			if (may_start(walk->buffer[i]) && head_at(walk->buffer + i, *offset + i, chunk)) {
				*offset += i;
				*found = true;
				return PM_OK;
			}
		if (got < STEP_BYTES + sizeof(*chunk))
			return PM_OK;
		*offset += STEP_BYTES;
	}
}

/* A group that is damaged itself, or that has no place behind those before, is passed over. */
static enum pm_code group_add(struct walk *walk, uint64_t offset, struct pm_error *err)
{
	struct pm_snapshot *snapshot = walk->snapshot;
	enum pm_code code = pm_group_read(snapshot, offset, &walk->group, err);
	const struct pm_group_view *view = &walk->group.view;
	struct pm_index_entry entry;

	if (!code) {
		entry = (struct pm_index_entry){view->group.first, view->group.count, view->group.form, {0}, offset};
		code = pm_index_add(snapshot, &entry, err);
	}
	if (code)
		return code == PM_E_FILE_CORRUPT || code == PM_E_FILE_TRUNCATED ? PM_OK : code;
	snapshot->totals.pages += pm_group_pages(view);
	snapshot->totals.zero_pages += view->counts[PM_STORE_ZERO];
	snapshot->totals.repeated_pages += view->counts[PM_STORE_SAME];
	snapshot->totals.parent_pages += view->counts[PM_STORE_PARENT];
	return PM_OK;
}

static enum pm_code walk_on(struct walk *walk, struct pm_error *err)
{
	uint64_t offset = walk->snapshot->body;
	enum pm_code code = PM_OK;

	while (!code) {
		struct pm_chunk chunk;
		bool found;

		code = head_find(walk, &offset, &chunk, &found, err);
		if (code || !found)
			return code;
		if (chunk.type == PM_CHUNK_DIGS)
			code = group_add(walk, offset, err);
		offset += sizeof(chunk) + chunk.stored;
		walk->done |= chunk.type == PM_CHUNK_DONE && offset <= walk->snapshot->size;
	}
	return code;
}

enum pm_code pm_index_walk(struct pm_snapshot *snapshot, struct pm_error *err)
{
	struct walk walk = {.snapshot = snapshot, .buffer = malloc(STEP_BYTES + sizeof(struct pm_chunk))};
	enum pm_code code;

	if (!walk.buffer)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to look for what is whole.");
	snapshot->count = 0;
	snapshot->totals = (struct pm_snapshot_result){.file_bytes = snapshot->size};
	code = walk_on(&walk, err);
	/* a trailer that does not stand at the end: it is not that the file was cut off */
	if (!code && walk.done && snapshot->damage.code == PM_E_FILE_TRUNCATED)
		pm_fail(&snapshot->damage, PM_E_FILE_CORRUPT, "Something follows the file's trailer.");
	free(walk.buffer);
	return code;
}
