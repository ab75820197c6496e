// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pages, a window at a time, by a team:
 *
 *   find     in order   the next window that has held pages
 *   take     parallel   copy what has to be kept, and digest the copy
 *   settle   in order   what repeats an earlier page; the digest of the whole
 *   pack     parallel   lay the chunks out and compress them
 *   put      in order   write them, long runs as one
 */
#include "job.h"
#include "pmpool/region.h"
#include "pmpool/team.h"
#include "group.h"
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* Bytes of pages, behind the head of their chunk: aligned as pages are. */
struct pages {
	uint8_t *buffer;
	uint32_t count;
};

struct slot {
	struct pm_held_window window;
	const uint8_t *from; /* its first page in the region */
	uint8_t stores[PM_GROUP_PAGES];
	uint8_t digests[PM_GROUP_PAGES][PM_DIGEST_BYTES];
	struct pm_syndrome syndromes[PM_GROUP_PAGES];
	uint64_t same[PM_GROUP_PAGES];
	uint32_t counts[PM_STORE_KINDS];
	struct pages data, loose; /* of kind DATA; of kind PACKED */
	uint8_t *packed; /* room for `loose`, compressed */
	uint8_t head[PM_GROUP_BYTES];
	void *zstd;
	struct pm_window *parent; /* what the parent has of the window */
	struct pm_ready chunks[3];
	size_t chunk_count;
};

#define RING 64u /* more than items under way, which follow each other */
struct line { /* the team's context */
	struct pm_job *job;
	struct slot *slots;
	uint64_t bytes[RING]; /* of items */
};

#define HEAD_ROOM PM_PAGE_SIZE
#define BUFFER_BYTES (HEAD_ROOM + PM_GROUP_PAGES * PM_PAGE_SIZE)
#define CHUNK_BYTES (sizeof(struct pm_bytes) + PM_GROUP_PAGES * PM_PAGE_SIZE)

static uint8_t *page_of(const struct pages *pages, uint32_t i)
{
	return pages->buffer + HEAD_ROOM + (size_t)i * PM_PAGE_SIZE;
}

static bool held(const struct slot *slot, uint32_t i)
{
	return slot->window.held[i / 64] >> i % 64 & 1;
}

/* --- find --- */

static enum pm_code find(void *context, unsigned number, uint64_t item, struct pm_error *err)
{
	struct line *line = context;
	struct slot *slot = &line->slots[number];
	struct pm_job *job = line->job;

	if (!pm_copy_next(&job->copy, job->next_window, &slot->window))
		return PM_TEAM_END;
	job->next_window = slot->window.first / PM_GROUP_PAGES + 1;
	line->bytes[item % RING] = 0;
	for (uint32_t i = 0; i < PM_GROUP_PAGES / 64; i++)
		line->bytes[item % RING] += (uint64_t)__builtin_popcountll(slot->window.held[i]) * PM_PAGE_SIZE;
	return PM_OK;
}

/* --- take --- */

static void keep_digest(struct slot *slot, uint32_t i, enum pm_page_store store, const uint8_t digest[PM_DIGEST_BYTES])
{
	slot->stores[i] = (uint8_t)store;
	if (digest != slot->digests[i])
		memcpy(slot->digests[i], digest, PM_DIGEST_BYTES);
}

static const uint8_t *parent_digest(const struct slot *slot, uint32_t i)
{
	return slot->parent && slot->parent->held[i] != PM_HELD_NOT ? slot->parent->digests[i] : NULL;
}

/* What needs no copy: it was read once, and that is what the file tells of. */
static bool take_zero(struct slot *slot, uint32_t i, const uint8_t *from)
{
	if (!pm_page_zero(from))
		return false;
	keep_digest(slot, i, PM_STORE_ZERO, pm_zero_digest);
	return true;
}

static void take_page(struct slot *slot, uint32_t i, const uint8_t *from)
{
	uint8_t *copy = page_of(&slot->data, slot->data.count);
	const uint8_t *before = parent_digest(slot, i);

	memcpy(copy, from, PM_PAGE_SIZE);
	pm_page_digest(copy, slot->digests[i]);
	/* somebody may have written since it was looked at */
	if (memcmp(slot->digests[i], pm_zero_digest, PM_DIGEST_BYTES) == 0) {
		slot->stores[i] = PM_STORE_ZERO;
	} else if (before && memcmp(slot->digests[i], before, PM_DIGEST_BYTES) == 0) {
		slot->stores[i] = PM_STORE_PARENT;
	} else if (pm_page_packs(copy)) {
		memcpy(page_of(&slot->loose, slot->loose.count++), copy, PM_PAGE_SIZE);
		slot->stores[i] = PM_STORE_PACKED;
	} else {
		slot->data.count++;
		slot->stores[i] = PM_STORE_DATA;
	}
}

