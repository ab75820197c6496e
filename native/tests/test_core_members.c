/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool of many regions: they join one by one, whole or not at all, and come back in any order. */
#include "core/directory.h"
#include "core/records.h"
#include "core/superblock.h"
#include "many.h"
#include <stdlib.h>
#include <string.h>

/* --- joining --- */

static void regions_join_and_come_back_in_any_order(void **state)
{
	enum { COUNT = 70 };
	struct many many;
	struct pm_run run;
	uint64_t seed = 1;

	(void)state;
	many_make(&many, COUNT);
	for (uint32_t i = 0; i < COUNT; i++) {
		assert_int_equal(many_name_in(&many, i, many_name(i), &run), PM_OK);
		assert_ptr_equal(pm_member_at(&many.pool, run.page, NULL), many.pool.members[i]);
	}
	for (int round = 0; round < 3; round++) {
		uint64_t end = 0;

		assert_int_equal(many.pool.region_count, COUNT);
		assert_false(many.pool.degraded || many.pool.read_only);
		for (uint32_t i = 0; i < COUNT; i++) {
			const struct pm_member_info *info = &many.pool.infos[i];
			struct pm_pool_request request = many_request(i);
			uint64_t page;

			assert_true(info->present);
			assert_int_equal(info->index, i);
			assert_int_equal(info->physical_base, many_base(i));
			assert_int_equal(info->bytes, many_bytes(i));
			assert_int_equal(info->page_count, many_bytes(i) / 4096);
			assert_int_equal(info->medium, request.medium);
			assert_int_equal(info->numa_node, request.numa_node);
			assert_memory_equal(info->region_uuid, request.region_uuid, 16);
			assert_int_equal(info->first_pool_page, (end + 511) / 512 * 512);
			end = info->first_pool_page + info->page_count;
			assert_non_null(pm_record_find(&many.pool, many_name(i), &page));
			assert_true(page >= info->first_pool_page && page < end);
		}
		assert_int_equal(many.pool.page_end, end);
		model_assert_adds_up(&many.pool);
		for (uint32_t i = COUNT - 1; i > 0; i--)
			many_swap(&many, i, (uint32_t)(model_random(&seed) % (i + 1)));
		assert_int_equal(many_attach_unchanged(&many, 0), PM_OK);
		assert_false(model_recovered_anything(&many.pool));
	}
	many_end(&many);
}

static void pool_pages_and_addresses_go_both_ways(void **state)
{
	struct many many;
	uint64_t gap, first, end;

	(void)state;
	many_make(&many, 5);
	for (uint32_t i = 0; i < 5; i++) {
		const struct pm_member_info *info = &many.pool.infos[i];

		for (uint64_t at = 0; at < info->page_count;
		     at += at + 1 < info->page_count ? info->page_count - 1 : 1) {
			uint64_t page = info->first_pool_page + at, index, address = info->physical_base + at * 4096;

			assert_non_null(pm_member_at(&many.pool, page, &index));
			assert_int_equal(index, at);
			assert_ptr_equal(pm_page_bytes(&many.pool, page), (uint8_t *)many.mappings[i].base + at * 4096);
			assert_int_equal(pm_page_address(&many.pool, page), address);
			assert_int_equal(pm_page_of_address(&many.pool, address + 4095), page);
		}
		assert_true(pm_page_data(&many.pool, info->first_pool_page, &first, &end));
		assert_int_equal(first, info->first_pool_page + info->data_first);
		assert_int_equal(end, info->first_pool_page + info->data_end);
	}
	gap = many.pool.infos[0].page_count;
	assert_true(gap % 512);
	const uint64_t nowhere[] = {gap, many.pool.page_end, UINT64_MAX};

	for (size_t i = 0; i < 3; i++) {
		assert_null(pm_member_at(&many.pool, nowhere[i], NULL));
		assert_null(pm_page_bytes(&many.pool, nowhere[i]));
		assert_int_equal(pm_page_address(&many.pool, nowhere[i]), UINT64_MAX);
		assert_false(pm_page_data(&many.pool, nowhere[i], &first, &end));
		assert_int_equal(pm_page_state_get(&many.pool, nowhere[i]), PM_PAGE_BAD);
	}
	assert_int_equal(pm_page_of_address(&many.pool, 0), UINT64_MAX);
	assert_int_equal(pm_page_of_address(&many.pool, UINT64_MAX), UINT64_MAX);
	assert_int_equal(pm_page_of_address(&many.pool, many_base(0) + many_bytes(0)), UINT64_MAX);
	many_end(&many);
}

