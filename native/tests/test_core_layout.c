/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where everything goes, from the smallest region to the largest. */
#include "core/layout.h"
#include "model.h"
#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)
#define TOP (UINT64_C(1) << 52) /* of physical addresses */

static void sizes_are_as_documented(void **state)
{
	static const struct {
		uint64_t bytes, blocks_pages, states_pages, log_pages;
	} cases[] = {
		/* a page of blocks tells of 1 GiB, one of states of 64 MiB; a page of log has 32 entries */
		{1 * MIB, 1, 1, 4},	      {2 * MIB + 4096, 1, 1, 4},
		{16 * MIB, 1, 1, 4},	      {64 * MIB, 1, 1, 4},
		{64 * MIB + 4096, 1, 2, 4},   {1 * GIB, 1, 16, 4},
		{1 * GIB + 4096, 2, 17, 4},   {16 * GIB, 16, 256, 64},
		{1 * TIB, 1024, 16384, 2048}, {16 * TIB, 16384, 262144, 2048},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct {
			uint32_t type;
			uint64_t pages;
		} sections[] = {
			{PM_SECTION_BLOCKS, cases[i].blocks_pages},
			{PM_SECTION_PAGE_STATES, cases[i].states_pages},
			{PM_SECTION_RECORDS, 1},
			{PM_SECTION_SHARED, 1},
			{PM_SECTION_LOG, cases[i].log_pages},
		};
		struct pm_pool_request request = model_request();
		struct pm_layout layout;
		uint64_t page = 1;

		assert_int_equal(pm_layout_compute(cases[i].bytes, &request, &layout), PM_OK);
		assert_int_equal(layout.page_count, cases[i].bytes / 4096);
		assert_int_equal(layout.data_end, layout.page_count - 1);
		assert_int_equal(layout.section_count, 5);
		for (uint32_t s = 0; s < 5; s++) {
			assert_int_equal(layout.sections[s].type, sections[s].type);
			assert_int_equal(layout.sections[s].offset, page * 4096);
			assert_int_equal(layout.sections[s].bytes, sections[s].pages * 4096);
			page += sections[s].pages;
		}
		assert_int_equal(layout.data_first, page);
	}
}

static void a_later_region_has_no_log(void **state)
{
	struct pm_pool_request request = model_request();
	struct pm_layout layout;

	(void)state;
	request.region_index = 4095;
	request.first_pool_page = 512;
	assert_int_equal(pm_layout_compute(MIB, &request, &layout), PM_OK);
	assert_int_equal(layout.section_count, 4);
	assert_int_equal(layout.data_first, 5);
	for (uint32_t s = 0; s < layout.section_count; s++)
		assert_int_not_equal(layout.sections[s].type, PM_SECTION_LOG);
}

/* Superblocks, sections and all, of what a region has. */
static void metadata_is_a_ten_thousandth(void **state)
{
	(void)state;
	for (uint64_t gib = 1; gib <= 16 * 1024; gib += gib < 64 ? 1 : 61) {
		struct pm_pool_request request = model_request();
		struct pm_layout layout;

		assert_int_equal(pm_layout_compute(gib * GIB, &request, &layout), PM_OK);
		assert_true((layout.data_first + 1) * 10000 <= layout.page_count);
	}
}

