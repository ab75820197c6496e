/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event log against records and pages: what was allocated, as far back as the log reaches, and was not freed, is
 * there. Zeros read as free pages and free slots under right checksums; only the log tells that something stood there.
 */
#include "check_work.h"
#include <string.h>

struct lost {
	struct pm_check *check;
	struct pm_check_side *first;
	struct pm_table seen; /* pool pages whose newest entry was looked at */
	struct pm_table lengths; /* of pool pages of which a RESIZE was the newest so far: pages */
	uint64_t budget; /* pages that may still be walked: no more than there are, whatever the log says */
	bool doubt; /* newer than the entry: a crash, or entries that cannot be read; a free may have no entry */
};

static struct pm_check_side *side_at(const struct lost *lost, uint64_t page)
{
	for (size_t i = 0; i < lost->check->region_count; i++) {
		struct pm_check_side *side = &lost->check->work->sides[i];

		if (side->blocks && !side->frozen && page >= side->region->sb.first_pool_page &&
		    page - side->region->sb.first_pool_page < side->region->sb.page_count)
			return side;
	}
	return NULL;
}

/* Some record in use speaks of the page: live, or one that attach settles. */
static bool has_record(const struct pm_check_side *side, uint64_t page)
{
	const struct pm_check_record *records = side->used.items;
	size_t low = 0, high = side->used.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (records[middle].page < page)
			low = middle + 1;
		else
			high = middle;
	}
	return low < side->used.count && records[low].page == page;
}

/* Pages without a head, or bad ones, have findings of their own. */
static bool stands(const struct pm_check_side *side, uint64_t page, uint64_t pages)
{
	const struct pm_superblock *sb = &side->region->sb;
	unsigned state = check_state(side, page);
	uint64_t to;

	if (state == PM_PAGE_FREE)
		return check_while(side, page, page + pages, PM_PAGE_FREE) != page + pages;
	if (state != PM_PAGE_HEAD)
		return true;
	to = page + pages < sb->data_end ? page + pages + 1 : sb->data_end;
	return check_while(side, page + 1, to, PM_PAGE_CONTINUES) == page + pages;
}

static void judge(struct lost *lost, const struct pm_log_entry *entry, bool named)
{
	struct pm_check_side *side = side_at(lost, entry->page);
	uint64_t page = side ? entry->page - side->region->sb.first_pool_page : 0;
	struct pm_finding *finding;
	char name[sizeof(entry->detail)];

	if (!side || page < side->region->sb.data_first || page >= side->region->sb.data_end || !entry->pages ||
	    entry->pages > side->region->sb.data_end - page || side->lossy || has_record(side, page))
		return;
	if (!named) {
		if (entry->pages > lost->budget)
			return;
		lost->budget -= entry->pages;
		if (stands(side, page, entry->pages))
			return;
	}
	memcpy(name, entry->detail, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	finding = check_found(side, PM_FINDING_ALLOCATION_LOST, CHECK_PAGES(page, entry->pages),
			      named ? "\"%s\": %u pages from %u on, says entry %u of the event log"
				    : "%swithout a name: %u pages from %u on, says entry %u of the event log",
			      named ? name : "", entry->pages, page, entry->sequence);
	if (lost->doubt || side->region->busy || lost->first->region->busy)
		check_grade(side, finding, PM_SEVERITY_HINT);
	else
		check_refused(finding, "what the record said is not known");
}

static uint64_t look_up(const struct pm_table *table, uint64_t page)
{
	uint64_t cursor = 0;

	return pm_table_next(table, page, &cursor);
}

/* It says a length, and an older entry whether there was a name. */
static void length_read(struct lost *lost, const struct pm_log_entry *entry)
{
	if (look_up(&lost->seen, entry->page) == PM_TABLE_NONE &&
	    look_up(&lost->lengths, entry->page) == PM_TABLE_NONE && entry->pages != PM_TABLE_NONE)
		check_table_put(lost->check, &lost->lengths, entry->page, entry->pages);
}

static void entry_read(struct lost *lost, struct pm_log_entry *entry)
{
	bool allocates = entry->verb == PM_VERB_ALLOCATE;
	bool labels = (entry->verb == PM_VERB_RENAME || entry->verb == PM_VERB_RELABEL) && entry->pages;
	uint64_t length;

	lost->doubt |= entry->verb == PM_VERB_RECOVER;
	if (entry->verb == PM_VERB_RESIZE)
		length_read(lost, entry);
	if (!allocates && !labels && entry->verb != PM_VERB_FREE)
		return;
	if (look_up(&lost->seen, entry->page) != PM_TABLE_NONE ||
	    !check_table_put(lost->check, &lost->seen, entry->page, 0) || entry->verb == PM_VERB_FREE)
		return;
	length = look_up(&lost->lengths, entry->page);
	if (length != PM_TABLE_NONE)
		entry->pages = length;
	judge(lost, entry, labels || entry->detail[0]);
}

void check_lost(struct pm_check *check, struct pm_check_side *first)
{
	struct lost lost = {.check = check, .first = first};
	struct pm_log_entry entry;
	uint64_t newest = 0;

	for (size_t i = 0; i < check->region_count; i++)
		lost.budget += check->work->sides[i].blocks ? check->regions[i].sb.page_count : 0;
	for (uint64_t slot = 0; slot < first->log_slots; slot++) {
		uint64_t sequence = check_log_slot(first, slot, &entry);

		newest = sequence > newest ? sequence : newest;
	}
	/* From the newest on back: what was said last of a page holds. */
	for (uint64_t back = 0; back < first->log_slots && back < newest && !check->work->out_of_memory; back++) {
		uint64_t sequence = newest - back;

		if (check_log_slot(first, (sequence - 1) % first->log_slots, &entry) != sequence) {
			lost.doubt = true;
			continue;
		}
		if (entry.verb == PM_VERB_POOL_CREATE)
			break;
		entry_read(&lost, &entry);
	}
	pm_table_free(&lost.seen, check->memory);
	pm_table_free(&lost.lengths, check->memory);
}
