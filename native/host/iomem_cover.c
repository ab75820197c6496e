/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What covers a range, by one walk over the places where it can change. */
#include "iomem_cover.h"
#include <string.h>

/* At any depth: a devdax range that kmem gave to the kernel is nested and reads "System RAM (kmem)". */
bool pm_iomem_is_ram(const struct pm_iomem_entry *entry)
{
	return strncmp(entry->name, "System RAM", 10) == 0;
}

enum pm_iomem_class { CLASS_UNCOVERED, CLASS_OTHER, CLASS_PERSISTENT, CLASS_RESERVED, CLASS_RAM };

static enum pm_iomem_class class_of(const struct pm_iomem_entry *entry)
{
	if (pm_iomem_is_ram(entry))
		return CLASS_RAM;
	if (entry->depth)
		return CLASS_UNCOVERED;
	if (strcmp(entry->name, "Reserved") == 0 || strcmp(entry->name, "reserved") == 0 ||
	    strcmp(entry->name, "Soft Reserved") == 0)
		return CLASS_RESERVED;
	if (strncmp(entry->name, "Persistent Memory", 17) == 0)
		return CLASS_PERSISTENT;
	return CLASS_OTHER;
}

/* The class at one address, and the last address up to which it holds. Where entries overlap the worst wins. */
static enum pm_iomem_class class_at(const struct pm_iomem *iomem, uint64_t address, uint64_t *until)
{
	enum pm_iomem_class class = CLASS_UNCOVERED;

	for (size_t i = 0; i < iomem->count; i++) {
		const struct pm_iomem_entry *entry = &iomem->entries[i];

		if (entry->first > address && entry->first - 1 < *until)
			*until = entry->first - 1;
		if (entry->first > address || entry->last < address)
			continue;
		if (entry->last < *until)
			*until = entry->last;
		if (class_of(entry) > class)
			class = class_of(entry);
	}
	return class;
}

void pm_iomem_cover(const struct pm_iomem *iomem, uint64_t base, uint64_t bytes, struct pm_iomem_cover *cover)
{
	uint64_t at = base, last = base + bytes - 1;

	memset(cover, 0, sizeof(*cover));
	if (!bytes || last < base)
		return;
	for (;;) {
		uint64_t until = last, part;
		enum pm_iomem_class class = class_at(iomem, at, &until);

		part = until - at + 1;
		if (class == CLASS_RAM)
			cover->ram_bytes += part;
		else if (class == CLASS_RESERVED)
			cover->reserved_bytes += part;
		else if (class == CLASS_PERSISTENT)
			cover->persistent_bytes += part;
		else if (class == CLASS_UNCOVERED)
			cover->uncovered_bytes += part;
		if (until == last)
			return;
		at = until + 1;
	}
}

bool pm_iomem_first_ram(const struct pm_iomem *iomem, uint64_t base, uint64_t bytes, uint64_t *first, uint64_t *last)
{
	uint64_t at = base, end = base + bytes - 1;
	bool found = false;

	if (!bytes || end < base)
		return false;
	for (;;) {
		uint64_t until = end;
		bool ram = class_at(iomem, at, &until) == CLASS_RAM;

		if (ram && !found)
			*first = at;
		if (ram)
			*last = until;
		else if (found)
			return true;
		found |= ram;
		if (until == end)
			return found;
		at = until + 1;
	}
}
