// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The groups of a file that is read in order, by a team:
 *
 *   fetch    in order   the next group and the chunks of its pages, as they are stored
 *   check    parallel   their sums, their bytes against the digests, what the parent holds
 *   settle   in order   what repeats an earlier page; the digest of the whole
 */
#include "verify.h"
#include "pmpool/team.h"
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

struct stored { /* a chunk PACK or PAGE */
	bool present;
	struct pm_chunk chunk;
	uint64_t offset;
	struct pm_grow room;
};

struct slot {
	uint64_t offset, end; /* of the group and its chunks */
	uint8_t data[PM_GROUP_BYTES];
	struct pm_group_view view;
	struct stored pack, page;
	struct pm_grow plain;
	void *zstd;
	struct pm_window *parent;
};

#define RING 64u /* more than items under way, which follow each other */
struct line {
	struct pm_verification *check;
	struct slot *slots;
	bool begun; /* the header of the next chunk has been read */
	uint64_t next_page; /* no group may begin before it */
	uint64_t bytes[RING]; /* of items */
};

/* --- fetch --- */

static enum pm_code stored_fetch(struct pm_verification *check, struct stored *stored, uint32_t type, uint32_t pages,
				 struct pm_error *err)
{
	struct pm_reader *reader = &check->file.reader;
	enum pm_code code;

	stored->present = pages != 0;
	if (!pages)
		return PM_OK;
	code = pm_reader_head(reader, err);
	if (code)
		return code;
	stored->chunk = reader->chunk;
	stored->offset = reader->chunk_offset;
	if (reader->chunk.type != type || (type == PM_CHUNK_PAGE && reader->chunk.flags) ||
	    reader->chunk.plain != sizeof(struct pm_bytes) + (uint64_t)pages * PM_PAGE_SIZE ||
	    reader->chunk.stored > reader->chunk.plain)
		return pm_chunk_corrupt(stored->offset, "does not hold the pages of the group before it", err);
	code = pm_grow_take(&stored->room, (size_t)reader->chunk.stored, err);
	return code ? code : pm_reader_stored(reader, stored->room.bytes, err);
}

/* The header of the group's chunk has been read. */
static enum pm_code group_fetch(struct line *line, struct slot *slot, struct pm_error *err)
{
	struct pm_verification *check = line->check;
	struct pm_file *file = &check->file;
	const struct pm_chunk *chunk = &file->reader.chunk;
	const char *wrong;
	enum pm_code code;

	slot->offset = file->reader.chunk_offset;
	if (chunk->flags || chunk->stored > sizeof(slot->data))
		return pm_chunk_corrupt(slot->offset, "is too long for a group of pages", err);
	code = pm_reader_stored(&file->reader, slot->data, err);
	if (!code)
		code = pm_payload_check(chunk, slot->offset, slot->data, err);
	if (code)
		return code;
	wrong = pm_group_parse(&slot->view, &file->rules, slot->data, chunk->stored);
	if (!wrong && slot->view.group.first < line->next_page)
		wrong = "is a group of pages that cannot stand here";
	if (!wrong)
		wrong = pm_group_place(&slot->view, &file->rules, pm_file_region(file, slot->view.group.first));
	if (wrong)
		return pm_chunk_corrupt(slot->offset, wrong, err);
	line->next_page = slot->view.group.first + slot->view.group.count;
	if (!file->rules.bytes) {
		slot->pack.present = slot->page.present = false;
		return PM_OK;
	}
	code = stored_fetch(check, &slot->pack, PM_CHUNK_PACK, slot->view.counts[PM_STORE_PACKED], err);
	return code ? code : stored_fetch(check, &slot->page, PM_CHUNK_PAGE, slot->view.counts[PM_STORE_DATA], err);
}

static enum pm_code fetch(void *context, unsigned number, uint64_t item, struct pm_error *err)
{
	struct line *line = context;
	struct slot *slot = &line->slots[number];
	struct pm_reader *reader = &line->check->file.reader;
	enum pm_code code = line->begun ? PM_OK : pm_reader_head(reader, err);

	line->begun = !code;
	if (!code && reader->chunk.type != PM_CHUNK_DIGS)
		return PM_TEAM_END;
	line->begun = false;
	if (!code)
		code = group_fetch(line, slot, err);
	slot->end = reader->offset;
	line->bytes[item % RING] = slot->end - slot->offset + (item ? 0 : slot->offset);
	return code;
}

/* --- check --- */

