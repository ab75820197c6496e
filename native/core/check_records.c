/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directory, slot by slot along its chain of parts: states, checksums, fields. Pages are check_runs.c's. */
#include "check_work.h"
#include "records.h"
#include "text.h"
#include <string.h>

#define CRC_AT offsetof(struct pm_record, crc)
#define CHECKED_FROM offsetof(struct pm_record, kind)
#define BODY_FROM offsetof(struct pm_record, crc)
#define PART_PAGES_MAX UINT64_C(1024)
#define IN_FLIGHT_MAX 64u /* docs/format.md, as the one above */

struct slot {
	uint64_t offset, number; /* number: in its region's directory */
	bool first; /* of its part: kept for a DIRECTORY record */
	struct pm_record record;
};

static bool crc_right(const struct pm_record *record)
{
	return record->crc == pm_crc32c(0, (const uint8_t *)record + CHECKED_FROM, sizeof(*record) - CHECKED_FROM);
}

/* Bytes of the body that are not 0, and the last of them. */
static unsigned body_bytes(const struct pm_record *record, size_t *last)
{
	const uint8_t *bytes = (const uint8_t *)record;
	unsigned count = 0;

	for (size_t i = BODY_FROM; i < sizeof(*record); i++)
		if (bytes[i]) {
			count++;
			*last = i;
		}
	return count;
}

/* The state that more than half of its bytes say; false when they do not. */
static bool state_majority(uint64_t word, uint64_t *state)
{
	for (*state = 0; *state <= PM_RECORD_LEAVING; ++*state) {
		unsigned same = 0;

		for (unsigned i = 0; i < 8; i++)
			same += (uint8_t)(word >> (8 * i)) == *state;
		if (same > 4)
			return true;
	}
	return false;
}

static void correct_slot(struct pm_check_side *side, struct pm_finding *finding, struct slot *slot,
			 const struct pm_record *right)
{
	size_t before = check_patches(side);

	if (!check_correct(side, slot->offset, right, sizeof(*right)))
		return;
	check_repaired(side, finding, before);
	slot->record = *right;
}

static bool may_correct(struct pm_check_side *side, struct pm_finding *finding)
{
	if (check_may_correct(side))
		return true;
	check_refused(finding, side->frozen ? CHECK_MOVED : CHECK_MANY);
	return false;
}

/* False when the state cannot be known. */
static bool state_read(struct pm_check_side *side, struct slot *slot)
{
	struct pm_record right = slot->record;
	struct pm_finding *finding;
	uint64_t state;

	for (state = 0; state <= PM_RECORD_LEAVING; state++)
		if (slot->record.state == PM_RECORD_STATE(state))
			return true;
	finding = check_found(side, PM_FINDING_RECORD_STATE_DAMAGED, CHECK_BYTES(slot->offset, 8), "slot %u: state %x",
			      slot->number, slot->record.state);
	if (!state_majority(slot->record.state, &state)) {
		check_refused(finding, "no state has most of the eight bytes");
		return false;
	}
	if (!may_correct(side, finding))
		return false;
	right.state = PM_RECORD_STATE(state);
	correct_slot(side, finding, slot, &right);
	return true;
}

static void free_slot(struct pm_check_side *side, struct slot *slot)
{
	struct pm_check_about about = CHECK_BYTES(slot->offset, sizeof(slot->record));
	struct pm_record right = slot->record;
	size_t last = 0;
	unsigned bytes;
	bool searched, found = false;

	if (check_all_zero((const uint8_t *)&slot->record + BODY_FROM, sizeof(slot->record) - BODY_FROM) ||
	    crc_right(&slot->record))
		return;
	bytes = body_bytes(&slot->record, &last);
	/* a body that was being written may lack no more than a byte */
	searched = !side->region->busy && check_may_correct(side);
	if (searched && bytes == 1) {
		((uint8_t *)&right)[last] = 0;
		found = true;
	} else if (searched) {
		found = check_mend(side->check->work, (uint8_t *)&right, sizeof(right), CHECKED_FROM, CRC_AT) &&
			pm_record_whole(&right);
	}
	if (found)
		correct_slot(side,
			     check_found(side, PM_FINDING_FREE_SLOT_DAMAGED, about, "slot %u: %s", slot->number,
					 bytes == 1 ? "never used, but a byte is not 0" : "checksum wrong by one byte"),
			     slot, &right);
	else
		check_found(side, PM_FINDING_FREE_SLOT_TORN, about, "slot %u: its checksum is wrong", slot->number);
}

