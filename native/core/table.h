/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hash table in this process's memory: 64-bit keys to 64-bit values, a key may occur several times. */
#ifndef PMPOOL_TABLE_H
#define PMPOOL_TABLE_H

#include "pmpool/core.h"

struct pm_table_entry {
	uint64_t key, value; /* value + 1; 0: nothing here */
};

struct pm_table {
	struct pm_table_entry *entries;
	uint64_t capacity, used; /* capacity: a power of two, or 0 */
	uint64_t seed; /* an address: who wrote the region could not know it, nor choose keys that collide */
};

#define PM_TABLE_NONE UINT64_MAX

/* Make room for this many entries in all; false when there is no memory. What is in it stays. */
bool pm_table_reserve(struct pm_table *table, const struct pm_memory *memory, uint64_t entries);
void pm_table_empty(struct pm_table *table);
void pm_table_free(struct pm_table *table, const struct pm_memory *memory);

/* Only after pm_table_reserve. */
void pm_table_put(struct pm_table *table, uint64_t key, uint64_t value);
void pm_table_remove(struct pm_table *table, uint64_t key, uint64_t value);
/* Values of a key, one after the other: *cursor starts at 0. PM_TABLE_NONE at the end. */
uint64_t pm_table_next(const struct pm_table *table, uint64_t key, uint64_t *cursor);
/* A key of a name (64 bytes, padded with NUL). */
uint64_t pm_table_name_key(const struct pm_table *table, const char *name);

#endif
