// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that are imported: ELF cores and raw images.
 *
 *   byte 0    bit 0: the bytes are the file; bit 1: a core is edited, else an image; bit 2: only its first KiB
 *   then      edits of 4 bytes: offset (16 bits), what to do, value; superblocks are sealed afterwards
 */
#include "host/heap.h"
#include "pmpool/snapshot.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static struct {
	uint8_t *data;
	size_t bytes;
} seeds[2]; /* image, core */

static void must(int holds)
{
	if (!holds)
		abort();
}

static void seed_make(int kind, struct pm_snapshot *snapshot)
{
	int fd = memfd_create("seed", MFD_CLOEXEC);

	must((kind ? pm_export_elf(snapshot, fd, NULL, NULL) : pm_export_raw(snapshot, fd, NULL, NULL)) == PM_OK);
	seeds[kind].bytes = (size_t)lseek(fd, 0, SEEK_END);
	seeds[kind].data = malloc(seeds[kind].bytes);
	must(seeds[kind].data && pread(fd, seeds[kind].data, seeds[kind].bytes, 0) == (ssize_t)seeds[kind].bytes);
	close(fd);
}

static void clean_up(void)
{
	free(seeds[0].data);
	free(seeds[1].data);
}

static void set_up(void)
{
	struct pm_pool_request request = {.pool_uuid = {1},
					  .region_uuid = {2},
					  .name = "fuzz",
					  .physical_base = UINT64_C(1) << 32,
					  .numa_node = -1};
	struct pm_alloc_request wanted = {.pages = 5, .name = "a"};
	struct pm_act act = {.time_ns = 1, .actor = "fuzz"};
	struct pm_mapping mapping = {.bytes = PM_MIN_REGION_BYTES, .physical_base = request.physical_base};
	struct pm_snapshot_request plain = {.host = NULL};
	struct pm_snapshot_result result;
	struct pm_snapshot *snapshot;
	struct pm_pool pool;
	struct pm_run run;
	int fd = memfd_create("snapshot", MFD_CLOEXEC);

	atexit(clean_up);
	mapping.base = mmap(NULL, mapping.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(mapping.base != MAP_FAILED);
	must(pm_pool_format(mapping.base, mapping.bytes, &request, &act) == PM_OK);
	must(pm_pool_attach(&pool, &mapping, 1, 0, &pm_heap, &act) == PM_OK);
	must(pm_pool_begin(&pool, false, &act) == PM_OK);
	must(pm_alloc(&pool, &wanted, &act, &run) == PM_OK);
	pm_pool_end(&pool);
	memset(pm_page_bytes(&pool, run.page), 0x5a, PM_PAGE_SIZE);
	must(pm_snapshot_write(&pool, &plain, fd, NULL, &result, NULL) == PM_OK);
	must(pm_snapshot_open(fd, &snapshot, NULL) == PM_OK);
	seed_make(0, snapshot);
	seed_make(1, snapshot);
	pm_snapshot_close(snapshot);
	close(fd);
	pm_pool_detach(&pool);
	munmap(mapping.base, mapping.bytes);
}

/* Superblocks at page boundaries, so that what they say is believed. */
static void seal(uint8_t *file, size_t bytes)
{
	for (size_t at = 0; at + sizeof(struct pm_superblock) <= bytes; at += PM_PAGE_SIZE) {
		uint32_t crc = pm_crc32c(0, file + at, offsetof(struct pm_superblock, crc));

		if (memcmp(file + at, PM_MAGIC, 8) == 0)
			memcpy(file + at + offsetof(struct pm_superblock, crc), &crc, sizeof(crc));
	}
}

static void edit(uint8_t *file, size_t bytes, const uint8_t *edits, size_t count)
{
	for (; count >= 4; edits += 4, count -= 4) {
		size_t at = ((size_t)edits[0] + ((size_t)edits[1] << 8)) % bytes;

		if (edits[2] % 3 == 0)
			file[at] = edits[3];
		else if (edits[2] % 3 == 1)
			file[at] ^= (uint8_t)(1u << edits[3] % 8);
		else
			memset(file + at, edits[3], bytes - at < 8 ? bytes - at : 8);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct pm_snapshot_result result;
	int from, to;

	if (!seeds[0].data)
		set_up();
	if (!bytes)
		return 0;
	from = memfd_create("from", MFD_CLOEXEC);
	to = memfd_create("to", MFD_CLOEXEC);
	if (data[0] & 1) {
		must(write(from, data + 1, bytes - 1) == (ssize_t)bytes - 1);
	} else {
		int kind = data[0] >> 1 & 1;
		size_t whole = seeds[kind].bytes;
		uint8_t *file = malloc(whole);

		must(file != NULL);
		memcpy(file, seeds[kind].data, whole);
		edit(file, data[0] & 4 ? 1024 : whole, data + 1, bytes - 1);
		seal(file, whole);
		must(write(from, file, whole) == (ssize_t)whole);
		free(file);
	}
	pm_import(from, UINT64_MAX, data[0] >> 3 & 1, NULL, to, NULL, &result, NULL);
	close(from);
	close(to);
	return 0;
}
