/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What concerns the pool as a whole: its regions, names, ids, and allocations that the log does not know. */
#include "check_work.h"
#include "pages.h"
#include <string.h>

#define EITHER "either may be right"
#define LEAKS_LISTED 256u

static struct pm_check_side *side_of(struct pm_check *check, uint32_t region_index)
{
	for (size_t i = 0; i < check->region_count; i++)
		if (check->regions[i].readable && check->regions[i].index == region_index)
			return &check->work->sides[i];
	return NULL;
}

/* --- members --- */

static const char *difference(const struct pm_record *record, const struct pm_superblock *sb)
{
	if (memcmp(record->member.region_uuid, sb->region_uuid, 16) != 0)
		return "another region UUID";
	if (record->page != sb->first_pool_page || record->pages != sb->page_count)
		return "other pool pages";
	return record->member.physical_base != sb->physical_base ? "another physical address" : NULL;
}

static void member(struct pm_check_side *first, const struct pm_check_record *record)
{
	struct pm_check_side *side = side_of(first->check, record->region_index);
	struct pm_check_about about = CHECK_BYTES(record->offset, sizeof(struct pm_record));
	struct pm_record copy;
	const char *why;

	if (!side) {
		check_refused(check_found(first, PM_FINDING_MEMBER_MISSING, about,
					  "region %u of the pool is not here, or its superblocks cannot be read",
					  (uint64_t)record->region_index),
			      "bring the region back");
		return;
	}
	check_read(first, record->offset, &copy, sizeof(copy));
	why = difference(&copy, &side->region->sb);
	if (why)
		check_refused(check_found(first, PM_FINDING_MEMBER_DIFFERS, about, "region %u has %s",
					  (uint64_t)record->region_index, why),
			      EITHER);
}

/* Members from 1 on, each once, each beginning where the one before it ends. Sorted by pool page. */
static void chain(struct pm_check_side *first, const struct pm_check_record *members, size_t count)
{
	uint64_t index = 1, end = first->region->sb.page_count;

	for (size_t i = 0; i < count; i++) {
		if (members[i].state != PM_RECORD_LIVE)
			continue;
		if (members[i].region_index != index || members[i].page != pm_next_first_pool_page(end))
			check_refused(check_found(first, PM_FINDING_MEMBER_DIFFERS, CHECK_BYTES(members[i].offset, 256),
						  "region %u from pool page %u on; next should be region %u from %u on",
						  (uint64_t)members[i].region_index, members[i].page, index,
						  pm_next_first_pool_page(end)),
				      EITHER);
		index = members[i].region_index + UINT64_C(1);
		end = members[i].page + members[i].pages;
	}
}

static bool listed(const struct pm_check_side *first, uint32_t region_index)
{
	const struct pm_check_record *members = first->members.items;

	for (size_t i = 0; i < first->members.count; i++)
		if (members[i].region_index == region_index)
			return true;
	return false;
}

static void without_first(struct pm_check *check)
{
	for (size_t i = 0; i < check->region_count; i++)
		if (check->regions[i].readable) {
			struct pm_finding *finding =
				check_found(&check->work->sides[i], PM_FINDING_MEMBER_MISSING, CHECK_BYTES(0, 0),
					    "region 0 of the pool is not here, or its superblocks cannot be read");

			finding->region_index = 0;
			finding->mapping = UINT32_MAX;
			finding->offset = PM_NOWHERE;
			check_refused(finding, "bring the region back");
			return;
		}
}

void check_members(struct pm_check *check)
{
	struct pm_check_side *first = side_of(check, 0);
	const struct pm_check_record *members;

	if (check->work->options->alone)
		return;
	if (!first) {
		without_first(check);
		return;
	}
	if (!first->blocks)
		return; /* nothing but its superblock could be read */
	check_sort(first->members.items, first->members.count);
	members = first->members.items;
	for (size_t i = 0; i < first->members.count; i++)
		if (members[i].state == PM_RECORD_LIVE)
			member(first, &members[i]);
	chain(first, members, first->members.count);
	for (size_t i = 0; i < check->region_count; i++) {
		struct pm_check_side *side = &check->work->sides[i];

		if (!side->region->readable || side == first)
			continue;
		if (side != side_of(check, side->region->index))
			check_refused(check_found(side, PM_FINDING_MEMBER_DIFFERS, CHECK_BYTES(0, PM_PAGE_SIZE),
						  "two regions say they are region %u", (uint64_t)side->region->index),
				      EITHER);
		else if (!listed(first, side->region->index))
			check_found(side, PM_FINDING_MEMBER_UNKNOWN, CHECK_BYTES(0, PM_PAGE_SIZE),
				    "region 0 has no record of region %u", (uint64_t)side->region->index);
	}
}

/* --- names and ids --- */

static const struct pm_check_record *record_of(const struct pm_check *check, uint64_t where,
					       const struct pm_check_side **side)
{
	*side = &check->work->sides[where >> 40];
	return (const struct pm_check_record *)(*side)->used.items + (where & ((UINT64_C(1) << 40) - 1));
}

