/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Superblocks: two copies, versions, feature flags, and fields that somebody filled with the worst. */
#include "core/superblock.h"
#include "model.h"
#include <string.h>

#define MIB (UINT64_C(1) << 20)

static struct pm_superblock *copy_a(struct model_region *region)
{
	return (struct pm_superblock *)(void *)region->memory;
}

static struct pm_superblock *copy_b(struct model_region *region)
{
	return (struct pm_superblock *)(void *)(region->memory + region->bytes - 4096);
}

/* Change both copies alike, with a right checksum. */
static void reseal(struct model_region *region)
{
	pm_superblock_seal(copy_a(region));
	memcpy(copy_b(region), copy_a(region), 4096);
}

static enum pm_code attach_at(struct model_region *region, uint64_t bytes, uint64_t physical_base, unsigned flags)
{
	const struct pm_mapping mapping = {.base = region->memory, .bytes = bytes, .physical_base = physical_base};

	pm_pool_detach(&region->pool);
	return pm_pool_attach(&region->pool, &mapping, 1, flags, &model_memory, &model_act);
}

static enum pm_code attach_unchanged(struct model_region *region, unsigned flags)
{
	static uint8_t before[2 * MIB];
	enum pm_code code;

	assert_true(region->bytes <= sizeof(before));
	memcpy(before, region->memory, region->bytes);
	code = attach_at(region, region->bytes, MODEL_BASE, flags);
	assert_memory_equal(before, region->memory, region->bytes);
	return code;
}

static void either_copy_is_enough_and_the_other_is_mended(void **state)
{
	(void)state;
	for (int which = 0; which < 2; which++) {
		struct model_region region;
		struct pm_superblock *hurt, saved;

		model_region_make(&region, MIB);
		hurt = which ? copy_b(&region) : copy_a(&region);
		saved = *hurt;
		hurt->page_count ^= 1;
		assert_int_equal(attach_unchanged(&region, PM_ATTACH_READ_ONLY), PM_OK);
		assert_int_equal(model_region_again(&region), PM_OK);
		assert_true(region.pool.recovered.superblock_mended);
		assert_memory_equal(hurt, &saved, sizeof(saved));
		assert_int_equal(attach_unchanged(&region, 0), PM_OK);
		model_region_end(&region);
	}
}

static void the_newer_copy_wins(void **state)
{
	(void)state;
	for (int which = 0; which < 2; which++) {
		struct model_region region;
		struct pm_superblock *newer;

		model_region_make(&region, MIB);
		newer = which ? copy_b(&region) : copy_a(&region);
		newer->sequence = 7;
		memcpy(newer->pool_name, "new", 4);
		pm_superblock_seal(newer);
		assert_int_equal(model_region_again(&region), PM_OK);
		assert_string_equal(region.pool.sb.pool_name, "new");
		assert_memory_equal(copy_a(&region), copy_b(&region), 4096);
		model_region_end(&region);
	}
}

static void a_page_is_enough_to_probe(void **state)
{
	struct model_region region;
	struct pm_superblock sb;

	(void)state;
	model_region_make(&region, MIB);
	assert_int_equal(pm_pool_probe(region.memory, 4096, &sb), PM_OK);
	assert_int_equal(sb.region_bytes, MIB);
	assert_int_equal(pm_pool_probe(region.memory, 4095, &sb), PM_E_POOL_NOT_FOUND);
	assert_int_equal(pm_pool_probe(region.memory + 64 * 4096, 4096, &sb), PM_E_POOL_NOT_FOUND);
	copy_a(&region)->created_ns++;
	assert_int_equal(pm_pool_probe(region.memory, 4096, &sb), PM_E_POOL_CORRUPT);
	assert_int_equal(pm_pool_probe(region.memory, MIB, &sb), PM_OK);
	model_region_end(&region);
}

static void a_moved_or_shrunk_region_is_known_as_such(void **state)
{
	struct model_region region;

	(void)state;
	model_region_make(&region, 2 * MIB);
	assert_int_equal(attach_at(&region, region.bytes, MODEL_BASE + 4096, 0), PM_E_REGION_MOVED);
	assert_int_equal(attach_at(&region, MIB, MODEL_BASE, 0), PM_E_REGION_MOVED);
	model_region_end(&region);
}

