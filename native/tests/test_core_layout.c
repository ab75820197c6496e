/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where everything goes, from the smallest region to the largest. */
#include "core/layout.h"
#include "model.h"
#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)

static void sizes_are_as_documented(void **state)
{
	static const struct {
		uint64_t bytes, states_pages, records_pages, log_pages;
	} cases[] = {
		/* a page of states holds 16384 pages; of records 16; of log entries 32 */
		{1 * MIB, 1, 4, 8},
		{16 * MIB, 1, 4, 8},
		{64 * MIB, 1, 8, 8},
		{1 * GIB, 16, 128, 128},
		{16 * GIB, 256, 2048, 2048},
		{1 * TIB, 16384, 8192, 2048},
		{16 * TIB, 262144, 8192, 2048},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_pool_request request = model_request();
		struct pm_layout layout;

		assert_int_equal(pm_layout_compute(cases[i].bytes, &request, &layout), PM_OK);
		assert_int_equal(layout.page_count, cases[i].bytes / 4096);
		assert_int_equal(layout.data_end, layout.page_count - 1);
		assert_int_equal(layout.sections[0].offset, 4096);
		assert_int_equal(layout.sections[0].bytes, cases[i].states_pages * 4096);
		assert_int_equal(layout.sections[1].bytes, cases[i].records_pages * 4096);
		assert_int_equal(layout.sections[2].bytes, cases[i].log_pages * 4096);
		for (int s = 1; s < 3; s++)
			assert_int_equal(layout.sections[s].offset,
					 layout.sections[s - 1].offset + layout.sections[s - 1].bytes);
		assert_int_equal(layout.data_first,
				 1 + cases[i].states_pages + cases[i].records_pages + cases[i].log_pages);
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
		{16 * TIB + 4096, 0, 0, 0, PM_E_UNSUPPORTED},
		{UINT64_MAX, 0, 0, 0, PM_E_UNSUPPORTED},
		{UINT64_MAX & ~UINT64_C(4095), 0, 0, 0, PM_E_UNSUPPORTED},
		{1 * MIB, UINT64_MAX & ~UINT64_C(4095), 0, 0, PM_E_OUT_OF_RANGE},
		{1 * MIB, (UINT64_C(1) << 52) - 4096, 0, 0, PM_E_OUT_OF_RANGE},
		{1 * MIB, 0, UINT64_MAX, 0, PM_E_COUNT_INVALID},
		{1 * MIB, 0, 0, UINT64_MAX, PM_E_COUNT_INVALID},
		{1 * MIB, 0, 16 * 256, 0, PM_E_REGION_TOO_SMALL}, /* the records alone fill it */
		{1 * MIB, 0, 16 * 245, 0, PM_E_REGION_TOO_SMALL}, /* not a page left for data */
		{1 * MIB, 0, 16 * 243, 16, PM_OK},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_as_documented),
		cmocka_unit_test(impossible_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