static void name(struct pm_check *check, struct pm_table *names, uint64_t where)
{
	const struct pm_check_side *side, *other;
	const struct pm_check_record *record = record_of(check, where, &side);
	char text[PM_NAME_BYTES], twin[PM_NAME_BYTES];
	uint64_t key, cursor = 0, found;

	if (record->kind != PM_RECORD_ALLOCATION || record->state != PM_RECORD_LIVE || record->replaced)
		return;
	check_read(side, record->offset + offsetof(struct pm_record, name), text, sizeof(text));
	if (!pm_table_reserve(names, check->memory, names->used + 1)) {
		check->work->out_of_memory = true;
		return;
	}
	key = pm_table_name_key(names, text);
	while ((found = pm_table_next(names, key, &cursor)) != PM_TABLE_NONE) {
		const struct pm_check_record *same = record_of(check, found, &other);

		check_read(other, same->offset + offsetof(struct pm_record, name), twin, sizeof(twin));
		if (memcmp(text, twin, sizeof(text)) != 0)
			continue;
		check_refused(check_found(&check->work->sides[where >> 40], PM_FINDING_NAME_TWICE,
					  CHECK_PAGES(record->page, record->pages),
					  "\"%s\": also at page %u of region %u", text, same->page,
					  (uint64_t)other->region->index),
			      "either may be meant");
		return;
	}
	pm_table_put(names, key, where);
}

static void ids(struct pm_check_side *side, const struct pm_check_list *list, struct pm_table *seen)
{
	const struct pm_check_record *records = list->items;

	for (size_t i = 0; i < list->count; i++) {
		uint64_t cursor = 0;

		if (pm_table_next(seen, records[i].id, &cursor) != PM_TABLE_NONE)
			check_refused(check_found(side, PM_FINDING_ID_TWICE, CHECK_BYTES(records[i].offset, 256),
						  "id %u", records[i].id),
				      "either may be the one");
		else if (!check_table_put(side->check, seen, records[i].id, i))
			return;
	}
}

void check_names(struct pm_check *check)
{
	struct pm_table names = {0};

	for (size_t i = 0; i < check->region_count; i++) {
		struct pm_check_side *side = &check->work->sides[i];
		struct pm_table seen = {0};

		ids(side, &side->used, &seen);
		ids(side, &side->members, &seen);
		pm_table_free(&seen, check->memory);
		for (size_t j = 0; j < side->used.count && !check->work->out_of_memory; j++)
			name(check, &names, (uint64_t)i << 40 | j);
	}
	pm_table_free(&names, check->memory);
}

/* --- leaks --- */

/* Pool pages at which this boot allocated, as the log has it; false when the log does not reach back to its start. */
static bool allocated(const struct pm_check_side *first, struct pm_table *pages)
{
	const uint8_t *boot_id = first->check->work->options->boot_id;
	uint64_t oldest = UINT64_MAX;
	bool of_this_boot = false;
	struct pm_log_entry entry;

	for (uint64_t slot = 0; slot < first->log_slots; slot++) {
		uint64_t sequence = check_log_slot(first, slot, &entry);
		bool ours = memcmp(entry.boot_id, boot_id, 16) == 0;

		if (!sequence)
			continue;
		if (sequence < oldest) {
			oldest = sequence;
			of_this_boot = ours;
		}
		if (ours && entry.verb == PM_VERB_ALLOCATE &&
		    !check_table_put(first->check, pages, entry.page, entry.pages))
			return false;
	}
	return oldest == 1 || !of_this_boot;
}

static void leak(struct pm_check_side *side, uint64_t page, uint64_t pages)
{
	struct pm_check *check = side->check;

	if (check->counts[PM_FINDING_LEAKED_RUN] < LEAKS_LISTED) {
		check_found(side, PM_FINDING_LEAKED_RUN, CHECK_PAGES(page, pages), "%u pages from %u on", pages, page);
		return;
	}
	check->counts[PM_FINDING_LEAKED_RUN]++;
	check->severities[PM_SEVERITY_HINT]++;
}

static void leaks(struct pm_check_side *side, const struct pm_table *pages)
{
	const struct pm_superblock *sb = &side->region->sb;
	const struct pm_check_record *records = side->used.items;
	size_t at = 0;

	for (uint64_t page = sb->data_first, end; page < sb->data_end; page = end) {
		unsigned state = check_state(side, page);
		uint64_t cursor = 0;

		if (state != PM_PAGE_HEAD) {
			end = check_while(side, page, sb->data_end, state);
			continue;
		}
		end = check_while(side, page + 1, sb->data_end, PM_PAGE_CONTINUES);
		while (at < side->used.count && records[at].page < page)
			at++;
		if (at < side->used.count && records[at].page < end)
			continue;
		if (pm_table_next(pages, sb->first_pool_page + page, &cursor) == PM_TABLE_NONE)
			leak(side, page, end - page);
	}
}

void check_leaks(struct pm_check *check)
{
	static const uint8_t nobody[16];
	struct pm_check_side *first = side_of(check, 0);
	struct pm_table pages = {0};

	if (!first || !first->log)
		return;
	check_lost(check, first);
	if (memcmp(check->work->options->boot_id, nobody, 16) == 0)
		return;
	if (allocated(first, &pages))
		for (size_t i = 0; i < check->region_count; i++)
			if (check->work->sides[i].blocks && !check->work->sides[i].lossy)
				leaks(&check->work->sides[i], &pages);
	pm_table_free(&pages, check->memory);
}
