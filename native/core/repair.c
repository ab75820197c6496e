/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Write what a check worked out. Each patch is one word and makes things better by itself, so a crash between two of
 * them leaves less damage than there was, and the same repair goes on from there.
 */
#include "check_work.h"
#include "log.h"
#include "persist.h"
#include "text.h"
#include <string.h>

static uint64_t *word_of(const struct pm_mapping *mappings, const struct pm_patch *patch)
{
	return (uint64_t *)(void *)((uint8_t *)mappings[patch->mapping].base + patch->offset);
}

static bool as_shown(const struct pm_check *check, const struct pm_mapping *mappings)
{
	for (size_t i = 0; i < check->patch_count; i++)
		if (__atomic_load_n(word_of(mappings, &check->patches[i]), __ATOMIC_ACQUIRE) !=
		    check->patches[i].old_word)
			return false;
	return true;
}

static bool writable(const struct pm_check *check)
{
	for (size_t i = 0; i < check->region_count; i++)
		if (check->regions[i].readable && check->regions[i].sb.ro_compat & ~PM_RO_COMPAT_KNOWN)
			return false;
	return true;
}

/* Processes that have the pool attached look again. */
static void tell(const struct pm_check_side *side, const struct pm_mapping *mapping)
{
	struct pm_shared *shared = (void *)((uint8_t *)mapping->base + side->shared->offset);

	pm_store64(&shared->records_generation, shared->records_generation + 1);
	pm_store64(&shared->pages_generation, shared->pages_generation + 1);
}

static void note(const struct pm_check_side *side, const struct pm_mapping *mapping, const struct pm_act *act)
{
	struct pm_log_entry entry, *slot;
	uint64_t newest = 0;
	char detail[sizeof(entry.detail)] = "";
	size_t used = 0;

	for (uint64_t i = 0; i < side->log_slots; i++) {
		uint64_t sequence = check_log_slot(side, i, &entry);

		newest = sequence > newest ? sequence : newest;
	}
	pm_text_append_number(detail, sizeof(detail), &used, side->check->patch_count);
	pm_text_append(detail, sizeof(detail), &used, " words, ");
	pm_text_append_number(detail, sizeof(detail), &used, side->check->repairable);
	pm_text_append(detail, sizeof(detail), &used, " findings");
	pm_log_entry_make(&entry, newest + 1, PM_VERB_REPAIR, 0, 0, detail, act);
	slot = (struct pm_log_entry *)(void *)((uint8_t *)mapping->base + side->log->offset) + newest % side->log_slots;
	pm_store_bytes(slot, &entry, sizeof(entry));
	pm_persist_if(mapping->flush, slot, sizeof(entry));
}

enum pm_code pm_repair_apply(const struct pm_check *check, const struct pm_mapping *mappings, const struct pm_act *act)
{
	if (!writable(check))
		return PM_E_POOL_READ_ONLY;
	if (!as_shown(check, mappings))
		return PM_E_POOL_CHANGED;
	if (!check->patch_count)
		return PM_OK;
	for (size_t i = 0; i < check->patch_count; i++) {
		const struct pm_patch *patch = &check->patches[i];

		pm_store64(word_of(mappings, patch), patch->new_word);
		pm_flush_if(mappings[patch->mapping].flush, word_of(mappings, patch), 8);
	}
	for (size_t i = 0; i < check->region_count; i++) {
		const struct pm_check_side *side = &check->work->sides[i];

		pm_fence_if(mappings[i].flush);
		if (side->shared && !side->frozen)
			tell(side, &mappings[i]);
		if (side->log && !side->frozen)
			note(side, &mappings[i], act);
	}
	return PM_OK;
}
