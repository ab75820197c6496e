// SPDX-License-Identifier: GPL-2.0-or-later
#include "image.h"
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* A group of which each page has a digest and none repeats, with its chunk header: what is mostly read. */
#define LIKELY_BYTES (sizeof(struct pm_chunk) + sizeof(struct pm_group) + PM_GROUP_PAGES * (1 + PM_DIGEST_BYTES))
_Static_assert(LIKELY_BYTES <= sizeof(((struct pm_group_chunk *)0)->data), "the rest has room");

struct pm_window *pm_window_new(void)
{
	struct pm_window *window = calloc(1, sizeof(*window));

	if (window)
		window->buffers = calloc(1, sizeof(struct pm_window_buffers));
	if (window && !window->buffers) {
		free(window);
		return NULL;
	}
	return window;
}

void pm_window_free(struct pm_window *window)
{
	struct pm_window_buffers *buffers;

	if (!window)
		return;
	buffers = window->buffers;
	free(buffers->stored.bytes);
	free(buffers->pack.bytes);
	free(buffers->page.bytes);
	free(buffers->other_pack.bytes);
	free(buffers->same.bytes);
	ZSTD_freeDCtx(buffers->zstd);
	pm_window_free(buffers->parent);
	free(buffers);
	free(window);
}

enum pm_code pm_group_read(const struct pm_snapshot *snapshot, uint64_t offset, struct pm_group_chunk *chunk,
			   struct pm_error *err)
{
	const struct pm_file *file = &snapshot->file;
	const uint8_t *payload = chunk->data + sizeof(chunk->head);
	size_t got, more = 0;
	enum pm_code code = pm_file_read_at(file->reader.fd, offset, chunk->data, LIKELY_BYTES, &got, err);
	const char *wrong;

	if (code)
		return code;
	if (got < sizeof(chunk->head))
		return pm_fail(err, PM_E_FILE_TRUNCATED, "The file ends at byte %llu, before its trailer.",
			       (unsigned long long)(offset + got));
	memcpy(&chunk->head, chunk->data, sizeof(chunk->head));
	code = pm_chunk_check(&chunk->head, offset, err);
	if (code)
		return code;
	if (chunk->head.type != PM_CHUNK_DIGS || chunk->head.flags || chunk->head.stored > PM_GROUP_BYTES)
		return pm_chunk_corrupt(offset, "is no group of pages, where one is due", err);
	if (sizeof(chunk->head) + chunk->head.stored > LIKELY_BYTES)
		code = pm_file_read_at(file->reader.fd, offset + got, chunk->data + got,
				       sizeof(chunk->head) + (size_t)chunk->head.stored - got, &more, err);
	if (code)
		return code;
	if (got + more < sizeof(chunk->head) + chunk->head.stored)
		return pm_fail(err, PM_E_FILE_TRUNCATED, "The file ends inside the group at byte %llu.",
			       (unsigned long long)offset);
	code = pm_payload_check(&chunk->head, offset, payload, err);
	if (code)
		return code;
	wrong = pm_group_parse(&chunk->view, &file->rules, payload, chunk->head.stored);
	if (!wrong)
		wrong = pm_group_place(&chunk->view, &file->rules, pm_file_region(file, chunk->view.group.first));
	chunk->end = offset + sizeof(chunk->head) + chunk->head.stored;
	return wrong ? pm_chunk_corrupt(offset, wrong, err) : PM_OK;
}

static void zero_set(struct pm_window *window, uint32_t i, bool bytes)
{
	static const uint8_t zeros[PM_PAGE_SIZE];

	window->held[i] = PM_HELD_ZERO;
	memcpy(window->digests[i], pm_zero_digest, PM_DIGEST_BYTES);
	window->bytes[i] = bytes ? zeros : NULL;
}

/* The same window of the parent; those of its pages that are wanted are taken from there. */
static enum pm_code parent_read(const struct pm_snapshot *snapshot, struct pm_window *window, bool bytes,
				struct pm_error *err)
{
	struct pm_window_buffers *buffers = window->buffers;

	if (!snapshot->parent)
		return pm_fail(err, PM_E_SNAPSHOT_PARENT, "The parent %s holds these pages.", snapshot->parent_name);
	if (!buffers->parent)
		buffers->parent = pm_window_new();
	if (!buffers->parent)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to read the parent with.");
	return pm_snapshot_window(snapshot->parent, window->first / PM_GROUP_PAGES, bytes, buffers->parent, err);
}

