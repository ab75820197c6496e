/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * File systems, volumes, swap spaces and partition tables anywhere in a range, and those that start before it and
 * reach in: by their superblocks, looked for at every MiB of each region around the range.
 */
#include "extent.h"
#include "look.h"
#include "pmpool/core.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FINE_STEP (UINT64_C(1) << 20)
#define FINE_PLACES UINT64_C(65536) /* 64 GiB; behind them in coarse steps */
#define COARSE_STEP (UINT64_C(64) << 20)
#define PIECE 4096u /* of a superblock's place: the start, and the page at BTRFS_AT */
#define BTRFS_AT UINT64_C(0x10000)
#define SEEN_MAX 256u /* more of them count in the sum alone */

struct seen {
	uint64_t start, end; /* physical */
	const struct pm_region_info *info; /* that it was seen in */
	const char *name;
};

struct scan {
	const struct pm_host *host;
	const struct pm_region *region;
	const struct pm_region_info *info; /* that is scanned */
	struct pm_look look;
	struct pm_overlap *pools; /* in it: what stands inside a pool is the pool's */
	size_t pool_count;
	uint8_t *head;
	struct seen *seen;
	size_t count;
	struct pm_found *found;
};

static uint64_t part_start(const struct scan *scan)
{
	return scan->region->info.base + scan->region->offset;
}

static uint64_t part_end(const struct scan *scan)
{
	return part_start(scan) + scan->region->bytes;
}

static bool in_pool(const struct scan *scan, uint64_t address)
{
	for (size_t i = 0; i < scan->pool_count; i++) {
		uint64_t start = scan->pools[i].info.base + scan->pools[i].at.offset;

		if (address >= start && address - start < scan->pools[i].at.bytes)
			return true;
	}
	return false;
}

static bool seen_before(const struct scan *scan, uint64_t start)
{
	for (size_t i = 0; i < scan->count; i++)
		if (scan->seen[i].start == start)
			return true;
	return false;
}

static uint64_t extent_here(const struct scan *scan, const char **name)
{
	if (memcmp(scan->head, PM_MAGIC, 8) == 0) {
		*name = "superblock of a pool"; /* which none of the regions of now has there */
		return PM_PAGE_SIZE;
	}
	return pm_extent_of(scan->head, name);
}

/* The head is read; `offset` is its place in scan->info. */
static void take(struct scan *scan, uint64_t offset)
{
	const char *name;
	uint64_t start = scan->info->base + offset, bytes = extent_here(scan, &name), end;

	if (!bytes || in_pool(scan, start) || seen_before(scan, start))
		return;
	if (__builtin_add_overflow(start, bytes, &end))
		end = UINT64_MAX;
	if (end <= part_start(scan))
		return;
	/* One that does not say how far it goes is in the range only where some bytes are. */
	if (bytes == PM_EXTENT_UNKNOWN && start < part_start(scan) && scan->found->blank)
		return;
	scan->found->sum = pm_crc32c(scan->found->sum, &start, sizeof(start));
	scan->found->sum = pm_crc32c(scan->found->sum, scan->head, PIECE);
	scan->found->sum = pm_crc32c(scan->found->sum, scan->head + BTRFS_AT, PIECE);
	if (scan->count < SEEN_MAX)
		scan->seen[scan->count++] = (struct seen){start, end, scan->info, name};
}

static enum pm_code read_head(const struct scan *scan, uint64_t offset, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	memset(scan->head, 0, PIECE);
	memset(scan->head + BTRFS_AT, 0, PIECE);
	if (scan->info->bytes - offset >= PIECE)
		code = pm_look_read(&scan->look, offset, scan->head, PIECE, err);
	if (!code && scan->info->bytes - offset >= BTRFS_AT + PIECE)
		code = pm_look_read(&scan->look, offset + BTRFS_AT, scan->head + BTRFS_AT, PIECE, err);
	return code;
}

static uint64_t step_behind(const struct pm_region_info *info, uint64_t offset)
{
	uint64_t step = COARSE_STEP;

	if (offset < FINE_PLACES * FINE_STEP)
		return FINE_STEP;
	while (info->bytes / step > FINE_PLACES)
		step *= 2;
	return step;
}

/* The first place at or behind `offset` that a superblock may stand at: places in a hole of a file are left out. */
static uint64_t next_place(const struct scan *scan, uint64_t offset)
{
	uint64_t data = pm_look_next(&scan->look, offset), place;

	if (data < offset + BTRFS_AT + PIECE || data >= scan->info->bytes)
		return data < scan->info->bytes ? offset : data;
	place = data - data % FINE_STEP;
	if (place < FINE_PLACES * FINE_STEP)
		return place > offset ? place : offset + FINE_STEP;
	while (offset < place)
		offset += step_behind(scan->info, offset);
	return offset;
}

static enum pm_code scan_places(struct scan *scan, struct pm_error *err)
{
	uint64_t end = part_end(scan) - scan->info->base, offset = 0;
	enum pm_code code = PM_OK;

