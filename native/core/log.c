/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event log: a ring. An entry is valid when its checksum is right and its sequence belongs to its slot. */
#include "directory.h"
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

static const struct pm_member *log_member(const struct pm_pool *pool)
{
	return pool->members[0];
}

/* Others write meanwhile: word by word, and the checksum tells whether they fit together. */
static void entry_load(const struct pm_log_entry *entry, struct pm_log_entry *copy)
{
	const uint64_t *from = (const uint64_t *)(const void *)entry;
	uint64_t words[sizeof(*entry) / 8];

	for (size_t i = 0; i < sizeof(words) / 8; i++)
		words[i] = __atomic_load_n(from + i, __ATOMIC_ACQUIRE);
	memcpy(copy, words, sizeof(words));
}

/* Sequence of the whole entry in this slot, 0 when it holds none. */
static uint64_t slot_sequence(const struct pm_member *member, uint64_t slot, struct pm_log_entry *copy)
{
	entry_load(&member->log[slot], copy);
	if (!copy->sequence || copy->sequence > SEQUENCE_MAX || (copy->sequence - 1) % member->log_slots != slot)
		return 0;
	return copy->crc == entry_crc(copy) ? copy->sequence : 0;
}

uint64_t pm_log_find_newest(const struct pm_member *member)
{
	struct pm_log_entry copy;
	uint64_t newest = 0;

	for (uint64_t slot = 0; slot < member->log_slots; slot++) {
		uint64_t sequence;

		if (__atomic_load_n(&member->log[slot].sequence, __ATOMIC_RELAXED) <= newest)
			continue;
		sequence = slot_sequence(member, slot, &copy);
		newest = sequence > newest ? sequence : newest;
	}
	return newest;
}

/* Other processes append too: walk on from where we last were. */
uint64_t pm_log_sequence(const struct pm_pool *pool)
{
	const struct pm_member *member = log_member(pool);
	uint64_t newest = __atomic_load_n(&pool->log_next, __ATOMIC_RELAXED) - 1;

	if (!member)
		return 0;
	for (uint64_t step = 0; step < member->log_slots; step++) {
		struct pm_log_entry copy;
		uint64_t found = slot_sequence(member, newest % member->log_slots, &copy);

		if (found <= newest)
			break;
		newest = found;
	}
	return newest;
}

uint64_t pm_log_slots(const struct pm_pool *pool)
{
	return log_member(pool) ? log_member(pool)->log_slots : 0;
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
	const struct pm_member *member = log_member(pool);
	struct pm_log_entry entry, *slot;
	uint64_t sequence;

	if (pool->read_only || !member)
		return 0;
	pm_books_lock(pool);
	sequence = pm_log_sequence(pool) + 1;
	slot = &member->log[(sequence - 1) % member->log_slots];
	pm_log_entry_make(&entry, sequence, verb, page, pages, detail, act);
	pm_store_bytes(slot, &entry, sizeof(entry));
	pm_persist_if(member->flush, slot, sizeof(entry));
	__atomic_store_n(&pool->log_next, sequence + 1, __ATOMIC_RELAXED);
	pm_books_unlock(pool);
	return sequence;
}

bool pm_log_read(const struct pm_pool *pool, uint64_t sequence, struct pm_log_entry *entry)
{
	const struct pm_member *member = log_member(pool);

	if (!member || !sequence || slot_sequence(member, (sequence - 1) % member->log_slots, entry) != sequence)
		return false;
	pm_text_clean(entry->actor, sizeof(entry->actor));
	pm_text_clean(entry->detail, sizeof(entry->detail));
	return true;
}

/* "from 300 pages": what a RESIZE says of the length before. */
static uint64_t length_before(const char *detail)
{
	uint64_t pages = 0;

	if (memcmp(detail, "from ", 5) != 0)
		return 0;
	for (detail += 5; *detail >= '0' && *detail <= '9' && pages <= PM_POOL_PAGES_MAX; detail++)
		pages = pages * 10 + (uint64_t)(*detail - '0');
	return pages <= PM_POOL_PAGES_MAX ? pages : 0;
}

uint64_t pm_log_given_back(const struct pm_log_entry *entry, uint64_t *first)
{
	uint64_t before = entry->verb == PM_VERB_RESIZE ? length_before(entry->detail) : 0;

	*first = entry->page;
	if (entry->verb == PM_VERB_FREE)
		return entry->pages;
	if (before <= entry->pages || entry->page > PM_POOL_PAGES_MAX)
		return 0;
	*first += entry->pages;
	return before - entry->pages;
}
