/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The search for pools in a region whose superblocks say anything: a file of 64 MiB with a few pages in it. The input
 * is a list of pages, five bytes each: where, what it claims to be, its size, its start, and what is spoilt in it.
 * What follows is the start of a file system.
 */
#include "pmpool/core.h"
#include "region/extent.h"
#include "region/internal.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE UINT64_C(0x100000000)
#define GRAIN (UINT64_C(2) << 20)
#define BYTES (32 * GRAIN)
#define PAGES_MAX 48u
#define FOUND_MAX 64u

static struct pm_superblock template;

static void must(bool condition)
{
	if (!condition)
		abort();
}

static void make_template(void)
{
	struct pm_pool_request request = {.name = "fuzz", .physical_base = BASE, .numa_node = -1};
	struct pm_act act = {.time_ns = 1, .actor = "fuzz"};
	uint8_t *pool = aligned_alloc(4096, GRAIN);

	memset(pool, 0, GRAIN);
	must(pm_pool_format(pool, GRAIN, &request, &act) == PM_OK);
	memcpy(&template, pool, sizeof(template));
	free(pool);
}

static void seal(struct pm_superblock *sb)
{
	sb->crc = pm_crc32c(0, sb, offsetof(struct pm_superblock, crc));
}

/* A is behind a multiple of the grain, B before one. */
static void put_page(int fd, const uint8_t input[5])
{
	uint64_t at = input[0] % 33 * GRAIN, bytes = input[2] % 40 * GRAIN / (input[2] & 0x80 ? 7 : 1);
	struct pm_superblock sb = template;
	bool is_b = at == BYTES || input[1] & 1;

	if (is_b && !at)
		return;
	sb.version = input[1] >> 1 & 3;
	sb.region_bytes = bytes / 4096 * 4096;
	sb.page_count = sb.region_bytes / 4096;
	sb.physical_base = BASE + (input[3] & 0x80 ? input[3] % 33 * GRAIN : is_b ? at - sb.region_bytes : at);
	sb.created_ns = input[3];
	sb.pool_uuid[0] = input[1] >> 4;
	if (input[4] & 1)
		seal(&sb);
	if (input[4] & 2)
		((uint8_t *)&sb)[input[4] * 16] ^= 1;
	must(pwrite(fd, &sb, sizeof(sb), (off_t)(BASE + at - (is_b ? 4096 : 0))) == sizeof(sb));
}

static void check(const struct pm_pool_at *pools, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		must(pools[i].offset % GRAIN == 0 && pools[i].bytes >= 4096);
		must(pools[i].offset < BYTES && pools[i].bytes <= BYTES - pools[i].offset);
		must(i == 0 || pools[i].offset > pools[i - 1].offset);
		must(pools[i].code == PM_OK || pools[i].code == PM_E_POOL_CORRUPT ||
		     pools[i].code == PM_E_POOL_FORMAT_NEWER || pools[i].code == PM_E_POOL_FORMAT_OLDER);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pm_region_info info = {.id = "mem:0x100000000", .base = BASE, .bytes = BYTES, .grain = GRAIN};
	static struct pm_pool_at pools[FOUND_MAX], few[3];
	size_t count, few_count, pages = size / 5 < PAGES_MAX ? size / 5 : PAGES_MAX;
	uint8_t *head = calloc(1, PM_EXTENT_HEAD);
	const char *name;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (!template.version)
		make_template();
	must(fd >= 0 && ftruncate(fd, (off_t)(BASE + BYTES)) == 0);
	for (size_t i = 0; i < pages; i++)
		put_page(fd, data + i * 5);
	must(pm_region_search(&info, fd, pools, FOUND_MAX, &count, NULL) == PM_OK);
	check(pools, count);
	must(pm_region_search(&info, fd, few, 3, &few_count, NULL) == PM_OK);
	must(few_count <= 3);
	memcpy(head, data, size < PM_EXTENT_HEAD ? size : PM_EXTENT_HEAD);
	must((pm_extent_of(head, &name) == 0) == (name[0] == 0));
	close(fd);
	free(head);
	return 0;
}
