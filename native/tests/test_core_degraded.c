/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A region that is missing, moved, damaged or somebody else's is named, and the pool can only be read. */
#include "core/directory.h"
#include "core/records.h"
#include "core/superblock.h"
#include "many.h"
#include <stdlib.h>
#include <string.h>

/* --- a region that is not itself --- */

static void miss(struct many *many, uint32_t at)
{
	free(many->mappings[at].base);
	many->mappings[at] = many->mappings[--many->count];
}
static void move(struct many *many, uint32_t at)
{
	many->mappings[at].physical_base += 4096;
}
static void shrink(struct many *many, uint32_t at)
{
	many->mappings[at].bytes -= 4096;
}
static void make_foreign(struct many *many, uint32_t at)
{
	many_copy_a(&many->mappings[at])->pool_uuid[0] ^= 1;
	many_reseal(&many->mappings[at]);
}
static void make_other(struct many *many, uint32_t at)
{
	many_copy_a(&many->mappings[at])->region_uuid[0] ^= 1;
	many_reseal(&many->mappings[at]);
}
static void make_other_index(struct many *many, uint32_t at)
{
	many_copy_a(&many->mappings[at])->region_index = 77;
	many_reseal(&many->mappings[at]);
}
static void make_newer(struct many *many, uint32_t at)
{
	many_copy_a(&many->mappings[at])->version = 3;
	many_reseal(&many->mappings[at]);
}
static void make_older(struct many *many, uint32_t at)
{
	many_copy_a(&many->mappings[at])->version = 1;
	many_reseal(&many->mappings[at]);
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
static void damage_blocks(struct many *many, uint32_t at)
{
	((uint8_t *)many->mappings[at].base)[4096] ^= 1;
}
static void damage_records(struct many *many, uint32_t at)
{
	const struct pm_superblock *sb = many_copy_a(&many->mappings[at]);

	((uint8_t *)many->mappings[at].base)[sb->sections[2].offset + 256] ^= 0x40;
}

static void a_region_that_is_not_itself_is_named(void **state)
{
	static const struct {
		void (*spoil)(struct many *many, uint32_t at);
		enum pm_code code;
	} cases[] = {
		{miss, PM_E_REGION_MISSING},
		{move, PM_E_REGION_MOVED},
		{shrink, PM_E_REGION_MOVED},
		{make_foreign, PM_E_POOL_FOREIGN},
		{make_other, PM_E_POOL_FOREIGN},
		{make_other_index, PM_E_POOL_FOREIGN},
		{make_newer, PM_E_POOL_FORMAT_NEWER},
		{make_older, PM_E_POOL_FORMAT_OLDER},
		{damage_superblocks, PM_E_POOL_CORRUPT},
		{erase, PM_E_REGION_MISSING},
		{damage_blocks, PM_E_POOL_CORRUPT},
		{damage_records, PM_E_POOL_CORRUPT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_alloc_request one = {.pages = 1};
		struct many many;
		struct pm_run run;
		uint64_t page, lost;

		many_make(&many, 6);
		for (uint32_t r = 0; r < 6; r++)
			assert_int_equal(many_name_in(&many, r, many_name(r), &run), PM_OK);
		lost = many.pool.infos[3].first_pool_page;
		cases[i].spoil(&many, 3);
		assert_int_equal(many_attach_unchanged(&many, 0), PM_OK);
		assert_true(many.pool.degraded && many.pool.read_only);
		assert_int_equal(many.pool.region_count, 6);
		for (uint32_t r = 0; r < 6; r++) {
			const struct pm_member_info *info = &many.pool.infos[r];

			if (info->code != (r == 3 ? cases[i].code : PM_OK))
				fail_msg("case %zu: region %u is %s", i, r, pm_error_name(info->code));
			assert_int_equal(info->present, r != 3);
			assert_int_equal(info->physical_base, many_base(r));
			assert_int_equal(info->bytes, many_bytes(r));
			assert_int_equal(pm_record_find(&many.pool, many_name(r), &page) != NULL, r != 3);
		}
		assert_null(pm_page_bytes(&many.pool, lost));
		assert_int_equal(pm_page_address(&many.pool, lost), many_base(3));
		assert_int_equal(pm_page_state_get(&many.pool, lost), PM_PAGE_BAD);
		assert_int_equal(pm_pool_begin(&many.pool, false, &model_act), PM_E_POOL_DEGRADED);
		assert_int_equal(pm_alloc(&many.pool, &one, &model_act, &run), PM_E_POOL_READ_ONLY);
		assert_int_equal(pm_pool_rename(&many.pool, "no"), PM_E_POOL_READ_ONLY);
		assert_int_equal(pm_log_append(&many.pool, PM_VERB_WRITE, 0, 0, "", &model_act), 0);
		assert_true(pm_log_sequence(&many.pool) > 0);
		many_end(&many);
	}
}

static void without_its_first_region_a_pool_tells_what_it_can(void **state)
{
	static const struct {
		void (*spoil)(struct many *many, uint32_t at);
		enum pm_code code;
	} cases[] = {
		{miss, PM_E_REGION_MISSING},
		{move, PM_E_REGION_MOVED},
		{damage_superblocks, PM_E_POOL_CORRUPT},
		{make_newer, PM_E_POOL_FORMAT_NEWER},
		{damage_blocks, PM_E_POOL_CORRUPT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct many many;
		struct pm_run run;

		many_make(&many, 4);
		for (uint32_t r = 0; r < 4; r++)
			assert_int_equal(many_name_in(&many, r, many_name(r), &run), PM_OK);
		cases[i].spoil(&many, 0);
		assert_int_equal(many_attach_unchanged(&many, 0), PM_OK);
		assert_true(many.pool.degraded && many.pool.read_only);
		assert_string_equal(many.pool.sb.pool_name, "lab");
		assert_int_equal(many.pool.region_count, 4);
		assert_int_equal(many.pool.infos[0].code, cases[i].code);
		for (uint32_t r = 0; r < 4; r++)
			assert_int_equal(pm_record_find(&many.pool, many_name(r), NULL) != NULL, r != 0);
		assert_int_equal(pm_log_sequence(&many.pool), 0);
		assert_int_equal(pm_log_slots(&many.pool), 0);
		many_end(&many);
	}
}

static void one_region_of_several_opens_alone(void **state)
{
	struct many many;
	struct pm_mapping all[REGIONS_MAX];
	struct pm_run run;

	(void)state;
	many_make(&many, 4);
	for (uint32_t r = 0; r < 4; r++)
		assert_int_equal(many_name_in(&many, r, many_name(r), &run), PM_OK);
	memcpy(all, many.mappings, sizeof(all));
	for (uint32_t r = 0; r < 4; r++) {
		many.mappings[0] = all[r];
		many.count = 1;
		assert_int_equal(many_attach_unchanged(&many, 0), PM_OK);
		assert_true(many.pool.degraded && many.pool.read_only);
		/* Region 0 knows of all; another one of those before it. */
		assert_int_equal(many.pool.region_count, r ? r + 1 : 4);
		for (uint32_t i = 0; i < many.pool.region_count; i++)
			assert_int_equal(many.pool.infos[i].present, i == r);
		assert_non_null(pm_record_find(&many.pool, many_name(r), NULL));
	}
	memcpy(many.mappings, all, sizeof(all));
	many.count = 4;
	assert_int_equal(many_attach_unchanged(&many, 0), PM_OK);
	assert_false(many.pool.degraded);
	many_end(&many);
}

static void a_mapping_of_another_pool_is_refused(void **state)
{
	struct pm_pool_request request = many_request(7);
	struct many many;

	(void)state;
	many_make(&many, 2);
	many.mappings[2] = many_mapping(7);
	many.count = 3;
	assert_int_equal(many_attach_unchanged(&many, 0), PM_E_POOL_NOT_FOUND);
	request.physical_base = many_base(7);
	request.pool_uuid[0] ^= 1;
	assert_int_equal(pm_pool_format(many.mappings[2].base, many.mappings[2].bytes, &request, &model_act), PM_OK);
	assert_int_equal(many_attach_unchanged(&many, 0), PM_E_POOL_FOREIGN);
	/* One that says it belongs here, but that no member names. */
	many_copy_a(&many.mappings[2])->pool_uuid[0] ^= 1;
	many_reseal(&many.mappings[2]);
	assert_int_equal(many_attach_unchanged(&many, 0), PM_OK);
	assert_true(many.pool.degraded && many.pool.read_only);
	assert_int_equal(many.pool.region_count, 2);
	many_end(&many);
}

static void unknown_flags_of_any_region_count(void **state)
{
	(void)state;
	for (uint32_t at = 0; at < 3; at++) {
		struct many many;

		many_make(&many, 3);
		many_copy_a(&many.mappings[at])->ro_compat = 1;
		many_reseal(&many.mappings[at]);
		assert_int_equal(many_attach_unchanged(&many, 0), PM_OK);
		assert_true(many.pool.read_only);
		assert_false(many.pool.degraded);
		many_copy_a(&many.mappings[at])->ro_compat = 0;
		many_copy_a(&many.mappings[at])->incompat = 1;
		many_reseal(&many.mappings[at]);
		assert_int_equal(many_attach_unchanged(&many, 0), PM_OK);
		assert_int_equal(many.pool.infos[at].code, PM_E_POOL_FORMAT_NEWER);
		many_end(&many);
	}
}

/* The list of members contradicts itself: nobody knows which pages are whose. */
static void a_list_of_members_with_holes_is_corrupt(void **state)
{
	struct many many;
	struct pm_record *record, good;

	(void)state;
	many_make(&many, 4);
	record = many_member_record(&many, 2);
	good = *record;
	for (int i = 0; i < 4; i++) {
		*record = good;
		if (i == 0)
			record->region_index = 3;
		else if (i == 1)
			record->region_index = 9;
		else if (i == 2)
			record->page += 512;
		else
			record->pages += 512;
		record->crc = pm_crc32c(0, &record->kind, sizeof(*record) - offsetof(struct pm_record, kind));
		assert_int_equal(many_attach_unchanged(&many, 0), PM_E_POOL_CORRUPT);
	}
	*record = good;
	assert_int_equal(many_attach_unchanged(&many, 0), PM_OK);
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
		cmocka_unit_test(a_region_that_is_not_itself_is_named),
		cmocka_unit_test(without_its_first_region_a_pool_tells_what_it_can),
		cmocka_unit_test(one_region_of_several_opens_alone),
		cmocka_unit_test(a_mapping_of_another_pool_is_refused),
		cmocka_unit_test(unknown_flags_of_any_region_count),
		cmocka_unit_test(a_list_of_members_with_holes_is_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, everything_was_given_back);
}