/* On a parent most pages are as they were: all are digested where they are, the others once more when copied. */
static void take_from_parent(struct slot *slot)
{
	struct pm_page_due due[PM_GROUP_PAGES];
	unsigned count = 0;

	for (uint32_t i = 0; i < slot->window.count; i++)
		if (held(slot, i))
			due[count++] = (struct pm_page_due){slot->from + (size_t)i * PM_PAGE_SIZE, slot->digests[i]};
	pm_pages_digest(due, count);
	for (uint32_t i = 0; i < slot->window.count; i++) {
		const uint8_t *before = parent_digest(slot, i);

		if (!held(slot, i))
			continue;
		if (before && memcmp(slot->digests[i], before, PM_DIGEST_BYTES) == 0)
			slot->stores[i] = PM_STORE_PARENT;
		else if (memcmp(slot->digests[i], pm_zero_digest, PM_DIGEST_BYTES) == 0)
			slot->stores[i] = PM_STORE_ZERO;
		else
			take_page(slot, i, slot->from + (size_t)i * PM_PAGE_SIZE);
	}
}

static void take_digest(struct slot *slot, uint32_t i, const uint8_t *from)
{
	uint8_t copy[PM_PAGE_SIZE];

	memcpy(copy, from, sizeof(copy)); /* digest and syndrome have to be of the same bytes */
	pm_page_digest(copy, slot->digests[i]);
	pm_page_syndrome(copy, &slot->syndromes[i]);
	slot->stores[i] =
		memcmp(slot->digests[i], pm_zero_digest, PM_DIGEST_BYTES) == 0 ? PM_STORE_ZERO : PM_STORE_DATA;
}

static void bytes_body(void *argument)
{
	struct slot *slot = argument;

	if (slot->parent) {
		take_from_parent(slot);
		return;
	}
	for (uint32_t i = 0; i < slot->window.count; i++)
		if (held(slot, i) && !take_zero(slot, i, slot->from + (size_t)i * PM_PAGE_SIZE))
			take_page(slot, i, slot->from + (size_t)i * PM_PAGE_SIZE);
}

static void digests_body(void *argument)
{
	struct slot *slot = argument;

	for (uint32_t i = 0; i < slot->window.count; i++)
		if (held(slot, i) && !take_zero(slot, i, slot->from + (size_t)i * PM_PAGE_SIZE))
			take_digest(slot, i, slot->from + (size_t)i * PM_PAGE_SIZE);
}

/* A window that the parent has lost to damage is written anew. */
static enum pm_code parent_take(struct pm_job *job, struct slot *slot, struct pm_error *err)
{
	enum pm_code code;

	if (!job->parent)
		return PM_OK;
	code = pm_snapshot_window(job->parent, slot->window.first / PM_GROUP_PAGES, false, slot->parent, err);
	return code == PM_E_FILE_CORRUPT ? PM_OK : code;
}

static enum pm_code take(void *context, unsigned number, uint64_t item, struct pm_error *err)
{
	struct line *line = context;
	struct slot *slot = &line->slots[number];
	enum pm_code code = parent_take(line->job, slot, err);

	memset(slot->stores, PM_STORE_ABSENT, sizeof(slot->stores));
	slot->data.count = slot->loose.count = 0;
	slot->from = pm_page_bytes(line->job->pool, slot->window.first);
	if (!code)
		code = pm_region_guarded(line->job->bytes ? bytes_body : digests_body, slot, err);
	return code;
}

/* --- settle --- */

static void repeat_look(struct pm_job *job, struct slot *slot, uint32_t i)
{
	uint64_t before = pm_repeats_look(job->repeats, slot->digests[i], slot->window.first + i);

	if (before == PM_NO_REPEAT)
		return;
	/* its bytes stay where they are for now; pack leaves them out */
	slot->same[i] = before;
	slot->stores[i] |= 0x80;
}

/* Digests of pages that follow each other go into the sum at once. */
static void totals_add(const struct slot *slot, struct pm_total *total, bool parents)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i <= slot->window.count; i++) {
		bool in = i < slot->window.count && slot->stores[i] != PM_STORE_ABSENT &&
			  (parents || slot->stores[i] != PM_STORE_PARENT);

		if (in)
			continue;
		if (first < i)
			pm_total_add(total, slot->window.first + first, slot->digests[first], i - first);
		first = i + 1;
	}
}