static enum pm_code bytes_check(const struct slot *slot, const struct stored *stored, const uint8_t *plain,
				enum pm_page_store store, struct pm_error *err)
{
	const struct pm_group_view *view = &slot->view;
	const uint8_t *page = plain + sizeof(struct pm_bytes), *expected = view->digests;
	uint8_t digest[PM_DIGEST_BYTES];
	struct pm_bytes head;

	memcpy(&head, plain, sizeof(head));
	if (head.first != view->group.first || head.count != view->counts[store] || head.reserved)
		return pm_chunk_corrupt(stored->offset, "does not hold the pages of the group before it", err);
	for (uint32_t i = 0; i < view->group.count; i++) {
		if (view->stores[i] == store) {
			pm_page_digest(page, digest);
			if (memcmp(digest, expected, sizeof(digest)) != 0)
				return pm_chunk_corrupt(stored->offset, "holds a page that does not match its digest",
							err);
			page += PM_PAGE_SIZE;
		}
		expected += view->stores[i] == PM_STORE_DATA || view->stores[i] == PM_STORE_PACKED ||
					    view->stores[i] == PM_STORE_SAME
				    ? PM_DIGEST_BYTES
				    : 0;
	}
	return PM_OK;
}

static enum pm_code stored_check(struct slot *slot, struct stored *stored, enum pm_page_store store,
				 struct pm_error *err)
{
	const uint8_t *plain = stored->room.bytes;
	enum pm_code code;

	if (!stored->present)
		return PM_OK;
	code = pm_payload_check(&stored->chunk, stored->offset, stored->room.bytes, err);
	if (!code && stored->chunk.flags & PM_CHUNK_ZSTD) {
		code = pm_grow_take(&slot->plain, (size_t)stored->chunk.plain, err);
		plain = slot->plain.bytes;
	}
	if (!code && stored->chunk.flags & PM_CHUNK_ZSTD)
		code = pm_payload_unpack(&stored->chunk, stored->offset, stored->room.bytes, &slot->zstd,
					 slot->plain.bytes, err);
	return code ? code : bytes_check(slot, stored, plain, store, err);
}

/* A page of zeros is ZERO and nothing else. */
static enum pm_code zeros_check(const struct slot *slot, struct pm_error *err)
{
	const struct pm_group_view *view = &slot->view;
	uint32_t count = view->counts[PM_STORE_DATA] + view->counts[PM_STORE_PACKED] + view->counts[PM_STORE_SAME];

	for (uint32_t i = 0; view->group.form == PM_FORM_MIXED && i < count; i++)
		if (memcmp(view->digests + (size_t)i * PM_DIGEST_BYTES, pm_zero_digest, PM_DIGEST_BYTES) == 0)
			return pm_chunk_corrupt(slot->offset, "holds a page of zeros that is not said to be one", err);
	return PM_OK;
}

static enum pm_code check(void *context, unsigned number, uint64_t item, struct pm_error *err)
{
	struct line *line = context;
	struct slot *slot = &line->slots[number];
	enum pm_code code = zeros_check(slot, err);

	if (!code)
		code = stored_check(slot, &slot->pack, PM_STORE_PACKED, err);
	return code ? code : stored_check(slot, &slot->page, PM_STORE_DATA, err);
}

/* --- settle --- */

static enum pm_code index_keep(struct pm_verification *check, const struct slot *slot, struct pm_error *err)
{
	const struct pm_group *group = &slot->view.group;

	if (check->groups == check->index_capacity) {
		size_t capacity = check->index_capacity * 2 + 64;
		struct pm_index_entry *larger = realloc(check->index, capacity * sizeof(*larger));

		if (!larger)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the file's index.");
		check->index = larger;
		check->index_capacity = capacity;
	}
	check->index[check->groups++] =
		(struct pm_index_entry){group->first, group->count, group->form, {0}, slot->offset};
	return PM_OK;
}

static void own_add(struct pm_verification *check, uint64_t page, const uint8_t digest[PM_DIGEST_BYTES])
{
	pm_total_add(check->total, page, digest, 1);
	pm_total_add(check->own, page, digest, 1);
}

/* The page's digest as the parent has it; without a parent nothing is known of it. */
static enum pm_code parent_add(struct pm_verification *check, struct slot *slot, uint64_t page, struct pm_error *err)
{
	struct pm_window *window = slot->parent;
	enum pm_code code;

	if (!check->parent)
		return PM_OK;
	if (window->first != (page & ~(uint64_t)(PM_GROUP_PAGES - 1))) {
		code = pm_snapshot_window(check->parent, page / PM_GROUP_PAGES, false, window, err);
		if (code)
			return code;
	}
	if (window->held[page % PM_GROUP_PAGES] == PM_HELD_NOT)
		return pm_chunk_corrupt(slot->offset, "tells of a page that the parent does not hold", err);
	pm_total_add(check->total, page, window->digests[page % PM_GROUP_PAGES], 1);
	return PM_OK;
}

