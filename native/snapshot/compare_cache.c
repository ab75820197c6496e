// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare_cache.h"
#include "pmpool/format.h"
#include <string.h>

static struct pm_cached *oldest(struct pm_cache *cache)
{
	struct pm_cached *found = &cache->entries[0];

	for (int i = 1; i < PM_CACHED_WINDOWS; i++)
		if (cache->entries[i].used < found->used)
			found = &cache->entries[i];
	return found;
}

static struct pm_cached *look_up(struct pm_cache *cache, uint64_t number)
{
	for (int i = 0; i < PM_CACHED_WINDOWS; i++)
		if (cache->entries[i].used && cache->entries[i].number == number)
			return &cache->entries[i];
	return NULL;
}

const struct pm_window *pm_cache_window(struct pm_cache *cache, uint64_t page)
{
	uint64_t number = page / PM_WINDOW_PAGES;
	struct pm_cached *entry = look_up(cache, number);

	if (!entry) {
		entry = oldest(cache);
		entry->used = 0;
		if (!entry->window)
			entry->window = pm_window_new();
		/* digests may be whole where bytes are not */
		if (!entry->window || (pm_snapshot_window(cache->file, number, true, entry->window, NULL) &&
				       pm_snapshot_window(cache->file, number, false, entry->window, NULL)))
			return NULL;
		entry->number = number;
	}
	entry->used = ++cache->clock;
	return entry->window;
}

bool pm_cache_bytes(struct pm_cache *cache, uint64_t page, uint8_t *bytes)
{
	const struct pm_window *window = pm_cache_window(cache, page);
	const uint8_t *from = window ? window->bytes[page % PM_WINDOW_PAGES] : NULL;

	if (from)
		memcpy(bytes, from, PM_PAGE_SIZE);
	else if (window && window->held[page % PM_WINDOW_PAGES] == PM_HELD_ZERO)
		memset(bytes, 0, PM_PAGE_SIZE);
	else
		return false;
	return true;
}

void pm_cache_free(struct pm_cache *cache)
{
	for (int i = 0; i < PM_CACHED_WINDOWS; i++)
		pm_window_free(cache->entries[i].window);
	*cache = (struct pm_cache){0};
}
