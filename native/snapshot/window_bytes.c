// SPDX-License-Identifier: GPL-2.0-or-later
#include "image.h"
#include <stdlib.h>
#include <string.h>

/* A page of another group, or of this one, and which page of the window is the same. */
struct same {
	uint64_t page;
	uint32_t i;
};

/* The header of a chunk of `pages` pages at *offset, which goes on to behind the chunk. */
static enum pm_code head_read(const struct pm_snapshot *snapshot, uint32_t type, uint32_t pages, uint64_t *offset,
			      struct pm_chunk *chunk, struct pm_error *err)
{
	uint64_t at = *offset;
	size_t got;
	enum pm_code code = pm_file_read_at(snapshot->file.reader.fd, at, chunk, sizeof(*chunk), &got, err);

	if (!code && got < sizeof(*chunk))
		code = pm_fail(err, PM_E_FILE_TRUNCATED, "The file ends at byte %llu, before its trailer.",
			       (unsigned long long)(at + got));
	if (!code)
		code = pm_chunk_check(chunk, at, err);
	if (code)
		return code;
	if (chunk->type != type || chunk->plain != sizeof(struct pm_bytes) + (uint64_t)pages * PM_PAGE_SIZE ||
	    chunk->stored > chunk->plain || (type == PM_CHUNK_PAGE && chunk->flags))
		return pm_chunk_corrupt(at, "does not hold the pages of the group before it", err);
	*offset = at + sizeof(*chunk) + chunk->stored;
	return PM_OK;
}

/* The pages of a chunk PACK or PAGE at *offset into *plain, behind their struct pm_bytes. Their digests are asked
 * afterwards, so the chunk's own sum is not. */
static enum pm_code pages_read(const struct pm_snapshot *snapshot, struct pm_window_buffers *buffers, uint32_t type,
			       const struct pm_group_view *view, uint64_t *offset, struct pm_grow *plain,
			       struct pm_error *err)
{
	uint32_t pages = view->counts[type == PM_CHUNK_PACK ? PM_STORE_PACKED : PM_STORE_DATA];
	uint64_t at = *offset;
	struct pm_chunk chunk;
	struct pm_grow *to;
	enum pm_code code;
	size_t got;

	if (!pages)
		return PM_OK;
	code = head_read(snapshot, type, pages, offset, &chunk, err);
	to = !code && chunk.flags & PM_CHUNK_ZSTD ? &buffers->stored : plain;
	if (!code)
		code = pm_grow_take(plain, (size_t)chunk.plain, err);
	if (!code)
		code = pm_grow_take(to, (size_t)chunk.stored, err);
	if (!code)
		code = pm_file_read_at(snapshot->file.reader.fd, at + sizeof(chunk), to->bytes, (size_t)chunk.stored,
				       &got, err);
	if (!code && got < chunk.stored)
		code = pm_fail(err, PM_E_FILE_TRUNCATED, "The file ends inside the chunk at byte %llu.",
			       (unsigned long long)at);
	if (!code && to != plain)
		code = pm_payload_unpack(&chunk, at, to->bytes, &buffers->zstd, plain->bytes, err);
	return code;
}

/* Pages of this kind before page i of the group. */
static uint32_t rank(const struct pm_group_view *view, enum pm_page_store store, uint32_t i)
{
	uint32_t before = 0;

	for (uint32_t j = 0; j < i; j++)
		before += view->stores[j] == store;
	return before;
}

static const uint8_t *digest_of(const struct pm_group_view *view, uint32_t i)
{
	uint32_t before = 0;

	for (uint32_t j = 0; j < i; j++)
		before += view->stores[j] == PM_STORE_DATA || view->stores[j] == PM_STORE_PACKED ||
			  view->stores[j] == PM_STORE_SAME;
	return view->digests + (size_t)before * PM_DIGEST_BYTES;
}

static enum pm_code same_wrong(const struct pm_window *window, const struct same *same, struct pm_error *err)
{
	return pm_fail(err, PM_E_FILE_CORRUPT, "Page %llu is said to be the same as %llu, which it cannot be.",
		       (unsigned long long)(window->first + same->i), (unsigned long long)same->page);
}

/* The bytes of page j of the group in buffers->other. */
static enum pm_code other_page(const struct pm_snapshot *snapshot, struct pm_window_buffers *buffers, uint32_t j,
			       uint8_t *to, struct pm_error *err)
{
	const struct pm_group_view *view = &buffers->other.view;
	enum pm_page_store store = view->stores[j];
	uint64_t offset = buffers->other.end;
	struct pm_chunk chunk;
	enum pm_code code = PM_OK;
	size_t got;

	if (store == PM_STORE_PACKED) {
		if (!buffers->other_packed)
			code = pages_read(snapshot, buffers, PM_CHUNK_PACK, view, &offset, &buffers->other_pack, err);
		buffers->other_packed = !code;
		if (!code)
			memcpy(to,
			       buffers->other_pack.bytes + sizeof(struct pm_bytes) +
				       (size_t)rank(view, store, j) * PM_PAGE_SIZE,
			       PM_PAGE_SIZE);
		return code;
	}
	if (view->counts[PM_STORE_PACKED])
		code = head_read(snapshot, PM_CHUNK_PACK, view->counts[PM_STORE_PACKED], &offset, &chunk, err);
	if (!code)
		code = pm_file_read_at(snapshot->file.reader.fd,
				       offset + sizeof(chunk) + sizeof(struct pm_bytes) +
					       (uint64_t)rank(view, store, j) * PM_PAGE_SIZE,
				       to, PM_PAGE_SIZE, &got, err);
	if (!code && got < PM_PAGE_SIZE)
		code = pm_fail(err, PM_E_FILE_TRUNCATED, "The file ends inside page %llu.",
			       (unsigned long long)(view->group.first + j));
	return code;
}