static void what_is_in_the_pool_does_not_join_again(void **state)
{
	struct pm_pool_request request = many_request(9);
	struct pm_mapping mapping;
	struct many many;
	uint32_t before;

	(void)state;
	many_make(&many, 3);
	before = many_digest(&many);
	mapping = many.mappings[1];
	assert_int_equal(pm_pool_extend(&many.pool, &mapping, &request, &model_act), PM_E_REGION_OCCUPIED);
	mapping.physical_base += mapping.bytes - 4096; /* the last page of one */
	assert_int_equal(pm_pool_extend(&many.pool, &mapping, &request, &model_act), PM_E_REGION_OCCUPIED);
	mapping.physical_base = many_base(9);
	request.region_uuid[15] = 2;
	assert_int_equal(pm_pool_extend(&many.pool, &mapping, &request, &model_act), PM_E_REGION_OCCUPIED);
	request.region_uuid[15] = 9;
	mapping.bytes = MIB - 4096;
	assert_int_equal(pm_pool_extend(&many.pool, &mapping, &request, &model_act), PM_E_REGION_TOO_SMALL);
	assert_int_equal(many_digest(&many), before);
	assert_int_equal(many_attach(&many, PM_ATTACH_READ_ONLY), PM_OK);
	assert_int_equal(pm_pool_extend(&many.pool, &mapping, &request, &model_act), PM_E_POOL_READ_ONLY);
	many_end(&many);
}

static void names_are_unique_over_all_regions(void **state)
{
	struct pm_label label = {.name = "one"};
	struct many many;
	struct pm_run run;

	(void)state;
	many_make(&many, 3);
	assert_int_equal(many_name_in(&many, 2, "one", &run), PM_OK);
	assert_int_equal(many_name_in(&many, 0, "one", &run), PM_E_NAME_TAKEN);
	assert_int_equal(many_name_in(&many, 0, "two", &run), PM_OK);
	assert_int_equal(pm_record_change(&many.pool, run.page, &label, &model_act, &run), PM_E_NAME_TAKEN);
	/* On the medium nothing forbids it. */
	memcpy(((struct pm_record *)(uintptr_t)pm_record_find(&many.pool, "two", NULL))->name, "one", 4);
	struct pm_record *record =
		(struct pm_record *)(uintptr_t)pm_directory_at(&many.pool, many.pool.members[0], run.page);
	record->crc = pm_crc32c(0, &record->kind, sizeof(*record) - offsetof(struct pm_record, kind));
	assert_int_equal(many_attach_unchanged(&many, 0), PM_E_POOL_CORRUPT);
	assert_int_equal(many_attach_unchanged(&many, PM_ATTACH_READ_ONLY), PM_E_POOL_CORRUPT);
	many_end(&many);
}

/* --- crashes while a region joins, and names --- */

static void miss(struct many *many, uint32_t at)
{
	free(many->mappings[at].base);
	many->mappings[at] = many->mappings[--many->count];
}
static void damage_superblocks(struct many *many, uint32_t at)
{
	many_copy_a(&many->mappings[at])->created_ns++;
	many_copy_b(&many->mappings[at])->created_ns++;
}
static void erase(struct many *many, uint32_t at)
{
	pm_pool_erase(many->mappings[at].base, many->mappings[at].bytes);
}