/* --- records in use --- */

static bool texts_sane(const struct pm_record *record)
{
	if (!pm_text_field_valid(record->name, PM_NAME_BYTES) || !pm_text_field_valid(record->owner, PM_OWNER_BYTES) ||
	    !pm_text_field_valid(record->purpose, PM_PURPOSE_BYTES))
		return false;
	return record->kind == PM_RECORD_ALLOCATION ? pm_name_valid(record->name) : !record->name[0];
}

/* Why its fields make no sense under a right checksum, or NULL. */
static const char *nonsense(const struct pm_check_side *side, const struct slot *slot)
{
	const struct pm_record *record = &slot->record;
	const struct pm_superblock *sb = &side->region->sb;

	if (!record->id || record->id > PM_RECORD_ID_MAX)
		return "its id is impossible";
	if (record->kind > PM_RECORD_MEMBER)
		return "its kind is not known";
	if (!texts_sane(record))
		return "its texts are not printable, or not of its kind";
	if (record->kind == PM_RECORD_MEMBER && record->state == PM_RECORD_STATE(PM_RECORD_LEAVING))
		return "members do not leave";
	if (record->kind == PM_RECORD_MEMBER)
		return sb->region_index || !record->region_index ? "no member can stand here" : NULL;
	if (record->region_index)
		return "it names a region";
	if ((record->kind == PM_RECORD_DIRECTORY) != slot->first)
		return slot->first ? "the slot is kept for the directory" : "the directory's record stands elsewhere";
	if (record->page < sb->data_first || record->page >= sb->data_end || !record->pages)
		return "its page is not among the data";
	return NULL;
}

static void used_add(struct pm_check_side *side, const struct slot *slot)
{
	const struct pm_record *record = &slot->record;
	bool member = record->kind == PM_RECORD_MEMBER;
	struct pm_check_record *used = check_add(side->check, member ? &side->members : &side->used);

	if (!used)
		return;
	*used = (struct pm_check_record){.page = record->page,
					 .pages = record->pages,
					 .id = record->id,
					 .replaces = member ? 0 : record->replaces,
					 .offset = slot->offset,
					 .kind = record->kind,
					 .region_index = record->region_index,
					 .state = (uint8_t)record->state};
}

static bool body_read(struct pm_check_side *side, struct slot *slot)
{
	struct pm_check_about about = CHECK_BYTES(slot->offset, sizeof(slot->record));
	struct pm_record right = slot->record;
	struct pm_finding *finding;

	if (crc_right(&slot->record))
		return true;
	finding = check_found(side, PM_FINDING_RECORD_DAMAGED, about, "slot %u: its checksum is wrong", slot->number);
	if (!may_correct(side, finding))
		return false;
	if (!check_mend(side->check->work, (uint8_t *)&right, sizeof(right), CHECKED_FROM, CRC_AT)) {
		check_refused(finding, "no single byte explains it");
		return false;
	}
	correct_slot(side, finding, slot, &right);
	return true;
}

static void in_flight(struct pm_check_side *side, const struct pm_record *record, struct pm_check_about about)
{
	struct pm_finding *finding =
		check_found(side, PM_FINDING_RECORD_IN_FLIGHT, about, "record %u is %s", record->id,
			    record->state == PM_RECORD_STATE(PM_RECORD_PENDING) ? "pending" : "leaving");

	side->unsettled = true;
	if (++side->in_flight <= IN_FLIGHT_MAX)
		return;
	check_grade(side, finding, PM_SEVERITY_DAMAGE);
	check_refused(finding, "no crash leaves so many");
}

