// SPDX-License-Identifier: GPL-2.0-or-later
#include "export_walk.h"
#include "core/member.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const uint8_t pm_walk_zeros[PM_PAGE_SIZE] __attribute__((aligned(4096)));

static int by_base(const void *a, const void *b)
{
	const struct pm_superblock *left = a, *right = b;

	return left->physical_base < right->physical_base ? -1 : left->physical_base > right->physical_base;
}

static int by_first(const void *a, const void *b)
{
	const struct pm_walk_span *left = a, *right = b;

	return left->first < right->first ? -1 : left->first > right->first;
}

static enum pm_code regions_take(struct pm_walk *walk, struct pm_error *err)
{
	const struct pm_superblock *regions = pm_snapshot_regions(walk->snapshot, &walk->region_count);

	walk->regions = calloc(walk->region_count + 1, sizeof(*walk->regions));
	if (!walk->regions)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for %zu regions.", walk->region_count);
	memcpy(walk->regions, regions, walk->region_count * sizeof(*regions));
	qsort(walk->regions, walk->region_count, sizeof(*walk->regions), by_base);
	return PM_OK;
}

/* Everything but the data, and of the data what the directory took. */
static size_t metadata_list(const struct pm_walk *walk, struct pm_walk_span *spans, size_t capacity)
{
	size_t count = 0;

	for (size_t i = 0; i < walk->region_count; i++) {
		const struct pm_superblock *sb = &walk->regions[i];
		const struct pm_walk_span around[] = {
			{sb->first_pool_page, sb->first_pool_page + sb->data_first},
			{sb->first_pool_page + sb->data_end, sb->first_pool_page + sb->page_count},
		};
		struct pm_run run;

		for (size_t j = 0; j < 2; j++, count++)
			if (count < capacity)
				spans[count] = around[j];
		for (uint32_t n = 0; pm_directory_run(walk->pool, sb->region_index, n, &run); n++, count++)
			if (count < capacity)
				spans[count] = (struct pm_walk_span){run.page, run.page + run.pages};
	}
	return count;
}

static enum pm_code metadata_take(struct pm_walk *walk, struct pm_error *err)
{
	walk->metadata_count = metadata_list(walk, NULL, 0);
	walk->metadata = calloc(walk->metadata_count + 1, sizeof(*walk->metadata));
	if (!walk->metadata)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the places of the metadata.");
	metadata_list(walk, walk->metadata, walk->metadata_count);
	qsort(walk->metadata, walk->metadata_count, sizeof(*walk->metadata), by_first);
	return PM_OK;
}

enum pm_code pm_walk_open(struct pm_walk *walk, struct pm_snapshot *snapshot, struct pm_error *err)
{
	enum pm_code code;

	*walk = (struct pm_walk){.snapshot = snapshot};
	if (pm_snapshot_is_expectation(snapshot))
		return pm_fail(err, PM_E_INVALID_PARAMS, "This is an expectation, not a snapshot.");
	code = pm_snapshot_pool(snapshot, &walk->pool, err);
	if (!code)
		code = regions_take(walk, err);
	if (!code)
		code = metadata_take(walk, err);
	if (code)
		return code;
	walk->window = pm_window_new();
	return walk->window ? PM_OK : pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to read pages through.");
}

void pm_walk_close(struct pm_walk *walk)
{
	pm_window_free(walk->window);
	free(walk->regions);
	free(walk->metadata);
	*walk = (struct pm_walk){0};
}

