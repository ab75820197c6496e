// SPDX-License-Identifier: GPL-2.0-or-later
/* Page tables, and what a pool keeps about itself: told by their structure. */
#include "pmpool/core.h"
#include "recognise.h"
#include <stdio.h>
#include <string.h>

/* --- x86-64 page tables: Intel SDM volume 3, "4-level paging" --- */

#define PRESENT UINT64_C(1)
#define ACCESSED_DIRTY UINT64_C(0x60)
#define FLAGS UINT64_C(0x8000000000000fff)
#define NOT_USED UINT64_C(0x7ff0000000000000) /* bits that Linux leaves 0: high software bits, protection keys */
#define ADDRESS UINT64_C(0x000ffffffffff000)
#define ADDRESS_END (UINT64_C(1) << 46) /* 64 TiB of physical memory */
#define PRESENT_MIN 8u
#define FLAG_SETS_MAX 4u

struct entries {
	unsigned present, large, sets;
	uint64_t flags[FLAG_SETS_MAX];
	uint64_t low, high; /* addresses */
	uint64_t last;
	unsigned different; /* from the present one before */
};

/* All present entries of a table have a few sets of flags, accessed and dirty aside. */
static bool entry_add(struct entries *entries, uint64_t entry)
{
	uint64_t flags = entry & FLAGS & ~ACCESSED_DIRTY, address = entry & ADDRESS;
	unsigned set = 0;

	if ((entry & NOT_USED) || !address || address >= ADDRESS_END)
		return false;
	while (set < entries->sets && entries->flags[set] != flags)
		set++;
	if (set == FLAG_SETS_MAX)
		return false;
	if (set == entries->sets)
		entries->flags[entries->sets++] = flags;
	entries->present++;
	entries->large += entry >> 7 & 1;
	entries->different += address != entries->last;
	entries->last = address;
	entries->low = entries->present == 1 || address < entries->low ? address : entries->low;
	entries->high = address > entries->high ? address : entries->high;
	return true;
}

unsigned recognise_page_table(const struct bytes *bytes, char note[NOTE_BYTES])
{
	struct entries entries = {0};

	if (bytes->count != PM_PAGE_SIZE)
		return 0;
	for (unsigned i = 0; i < PM_PAGE_SIZE / 8; i++) {
		uint64_t entry = word_at(bytes->at, i);

		if (entry && (!(entry & PRESENT) || !entry_add(&entries, entry)))
			return 0;
	}
	if (entries.present < PRESENT_MIN || entries.different < entries.present / 2)
		return 0;
	snprintf(note, NOTE_BYTES, "%u entries present, to %#llx-%#llx", entries.present,
		 (unsigned long long)entries.low, (unsigned long long)entries.high);
	return entries.present >= 64 ? 97 : 88;
}

/* --- pools --- */

static unsigned superblock(const struct bytes *bytes, char note[NOTE_BYTES])
{
	struct pm_superblock sb;

	if (!STARTS_WITH(bytes, 0, PM_MAGIC) || bytes->count < PM_PAGE_SIZE)
		return 0;
	memcpy(&sb, bytes->at, sizeof(sb));
	snprintf(note, NOTE_BYTES, "superblock of region %u of pool ", sb.region_index);
	pm_note_text(note + strlen(note), NOTE_BYTES - strlen(note), (const uint8_t *)sb.pool_name, PM_NAME_BYTES);
	return sb.crc == pm_crc32c(0, &sb, offsetof(struct pm_superblock, crc)) ? 99 : 90;
}

static bool all_zero(const uint8_t *bytes, size_t count)
{
	return bytes[0] == 0 && pm_part_repeats(bytes, count);
}

/* Items of one size, each of them empty or whole by its own checksum. */
static unsigned items(const struct bytes *bytes, size_t size, bool (*whole)(const uint8_t *item))
{
	unsigned found = 0;

	if (bytes->count != PM_PAGE_SIZE)
		return 0;
	for (size_t at = 0; at < PM_PAGE_SIZE; at += size) {
		if (whole(bytes->at + at))
			found++;
		else if (!all_zero(bytes->at + at, size) && !found)
			return 0;
	}
	return found;
}

static bool record_whole(const uint8_t *item)
{
	struct pm_record record;

	memcpy(&record, item, sizeof(record));
	return (record.state == PM_RECORD_STATE(PM_RECORD_LIVE) ||
		record.state == PM_RECORD_STATE(PM_RECORD_PENDING)) &&
	       record.crc == pm_crc32c(0, &record.kind, sizeof(record) - offsetof(struct pm_record, kind));
}

static bool entry_whole(const uint8_t *item)
{
	struct pm_log_entry entry;

	memcpy(&entry, item, sizeof(entry));
	return entry.sequence && entry.verb && entry.verb < 256 &&
	       entry.crc == pm_crc32c(0, &entry.verb, sizeof(entry) - offsetof(struct pm_log_entry, verb));
}

unsigned recognise_pool(const struct bytes *bytes, char note[NOTE_BYTES])
{
	unsigned found = superblock(bytes, note);

	if (found)
		return found;
	if (STARTS_WITH(bytes, 0, "PMSNAP\r\n")) {
		snprintf(note, NOTE_BYTES, "snapshot file");
		return 99;
	}
	found = items(bytes, sizeof(struct pm_record), record_whole);
	if (found) {
		snprintf(note, NOTE_BYTES, "%u records of allocations", found);
		return 98;
	}
	found = items(bytes, sizeof(struct pm_log_entry), entry_whole);
	if (found) {
		snprintf(note, NOTE_BYTES, "%u entries of an event log", found);
		return 98;
	}
	return 0;
}
