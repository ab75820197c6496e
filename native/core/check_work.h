/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a check works with. Everything is read through check_at and friends: the mapping where nothing was corrected,
 * else the private copy of that page. Nothing here writes to a mapping; repair.c alone does.
 */
#ifndef PMPOOL_CHECK_WORK_H
#define PMPOOL_CHECK_WORK_H

#include "layout.h"
#include "pmpool/check.h"
#include "table.h"
#include <string.h>

#define PM_CHECK_PARTS_MAX 1024u /* of a directory; docs/format.md */

struct pm_check_list { /* grows */
	void *items;
	size_t count, capacity, item_bytes;
};

/* A record in use, as far as it can be believed. */
struct pm_check_record {
	uint64_t page, pages, id, replaces, offset; /* offset: of its slot */
	uint16_t kind, region_index;
	uint8_t state; /* enum pm_record_state, not FREE */
	bool replaced; /* by another live one */
};

struct pm_check_part {
	uint64_t offset, slots;
};

struct pm_check_side { /* one region */
	struct pm_check *check;
	struct pm_checked_region *region;
	uint32_t mapping;
	const uint8_t *base;
	uint64_t bytes; /* that are mapped and the region's */
	uint64_t physical_base;
	bool frozen; /* the region moved: nothing in it is patched */
	bool lossy; /* records could not be read: what they would explain is not damage by itself */
	const struct pm_section *blocks, *states, *records, *shared, *log; /* of region->sb */
	uint64_t block_count, log_slots;
	uint64_t in_flight; /* records */
	bool unsettled; /* busy, or records are in flight: pages that nobody owns are what a crash left */
	struct pm_check_list parts; /* struct pm_check_part, of the directory */
	struct pm_check_list used; /* struct pm_check_record; sorted by page after check_records */
	struct pm_check_list members; /* the same, of kind MEMBER */
	struct pm_table copies; /* page -> number in work->copies */
};

struct pm_check_copy {
	uint8_t bytes[PM_PAGE_SIZE];
};

struct pm_check_work {
	struct pm_check_side *sides; /* check->region_count of them */
	struct pm_check_list findings, patches;
	struct pm_finding unlisted; /* stands in for one that is only counted */
	struct pm_check_list copies; /* struct pm_check_copy * */
	struct pm_table patched; /* mapping and word -> number of the patch */
	uint64_t corrections;
	bool out_of_memory;
	uint32_t crc_table[256];
	uint8_t crc_reverse[256]; /* by the highest byte of crc_table's value */
	const struct pm_check_options *options; /* while pm_check runs */
};

/* --- memory (check_image.c); on failure work->out_of_memory is set --- */

/* A new item, zeroed; NULL when there is no memory. Earlier items may move. */
void *check_add(struct pm_check *check, struct pm_check_list *list);
void check_list_free(struct pm_check *check, struct pm_check_list *list);
bool check_table_put(struct pm_check *check, struct pm_table *table, uint64_t key, uint64_t value);

static inline bool check_all_zero(const void *bytes, size_t count)
{
	const uint8_t *at = bytes;

	return count == 0 || (at[0] == 0 && memcmp(at, at + 1, count - 1) == 0);
}

/* --- reading and correcting (check_image.c) --- */

/* Bytes at an offset that was found to lie inside; the caller's structure must not cross a page. */
const uint8_t *check_at(const struct pm_check_side *side, uint64_t offset);
uint64_t check_word(const struct pm_check_side *side, uint64_t offset); /* aligned */
void check_read(const struct pm_check_side *side, uint64_t offset, void *to, size_t bytes);
/* In the private copy only, for a try; without a patch. */
bool check_poke(struct pm_check_side *side, uint64_t offset, uint8_t value);

#define CHECK_MOVED "the region moved"
#define CHECK_MANY "too much is damaged"

/* One correction, or search for one, more: false when there were too many or nothing may be patched. */
bool check_may_correct(struct pm_check_side *side);
/* Bytes of the private copy, with their patches; whole aligned words. False without memory. */
bool check_correct(struct pm_check_side *side, uint64_t offset, const void *bytes, size_t count);
static inline bool check_correct_word(struct pm_check_side *side, uint64_t offset, uint64_t word)
{
	return check_correct(side, offset, &word, sizeof(word));
}

/* --- findings (check_report.c) --- */

struct pm_check_about { /* bytes or pages of a region */
	uint64_t offset, bytes, page, pages;
};
#define CHECK_BYTES(from, count) ((struct pm_check_about){(from), (count), PM_NOWHERE, 0})
#define CHECK_PAGES(first, count) ((struct pm_check_about){PM_NOWHERE, 0, (first), (count)})