static void a_region_joins_whole_or_not_at_all(void **state)
{
	static const struct {
		void (*spoil)(struct many *many, uint32_t at);
		bool joins;
	} cases[] = {{NULL, true}, {miss, false}, {erase, false}, {damage_superblocks, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct many many;

		many_make(&many, 4);
		many_member_record(&many, 3)->state = PM_RECORD_STATE(PM_RECORD_PENDING);
		if (cases[i].spoil)
			cases[i].spoil(&many, 3);
		assert_int_equal(many_attach_unchanged(&many, PM_ATTACH_READ_ONLY), PM_OK);
		assert_int_equal(many.pool.region_count, 3);
		assert_false(many.pool.degraded);
		assert_int_equal(many_attach(&many, 0), PM_OK);
		assert_int_equal(many.pool.region_count, cases[i].joins ? 4 : 3);
		assert_false(many.pool.degraded || many.pool.read_only);
		assert_int_equal(many.pool.recovered.records_finished, cases[i].joins);
		assert_int_equal(many.pool.recovered.records_dropped, !cases[i].joins);
		if (!cases[i].joins) {
			if (many.count == 4)
				free(many.mappings[--many.count].base);
			assert_int_equal(many_attach_unchanged(&many, 0), PM_OK);
			assert_int_equal(many_extend(&many), PM_OK);
			assert_int_equal(many.pool.region_count, 4);
			model_assert_adds_up(&many.pool);
		}
		many_end(&many);
	}
}

static void another_process_asks_for_the_new_region(void **state)
{
	struct pm_pool other;
	struct many many;

	(void)state;
	many_make(&many, 2);
	assert_int_equal(pm_pool_attach(&other, many.mappings, 2, 0, &model_memory, &model_act), PM_OK);
	assert_int_equal(many_extend(&many), PM_OK);
	assert_int_equal(pm_pool_begin(&other, false, &model_act), PM_E_POOL_CHANGED);
	pm_pool_detach(&other);
	assert_int_equal(pm_pool_attach(&other, many.mappings, 3, 0, &model_memory, &model_act), PM_OK);
	assert_int_equal(pm_pool_begin(&other, false, &model_act), PM_OK);
	pm_pool_end(&other);
	pm_pool_detach(&other);
	many_end(&many);
}

static void processes_rename_in_turn(void **state)
{
	struct pm_pool other;
	struct many many;

	(void)state;
	many_make(&many, 3);
	assert_int_equal(pm_pool_attach(&other, many.mappings, 3, 0, &model_memory, &model_act), PM_OK);
	for (int turn = 0; turn < 6; turn++) {
		struct pm_pool *pool = turn / 2 % 2 ? &other : &many.pool; /* each twice */
		const char *name = turn % 2 ? "one" : "two";

		assert_int_equal(pm_pool_begin(pool, false, &model_act), PM_OK);
		assert_int_equal(pm_pool_rename(pool, name), PM_OK);
		pm_pool_end(pool);
		for (uint32_t i = 0; i < 3; i++) {
			assert_string_equal(many_copy_a(&many.mappings[i])->pool_name, name);
			assert_int_equal(many_copy_a(&many.mappings[i])->sequence, 2 + turn);
			assert_memory_equal(many_copy_a(&many.mappings[i]), many_copy_b(&many.mappings[i]), 4096);
		}
	}
	pm_pool_detach(&other);
	many_end(&many);
}

static void the_first_regions_name_holds(void **state)
{
	struct many many;

	(void)state;
	many_make(&many, 3);
	assert_int_equal(pm_pool_rename(&many.pool, "lab two"), PM_OK);
	for (uint32_t i = 0; i < 3; i++) {
		assert_string_equal(many_copy_a(&many.mappings[i])->pool_name, "lab two");
		assert_memory_equal(many_copy_a(&many.mappings[i]), many_copy_b(&many.mappings[i]), 4096);
	}
	/* It died after region 0 and copy A of region 1. */
	for (uint32_t i = 1; i < 3; i++) {
		memset(many_copy_b(&many.mappings[i])->pool_name, 0, PM_NAME_BYTES);
		memcpy(many_copy_b(&many.mappings[i])->pool_name, "lab", 3);
		many_copy_b(&many.mappings[i])->sequence--;
		pm_superblock_seal(many_copy_b(&many.mappings[i]));
	}
	memcpy(many_copy_a(&many.mappings[2]), many_copy_b(&many.mappings[2]), 4096);
	assert_int_equal(many_attach_unchanged(&many, PM_ATTACH_READ_ONLY), PM_OK);
	assert_string_equal(many.pool.sb.pool_name, "lab two");
	assert_int_equal(many_attach(&many, 0), PM_OK);
	assert_true(many.pool.recovered.superblock_mended);
	for (uint32_t i = 0; i < 3; i++) {
		assert_string_equal(many_copy_a(&many.mappings[i])->pool_name, "lab two");
		assert_memory_equal(many_copy_a(&many.mappings[i]), many_copy_b(&many.mappings[i]), 4096);
	}
	assert_int_equal(many_attach_unchanged(&many, 0), PM_OK);
	assert_false(model_recovered_anything(&many.pool));
	many_end(&many);
}

static int everything_was_given_back(void **state)
{
	(void)state;
	return model_memory_out() != 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(regions_join_and_come_back_in_any_order),
		cmocka_unit_test(pool_pages_and_addresses_go_both_ways),
		cmocka_unit_test(what_is_in_the_pool_does_not_join_again),
		cmocka_unit_test(names_are_unique_over_all_regions),
		cmocka_unit_test(a_region_joins_whole_or_not_at_all),
		cmocka_unit_test(another_process_asks_for_the_new_region),
		cmocka_unit_test(processes_rename_in_turn),
		cmocka_unit_test(the_first_regions_name_holds),
	};

	return cmocka_run_group_tests(tests, NULL, everything_was_given_back);
}
