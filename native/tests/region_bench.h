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

static inline void make_pool(uint64_t offset, uint64_t bytes)
{
	struct pm_region region = open_part(offset, bytes, true);
	struct pm_pool_request request = model_request();

	request.physical_base = PM_SIMULATED_BASE + offset;
	assert_int_equal(pm_pool_format(region.map, region.bytes, &request, &model_act), PM_OK);
	pm_region_close(&region);
}

#define HOST_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