static enum pm_code parent_set(struct pm_window *window, uint32_t i, struct pm_error *err)
{
	const struct pm_window *parent = ((struct pm_window_buffers *)window->buffers)->parent;

	if (parent->held[i] == PM_HELD_NOT)
		return pm_fail(err, PM_E_FILE_CORRUPT, "The parent does not hold page %llu, as the file says.",
			       (unsigned long long)(window->first + i));
	window->held[i] = parent->held[i];
	memcpy(window->digests[i], parent->digests[i], PM_DIGEST_BYTES);
	window->bytes[i] = parent->bytes[i];
	return PM_OK;
}

static enum pm_code run_fill(const struct pm_snapshot *snapshot, enum pm_group_form form, struct pm_window *window,
			     bool bytes, struct pm_error *err)
{
	enum pm_code code = form == PM_FORM_PARENT ? parent_read(snapshot, window, bytes, err) : PM_OK;

	for (uint32_t i = 0; !code && i < PM_WINDOW_PAGES; i++)
		if (form == PM_FORM_ZERO)
			zero_set(window, i, bytes);
		else
			code = parent_set(window, i, err);
	return code;
}

/* Kinds and digests of the group in the buffers. */
static enum pm_code mixed_fill(const struct pm_snapshot *snapshot, struct pm_window *window, bool bytes,
			       struct pm_error *err)
{
	const struct pm_group_view *view = &((struct pm_window_buffers *)window->buffers)->group.view;
	const uint8_t *digests = view->digests, *syndromes = view->syndromes;
	bool has_bytes = snapshot->file.rules.bytes;
	enum pm_code code = view->counts[PM_STORE_PARENT] ? parent_read(snapshot, window, bytes, err) : PM_OK;

	for (uint32_t i = 0; !code && i < view->group.count; i++) {
		switch (view->stores[i]) {
		case PM_STORE_ABSENT:
			break;
		case PM_STORE_ZERO:
			zero_set(window, i, bytes);
			break;
		case PM_STORE_PARENT:
			code = parent_set(window, i, err);
			break;
		default:
			window->held[i] = has_bytes ? PM_HELD_BYTES : PM_HELD_DIGEST;
			memcpy(window->digests[i], digests, PM_DIGEST_BYTES);
			digests += PM_DIGEST_BYTES;
			if (!has_bytes) {
				memcpy(&window->syndromes[i], syndromes, sizeof(window->syndromes[i]));
				syndromes += sizeof(window->syndromes[i]);
			}
		}
	}
	return code;
}

static enum pm_code group_fill(const struct pm_snapshot *snapshot, const struct pm_index_entry *entry,
			       struct pm_window *window, bool bytes, struct pm_error *err)
{
	struct pm_window_buffers *buffers = window->buffers;
	const struct pm_group *group = &buffers->group.view.group;
	enum pm_code code = pm_group_read(snapshot, entry->offset, &buffers->group, err);

	if (!code && (group->first != entry->first || group->count != entry->count || group->form != entry->form))
		code = pm_chunk_corrupt(entry->offset, "is not the group that the index names", err);
	if (!code && entry->form != PM_FORM_MIXED)
		return run_fill(snapshot, (enum pm_group_form)entry->form, window, bytes, err);
	if (!code)
		code = mixed_fill(snapshot, window, bytes, err);
	if (!code && bytes && snapshot->file.rules.bytes)
		code = pm_window_bytes(snapshot, window, err);
	return code;
}

enum pm_code pm_snapshot_window(struct pm_snapshot *snapshot, uint64_t number, bool bytes, struct pm_window *window,
				struct pm_error *err)
{
	const struct pm_index_entry *entry = NULL;
	enum pm_code code = PM_OK;

	window->first = number * PM_GROUP_PAGES;
	memset(window->held, PM_HELD_NOT, sizeof(window->held));
	memset(window->bytes, 0, sizeof(window->bytes));
	if (number < PM_POOL_PAGES_MAX / PM_GROUP_PAGES)
		entry = pm_index_find(snapshot, window->first);
	if (entry)
		code = group_fill(snapshot, entry, window, bytes, err);
	if (code) {
		memset(window->held, PM_HELD_NOT, sizeof(window->held));
		memset(window->bytes, 0, sizeof(window->bytes));
	}
	return code == PM_E_FILE_TRUNCATED ? PM_E_FILE_CORRUPT : code;
}
