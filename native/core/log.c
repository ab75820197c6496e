/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event log: a ring. An entry is valid when its checksum is right and its sequence belongs to its slot. */
#include "log.h"
#include "persist.h"
#include "text.h"
#include <string.h>

#define CHECKED_FROM offsetof(struct pm_log_entry, verb)
#define SEQUENCE_MAX (UINT64_C(1) << 62)

static uint32_t entry_crc(const struct pm_log_entry *entry)
{
	return pm_crc32c(0, (const uint8_t *)entry + CHECKED_FROM, sizeof(*entry) - CHECKED_FROM);
}

/* Sequence of the whole entry in this slot, 0 when it holds none. */
static uint64_t slot_sequence(const struct pm_pool *pool, uint64_t slot, struct pm_log_entry *copy)
{
	memcpy(copy, &pool->log[slot], sizeof(*copy));
	if (!copy->sequence || copy->sequence > SEQUENCE_MAX || (copy->sequence - 1) % pool->log_slots != slot)
		return 0;
	return copy->crc == entry_crc(copy) ? copy->sequence : 0;
}

uint64_t pm_log_find_newest(const struct pm_pool *pool)
{
	struct pm_log_entry copy;
	uint64_t newest = 0;

	for (uint64_t slot = 0; slot < pool->log_slots; slot++) {
		uint64_t sequence;

		if (pool->log[slot].sequence <= newest)
			continue;
		sequence = slot_sequence(pool, slot, &copy);
		newest = sequence > newest ? sequence : newest;
	}
	return newest;
}

/* Other processes append too: walk on from where we last were. */
uint64_t pm_log_sequence(const struct pm_pool *pool)
{
	uint64_t newest = pool->log_next - 1;

	for (uint64_t step = 0; step < pool->log_slots; step++) {
		struct pm_log_entry copy;
		uint64_t found = slot_sequence(pool, newest % pool->log_slots, &copy);

		if (found <= newest)
			break;
		newest = found;
	}
	return newest;
}

void pm_log_entry_make(struct pm_log_entry *entry, uint64_t sequence, enum pm_verb verb, uint64_t page, uint64_t pages,
		       const char *detail, const struct pm_act *act)
{
	memset(entry, 0, sizeof(*entry));
	entry->verb = (uint16_t)verb;
	entry->sequence = sequence;
	entry->time_ns = act->time_ns;
	memcpy(entry->boot_id, act->boot_id, sizeof(entry->boot_id));
	entry->page = page;
	entry->pages = pages;
	pm_text_put(entry->actor, sizeof(entry->actor), act->actor);
	pm_text_put(entry->detail, sizeof(entry->detail), detail);
	entry->crc = entry_crc(entry);
}

uint64_t pm_log_append(struct pm_pool *pool, enum pm_verb verb, uint64_t page, uint64_t pages, const char *detail,
		       const struct pm_act *act)
{
	struct pm_log_entry entry, *slot;
	uint64_t sequence;

	if (pool->read_only)
		return 0;
	sequence = pm_log_sequence(pool) + 1;
	slot = &pool->log[(sequence - 1) % pool->log_slots];
	pm_log_entry_make(&entry, sequence, verb, page, pages, detail, act);
	pm_store_bytes(slot, &entry, sizeof(entry));
	pm_persist(slot, sizeof(entry));
	pool->log_next = sequence + 1;
	return sequence;
}

bool pm_log_read(const struct pm_pool *pool, uint64_t sequence, struct pm_log_entry *entry)
{
	if (!sequence || slot_sequence(pool, (sequence - 1) % pool->log_slots, entry) != sequence)
		return false;
	pm_text_clean(entry->actor, sizeof(entry->actor));
	pm_text_clean(entry->detail, sizeof(entry->detail));
	return true;
}