/* The first span that ends behind the page. */
static size_t span_at(const struct pm_walk *walk, uint64_t page)
{
	size_t low = 0, high = walk->metadata_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (walk->metadata[middle].end <= page)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint64_t next_window(const struct pm_walk *walk, uint64_t from)
{
	uint64_t window = from, other = UINT64_MAX;
	size_t span = span_at(walk, from * PM_WINDOW_PAGES);

	if (span < walk->metadata_count) {
		other = walk->metadata[span].first / PM_WINDOW_PAGES;
		other = other < from ? from : other;
	}
	return pm_snapshot_next_window(walk->snapshot, &window) && window < other ? window : other;
}

static void put(struct pm_walk_part *part, uint32_t i, const uint8_t *page, const uint8_t *digest)
{
	part->present += !part->pages[i];
	part->pages[i] = page;
	part->digests[i] = digest;
}

static void put_metadata(const struct pm_walk *walk, struct pm_walk_part *part, bool bytes)
{
	uint64_t end = part->first + part->count;

	for (size_t i = span_at(walk, part->first); i < walk->metadata_count && walk->metadata[i].first < end; i++) {
		const struct pm_walk_span *span = &walk->metadata[i];
		uint64_t page = span->first > part->first ? span->first : part->first;

		for (; page < span->end && page < end; page++) {
			const uint8_t *at = bytes ? pm_page_bytes(walk->pool, page) : pm_walk_zeros;

			if (at)
				put(part, (uint32_t)(page - part->first), at, NULL);
		}
	}
}

/* Nothing when the window holds nothing, or cannot be read. */
static enum pm_code put_content(struct pm_walk *walk, struct pm_walk_part *part, bool bytes, struct pm_error *err)
{
	uint64_t number = part->first / PM_WINDOW_PAGES, next = number;
	enum pm_code code;

	if (!pm_snapshot_next_window(walk->snapshot, &next) || next != number)
		return PM_OK;
	code = pm_snapshot_window(walk->snapshot, number, bytes, walk->window, err);
	if (code == PM_E_FILE_CORRUPT) {
		walk->lost += part->count;
		return PM_OK;
	}
	for (uint32_t i = 0; !code && i < part->count; i++) {
		const uint8_t *at = pm_walk_zeros;

		if (walk->window->held[i] == PM_HELD_NOT)
			continue;
		if (walk->window->held[i] == PM_HELD_DIGEST) {
			walk->lost++;
			continue;
		}
		if (bytes && walk->window->held[i] == PM_HELD_BYTES)
			at = walk->window->bytes[i];
		put(part, i, at, walk->window->digests[i]);
	}
	return code;
}

static enum pm_code walk_part(struct pm_walk *walk, const struct pm_superblock *region, uint64_t number, bool bytes,
			      struct pm_walk_part *part, struct pm_error *err)
{
	uint64_t left = region->first_pool_page + region->page_count - number * PM_WINDOW_PAGES;
	enum pm_code code;

	memset(part, 0, sizeof(*part));
	part->region = region;
	part->first = number * PM_WINDOW_PAGES;
	part->count = left < PM_WINDOW_PAGES ? (uint32_t)left : PM_WINDOW_PAGES;
	code = put_content(walk, part, bytes, err);
	put_metadata(walk, part, bytes);
	return code;
}

enum pm_code pm_walk_all(struct pm_walk *walk, bool bytes, struct pm_meter *meter, pm_walk_visit visit, void *context,
			 struct pm_error *err)
{
	struct pm_walk_part part;
	enum pm_code code = PM_OK;

	walk->lost = 0;
	for (size_t i = 0; i < walk->region_count; i++) {
		const struct pm_superblock *region = &walk->regions[i];
		uint64_t end = region->first_pool_page + region->page_count;
		uint64_t number = next_window(walk, region->first_pool_page / PM_WINDOW_PAGES);

		while (number < UINT64_MAX && number * PM_WINDOW_PAGES < end) {
			code = walk_part(walk, region, number, bytes, &part, err);
			if (!code && part.present)
				code = visit(context, &part, err);
			if (!code)
				code = pm_meter_step(meter, part.present * PM_PAGE_SIZE, err);
			if (code)
				return code;
			number = next_window(walk, number + 1);
		}
	}
	return PM_OK;
}

uint64_t pm_walk_bytes(const struct pm_walk *walk)
{
	uint64_t pages = pm_snapshot_totals(walk->snapshot)->pages;

	for (size_t i = 0; i < walk->metadata_count; i++)
		pages += walk->metadata[i].end - walk->metadata[i].first;
	return pages * PM_PAGE_SIZE;
}

enum pm_code pm_walk_whole(const struct pm_walk *walk, struct pm_error *err)
{
	enum pm_code code = pm_snapshot_damage(walk->snapshot, err);

	if (code)
		return code;
	if (!walk->lost)
		return PM_OK;
	return pm_fail(err, PM_E_FILE_CORRUPT, "The file is damaged: %" PRIu64 " pages cannot be read.", walk->lost);
}
