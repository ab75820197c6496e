/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tally.h"
#include <pmpool/core.h>
#include <stdlib.h>
#include <string.h>

static struct tally_entry *slot_of(struct tally_entry *entries, size_t capacity, const uint8_t key[TALLY_KEY_BYTES])
{
	size_t at = pm_crc32c(0, key, TALLY_KEY_BYTES) & (capacity - 1);

	while (entries[at].used && memcmp(entries[at].key, key, TALLY_KEY_BYTES) != 0)
		at = (at + 1) & (capacity - 1);
	return &entries[at];
}

static bool grow(struct tally *tally)
{
	size_t capacity = tally->capacity ? tally->capacity * 2 : 64;
	struct tally_entry *entries = calloc(capacity, sizeof(*entries));

	if (!entries)
		return false;
	for (size_t i = 0; i < tally->capacity; i++)
		if (tally->entries[i].used)
			*slot_of(entries, capacity, tally->entries[i].key) = tally->entries[i];
	free(tally->entries);
	tally->entries = entries;
	tally->capacity = capacity;
	return true;
}

struct tally_entry *tally_take(struct tally *tally, const void *key, size_t bytes, uint64_t at_ns)
{
	uint8_t padded[TALLY_KEY_BYTES] = {0};
	struct tally_entry *entry;

	if (tally->count * 2 >= tally->capacity && !grow(tally))
		return NULL;
	memcpy(padded, key, bytes < sizeof(padded) ? bytes : sizeof(padded));
	entry = slot_of(tally->entries, tally->capacity, padded);
	if (!entry->used) {
		memcpy(entry->key, padded, sizeof(padded));
		entry->used = true;
		entry->at_ns = at_ns;
		tally->count++;
	}
	if (at_ns < entry->at_ns)
		entry->at_ns = at_ns;
	return entry;
}

void tally_sort(struct tally *tally, int (*compare)(const void *, const void *))
{
	size_t to = 0;

	for (size_t i = 0; i < tally->capacity; i++)
		if (tally->entries[i].used)
			tally->entries[to++] = tally->entries[i];
	if (to > 1)
		qsort(tally->entries, to, sizeof(*tally->entries), compare);
}

void tally_free(struct tally *tally)
{
	free(tally->entries);
	memset(tally, 0, sizeof(*tally));
}