static void used_slot(struct pm_check_side *side, struct slot *slot)
{
	const struct pm_record *record = &slot->record;
	struct pm_check_about about = CHECK_BYTES(slot->offset, sizeof(*record));
	const char *why;

	if (!body_read(side, slot)) {
		side->lossy = true;
		return;
	}
	why = nonsense(side, slot);
	if (why) {
		check_refused(check_found(side, PM_FINDING_RECORD_DAMAGED, about, "slot %u: %s", slot->number, why),
			      "its checksum is right");
		side->lossy = true;
		return;
	}
	if (record->kind != PM_RECORD_MEMBER && record->pages > side->region->sb.data_end - record->page) {
		check_refused(check_found(side, PM_FINDING_RUN_PAST_END, CHECK_PAGES(record->page, record->pages),
					  "record %u: %u pages from %u on, the data ends at %u", record->id,
					  record->pages, record->page, side->region->sb.data_end),
			      "its true length is not known");
		side->lossy = true;
		return;
	}
	if (record->kind != PM_RECORD_MEMBER && !check_all_zero(record->reserved, sizeof(record->reserved)))
		check_found(side, PM_FINDING_RESERVED_NOT_ZERO, about, "record %u", record->id);
	if (record->state != PM_RECORD_STATE(PM_RECORD_LIVE))
		in_flight(side, record, about);
	side->region->records++;
	used_add(side, slot);
}

/* --- the chain --- */

static bool part_fits(const struct pm_check_side *side, uint64_t offset, uint64_t bytes)
{
	const struct pm_check_part *parts = side->parts.items;

	if (offset >= side->bytes || bytes > side->bytes - offset)
		return false;
	for (size_t i = 0; i < side->parts.count; i++)
		if (offset < parts[i].offset + parts[i].slots * sizeof(struct pm_record) &&
		    parts[i].offset < offset + bytes)
			return false;
	return true;
}

static void part_add(struct pm_check_side *side, uint64_t offset, uint64_t slots)
{
	struct pm_check_part *part = check_add(side->check, &side->parts);

	if (part)
		*part = (struct pm_check_part){.offset = offset, .slots = slots};
}

/* The next part, by the record in the first slot of one. */
static void follow(struct pm_check_side *side, const struct slot *slot)
{
	const struct pm_record *record = &slot->record;
	const char *why = NULL;

	if (record->state != PM_RECORD_STATE(PM_RECORD_LIVE) || !crc_right(record) || nonsense(side, slot))
		return;
	if (record->pages > PART_PAGES_MAX || side->parts.count == PM_CHECK_PARTS_MAX)
		why = "it is longer than any directory";
	else if (!part_fits(side, record->page * PM_PAGE_SIZE, record->pages * PM_PAGE_SIZE))
		why = "its pages are not mapped, or a part of the directory already";
	if (why) {
		check_refused(check_found(side, PM_FINDING_DIRECTORY_BROKEN, CHECK_PAGES(record->page, record->pages),
					  "part %u: %s", (uint64_t)side->parts.count, why),
			      "the records behind it are not known");
		side->lossy = true;
		return;
	}
	part_add(side, record->page * PM_PAGE_SIZE, record->pages * PM_RECORDS_PER_PAGE);
}

static void check_slot(struct pm_check_side *side, struct slot *slot)
{
	bool lossy = side->lossy;

	check_read(side, slot->offset, &slot->record, sizeof(slot->record));
	if (!state_read(side, slot))
		side->lossy = true;
	else if (slot->record.state == PM_RECORD_STATE(PM_RECORD_FREE))
		free_slot(side, slot);
	else
		used_slot(side, slot);
	if (!slot->first)
		return;
	if (side->lossy && !lossy)
		check_refused(check_found(side, PM_FINDING_DIRECTORY_BROKEN, CHECK_BYTES(slot->offset, 256),
					  "the record of the next part cannot be read"),
			      "the records behind it are not known");
	else
		follow(side, slot);
}

void check_records(struct pm_check_side *side)
{
	uint64_t number = 0;

	part_add(side, side->records->offset, side->records->bytes / sizeof(struct pm_record));
	for (size_t i = 0; i < side->parts.count; i++) {
		const struct pm_check_part part = ((const struct pm_check_part *)side->parts.items)[i];

		for (uint64_t at = 0; at < part.slots && !side->check->work->out_of_memory; at++) {
			struct slot slot = {.offset = part.offset + at * sizeof(struct pm_record),
					    .number = number++,
					    .first = at == 0};

			check_slot(side, &slot);
		}
	}
	side->region->record_slots = number;
	check_sort(side->used.items, side->used.count);
}