/* A finding, counted and, while there is room, listed; never NULL, and good until the next one. The format knows %u
 * (uint64_t), %x (uint64_t) and %s. */
struct pm_finding *check_found(struct pm_check_side *side, enum pm_finding_code code, struct pm_check_about about,
			       const char *format, ...);
/* What becomes of it: repaired by the patches from `patches_before` (check_patches then) on, or refused because. */
void check_repaired(struct pm_check_side *side, struct pm_finding *finding, size_t patches_before);
void check_refused(struct pm_finding *finding, const char *why);
/* Another severity than the table's. */
void check_grade(struct pm_check_side *side, struct pm_finding *finding, enum pm_severity severity);
static inline size_t check_patches(const struct pm_check_side *side)
{
	return side->check->work->patches.count;
}

/* --- which single byte (check_locate.c) --- */

struct pm_check_byte {
	uint32_t at; /* from the first byte under the checksum; or `crc_at` + 0..3 */
	bool in_crc;
	uint8_t flip; /* XOR to it */
};
/* The one byte whose change makes the CRC right; false when there is none. At most one in up to 4092 bytes, because
 * CRC32C tells all of them apart. */
bool check_locate_crc(const struct pm_check_work *work, const uint8_t *bytes, size_t count, uint32_t stored,
		      struct pm_check_byte *found);
void check_locate_init(struct pm_check_work *work);
/* The same for a structure with its CRC at `crc_at` over [from, count): corrects the copy. False when no byte does. */
bool check_mend(const struct pm_check_work *work, uint8_t *copy, size_t count, size_t from, size_t crc_at);
/* Bytes of the sixteen page words whose change makes `wrong` (stored check ^ true check) zero: at most `capacity`. `at`
 * counts in the 128 bytes. */
size_t check_locate_states(uint32_t wrong, struct pm_check_byte *found, size_t capacity);

/* --- the passes, in this order --- */

/* PM_OK also when no superblock can be read (region->readable false, and a finding says so). */
enum pm_code check_superblocks(struct pm_check_side *side);
void check_place(struct pm_check_side *side); /* moved, reserved; sets up the sections */
void check_blocks(struct pm_check_side *side); /* block words, page states of blocks that are not split, metadata */
void check_records(struct pm_check_side *side);
void check_block_checks(struct pm_check_side *side); /* of split blocks: needs the records to choose */
void check_runs(struct pm_check_side *side); /* records against page states */
/* How many things are wrong with the pages [from, to), for a try; reports nothing. */
uint64_t check_runs_wrong(struct pm_check_side *side, uint64_t from, uint64_t to);
void check_members(struct pm_check *check);
void check_names(struct pm_check *check); /* and ids */
void check_log(struct pm_check_side *side);
void check_leaks(struct pm_check *check);
void check_lost(struct pm_check *check, struct pm_check_side *first); /* the log of region 0 against the rest */

/* Copy of a log entry; its sequence, or 0 when the slot holds none that counts. */
uint64_t check_log_slot(const struct pm_check_side *side, uint64_t slot, struct pm_log_entry *entry);

/* --- pages (check_pages.c) --- */

#define CHECK_NO_STATE 0xffu
/* State and flag of a block word; CHECK_NO_STATE when it has none. */
unsigned check_block_code(uint64_t word);
/* Effective states of 32 pages. A block without a state reads as continuing. */
uint64_t check_states(const struct pm_check_side *side, uint64_t word);
unsigned check_state(const struct pm_check_side *side, uint64_t page);
/* One past the pages from `page` on that are in this state, at most `to`. */
uint64_t check_while(const struct pm_check_side *side, uint64_t page, uint64_t to, unsigned state);
/* All of them bad, each by its own state and not its block's. */
bool check_all_fenced(const struct pm_check_side *side, uint64_t page, uint64_t pages);
/* Exactly this run among the data. */
bool check_is_run(const struct pm_check_side *side, uint64_t page, uint64_t pages);
/* Offset of a block word, and of a page word. */
static inline uint64_t check_block_at(const struct pm_check_side *side, uint64_t block)
{
	return side->blocks->offset + block * 8;
}
static inline uint64_t check_states_at(const struct pm_check_side *side, uint64_t word)
{
	return side->states->offset + word * 8;
}

/* Sort by page, then id; no recursion, no memory. */
void check_sort(struct pm_check_record *records, size_t count);

#endif
