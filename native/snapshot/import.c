// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pool out of a file that holds physical memory: its superblocks are looked for at page boundaries, its regions are
 * mapped as they stood, and the pool is written as a snapshot as from a host.
 */
#include "import.h"
#include "json/json.h"
#include "host/heap.h"
#include "meter.h"
#include "pmpool/region.h"
#include "pmpool/snapshot.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_BYTES (UINT64_C(1) << 20)
#define MAP_FROM (UINT64_C(1) << 20) /* shorter pieces are copied: a process may have 65530 mappings */

struct found {
	struct pm_superblock sb;
	struct pm_mapping mapping;
};

struct import {
	struct pm_memory_file file;
	struct found *regions; /* of one pool */
	size_t count;
	struct pm_meter meter;
	struct pm_pool pool;
	bool attached;
};

int64_t pm_read_at(int fd, void *to, size_t bytes, uint64_t offset)
{
	size_t got = 0;

	while (got < bytes) {
		ssize_t more = pread(fd, (uint8_t *)to + got, bytes - got, (off_t)(offset + got));

		if (more < 0 && errno == EINTR)
			continue;
		if (more < 0)
			return -1;
		if (more == 0)
			break;
		got += (size_t)more;
	}
	return (int64_t)got;
}

static enum pm_code no_memory(struct pm_error *err)
{
	return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to import with.");
}

static enum pm_code file_open(struct pm_memory_file *file, int fd, uint64_t base, struct pm_error *err)
{
	struct stat status;
	uint8_t head[8] = {0};

	*file = (struct pm_memory_file){.fd = fd};
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		return pm_fail(err, PM_E_UNSUPPORTED, "What is imported has to be a regular file, not a pipe.");
	file->bytes = (uint64_t)status.st_size;
	if (pm_read_at(fd, head, sizeof(head), 0) < 0)
		return pm_fail(err, PM_E_IO_FAILED, "Cannot read: %s.", strerror(errno));
	if (pm_elf_is(head, sizeof(head)))
		return base == UINT64_MAX
			       ? pm_elf_read(file, err)
			       : pm_fail(err, PM_E_INVALID_PARAMS, "An ELF core has its addresses by itself.");
	if (base != UINT64_MAX && (base % PM_PAGE_SIZE || base > UINT64_MAX - file->bytes))
		return pm_fail(err, PM_E_INVALID_PARAMS, "0x%" PRIx64 " is no base for an image of %" PRIu64 " bytes.",
			       base, file->bytes);
	file->extents = calloc(1, sizeof(*file->extents));
	if (!file->extents)
		return no_memory(err);
	file->extents[0] = (struct pm_extent){base == UINT64_MAX ? 0 : base, file->bytes, 0, file->bytes};
	file->extent_count = 1;
	file->placed = base != UINT64_MAX;
	return PM_OK;
}

/* A superblock at this address: that of a region whose first page it is, of the pool that came first. */
static enum pm_code look_at(struct import *import, const uint8_t *page, uint64_t address, struct pm_error *err)
{
	struct pm_superblock sb;
	struct found *regions;

	if (memcmp(page, PM_MAGIC, 8) != 0 || pm_pool_probe(page, PM_PAGE_SIZE, &sb) != PM_OK)
		return PM_OK;
	if (!import->file.placed) { /* a raw image is where its first superblock says */
		struct pm_extent *all = &import->file.extents[0];

		if (sb.physical_base < address || sb.physical_base - address > UINT64_MAX - all->bytes)
			return PM_OK;
		all->address = sb.physical_base - address;
		import->file.placed = true;
		address = sb.physical_base;
	}
	if (sb.physical_base != address)
		return PM_OK;
	for (size_t i = 0; i < import->count; i++)
		if (memcmp(import->regions[i].sb.pool_uuid, sb.pool_uuid, sizeof(sb.pool_uuid)) != 0 ||
		    import->regions[i].sb.region_index == sb.region_index)
			return PM_OK;
	regions = realloc(import->regions, (import->count + 1) * sizeof(*regions));
	if (!regions)
		return no_memory(err);
	import->regions = regions;
	regions[import->count++] = (struct found){.sb = sb};
	return PM_OK;
}

/* The next byte of the file at or after `offset` that is no hole. */
static uint64_t data_from(const struct pm_memory_file *file, uint64_t offset)
{
	off_t data = lseek(file->fd, (off_t)offset, SEEK_DATA);

	if (data >= 0)
		return (uint64_t)data;
	return errno == ENXIO ? file->bytes : offset;
}

static enum pm_code extent_search(struct import *import, size_t index, uint8_t *buffer, struct pm_error *err)
{
	const struct pm_extent extent = import->file.extents[index];
	uint64_t skip = (PM_PAGE_SIZE - extent.address % PM_PAGE_SIZE) % PM_PAGE_SIZE;
	enum pm_code code = PM_OK;

	for (uint64_t at = skip; !code && at < extent.bytes;) {
		uint64_t data = data_from(&import->file, extent.offset + at), left;
		int64_t got;

		if (data >= extent.offset + extent.bytes)
			break;
		if (data - extent.offset > at)
			at += (data - extent.offset - at) / PM_PAGE_SIZE * PM_PAGE_SIZE;
		left = extent.bytes - at;
		got = pm_read_at(import->file.fd, buffer, left < LOOK_BYTES ? (size_t)left : LOOK_BYTES,
				 extent.offset + at);
		if (got < 0)
			return pm_fail(err, PM_E_IO_FAILED, "Cannot read: %s.", strerror(errno));
		if (got < (int64_t)PM_PAGE_SIZE)
			break;
		for (uint64_t page = 0; !code && page + PM_PAGE_SIZE <= (uint64_t)got; page += PM_PAGE_SIZE)
			code = look_at(import, buffer + page, import->file.extents[index].address + at + page, err);
		at += (uint64_t)got / PM_PAGE_SIZE * PM_PAGE_SIZE;
		if (!code)
			code = pm_meter_step(&import->meter, 0, err);
	}
	return code;
}

