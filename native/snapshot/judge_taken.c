// SPDX-License-Identifier: GPL-2.0-or-later
/* Parts of the expected regions that /proc/iomem names something else now: who took the memory. */
#include "json/json.h"
#include "judge.h"
#include <stdlib.h>
#include <string.h>

#define PARTS_MAX 1024u
#define ENTRIES_MAX 4096u

/* Names of memory that is still given away, and what a driver of persistent memory calls its own. */
static bool is_own(const char *name)
{
	static const char *const own[] = {"Reserved", "Soft Reserved", "Persistent Memory", "dax", "namespace", "pmem"};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strncmp(name, own[i], strlen(own[i])) == 0)
			return true;
	return strcmp(name, "reserved") == 0;
}

struct cuts {
	const struct pm_iomem_entry *entries[ENTRIES_MAX]; /* that reach into the region */
	size_t entry_count;
	uint64_t at[2 * ENTRIES_MAX + 2];
	size_t count;
};

static void cut(struct cuts *cuts, uint64_t first, uint64_t last, uint64_t at)
{
	if (at > first && at <= last)
		cuts->at[cuts->count++] = at;
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The region is cut wherever an entry starts or ends. */
static void cuts_make(struct cuts *cuts, const struct pm_iomem *iomem, uint64_t first, uint64_t last)
{
	cuts->entry_count = cuts->count = 0;
	cuts->at[cuts->count++] = first;
	for (size_t i = 0; i < iomem->count && cuts->entry_count < ENTRIES_MAX; i++) {
		const struct pm_iomem_entry *entry = &iomem->entries[i];

		if (entry->first > last || entry->last < first)
			continue;
		cuts->entries[cuts->entry_count++] = entry;
		cut(cuts, first, last, entry->first);
		if (entry->last < last)
			cut(cuts, first, last, entry->last + 1);
	}
	qsort(cuts->at, cuts->count, sizeof(cuts->at[0]), ascending);
}

/* The deepest entry over an address; NULL: it is nobody's. */
static const char *name_at(const struct cuts *cuts, uint64_t address)
{
	const struct pm_iomem_entry *found = NULL;

	for (size_t i = 0; i < cuts->entry_count; i++) {
		const struct pm_iomem_entry *entry = cuts->entries[i];

		if (entry->first <= address && address <= entry->last && (!found || entry->depth >= found->depth))
			found = entry;
	}
	return found && !is_own(found->name) ? found->name : NULL;
}

static void part_add(struct json_object *taken, uint64_t base, uint64_t bytes, const char *name)
{
	struct json_object *part = json_object_new_object();

	json_set_count(part, "base", base);
	json_set_count(part, "size", bytes);
	json_set_text(part, "name", name);
	json_object_array_add(taken, part);
}

static void region_taken(struct cuts *cuts, const struct pm_iomem *iomem, const struct pm_superblock *sb,
			 struct json_object *taken)
{
	uint64_t first = sb->physical_base, last = first + sb->region_bytes - 1, start = first;
	const char *name = NULL;

	cuts_make(cuts, iomem, first, last);
	for (size_t i = 0; i <= cuts->count; i++) {
		const char *next = i < cuts->count ? name_at(cuts, cuts->at[i]) : NULL;
		uint64_t at = i < cuts->count ? cuts->at[i] : last + 1;

		if (i < cuts->count && name && next && strcmp(name, next) == 0)
			continue;
		if (name && json_object_array_length(taken) < PARTS_MAX)
			part_add(taken, start, at - start, name);
		name = next;
		start = at;
	}
}

enum pm_code pm_judge_taken(struct pm_judge *judge, struct pm_error *err)
{
	struct cuts *cuts = malloc(sizeof(*cuts));
	struct pm_iomem iomem;
	char *text = NULL;
	enum pm_code code = cuts ? pm_host_read_all(judge->host, "/proc/iomem", &text, err)
				 : pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to reach a verdict.");

	judge->taken = json_object_new_array();
	if (!code && pm_iomem_parse(text, &iomem)) {
		code = pm_fail(err, PM_E_FILE_CORRUPT, "/proc/iomem cannot be understood.");
	} else if (!code) {
		for (size_t i = 0; i < judge->region_count; i++)
			region_taken(cuts, &iomem, judge->regions[i].sb, judge->taken);
		pm_iomem_free(&iomem);
	}
	free(text);
	free(cuts);
	return code;
}