static enum pm_code settle(void *context, unsigned number, uint64_t item, struct pm_error *err)
{
	struct line *line = context;
	struct slot *slot = &line->slots[number];
	struct pm_job *job = line->job;

	totals_add(slot, job->total, true);
	totals_add(slot, job->own, false);
	for (uint32_t i = 0; i < slot->window.count; i++) {
		enum pm_page_store store = slot->stores[i];

		job->result.pages += store != PM_STORE_ABSENT;
		job->result.zero_pages += store == PM_STORE_ZERO;
		job->result.parent_pages += store == PM_STORE_PARENT;
		if (job->repeats && (store == PM_STORE_DATA || store == PM_STORE_PACKED))
			repeat_look(job, slot, i);
		job->result.repeated_pages += slot->stores[i] >> 7;
	}
	return PM_OK;
}

/* --- pack --- */

/* Leave out what turned out to be repeated. */
static void close_gaps(struct slot *slot)
{
	uint32_t data = 0, loose = 0;

	memset(slot->counts, 0, sizeof(slot->counts));
	slot->data.count = slot->loose.count = 0;
	for (uint32_t i = 0; i < slot->window.count; i++) {
		uint8_t store = slot->stores[i] & 0x7f;
		struct pages *pages = store == PM_STORE_DATA ? &slot->data : &slot->loose;
		uint32_t *from = store == PM_STORE_DATA ? &data : &loose;

		if (slot->stores[i] & 0x80) {
			slot->stores[i] = PM_STORE_SAME;
			++*from;
		} else if (store == PM_STORE_DATA || store == PM_STORE_PACKED) {
			if (*from != pages->count)
				memcpy(page_of(pages, pages->count), page_of(pages, *from), PM_PAGE_SIZE);
			pages->count++;
			++*from;
		}
		slot->counts[slot->stores[i]]++;
	}
}

static size_t head_fill(struct slot *slot, bool bytes)
{
	struct pm_group group = {.first = slot->window.first, .count = slot->window.count};
	uint8_t *to = slot->head;

	memcpy(to, &group, sizeof(group));
	memcpy(to + sizeof(group), slot->stores, group.count);
	to += sizeof(group) + group.count;
	for (uint32_t i = 0; i < group.count; i++)
		if (slot->stores[i] == PM_STORE_DATA || slot->stores[i] == PM_STORE_PACKED ||
		    slot->stores[i] == PM_STORE_SAME) {
			memcpy(to, slot->digests[i], PM_DIGEST_BYTES);
			to += PM_DIGEST_BYTES;
		}
	for (uint32_t i = 0; i < group.count && !bytes; i++)
		if (slot->stores[i] == PM_STORE_DATA) {
			memcpy(to, &slot->syndromes[i], sizeof(slot->syndromes[i]));
			to += sizeof(slot->syndromes[i]);
		}
	for (uint32_t i = 0; i < group.count; i++)
		if (slot->stores[i] == PM_STORE_SAME) {
			memcpy(to, &slot->same[i], sizeof(slot->same[i]));
			to += sizeof(slot->same[i]);
		}
	return (size_t)(to - slot->head);
}

static void bytes_ready(struct slot *slot, uint32_t type, const struct pages *pages, void *zstd)
{
	struct pm_bytes head = {.first = slot->window.first, .count = pages->count};
	uint8_t *from = page_of(pages, 0) - sizeof(head);

	if (!pages->count)
		return;
	memcpy(from, &head, sizeof(head));
	pm_ready_make(&slot->chunks[slot->chunk_count++], type, from,
		      sizeof(head) + (size_t)pages->count * PM_PAGE_SIZE, zstd, slot->packed);
}

/* All of a whole window in one form: it may become part of a long run. */
static bool uniform(const struct slot *slot, enum pm_page_store store)
{
	return slot->counts[store] == PM_GROUP_PAGES;
}

static enum pm_code pack(void *context, unsigned number, uint64_t item, struct pm_error *err)
{
	struct line *line = context;
	struct slot *slot = &line->slots[number];
	bool bytes = line->job->bytes;

	close_gaps(slot);
	slot->chunk_count = 0;
	if (uniform(slot, PM_STORE_ZERO) || uniform(slot, PM_STORE_PARENT))
		return PM_OK;
	pm_ready_make(&slot->chunks[slot->chunk_count++], PM_CHUNK_DIGS, slot->head, head_fill(slot, bytes), NULL,
		      NULL);
	if (bytes) {
		bytes_ready(slot, PM_CHUNK_PACK, &slot->loose, slot->zstd);
		bytes_ready(slot, PM_CHUNK_PAGE, &slot->data, NULL);
	}
	return PM_OK;
}