static void impossible_sizes_are_refused(void **state)
{
	static const struct {
		uint64_t bytes, base, records, log;
		enum pm_code code;
	} cases[] = {
		{0, 0, 0, 0, PM_E_REGION_TOO_SMALL},
		{4096, 0, 0, 0, PM_E_REGION_TOO_SMALL},
		{1 * MIB - 4096, 0, 0, 0, PM_E_REGION_TOO_SMALL},
		{1 * MIB + 1, 0, 0, 0, PM_E_REGION_UNALIGNED},
		{1 * MIB, 1, 0, 0, PM_E_REGION_UNALIGNED},
		{16 * TIB, 0, 0, 0, PM_OK},
		{16 * TIB, TOP - 16 * TIB, 0, 0, PM_OK},
		{16 * TIB, TOP - 16 * TIB + 4096, 0, 0, PM_E_OUT_OF_RANGE},
		{16 * TIB + 4096, 0, 0, 0, PM_E_UNSUPPORTED},
		{UINT64_MAX, 0, 0, 0, PM_E_UNSUPPORTED},
		{UINT64_MAX & ~UINT64_C(4095), 0, 0, 0, PM_E_UNSUPPORTED},
		{1 * MIB, UINT64_MAX & ~UINT64_C(4095), 0, 0, PM_E_OUT_OF_RANGE},
		{1 * MIB, TOP - 4096, 0, 0, PM_E_OUT_OF_RANGE},
		{1 * MIB, 0, UINT64_MAX, 0, PM_E_COUNT_INVALID},
		{1 * MIB, 0, 0, UINT64_MAX, PM_E_COUNT_INVALID},
		{1 * MIB, 0, (1 << 24) + 1, 0, PM_E_COUNT_INVALID},
		{1 * MIB, 0, 16 * 256, 0, PM_E_REGION_TOO_SMALL}, /* the records alone fill it */
		{1 * MIB, 0, 16 * 247, 0, PM_E_REGION_TOO_SMALL}, /* not a page left for data */
		{1 * MIB, 0, 16 * 246, 0, PM_OK},
		{1 * MIB, 0, 16 * 250, 16, PM_E_REGION_TOO_SMALL},
		{1 * MIB, 0, 16 * 249, 16, PM_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_pool_request request = model_request();
		struct pm_layout layout;

		request.physical_base = cases[i].base;
		request.record_slots = cases[i].records;
		request.log_slots = cases[i].log;
		if (pm_layout_compute(cases[i].bytes, &request, &layout) != cases[i].code)
			fail_msg("case %zu", i);
	}
}

static void impossible_places_are_refused(void **state)
{
	static const struct {
		uint32_t index;
		uint64_t first, bytes;
		enum pm_code code;
	} cases[] = {
		{0, 0, MIB, PM_OK},
		{0, 512, MIB, PM_E_OUT_OF_RANGE}, /* region 0 begins the pool */
		{1, 0, MIB, PM_E_OUT_OF_RANGE}, /* and no other does */
		{1, 511, MIB, PM_E_OUT_OF_RANGE},
		{1, 512, MIB, PM_OK},
		{PM_REGIONS_MAX - 1, 512, MIB, PM_OK},
		{PM_REGIONS_MAX, 512, MIB, PM_E_OUT_OF_RANGE},
		{UINT32_MAX, 512, MIB, PM_E_OUT_OF_RANGE},
		{1, PM_POOL_PAGES_MAX - 512, 2 * MIB, PM_OK},
		{1, PM_POOL_PAGES_MAX - 512, 2 * MIB + 4096, PM_E_OUT_OF_RANGE},
		{1, PM_POOL_PAGES_MAX, MIB, PM_E_OUT_OF_RANGE},
		{1, UINT64_MAX & ~UINT64_C(511), MIB, PM_E_OUT_OF_RANGE},
		{255, PM_POOL_PAGES_MAX - (UINT64_C(1) << 31), 16 * TIB, PM_E_OUT_OF_RANGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_pool_request request = model_request();
		struct pm_layout layout;

		request.region_index = cases[i].index;
		request.first_pool_page = cases[i].first;
		if (pm_layout_compute(cases[i].bytes, &request, &layout) != cases[i].code)
			fail_msg("case %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_as_documented),	 cmocka_unit_test(a_later_region_has_no_log),
		cmocka_unit_test(metadata_is_a_ten_thousandth),	 cmocka_unit_test(impossible_sizes_are_refused),
		cmocka_unit_test(impossible_places_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
