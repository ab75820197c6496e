// SPDX-License-Identifier: GPL-2.0-or-later
/* The pool as it was: the metadata of each region in private memory of the region's size, all else of it zero. */
#include "core/member.h"
#include "host/heap.h"
#include "image.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What a hostile file may make of a small one: beyond this much a real pool of its size has no metadata. */
#define BOOKS_BYTES (UINT64_C(64) << 20)
#define BOOKS_BYTES_MAX (UINT64_C(4) << 30)

static uint64_t bytes_allowed(const struct pm_snapshot *snapshot)
{
	uint64_t allowed = BOOKS_BYTES + snapshot->size * 64;

	for (uint32_t i = 0; i < snapshot->file.pool.present && allowed < BOOKS_BYTES_MAX; i++)
		allowed += snapshot->file.regions[i].region_bytes / 8192;
	return allowed < BOOKS_BYTES_MAX ? allowed : BOOKS_BYTES_MAX;
}

static enum pm_code mappings_make(struct pm_snapshot *snapshot, struct pm_error *err)
{
	const struct pm_file *file = &snapshot->file;

	snapshot->mappings = calloc(file->pool.present, sizeof(*snapshot->mappings));
	for (uint32_t i = 0; snapshot->mappings && i < file->pool.present; i++) {
		struct pm_mapping *mapping = &snapshot->mappings[i];
		void *base = mmap(NULL, (size_t)file->regions[i].region_bytes, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (base == MAP_FAILED)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "No room for the addresses of a region of %llu bytes.",
				       (unsigned long long)file->regions[i].region_bytes);
		*mapping =
			(struct pm_mapping){base, file->regions[i].region_bytes, file->regions[i].physical_base, false};
	}
	return snapshot->mappings ? PM_OK : pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the regions of a file.");
}

static void book_put(struct pm_snapshot *snapshot, const struct pm_file *file)
{
	const struct pm_group_view *book = &file->book;
	const struct pm_superblock *region = pm_file_region(file, book->group.first);
	uint8_t *base = snapshot->mappings[region - file->regions].base;
	const uint8_t *from = book->bytes;

	for (uint32_t i = 0; i < book->group.count; i++)
		if (book->stores[i] == PM_STORE_DATA) {
			memcpy(base + (book->group.first + i - region->first_pool_page) * PM_PAGE_SIZE, from,
			       PM_PAGE_SIZE);
			from += PM_PAGE_SIZE;
		}
}

static enum pm_code books_put(struct pm_snapshot *snapshot, struct pm_error *err)
{
	uint64_t left = bytes_allowed(snapshot) / PM_PAGE_SIZE;
	struct pm_file file;
	enum pm_code code = pm_file_open_anywhere(&file, snapshot->file.reader.fd, err);

	while (!code) {
		code = pm_file_next(&file, err);
		if (code || file.part == PM_PART_PAGES)
			break;
		if (file.part != PM_PART_BOOK)
			continue;
		if (file.book.counts[PM_STORE_DATA] > left)
			code = pm_fail(err, PM_E_FILE_CORRUPT, "The file holds more metadata than its pool can have.");
		else
			book_put(snapshot, &file);
		left -= file.book.counts[PM_STORE_DATA];
	}
	pm_file_close(&file);
	return code;
}

/* Pages are bounded by the superblocks in their own chunks, so the metadata has to speak of the same regions. One that
 * it lost is missing in the pool, and only has to lie inside it. */
static bool same_places(const struct pm_snapshot *snapshot)
{
	const struct pm_pool *pool = &snapshot->pool;

	for (uint32_t i = 0; i < snapshot->file.pool.present; i++) {
		const struct pm_superblock *sb = &snapshot->file.regions[i], *own;
		const struct pm_member *member =
			sb->region_index < pool->region_count ? pool->members[sb->region_index] : NULL;

		if (!member && sb->first_pool_page + sb->page_count > pool->page_end)
			return false;
		if (!member)
			continue;
		own = &member->sb;
		if (member->base != snapshot->mappings[i].base || own->first_pool_page != sb->first_pool_page ||
		    own->page_count != sb->page_count || own->region_bytes != sb->region_bytes ||
		    own->data_first != sb->data_first || own->data_end != sb->data_end)
			return false;
	}
	return memcmp(pool->sb.pool_uuid, snapshot->file.pool.pool_uuid, sizeof(pool->sb.pool_uuid)) == 0;
}

static enum pm_code attach(struct pm_snapshot *snapshot, struct pm_error *err)
{
	static const struct pm_act nobody = {0};
	uint32_t count = snapshot->file.pool.present;
	enum pm_code code = books_put(snapshot, err);

	if (code)
		return code;
	for (uint32_t i = 0; i < count; i++)
		mprotect(snapshot->mappings[i].base, (size_t)snapshot->mappings[i].bytes, PROT_READ);
	code = pm_pool_attach(&snapshot->pool, snapshot->mappings, count, PM_ATTACH_READ_ONLY, &pm_heap, &nobody);
	if (code)
		return pm_fail(err, PM_E_FILE_CORRUPT, "The metadata in the file is no pool: %s",
			       pm_error_reason(code));
	if (!same_places(snapshot)) {
		pm_pool_detach(&snapshot->pool);
		return pm_fail(err, PM_E_FILE_CORRUPT, "The metadata in the file is that of another pool.");
	}
	snapshot->attached = true;
	return PM_OK;
}

static void mappings_drop(struct pm_snapshot *snapshot)
{
	for (uint32_t i = 0; snapshot->mappings && i < snapshot->file.pool.present; i++)
		if (snapshot->mappings[i].base)
			munmap(snapshot->mappings[i].base, (size_t)snapshot->mappings[i].bytes);
	free(snapshot->mappings);
	snapshot->mappings = NULL;
}

enum pm_code pm_snapshot_pool(struct pm_snapshot *snapshot, const struct pm_pool **pool, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	*pool = NULL;
	if (snapshot->file.expectation)
		return pm_fail(err, PM_E_FILE_FOREIGN, "An expectation holds no metadata to attach.");
	pthread_mutex_lock(&snapshot->mutex);
	if (!snapshot->attached) {
		code = mappings_make(snapshot, err);
		if (!code)
			code = attach(snapshot, err);
		if (code)
			mappings_drop(snapshot);
	}
	pthread_mutex_unlock(&snapshot->mutex);
	if (!code)
		*pool = &snapshot->pool;
	return code;
}

void pm_snapshot_pool_close(struct pm_snapshot *snapshot)
{
	if (snapshot->attached)
		pm_pool_detach(&snapshot->pool);
	mappings_drop(snapshot);
}