static enum pm_code same_read(const struct pm_snapshot *snapshot, struct pm_window *window, const struct same *same,
			      struct pm_error *err)
{
	struct pm_window_buffers *buffers = window->buffers;
	const struct pm_index_entry *entry = pm_index_find(snapshot, same->page);
	const struct pm_group_view *view = &buffers->other.view;
	uint8_t *to = buffers->same.bytes + (size_t)same->i * PM_PAGE_SIZE;
	uint32_t j;
	enum pm_code code = PM_OK;

	if (!entry || entry->form != PM_FORM_MIXED || same->page >= window->first + same->i)
		return same_wrong(window, same, err);
	if (buffers->other_offset != entry->offset) {
		buffers->other_offset = 0;
		buffers->other_packed = false;
		code = pm_group_read(snapshot, entry->offset, &buffers->other, err);
		if (code)
			return code;
		buffers->other_offset = entry->offset;
	}
	j = (uint32_t)(same->page - entry->first);
	if (view->group.first != entry->first || j >= view->group.count ||
	    (view->stores[j] != PM_STORE_DATA && view->stores[j] != PM_STORE_PACKED) ||
	    memcmp(digest_of(view, j), window->digests[same->i], PM_DIGEST_BYTES) != 0)
		return same_wrong(window, same, err);
	window->bytes[same->i] = to;
	return other_page(snapshot, buffers, j, to, err);
}

static int by_page(const void *a, const void *b)
{
	const struct same *left = a, *right = b;

	return left->page < right->page ? -1 : left->page > right->page;
}

/* In the order of the pages that are meant, so that each group is read once. */
static enum pm_code sames_read(const struct pm_snapshot *snapshot, struct pm_window *window, struct pm_error *err)
{
	struct pm_window_buffers *buffers = window->buffers;
	const struct pm_group_view *view = &buffers->group.view;
	struct same list[PM_GROUP_PAGES];
	uint32_t count = 0;
	enum pm_code code =
		view->counts[PM_STORE_SAME] ? pm_grow_take(&buffers->same, PM_GROUP_PAGES * PM_PAGE_SIZE, err) : PM_OK;

	buffers->other_offset = 0;
	for (uint32_t i = 0; i < view->group.count; i++)
		if (view->stores[i] == PM_STORE_SAME) {
			memcpy(&list[count].page, view->same + count * sizeof(uint64_t), sizeof(uint64_t));
			list[count++].i = i;
		}
	qsort(list, count, sizeof(list[0]), by_page);
	for (uint32_t n = 0; !code && n < count; n++)
		code = same_read(snapshot, window, &list[n], err);
	return code;
}

static enum pm_code digests_hold(const struct pm_window *window, const struct pm_group_view *view, struct pm_error *err)
{
	uint8_t digest[PM_DIGEST_BYTES];

	for (uint32_t i = 0; i < view->group.count; i++) {
		if (window->held[i] != PM_HELD_BYTES || view->stores[i] == PM_STORE_PARENT)
			continue;
		pm_page_digest(window->bytes[i], digest);
		if (memcmp(digest, window->digests[i], PM_DIGEST_BYTES) != 0)
			return pm_fail(err, PM_E_FILE_CORRUPT, "The bytes of page %llu do not match their digest.",
				       (unsigned long long)(window->first + i));
	}
	return PM_OK;
}

enum pm_code pm_window_bytes(const struct pm_snapshot *snapshot, struct pm_window *window, struct pm_error *err)
{
	struct pm_window_buffers *buffers = window->buffers;
	const struct pm_group_view *view = &buffers->group.view;
	uint64_t offset = buffers->group.end;
	size_t pack = sizeof(struct pm_bytes), page = sizeof(struct pm_bytes);
	enum pm_code code = pages_read(snapshot, buffers, PM_CHUNK_PACK, view, &offset, &buffers->pack, err);

	if (!code)
		code = pages_read(snapshot, buffers, PM_CHUNK_PAGE, view, &offset, &buffers->page, err);
	for (uint32_t i = 0; !code && i < view->group.count; i++) {
		if (view->stores[i] == PM_STORE_PACKED) {
			window->bytes[i] = buffers->pack.bytes + pack;
			pack += PM_PAGE_SIZE;
		} else if (view->stores[i] == PM_STORE_DATA) {
			window->bytes[i] = buffers->page.bytes + page;
			page += PM_PAGE_SIZE;
		}
	}
	if (!code)
		code = sames_read(snapshot, window, err);
	return code ? code : digests_hold(window, view, err);
}
