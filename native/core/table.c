/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open addressing; removing moves what stands behind into the gap, so that nothing but entries is ever passed. */
#include "table.h"
#include <string.h>

#define CAPACITY_MIN 64u

__extension__ typedef unsigned __int128 u128;

/* Both halves of a 128-bit product: no bit of the key is lost, and without the seed none can be steered. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
	u128 product = (u128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t place_of(const struct pm_table *table, uint64_t key)
{
	return mix(key ^ table->seed, UINT64_C(0x9e3779b97f4a7c15)) & (table->capacity - 1);
}

uint64_t pm_table_name_key(const struct pm_table *table, const char *name)
{
	uint64_t key = table->seed ^ UINT64_C(0xa0761d6478bd642f), words[2];
	size_t length = 0;

	while (length < PM_NAME_BYTES && name[length])
		length++;
	key ^= length;
	for (size_t at = 0; at < length; at += sizeof(words)) {
		size_t left = length - at;

		words[0] = words[1] = 0;
		memcpy(words, name + at, left < sizeof(words) ? left : sizeof(words));
		key = mix(words[0] ^ UINT64_C(0xe7037ed1a0b428db) ^ key, words[1] ^ table->seed);
	}
	return key;
}

static void put(struct pm_table *table, uint64_t key, uint64_t value)
{
	uint64_t at = place_of(table, key);

	while (table->entries[at].value)
		at = (at + 1) & (table->capacity - 1);
	table->entries[at] = (struct pm_table_entry){key, value + 1};
	table->used++;
}

bool pm_table_reserve(struct pm_table *table, const struct pm_memory *memory, uint64_t entries)
{
	struct pm_table old = *table;
	uint64_t capacity = old.capacity ? old.capacity : CAPACITY_MIN;

	if (entries <= old.capacity / 2)
		return true;
	if (entries > UINT64_MAX / 64)
		return false;
	while (capacity / 2 < entries)
		capacity *= 2;
	table->entries = memory->take(capacity * sizeof(*table->entries));
	if (!table->entries) {
		*table = old;
		return false;
	}
	table->capacity = capacity;
	table->used = 0;
	/* Keys of names are made with the seed, so it outlives a move. */
	if (!table->seed)
		table->seed = mix((uintptr_t)table->entries ^ (uintptr_t)&old << 20, UINT64_C(0x8ebc6af09c88c6e3)) | 1;
	for (uint64_t i = 0; i < old.capacity; i++)
		if (old.entries[i].value)
			put(table, old.entries[i].key, old.entries[i].value - 1);
	if (old.entries)
		memory->give(old.entries, old.capacity * sizeof(*old.entries));
	return true;
}

void pm_table_empty(struct pm_table *table)
{
	if (table->used)
		memset(table->entries, 0, table->capacity * sizeof(*table->entries));
	table->used = 0;
}

void pm_table_free(struct pm_table *table, const struct pm_memory *memory)
{
	if (table->entries)
		memory->give(table->entries, table->capacity * sizeof(*table->entries));
	*table = (struct pm_table){0};
}

void pm_table_put(struct pm_table *table, uint64_t key, uint64_t value)
{
	put(table, key, value);
}

/* Entries behind a gap that would be looked for before it move into it. */
static void close_gap(struct pm_table *table, uint64_t gap)
{
	uint64_t mask = table->capacity - 1, at = gap;

	for (;;) {
		at = (at + 1) & mask;
		if (!table->entries[at].value)
			break;
		if (((at - place_of(table, table->entries[at].key)) & mask) >= ((at - gap) & mask)) {
			table->entries[gap] = table->entries[at];
			gap = at;
		}
	}
	table->entries[gap] = (struct pm_table_entry){0, 0};
}

void pm_table_remove(struct pm_table *table, uint64_t key, uint64_t value)
{
	uint64_t at;

	if (!table->capacity)
		return;
	for (at = place_of(table, key); table->entries[at].value; at = (at + 1) & (table->capacity - 1))
		if (table->entries[at].key == key && table->entries[at].value == value + 1) {
			close_gap(table, at);
			table->used--;
			return;
		}
}

uint64_t pm_table_next(const struct pm_table *table, uint64_t key, uint64_t *cursor)
{
	if (!table->capacity)
		return PM_TABLE_NONE;
	for (uint64_t at = (place_of(table, key) + *cursor) & (table->capacity - 1); table->entries[at].value;
	     at = (at + 1) & (table->capacity - 1)) {
		++*cursor;
		if (table->entries[at].key == key)
			return table->entries[at].value - 1;
	}
	return PM_TABLE_NONE;
}
