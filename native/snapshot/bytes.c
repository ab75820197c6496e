// SPDX-License-Identifier: GPL-2.0-or-later
/* Bytes of a pool by their place in it, as a file has them: content from its windows, metadata from its books. */
#include "image.h"
#include <string.h>

static const struct pm_superblock *region_at(const struct pm_snapshot *snapshot, uint64_t page)
{
	size_t count;
	const struct pm_superblock *regions = pm_snapshot_regions(snapshot, &count);

	for (size_t i = 0; i < count; i++)
		if (page >= regions[i].first_pool_page && page - regions[i].first_pool_page < regions[i].page_count)
			return &regions[i];
	return NULL;
}

/* Not among the data, or of the data what the directory took. */
static bool is_metadata(const struct pm_pool *pool, const struct pm_superblock *region, uint64_t page)
{
	uint64_t index = page - region->first_pool_page;
	struct pm_run run;

	if (index < region->data_first || index >= region->data_end)
		return true;
	for (uint32_t n = 0; pm_directory_run(pool, region->region_index, n, &run); n++)
		if (page >= run.page && page - run.page < run.pages)
			return true;
	return false;
}

/* The pool of the file, asked for at the first page that no window holds: it costs all the books. */
struct books {
	bool asked;
	const struct pm_pool *pool; /* NULL: it has none that can be used */
};

static const uint8_t *metadata_page(struct pm_snapshot *snapshot, struct books *books, uint64_t page)
{
	const struct pm_superblock *region = region_at(snapshot, page);

	if (!region || pm_snapshot_is_expectation(snapshot))
		return NULL;
	if (!books->asked && pm_snapshot_pool(snapshot, &books->pool, NULL) != PM_OK)
		books->pool = NULL;
	books->asked = true;
	return books->pool && is_metadata(books->pool, region, page) ? pm_page_bytes(books->pool, page) : NULL;
}

/* The window of the page; of a damaged one nothing is held. */
static enum pm_code window_of(struct pm_snapshot *snapshot, uint64_t page, struct pm_window *window,
			      struct pm_error *err)
{
	enum pm_code code = pm_snapshot_window(snapshot, page / PM_WINDOW_PAGES, true, window, err);

	return code == PM_E_FILE_CORRUPT ? PM_OK : code;
}

enum pm_code pm_snapshot_bytes(struct pm_snapshot *snapshot, uint64_t offset, size_t bytes, struct pm_window *window,
			       uint8_t *to, bool *held, struct pm_error *err)
{
	bool has_bytes = pm_snapshot_has_bytes(snapshot);
	uint64_t loaded = UINT64_MAX;
	struct books books = {0};

	memset(to, 0, bytes);
	for (size_t done = 0, part; done < bytes; done += part, held++) {
		uint64_t page = (offset + done) / PM_PAGE_SIZE, in_page = (offset + done) % PM_PAGE_SIZE;
		const uint8_t *from = NULL;

		part = PM_PAGE_SIZE - in_page < bytes - done ? (size_t)(PM_PAGE_SIZE - in_page) : bytes - done;
		if (has_bytes && page / PM_WINDOW_PAGES != loaded) {
			enum pm_code code = window_of(snapshot, page, window, err);

			if (code)
				return code;
			loaded = page / PM_WINDOW_PAGES;
		}
		if (has_bytes)
			from = window->bytes[page % PM_WINDOW_PAGES];
		if (has_bytes && !from)
			from = metadata_page(snapshot, &books, page);
		*held = from != NULL;
		if (from)
			memcpy(to + done, from + in_page, part);
	}
	return PM_OK;
}