static void set_version(struct pm_superblock *sb)
{
	sb->version = 3;
}
static void set_version_one(struct pm_superblock *sb)
{
	sb->version = 1;
}
static void set_version_zero(struct pm_superblock *sb)
{
	sb->version = 0;
}
static void set_incompat(struct pm_superblock *sb)
{
	sb->incompat = UINT64_C(1) << 63;
}
static void set_compat(struct pm_superblock *sb)
{
	sb->compat = UINT64_MAX;
}
static void set_ro_compat(struct pm_superblock *sb)
{
	sb->ro_compat = 1;
}

static void other_formats_are_refused_or_read_only(void **state)
{
	static const struct {
		void (*change)(struct pm_superblock *sb);
		enum pm_code code;
		bool read_only;
	} cases[] = {
		{set_version, PM_E_POOL_FORMAT_NEWER, false},
		{set_version_one, PM_E_POOL_FORMAT_OLDER, false},
		{set_version_zero, PM_E_POOL_CORRUPT, false},
		{set_incompat, PM_E_POOL_FORMAT_NEWER, false},
		{set_compat, PM_OK, false},
		{set_ro_compat, PM_OK, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_alloc_request one = {.pages = 1};
		struct model_region region;
		struct pm_run run;

		model_region_make(&region, MIB);
		cases[i].change(copy_a(&region));
		reseal(&region);
		assert_int_equal(attach_unchanged(&region, 0), cases[i].code);
		if (cases[i].code == PM_OK) {
			assert_int_equal(region.pool.read_only, cases[i].read_only);
			assert_int_equal(pm_alloc(&region.pool, &one, &model_act, &run),
					 cases[i].read_only ? PM_E_POOL_READ_ONLY : PM_OK);
			assert_int_equal(pm_log_append(&region.pool, PM_VERB_WRITE, 0, 0, "", &model_act) == 0,
					 cases[i].read_only);
		}
		model_region_end(&region);
	}
}

static void an_upgrade_that_stopped_half_way_is_refused(void **state)
{
	struct model_region region;

	(void)state;
	model_region_make(&region, MIB);
	copy_a(&region)->version = 3;
	pm_superblock_seal(copy_a(&region));
	assert_int_equal(attach_unchanged(&region, 0), PM_E_POOL_FORMAT_NEWER);
	/* But a version that only damage made does not lock the pool up. */
	copy_a(&region)->version = 4;
	assert_int_equal(model_region_again(&region), PM_OK);
	model_region_end(&region);
}

/* Each 8-byte word of the superblock set to extremes, with a right checksum: attach may like it or not, but it must
 * come back, and a refusal must have changed nothing. */
static void no_extreme_in_any_field_is_believed(void **state)
{
	static const uint64_t extremes[] = {
		0,
		1,
		2,
		255,
		4095,
		4096,
		4097,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		UINT64_C(0x100000000),
		UINT64_C(0x7fffffffffffffff),
		UINT64_C(0x8000000000000000),
		UINT64_C(0xfffffffffffff000),
		UINT64_MAX,
	};
	const size_t fields_end = offsetof(struct pm_superblock, reserved);
	struct model_region region;
	struct pm_superblock good;
	size_t accepted = 0, refused = 0;

	(void)state;
	model_region_make(&region, MIB);
	good = *copy_a(&region);
	for (size_t at = 8; at + 8 <= fields_end; at += 4)
		for (size_t i = 0; i < sizeof(extremes) / sizeof(extremes[0]); i++) {
			*copy_a(&region) = good;
			memcpy(region.memory + at, &extremes[i], at % 8 ? 4 : 8);
			reseal(&region);
			if (attach_unchanged(&region, PM_ATTACH_READ_ONLY) == PM_OK)
				accepted++;
			else
				refused++;
		}
	/* Sizes, counts, ranges and sections refuse; UUIDs, times, compat flags and unused sections do not matter. */
	assert_true(refused > 400);
	assert_true(accepted > 100);
	model_region_end(&region);
}

static void a_section_over_another_is_refused(void **state)
{
	struct model_region region;
	struct pm_superblock good;

	(void)state;
	model_region_make(&region, MIB);
	good = *copy_a(&region);
	for (uint32_t i = 0; i < 5; i++)
		for (uint32_t j = 0; j < 5; j++) {
			*copy_a(&region) = good;
			copy_a(&region)->sections[i].offset = good.sections[j].offset;
			reseal(&region);
			assert_int_equal(attach_unchanged(&region, 0), i == j ? PM_OK : PM_E_POOL_CORRUPT);
			*copy_a(&region) = good;
			copy_a(&region)->sections[i].type = good.sections[j].type;
			reseal(&region);
			assert_int_equal(attach_unchanged(&region, 0), i == j ? PM_OK : PM_E_POOL_CORRUPT);
		}
	model_region_end(&region);
}

/* A name of blanks alone is no name any more; a pool that has one still opens. */
static void a_pool_gets_another_name(void **state)
{
	static const struct {
		const char *name;
		enum pm_code code;
	} cases[] = {
		{"lab two", PM_OK},	    {"", PM_E_NAME_INVALID}, {"  ", PM_E_NAME_INVALID},
		{"a/b", PM_E_NAME_INVALID}, {"Größe", PM_OK},
	};
	struct model_region region;

	(void)state;
	model_region_make(&region, MIB);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t sequence = region.pool.sb.sequence;

		assert_int_equal(pm_pool_rename(&region.pool, cases[i].name), cases[i].code);
		assert_int_equal(region.pool.sb.sequence - sequence, cases[i].code == PM_OK);
		assert_memory_equal(copy_a(&region), copy_b(&region), 4096);
		if (cases[i].code)
			continue;
		assert_int_equal(attach_unchanged(&region, 0), PM_OK);
		assert_string_equal(region.pool.sb.pool_name, cases[i].name);
	}
	assert_int_equal(attach_unchanged(&region, PM_ATTACH_READ_ONLY), PM_OK);
	assert_int_equal(pm_pool_rename(&region.pool, "no"), PM_E_POOL_READ_ONLY);
	memcpy(copy_a(&region)->pool_name, "   \0   ", 4);
	memset(copy_a(&region)->pool_name + 3, 0, PM_NAME_BYTES - 3);
	reseal(&region);
	assert_int_equal(attach_unchanged(&region, 0), PM_OK);
	model_region_end(&region);
}