static enum pm_code search(struct import *import, struct pm_error *err)
{
	uint8_t *buffer = malloc(LOOK_BYTES);
	enum pm_code code = buffer ? PM_OK : no_memory(err);

	for (size_t i = 0; !code && i < import->file.extent_count; i++)
		code = extent_search(import, i, buffer, err);
	free(buffer);
	if (code)
		return code;
	return import->count ? PM_OK
			     : pm_fail(err, PM_E_FILE_FOREIGN,
				       "No pool stands in this file: it has no superblock at an address that fits.");
}

/* The part of an extent that lies in a region, put where it stood: mapped where that can be, else copied. */
static enum pm_code overlay(const struct pm_memory_file *file, const struct pm_extent *extent,
			    const struct pm_mapping *region, struct pm_error *err)
{
	uint64_t first = extent->address > region->physical_base ? extent->address : region->physical_base;
	uint64_t end = extent->address + extent->bytes, last = region->physical_base + region->bytes;
	uint64_t offset, bytes;
	uint8_t *to;

	end = end < last ? end : last;
	if (first >= end)
		return PM_OK;
	to = (uint8_t *)region->base + (first - region->physical_base);
	offset = extent->offset + (first - extent->address);
	bytes = end - first;
	if (bytes >= MAP_FROM && offset % PM_PAGE_SIZE == 0 && first % PM_PAGE_SIZE == 0) {
		uint64_t whole = bytes / PM_PAGE_SIZE * PM_PAGE_SIZE;

		if (mmap(to, (size_t)whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, file->fd,
			 (off_t)offset) != MAP_FAILED) {
			to += whole;
			offset += whole;
			bytes -= whole;
		}
	}
	if (bytes && pm_read_at(file->fd, to, (size_t)bytes, offset) != (int64_t)bytes)
		return pm_fail(err, PM_E_FILE_TRUNCATED, "The file ends inside the memory at 0x%" PRIx64 ".", first);
	return PM_OK;
}

static enum pm_code map_region(struct import *import, struct found *found, struct pm_error *err)
{
	const struct pm_memory_file *file = &import->file;
	void *base = mmap(NULL, (size_t)found->sb.region_bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	enum pm_code code = PM_OK;

	if (base == MAP_FAILED)
		return no_memory(err);
	found->mapping = (struct pm_mapping){base, found->sb.region_bytes, found->sb.physical_base, false};
	for (size_t i = 0; !code && i < file->extent_count; i++) {
		code = overlay(file, &file->extents[i], &found->mapping, err);
		if (!code)
			code = pm_meter_step(&import->meter, 0, err);
	}
	return code;
}

struct attach {
	struct pm_pool *pool;
	struct pm_mapping *mappings;
	size_t count;
	enum pm_code code;
};

static void attach_body(void *argument)
{
	struct attach *attach = argument;
	const struct pm_act nobody = {.time_ns = 0};

	attach->code =
		pm_pool_attach(attach->pool, attach->mappings, attach->count, PM_ATTACH_READ_ONLY, &pm_heap, &nobody);
}

static enum pm_code attach(struct import *import, struct pm_error *err)
{
	struct attach job = {.pool = &import->pool, .count = import->count};
	enum pm_code code = PM_OK;

	for (size_t i = 0; !code && i < import->count; i++) {
		code = pm_import_covers(&import->file, &import->regions[i].sb, err);
		if (!code)
			code = map_region(import, &import->regions[i], err);
	}
	if (code)
		return code;
	job.mappings = calloc(import->count, sizeof(*job.mappings));
	if (!job.mappings)
		return no_memory(err);
	for (size_t i = 0; i < import->count; i++)
		job.mappings[i] = import->regions[i].mapping;
	code = pm_region_guarded(attach_body, &job, err); /* the file may be cut while it is mapped */
	free(job.mappings);
	if (code)
		return code;
	import->attached = job.code == PM_OK;
	return import->attached ? PM_OK
				: pm_fail(err, job.code, "The pool in this file: %s", pm_error_reason(job.code));
}

static void detach_body(void *argument)
{
	pm_pool_detach(argument);
}

static void import_close(struct import *import)
{
	if (import->attached)
		(void)!pm_region_guarded(detach_body, &import->pool, NULL);
	for (size_t i = 0; i < import->count; i++)
		if (import->regions[i].mapping.base)
			munmap(import->regions[i].mapping.base, (size_t)import->regions[i].mapping.bytes);
	free(import->regions);
	free(import->file.extents);
	json_object_put(import->file.meta);
}

enum pm_code pm_import(int from, uint64_t base, bool all, struct json_object *host, int to, struct pm_task *task,
		       struct pm_snapshot_result *result, struct pm_error *err)
{
	struct import import = {.count = 0};
	enum pm_code code = file_open(&import.file, from, base, err);

	pm_meter_start(&import.meter, task, 0);
	if (!code)
		code = search(&import, err);
	if (!code)
		code = attach(&import, err);
	if (!code)
		code = pm_import_whole(&import.file, &import.pool, err);
	if (!code) {
		struct json_object *meta = import.file.meta;
		struct pm_snapshot_request request = {.host = host ? host : json_part(meta, "host"),
						      .all = all || json_flag(json_part(meta, "snapshot"), "all")};

		code = pm_snapshot_write(&import.pool, &request, to, task, result, err);
	}
	import_close(&import);
	return code;
}