static enum pm_code same_check(struct pm_verification *check, const struct slot *slot, const uint8_t *digest,
			       const uint8_t *same, struct pm_error *err)
{
	uint64_t page;

	memcpy(&page, same, sizeof(page));
	if (page == PM_NO_REPEAT || pm_repeats_find(check->repeats, digest) != page)
		return pm_chunk_corrupt(slot->offset, "says of a page that it is the same as one that it cannot be",
					err);
	return PM_OK;
}

static enum pm_code mixed_settle(struct pm_verification *check, struct slot *slot, struct pm_error *err)
{
	const struct pm_group_view *view = &slot->view;
	const uint8_t *digest = view->digests, *same = view->same;
	enum pm_code code = PM_OK;

	for (uint32_t i = 0; !code && i < view->group.count; i++) {
		switch (view->stores[i]) {
		case PM_STORE_ABSENT:
			break;
		case PM_STORE_ZERO:
			own_add(check, view->group.first + i, pm_zero_digest);
			break;
		case PM_STORE_PARENT:
			code = parent_add(check, slot, view->group.first + i, err);
			break;
		case PM_STORE_SAME:
			code = same_check(check, slot, digest, same, err);
			own_add(check, view->group.first + i, digest);
			same += sizeof(uint64_t);
			digest += PM_DIGEST_BYTES;
			break;
		default:
			if (check->file.rules.bytes)
				pm_repeats_look(check->repeats, digest, view->group.first + i);
			own_add(check, view->group.first + i, digest);
			digest += PM_DIGEST_BYTES;
		}
	}
	return code;
}

static enum pm_code settle(void *context, unsigned number, uint64_t item, struct pm_error *err)
{
	struct line *line = context;
	struct slot *slot = &line->slots[number];
	struct pm_verification *check = line->check;
	const struct pm_group_view *view = &slot->view;
	enum pm_code code = PM_OK;

	if (view->group.form == PM_FORM_MIXED)
		code = mixed_settle(check, slot, err);
	for (uint32_t i = 0; view->group.form != PM_FORM_MIXED && !code && i < view->group.count; i++)
		if (view->group.form == PM_FORM_ZERO)
			own_add(check, view->group.first + i, pm_zero_digest);
		else
			code = parent_add(check, slot, view->group.first + i, err);
	if (!code)
		code = index_keep(check, slot, err);
	if (code)
		return code;
	check->result.pages += pm_group_pages(view);
	check->result.zero_pages += view->counts[PM_STORE_ZERO];
	check->result.repeated_pages += view->counts[PM_STORE_SAME];
	check->result.parent_pages += view->counts[PM_STORE_PARENT];
	check->result.file_bytes = slot->end;
	return PM_OK;
}

/* --- all of it --- */

static uint64_t item_bytes(void *context, uint64_t item)
{
	return ((struct line *)context)->bytes[item % RING];
}

static bool slot_make(const struct pm_verification *check, struct slot *slot)
{
	if (!check->parent)
		return true;
	slot->parent = pm_window_new();
	if (slot->parent)
		slot->parent->first = UINT64_MAX; /* none was read */
	return slot->parent != NULL;
}

static void slot_free(struct slot *slot)
{
	free(slot->pack.room.bytes);
	free(slot->page.room.bytes);
	free(slot->plain.bytes);
	ZSTD_freeDCtx(slot->zstd);
	pm_window_free(slot->parent);
}

enum pm_code pm_verify_pages(struct pm_verification *checked, uint64_t file_bytes, struct pm_error *err)
{
	static const struct pm_stage stages[] = {{true, fetch}, {false, check}, {true, settle}};
	unsigned count = pm_team_slots();
	struct line line = {.check = checked, .slots = calloc(count, sizeof(struct slot)), .begun = true};
	enum pm_code code = line.slots ? PM_OK : PM_E_OUT_OF_MEMORY;

	for (unsigned i = 0; !code && i < count; i++)
		if (!slot_make(checked, &line.slots[i]))
			code = PM_E_OUT_OF_MEMORY;
	if (code)
		pm_fail(err, code, "No memory to read the file with.");
	else
		code = pm_team_run(UINT64_MAX, stages, sizeof(stages) / sizeof(stages[0]), &line, item_bytes,
				   file_bytes, checked->task, err);
	for (unsigned i = 0; line.slots && i < count; i++)
		slot_free(&line.slots[i]);
	free(line.slots);
	return code;
}