/* --- put --- */

static enum pm_code index_add(struct pm_job *job, const struct pm_group *group, struct pm_error *err)
{
	struct pm_index_entry entry = {group->first, group->count, group->form, {0}, job->writer.bytes};

	if (job->groups == job->index_capacity) {
		size_t capacity = job->index_capacity * 2 + 64;
		struct pm_index_entry *larger = realloc(job->index, capacity * sizeof(*larger));

		if (!larger)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the file's index.");
		job->index = larger;
		job->index_capacity = capacity;
	}
	job->index[job->groups++] = entry;
	return PM_OK;
}

static enum pm_code run_write(struct pm_job *job, struct pm_error *err)
{
	struct pm_group run = job->run;
	enum pm_code code;

	if (!run.count)
		return PM_OK;
	job->run.count = 0;
	code = index_add(job, &run, err);
	return code ? code : pm_writer_chunk(&job->writer, PM_CHUNK_DIGS, &run, sizeof(run), false, err);
}

static enum pm_code run_extend(struct pm_job *job, const struct slot *slot, enum pm_group_form form,
			       struct pm_error *err)
{
	struct pm_group *run = &job->run;
	enum pm_code code = PM_OK;

	if (run->count && (run->form != form || run->first + run->count != slot->window.first ||
			   run->count == PM_RUN_PAGES || job->run_region != slot->window.region))
		code = run_write(job, err);
	if (!run->count)
		*run = (struct pm_group){.first = slot->window.first, .form = (uint8_t)form};
	run->count += PM_GROUP_PAGES;
	job->run_region = slot->window.region;
	return code;
}

static enum pm_code put(void *context, unsigned number, uint64_t item, struct pm_error *err)
{
	struct line *line = context;
	struct slot *slot = &line->slots[number];
	struct pm_group group = {.first = slot->window.first, .count = slot->window.count};
	enum pm_code code;

	if (uniform(slot, PM_STORE_ZERO))
		return run_extend(line->job, slot, PM_FORM_ZERO, err);
	if (uniform(slot, PM_STORE_PARENT))
		return run_extend(line->job, slot, PM_FORM_PARENT, err);
	code = run_write(line->job, err);
	if (!code)
		code = index_add(line->job, &group, err);
	return code ? code : pm_writer_put(&line->job->writer, slot->chunks, slot->chunk_count, err);
}

/* --- all of it --- */

static uint64_t item_bytes(void *context, uint64_t item)
{
	return ((struct line *)context)->bytes[item % RING];
}

static bool slot_make(const struct pm_job *job, struct slot *slot)
{
	if (!job->bytes)
		return true;
	slot->data.buffer = aligned_alloc(PM_PAGE_SIZE, BUFFER_BYTES);
	slot->loose.buffer = aligned_alloc(PM_PAGE_SIZE, BUFFER_BYTES);
	slot->packed = malloc(ZSTD_compressBound(CHUNK_BYTES));
	slot->zstd = pm_packer_new(true);
	slot->parent = job->parent ? pm_window_new() : NULL;
	return slot->data.buffer && slot->loose.buffer && slot->packed && slot->zstd && (slot->parent || !job->parent);
}

static void slot_free(struct slot *slot)
{
	free(slot->data.buffer);
	free(slot->loose.buffer);
	free(slot->packed);
	ZSTD_freeCCtx(slot->zstd);
	pm_window_free(slot->parent);
}

enum pm_code pm_job_pages(struct pm_job *job, struct pm_error *err)
{
	static const struct pm_stage stages[] = {
		{true, find}, {false, take}, {true, settle}, {false, pack}, {true, put}};
	unsigned count = pm_team_slots();
	struct line line = {.job = job, .slots = calloc(count, sizeof(struct slot))};
	enum pm_code code = PM_OK;

	for (unsigned i = 0; line.slots && i < count && !code; i++)
		if (!slot_make(job, &line.slots[i]))
			code = PM_E_OUT_OF_MEMORY;
	if (!line.slots || code)
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to copy pages through.");
	if (!code)
		code = pm_team_run(UINT64_MAX, stages, sizeof(stages) / sizeof(stages[0]), &line, item_bytes,
				   job->copy.held * PM_PAGE_SIZE, job->task, err);
	if (!code)
		code = run_write(job, err);
	for (unsigned i = 0; line.slots && i < count; i++)
		slot_free(&line.slots[i]);
	free(line.slots);
	return code;
}