/* What is not of version 2 at either place says so, whichever it is. */
static void an_older_copy_beside_a_good_one_is_mended(void **state)
{
	struct model_region region;

	(void)state;
	model_region_make(&region, MIB);
	copy_b(&region)->version = 1;
	pm_superblock_seal(copy_b(&region));
	assert_int_equal(model_region_again(&region), PM_OK);
	assert_true(region.pool.recovered.superblock_mended);
	assert_memory_equal(copy_a(&region), copy_b(&region), 4096);
	copy_a(&region)->version = 1;
	pm_superblock_seal(copy_a(&region));
	assert_int_equal(pm_pool_probe(region.memory, 4096, &(struct pm_superblock){0}), PM_E_POOL_FORMAT_OLDER);
	/* Of version 1 nothing is believed, so its checksum counts too. */
	copy_a(&region)->created_ns++;
	assert_int_equal(pm_pool_probe(region.memory, 4096, &(struct pm_superblock){0}), PM_E_POOL_CORRUPT);
	model_region_end(&region);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(either_copy_is_enough_and_the_other_is_mended),
		cmocka_unit_test(the_newer_copy_wins),
		cmocka_unit_test(a_page_is_enough_to_probe),
		cmocka_unit_test(a_moved_or_shrunk_region_is_known_as_such),
		cmocka_unit_test(other_formats_are_refused_or_read_only),
		cmocka_unit_test(a_pool_gets_another_name),
		cmocka_unit_test(an_older_copy_beside_a_good_one_is_mended),
		cmocka_unit_test(an_upgrade_that_stopped_half_way_is_refused),
		cmocka_unit_test(no_extreme_in_any_field_is_believed),
		cmocka_unit_test(a_section_over_another_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
