/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated host with one region of 32 MiB for each test. */
#ifndef PMPOOL_TESTS_REGION_BENCH_H
#define PMPOOL_TESTS_REGION_BENCH_H

#include "folder.h"
#include "host/simulated.h"
#include "model.h"
#include "pmpool/region.h"

#define MIB (UINT64_C(1) << 20)
#define ID "mem:0x100000000"

static char folder[256];
static struct pm_host host;

static inline int set_up(void **state)
{
	char path[300];

	(void)state;
	folder_make(folder);
	snprintf(path, sizeof(path), "%s/host", folder);
	return pm_host_open(&host, path, 32 * MIB, NULL);
}

static inline int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static inline struct pm_region open_part(uint64_t offset, uint64_t bytes, bool writable)
{
	struct pm_region region;
	struct pm_error err;

	if (pm_region_open(&host, ID, offset, bytes, writable, &region, &err))
		fail_msg("%s", err.message);
	return region;
}

static inline struct pm_region_info info_of(const char *id)
{
	struct pm_region_info *list, info = {0};
	size_t count;

	assert_int_equal(pm_region_list(&host, &list, &count, NULL), PM_OK);
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].id, id) == 0)
			info = list[i];
	free(list);
	assert_string_equal(info.id, id);
	return info;
}

/* The pool that make_pool makes, with the id in the first bytes of its UUID. */
static inline void make_pool_in(const char *region_id, uint64_t offset, uint64_t bytes, uint8_t id, uint32_t index)
{
	struct pm_pool_request request = model_request();
	struct pm_region region;
	struct pm_error err;

	if (pm_region_open(&host, region_id, offset, bytes, true, &region, &err))
		fail_msg("%s", err.message);
	request.pool_uuid[0] = request.region_uuid[0] = id;
	request.physical_base = region.info.base + offset;
	request.region_index = index;
	request.first_pool_page = index * UINT64_C(1048576);
	assert_int_equal(pm_pool_format(region.map, region.bytes, &request, &model_act), PM_OK);
	pm_region_close(&region);
}

static inline void make_pool(uint64_t offset, uint64_t bytes)
{
	make_pool_in(ID, offset, bytes, 0x10, 0);
}

/* What a copy of a superblock can be. */
enum copy { GOOD, DAMAGED, ABSENT, NEWER, NEWER_MAYBE, OLDER, COPIES };

static inline void spoil_copy(uint8_t *page, enum copy copy)
{
	struct pm_superblock *sb = (struct pm_superblock *)page;

	if (copy == DAMAGED)
		sb->pool_name[PM_NAME_BYTES - 1] ^= 1;
	else if (copy == ABSENT)
		memset(page, 0, PM_PAGE_SIZE);
	else if (copy == OLDER)
		sb->version = 1;
	else if (copy != GOOD)
		sb->version = 9;
	if (copy == NEWER || copy == OLDER)
		sb->crc = pm_crc32c(0, sb, offsetof(struct pm_superblock, crc));
}

/* Both copies of the pool over this part of the region. */
static inline void spoil(uint64_t offset, uint64_t bytes, enum copy a, enum copy b)
{
	struct pm_region region = open_part(offset, bytes, true);

	spoil_copy(region.map, a);
	spoil_copy(region.map + region.bytes - PM_PAGE_SIZE, b);
	pm_region_close(&region);
}

static inline void boot(const char *cmdline)
{
	struct pm_error err;

	if (pm_host_simulate_boot(&host, cmdline, &err))
		fail_msg("%s", err.message);
}

#define HOST_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