	end = end < scan->info->bytes ? end : scan->info->bytes;
	while (!code && (offset = next_place(scan, offset)) < end) {
		code = read_head(scan, offset, err);
		if (!code)
			take(scan, offset);
		offset += step_behind(scan->info, offset);
	}
	return code;
}

static enum pm_code scan_region(struct scan *scan, const struct pm_region_info *info, struct pm_error *err)
{
	const struct pm_region whole = {.info = *info, .bytes = info->bytes};
	enum pm_code code;
	int fd;

	/* one beside the range has nothing in it; such neighbours share a lock with one that does */
	if (info->base >= part_end(scan) || info->base + info->bytes <= part_start(scan))
		return PM_OK;
	code = pm_region_overlaps(scan->host, &whole, &scan->pools, &scan->pool_count, err);
	if (code)
		return code;
	code = pm_region_open_fd(scan->host, info, false, &fd, err);
	if (!code) {
		scan->info = info;
		code = pm_look_begin(&scan->look, info, fd, err);
		code = code ? code : scan_places(scan, err);
		close(fd);
	}
	free(scan->pools);
	scan->pools = NULL;
	scan->pool_count = 0;
	return code;
}

/* --- words --- */

static void append(struct pm_found *found, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(struct pm_found *found, const char *format, ...)
{
	size_t used = strlen(found->label);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(found->label + used, sizeof(found->label) - used, format, arguments);
	va_end(arguments);
}

static const char *kind_of(const struct seen *seen)
{
	static const char *const kinds[][2] = {{"crypto_LUKS", "crypto"},
					       {"LVM2_member", "raid"},
					       {"partition table dos", "partitions"},
					       {"partition table gpt", "partitions"},
					       {"superblock of a pool", "pool-damaged"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(seen->name, kinds[i][0]) == 0)
			return kinds[i][1];
	return "filesystem";
}

static void describe(const struct scan *scan, const struct seen *seen)
{
	struct pm_found *found = scan->found;

	append(found, "%s", seen->name);
	if (strcmp(seen->info->id, scan->region->info.id) != 0 || seen->start < part_start(scan)) {
		if (seen->start != seen->info->base)
			append(found, " at 0x%llx", (unsigned long long)(seen->start - seen->info->base));
		append(found, " of %.40s", seen->info->id);
	} else {
		append(found, " at 0x%llx", (unsigned long long)(seen->start - seen->info->base));
	}
	if (seen->start < part_start(scan) && seen->end != UINT64_MAX)
		append(found, ", which ends at 0x%llx", (unsigned long long)seen->end);
}

/* Such as the copy that each allocation group of an XFS has of its superblock. */
static bool part_of_another(const struct scan *scan, const struct seen *seen)
{
	for (size_t i = 0; i < scan->count; i++) {
		const struct seen *other = &scan->seen[i];

		if (other->start < seen->start && seen->start < other->end && strcmp(other->name, seen->name) == 0)
			return true;
	}
	return false;
}

/* What libblkid or the search for pools named is there already. */
static void add_words(const struct scan *scan, bool start_is_named)
{
	struct pm_found *found = scan->found;
	size_t left_out = 0;

	for (size_t i = 0; i < scan->count; i++) {
		const struct seen *seen = &scan->seen[i];

		if ((seen->start == part_start(scan) && start_is_named) || part_of_another(scan, seen))
			continue;
		if (found->blank || strcmp(found->kind, "data") == 0) {
			found->blank = false;
			found->label[0] = 0;
			snprintf(found->kind, sizeof(found->kind), "%s", kind_of(seen));
		} else {
			if (strcmp(found->kind, kind_of(seen)) != 0)
				snprintf(found->kind, sizeof(found->kind), "several");
			if (left_out || strlen(found->label) + 88 > sizeof(found->label)) {
				left_out++;
				continue;
			}
			append(found, ", ");
		}
		describe(scan, seen);
	}
	if (left_out)
		append(found, ", and %zu more", left_out);
}

static int by_start(const void *a, const void *b)
{
	const struct seen *left = a, *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

enum pm_code pm_recognise_signatures(const struct pm_host *host, const struct pm_region *region, struct pm_found *found,
				     struct pm_error *err)
{
	struct scan scan = {.host = host, .region = region, .found = found};
	bool start_is_named = !found->blank && strcmp(found->kind, "data") != 0;
	struct pm_region_info *list = NULL;
	size_t count = 0;
	enum pm_code code = pm_region_neighbours(host, &region->info, &list, &count, err);

	scan.head = calloc(1, PM_EXTENT_HEAD);
	scan.seen = calloc(SEEN_MAX, sizeof(*scan.seen));
	if (!code && (!scan.head || !scan.seen))
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look for file systems");
	for (size_t i = 0; i < count && !code; i++)
		code = scan_region(&scan, &list[i], err);
	if (!code && scan.count) {
		qsort(scan.seen, scan.count, sizeof(*scan.seen), by_start);
		add_words(&scan, start_is_named);
	}
	free(scan.seen);
	free(scan.head);
	free(list);
	return code;
}
