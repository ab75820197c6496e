/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The private copy of the metadata: pages are copied when something in them is corrected. */
#include "check_work.h"
#include <string.h>

void *check_add(struct pm_check *check, struct pm_check_list *list)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? list->capacity * 2 : 32;
		void *items = capacity < SIZE_MAX / 2 / list->item_bytes
				      ? check->memory->take(capacity * list->item_bytes)
				      : NULL;

		if (!items) {
			check->work->out_of_memory = true;
			return NULL;
		}
		if (list->items) {
			memcpy(items, list->items, list->count * list->item_bytes);
			check->memory->give(list->items, list->capacity * list->item_bytes);
		}
		list->items = items;
		list->capacity = capacity;
	}
	return (uint8_t *)list->items + list->count++ * list->item_bytes;
}

void check_list_free(struct pm_check *check, struct pm_check_list *list)
{
	if (list->items)
		check->memory->give(list->items, list->capacity * list->item_bytes);
	list->items = NULL;
	list->count = list->capacity = 0;
}

bool check_table_put(struct pm_check *check, struct pm_table *table, uint64_t key, uint64_t value)
{
	if (!pm_table_reserve(table, check->memory, table->used + 1)) {
		check->work->out_of_memory = true;
		return false;
	}
	pm_table_put(table, key, value);
	return true;
}

static uint8_t *copy_of(const struct pm_check_side *side, uint64_t page)
{
	struct pm_check_copy *const *copies = side->check->work->copies.items;
	uint64_t cursor = 0, number;

	if (!side->copies.used)
		return NULL;
	number = pm_table_next(&side->copies, page, &cursor);
	return number == PM_TABLE_NONE ? NULL : copies[number]->bytes;
}

const uint8_t *check_at(const struct pm_check_side *side, uint64_t offset)
{
	const uint8_t *copy = copy_of(side, offset / PM_PAGE_SIZE);

	return copy ? copy + offset % PM_PAGE_SIZE : side->base + offset;
}

uint64_t check_word(const struct pm_check_side *side, uint64_t offset)
{
	return __atomic_load_n((const uint64_t *)(const void *)check_at(side, offset), __ATOMIC_RELAXED);
}

void check_read(const struct pm_check_side *side, uint64_t offset, void *to, size_t bytes)
{
	memcpy(to, check_at(side, offset), bytes);
}

static uint8_t *copy_make(struct pm_check_side *side, uint64_t page)
{
	struct pm_check *check = side->check;
	struct pm_check_copy **slot, *copy;
	uint8_t *there = copy_of(side, page);

	if (there)
		return there;
	copy = check->memory->take(sizeof(*copy));
	slot = copy ? check_add(check, &check->work->copies) : NULL;
	if (!slot || !check_table_put(check, &side->copies, page, check->work->copies.count - 1)) {
		if (copy && !slot)
			check->memory->give(copy, sizeof(*copy));
		else if (slot)
			*slot = copy; /* freed with the others */
		check->work->out_of_memory = true;
		return NULL;
	}
	*slot = copy;
	memcpy(copy->bytes, side->base + page * PM_PAGE_SIZE, PM_PAGE_SIZE);
	return copy->bytes;
}

bool check_poke(struct pm_check_side *side, uint64_t offset, uint8_t value)
{
	uint8_t *copy = copy_make(side, offset / PM_PAGE_SIZE);

	if (copy)
		copy[offset % PM_PAGE_SIZE] = value;
	return copy != NULL;
}

bool check_may_correct(struct pm_check_side *side)
{
	struct pm_check_work *work = side->check->work;

	if (side->frozen || work->corrections >= PM_CHECK_CORRECTIONS_MAX)
		return false;
	work->corrections++;
	return true;
}

/* A word that is patched already gets another new value; its old one stays. */
static bool patch_word(struct pm_check_side *side, uint64_t offset, uint64_t old, uint64_t word)
{
	struct pm_check_work *work = side->check->work;
	uint64_t key = (uint64_t)side->mapping << 44 | offset / 8, cursor = 0, number = PM_TABLE_NONE;
	struct pm_patch *patch;

	if (work->patched.used)
		number = pm_table_next(&work->patched, key, &cursor);
	if (number != PM_TABLE_NONE) {
		((struct pm_patch *)work->patches.items)[number].new_word = word;
		return true;
	}
	patch = check_add(side->check, &work->patches);
	if (!patch || !check_table_put(side->check, &work->patched, key, work->patches.count - 1))
		return false;
	*patch = (struct pm_patch){.mapping = side->mapping, .offset = offset, .old_word = old, .new_word = word};
	return true;
}

bool check_correct(struct pm_check_side *side, uint64_t offset, const void *bytes, size_t count)
{
	uint8_t *copy = copy_make(side, offset / PM_PAGE_SIZE);

	for (size_t i = 0; copy && i + 8 <= count; i += 8) {
		uint64_t old, word;

		memcpy(&old, copy + (offset + i) % PM_PAGE_SIZE, 8);
		memcpy(&word, (const uint8_t *)bytes + i, 8);
		if (old != word && !patch_word(side, offset + i, old, word))
			return false;
		memcpy(copy + (offset + i) % PM_PAGE_SIZE, &word, 8);
	}
	return copy != NULL;
}
