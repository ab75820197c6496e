/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_log.h"
#include <stdlib.h>
#include <string.h>

static int by_page_newest_first(const void *a, const void *b)
{
	const struct pm_log_entry *left = a, *right = b;

	if (left->page != right->page)
		return left->page < right->page ? -1 : 1;
	return left->sequence > right->sequence ? -1 : left->sequence < right->sequence;
}

static void take(struct log_index *index, const struct pm_log_entry *entry, const uint8_t boot_id[16])
{
	if (memcmp(entry->boot_id, boot_id, sizeof(entry->boot_id)) == 0 && entry->sequence < index->boot_first)
		index->boot_first = entry->sequence;
	if (entry->verb == PM_VERB_ALLOCATE || entry->verb == PM_VERB_FREE || entry->verb == PM_VERB_RESIZE)
		index->entries[index->count++] = *entry;
}

enum pm_code log_index_make(struct log_index *index, const struct pm_pool *pool, const uint8_t boot_id[16],
			    struct pm_error *err)
{
	uint64_t newest = guarded_log_sequence(pool), slots = pm_log_slots(pool);
	uint64_t oldest = newest > slots ? newest - slots + 1 : 1;

	memset(index, 0, sizeof(*index));
	index->boot_first = UINT64_MAX;
	index->entries = calloc((size_t)slots + 1, sizeof(*index->entries));
	if (!index->entries)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for %llu entries of the log",
			       (unsigned long long)slots);
	for (uint64_t sequence = oldest; sequence <= newest; sequence++) {
		struct pm_log_entry entry;
		bool found;
		enum pm_code code = guarded_log_read(pool, sequence, &entry, &found, err);

		if (code != PM_OK)
			return code;
		if (found)
			take(index, &entry, boot_id);
	}
	if (index->count > 1)
		qsort(index->entries, index->count, sizeof(*index->entries), by_page_newest_first);
	return PM_OK;
}

void log_index_free(struct log_index *index)
{
	free(index->entries);
	memset(index, 0, sizeof(*index));
}

const struct pm_log_entry *log_index_find(struct log_index *index, uint64_t page, uint64_t pages)
{
	const struct pm_log_entry *entry, *end = index->entries + index->count;

	while (index->next < index->count && index->entries[index->next].page < page)
		index->next++;
	entry = &index->entries[index->next];
	/* a free, or another length: what stands here now was allocated without an entry */
	if (entry == end || entry->page != page || entry->pages != pages)
		return NULL;
	while (entry < end && entry->page == page && entry->verb == PM_VERB_RESIZE)
		entry++; /* it is as old as it was before */
	return entry < end && entry->page == page && entry->verb == PM_VERB_ALLOCATE ? entry : NULL;
}
