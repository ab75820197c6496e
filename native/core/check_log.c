/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event log: each slot by itself, then that no entry is missing between the oldest and the newest. */
#include "check_work.h"
#include <string.h>

#define CHECKED_FROM offsetof(struct pm_log_entry, verb)
#define SEQUENCE_MAX (UINT64_C(1) << 62)

static uint64_t slot_at(const struct pm_check_side *side, uint64_t slot)
{
	return side->log->offset + slot * sizeof(struct pm_log_entry);
}

static bool crc_right(const struct pm_log_entry *entry)
{
	return entry->crc == pm_crc32c(0, (const uint8_t *)entry + CHECKED_FROM, sizeof(*entry) - CHECKED_FROM);
}

static bool belongs(const struct pm_check_side *side, uint64_t slot, const struct pm_log_entry *entry)
{
	return crc_right(entry) && entry->sequence && entry->sequence <= SEQUENCE_MAX &&
	       (entry->sequence - 1) % side->log_slots == slot;
}

uint64_t check_log_slot(const struct pm_check_side *side, uint64_t slot, struct pm_log_entry *entry)
{
	check_read(side, slot_at(side, slot), entry, sizeof(*entry));
	if (!entry->sequence)
		return 0;
	return belongs(side, slot, entry) ? entry->sequence : 0;
}

static unsigned bytes_set(const struct pm_log_entry *entry, size_t *last)
{
	const uint8_t *bytes = (const uint8_t *)entry;
	unsigned count = 0;

	for (size_t i = 0; i < sizeof(*entry); i++)
		if (bytes[i]) {
			count++;
			*last = i;
		}
	return count;
}

/* What the slot holds when one byte of it is wrong; false when that does not explain it. */
static bool mended(struct pm_check_side *side, uint64_t slot, struct pm_log_entry *entry)
{
	size_t last = 0;

	if (bytes_set(entry, &last) == 1) {
		((uint8_t *)entry)[last] = 0;
		return true;
	}
	return !crc_right(entry) &&
	       check_mend(side->check->work, (uint8_t *)entry, sizeof(*entry), CHECKED_FROM,
			  offsetof(struct pm_log_entry, crc)) &&
	       belongs(side, slot, entry);
}

static bool empty(const struct pm_log_entry *entry)
{
	return check_all_zero(entry, sizeof(*entry));
}

static uint64_t newest_whole(const struct pm_check_side *side)
{
	struct pm_log_entry entry;
	uint64_t newest = 0;

	for (uint64_t slot = 0; slot < side->log_slots; slot++) {
		uint64_t sequence = check_log_slot(side, slot, &entry);

		newest = sequence > newest ? sequence : newest;
	}
	return newest;
}

/* What the slot held, put right; its sequence. */
static uint64_t mend_slot(struct pm_check_side *side, uint64_t slot, const struct pm_log_entry *right)
{
	struct pm_finding *finding = check_found(
		side, PM_FINDING_LOG_ENTRY_DAMAGED, CHECK_BYTES(slot_at(side, slot), sizeof(*right)),
		right->sequence ? "entry %u: its checksum is wrong" : "slot of no entry, but a byte is not 0",
		right->sequence);
	size_t before = check_patches(side);

	if (check_correct(side, slot_at(side, slot), right, sizeof(*right)))
		check_repaired(side, finding, before);
	return right->sequence;
}

/* Correct what can be; gives the newest sequence. An entry that was being appended may lack no more than a byte. */
static uint64_t mend_slots(struct pm_check_side *side)
{
	uint64_t whole = newest_whole(side), newest = whole;

	for (uint64_t slot = 0; slot < side->log_slots; slot++) {
		struct pm_log_entry entry;
		uint64_t sequence = check_log_slot(side, slot, &entry);

		if (!sequence && !empty(&entry) && check_may_correct(side) && mended(side, slot, &entry) &&
		    !(side->region->busy && (!entry.sequence || entry.sequence == whole + 1)))
			sequence = mend_slot(side, slot, &entry);
		side->region->log_entries += sequence != 0;
		newest = sequence > newest ? sequence : newest;
	}
	return newest;
}

static void unreadable(struct pm_check_side *side, uint64_t slot, bool next, const struct pm_log_entry *entry)
{
	struct pm_check_about about = CHECK_BYTES(slot_at(side, slot), sizeof(*entry));

	if (next && !crc_right(entry)) {
		check_found(side, PM_FINDING_LOG_ENTRY_TORN, about, "slot %u, behind the newest entry", slot);
		return;
	}
	check_refused(check_found(side, PM_FINDING_LOG_ENTRY_DAMAGED, about, "slot %u: %s", slot,
				  crc_right(entry) ? "its sequence belongs elsewhere" : "its checksum is wrong"),
		      "no single byte explains it");
}

void check_log(struct pm_check_side *side)
{
	uint64_t newest = mend_slots(side), gaps = 0, flags = 0, gap_at = 0;

	for (uint64_t slot = 0; slot < side->log_slots; slot++) {
		struct pm_log_entry entry;
		uint64_t sequence = check_log_slot(side, slot, &entry);
		/* the sequence that stands here when nothing is missing; 0: none was written yet */
		uint64_t back = (newest + side->log_slots - 1 - slot) % side->log_slots;
		uint64_t want = newest > back ? newest - back : 0;

		flags += sequence && entry.flags;
		if (!sequence && !empty(&entry)) {
			unreadable(side, slot, slot == newest % side->log_slots, &entry);
		} else if (sequence != want && !(slot == newest % side->log_slots && !sequence)) {
			gap_at = gaps++ ? gap_at : want;
		}
	}
	if (gaps)
		check_refused(check_found(side, PM_FINDING_LOG_GAP, CHECK_BYTES(side->log->offset, side->log->bytes),
					  "%u entries are missing, among them %u; the newest is %u", gaps, gap_at,
					  newest),
			      "what they said is not known");
	if (flags)
		check_found(side, PM_FINDING_RESERVED_NOT_ZERO, CHECK_BYTES(side->log->offset, side->log->bytes),
			    "flags of %u log entries", flags);
}
