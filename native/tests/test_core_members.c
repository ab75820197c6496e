/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool of many regions: they join one by one, come back in any order, and when one is not itself it is named. */
#include "core/directory.h"
#include "core/records.h"
#include "core/superblock.h"
#include "model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define REGIONS_MAX 80

/* A pool, its regions, and the mappings that the tests shuffle and spoil. */
struct many {
	uint32_t count;
	struct pm_mapping mappings[REGIONS_MAX];
	struct pm_pool pool;
	bool attached;
};

/* Sizes that are no multiples of a block, places that are not in order. */
static uint64_t bytes_of(uint32_t index)
{
	return MIB + (uint64_t)(index * 7 % 11) * 256 * 1024 + (uint64_t)(index % 3) * 4096;
}

static uint64_t base_of(uint32_t index)
{
	return MODEL_BASE + (uint64_t)(index * 37 % REGIONS_MAX) * (64 * MIB);
}

static struct pm_pool_request request_of(uint32_t index)
{
	struct pm_pool_request request = model_request();

	request.region_uuid[15] = (uint8_t)index;
	request.medium = (enum pm_medium)(1 + index % 4);
	request.numa_node = (int32_t)(index % 3) - 1;
	return request;
}

static struct pm_mapping mapping_make(uint32_t index)
{
	struct pm_mapping mapping = {.bytes = bytes_of(index), .physical_base = base_of(index), .flush = index % 2};

	mapping.base = aligned_alloc(4096, mapping.bytes);
	assert_non_null(mapping.base);
	memset(mapping.base, 0x5a, mapping.bytes);
	return mapping;
}

static enum pm_code attach(struct many *many, unsigned flags)
{
	enum pm_code code;

	if (many->attached)
		pm_pool_detach(&many->pool);
	code = pm_pool_attach(&many->pool, many->mappings, many->count, flags, &model_memory, &model_act);
	many->attached = code == PM_OK;
	return code;
}

static enum pm_code extend(struct many *many)
{
	struct pm_pool_request request = request_of(many->count);
	enum pm_code code;

	many->mappings[many->count] = mapping_make(many->count);
	assert_int_equal(pm_pool_begin(&many->pool, false, &model_act), PM_OK);
	code = pm_pool_extend(&many->pool, &many->mappings[many->count], &request, &model_act);
	pm_pool_end(&many->pool);
	many->count++;
	return code;
}

static void many_make(struct many *many, uint32_t count)
{
	struct pm_pool_request request = request_of(0);

	memset(many, 0, sizeof(*many));
	many->mappings[0] = mapping_make(0);
	many->count = 1;
	request.physical_base = base_of(0);
	assert_int_equal(pm_pool_format(many->mappings[0].base, many->mappings[0].bytes, &request, &model_act), PM_OK);
	assert_int_equal(attach(many, 0), PM_OK);
	while (many->count < count)
		assert_int_equal(extend(many), PM_OK);
}

static void many_end(struct many *many)
{
	if (many->attached)
		pm_pool_detach(&many->pool);
	for (uint32_t i = 0; i < many->count; i++)
		free(many->mappings[i].base);
}

static const char *name_of(uint32_t index)
{
	static char name[32];

	snprintf(name, sizeof(name), "in region %u", index);
	return name;
}

static enum pm_code name_in(struct many *many, uint32_t region, const char *name, struct pm_run *run)
{
	struct pm_alloc_request request = {
		.pages = 2, .name = name, .placement = PM_PLACE_REGION, .node = (int32_t)region};

	return pm_alloc(&many->pool, &request, &model_act, run);
}

static struct pm_superblock *copy_a(const struct pm_mapping *mapping)
{
	return mapping->base;
}

static struct pm_superblock *copy_b(const struct pm_mapping *mapping)
{
	return (struct pm_superblock *)(void *)((uint8_t *)mapping->base + mapping->bytes - 4096);
}

static void reseal(const struct pm_mapping *mapping)
{
	pm_superblock_seal(copy_a(mapping));
	memcpy(copy_b(mapping), copy_a(mapping), 4096);
}

/* All bytes of all regions, to see that nothing was written. */
static uint32_t digest(const struct many *many)
{
	uint32_t crc = 0;

	for (uint32_t i = 0; i < many->count; i++)
		crc = pm_crc32c(crc, many->mappings[i].base, many->mappings[i].bytes);
	return crc;
}

static enum pm_code attach_unchanged(struct many *many, unsigned flags)
{
	uint32_t before = digest(many);
	enum pm_code code = attach(many, flags);

	assert_int_equal(digest(many), before);
	return code;
}

static struct pm_record *member_record(const struct many *many, uint32_t index)
{
	const struct pm_record *record;
	uint64_t cursor = 0;

	while ((record = pm_record_next(&many->pool, &cursor, NULL)))
		if (record->kind == PM_RECORD_MEMBER && record->region_index == index)
			return (struct pm_record *)(uintptr_t)record;
	fail_msg("no record of region %u", index);
	return NULL;
}

static void swap(struct many *many, uint32_t a, uint32_t b)
{
	struct pm_mapping mapping = many->mappings[a];

	many->mappings[a] = many->mappings[b];
	many->mappings[b] = mapping;
}

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
		assert_int_equal(name_in(&many, i, name_of(i), &run), PM_OK);
		assert_ptr_equal(pm_member_at(&many.pool, run.page, NULL), many.pool.members[i]);
	}
	for (int round = 0; round < 3; round++) {
		uint64_t end = 0;

		assert_int_equal(many.pool.region_count, COUNT);
		assert_false(many.pool.degraded || many.pool.read_only);
		for (uint32_t i = 0; i < COUNT; i++) {
			const struct pm_member_info *info = &many.pool.infos[i];
			struct pm_pool_request request = request_of(i);
			uint64_t page;

			assert_true(info->present);
			assert_int_equal(info->index, i);
			assert_int_equal(info->physical_base, base_of(i));
			assert_int_equal(info->bytes, bytes_of(i));
			assert_int_equal(info->page_count, bytes_of(i) / 4096);
			assert_int_equal(info->medium, request.medium);
			assert_int_equal(info->numa_node, request.numa_node);
			assert_memory_equal(info->region_uuid, request.region_uuid, 16);
			assert_int_equal(info->first_pool_page, (end + 511) / 512 * 512);
			end = info->first_pool_page + info->page_count;
			assert_non_null(pm_record_find(&many.pool, name_of(i), &page));
			assert_true(page >= info->first_pool_page && page < end);
		}
		assert_int_equal(many.pool.page_end, end);
		model_assert_adds_up(&many.pool);
		for (uint32_t i = COUNT - 1; i > 0; i--)
			swap(&many, i, (uint32_t)(model_random(&seed) % (i + 1)));
		assert_int_equal(attach_unchanged(&many, 0), PM_OK);
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
	assert_int_equal(pm_page_of_address(&many.pool, base_of(0) + bytes_of(0)), UINT64_MAX);
	many_end(&many);
}

static void what_is_in_the_pool_does_not_join_again(void **state)
{
	struct pm_pool_request request = request_of(9);
	struct pm_mapping mapping;
	struct many many;
	uint32_t before;

	(void)state;
	many_make(&many, 3);
	before = digest(&many);
	mapping = many.mappings[1];
	assert_int_equal(pm_pool_extend(&many.pool, &mapping, &request, &model_act), PM_E_REGION_OCCUPIED);
	mapping.physical_base += mapping.bytes - 4096; /* the last page of one */
	assert_int_equal(pm_pool_extend(&many.pool, &mapping, &request, &model_act), PM_E_REGION_OCCUPIED);
	mapping.physical_base = base_of(9);
	request.region_uuid[15] = 2;
	assert_int_equal(pm_pool_extend(&many.pool, &mapping, &request, &model_act), PM_E_REGION_OCCUPIED);
	request.region_uuid[15] = 9;
	mapping.bytes = MIB - 4096;
	assert_int_equal(pm_pool_extend(&many.pool, &mapping, &request, &model_act), PM_E_REGION_TOO_SMALL);
	assert_int_equal(digest(&many), before);
	assert_int_equal(attach(&many, PM_ATTACH_READ_ONLY), PM_OK);
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
	assert_int_equal(name_in(&many, 2, "one", &run), PM_OK);
	assert_int_equal(name_in(&many, 0, "one", &run), PM_E_NAME_TAKEN);
	assert_int_equal(name_in(&many, 0, "two", &run), PM_OK);
	assert_int_equal(pm_record_change(&many.pool, run.page, &label, &model_act, &run), PM_E_NAME_TAKEN);
	/* On the medium nothing forbids it. */
	memcpy(((struct pm_record *)(uintptr_t)pm_record_find(&many.pool, "two", NULL))->name, "one", 4);
	struct pm_record *record =
		(struct pm_record *)(uintptr_t)pm_directory_at(&many.pool, many.pool.members[0], run.page);
	record->crc = pm_crc32c(0, &record->kind, sizeof(*record) - offsetof(struct pm_record, kind));
	assert_int_equal(attach_unchanged(&many, 0), PM_E_POOL_CORRUPT);
	assert_int_equal(attach_unchanged(&many, PM_ATTACH_READ_ONLY), PM_E_POOL_CORRUPT);
	many_end(&many);
}

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
	copy_a(&many->mappings[at])->pool_uuid[0] ^= 1;
	reseal(&many->mappings[at]);
}
static void make_other(struct many *many, uint32_t at)
{
	copy_a(&many->mappings[at])->region_uuid[0] ^= 1;
	reseal(&many->mappings[at]);
}
static void make_other_index(struct many *many, uint32_t at)
{
	copy_a(&many->mappings[at])->region_index = 77;
	reseal(&many->mappings[at]);
}
static void make_newer(struct many *many, uint32_t at)
{
	copy_a(&many->mappings[at])->version = 3;
	reseal(&many->mappings[at]);
}
static void make_older(struct many *many, uint32_t at)
{
	copy_a(&many->mappings[at])->version = 1;
	reseal(&many->mappings[at]);
}
static void damage_superblocks(struct many *many, uint32_t at)
{
	copy_a(&many->mappings[at])->created_ns++;
	copy_b(&many->mappings[at])->created_ns++;
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
	const struct pm_superblock *sb = copy_a(&many->mappings[at]);

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
			assert_int_equal(name_in(&many, r, name_of(r), &run), PM_OK);
		lost = many.pool.infos[3].first_pool_page;
		cases[i].spoil(&many, 3);
		assert_int_equal(attach_unchanged(&many, 0), PM_OK);
		assert_true(many.pool.degraded && many.pool.read_only);
		assert_int_equal(many.pool.region_count, 6);
		for (uint32_t r = 0; r < 6; r++) {
			const struct pm_member_info *info = &many.pool.infos[r];

			if (info->code != (r == 3 ? cases[i].code : PM_OK))
				fail_msg("case %zu: region %u is %s", i, r, pm_error_name(info->code));
			assert_int_equal(info->present, r != 3);
			assert_int_equal(info->physical_base, base_of(r));
			assert_int_equal(info->bytes, bytes_of(r));
			assert_int_equal(pm_record_find(&many.pool, name_of(r), &page) != NULL, r != 3);
		}
		assert_null(pm_page_bytes(&many.pool, lost));
		assert_int_equal(pm_page_address(&many.pool, lost), base_of(3));
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
			assert_int_equal(name_in(&many, r, name_of(r), &run), PM_OK);
		cases[i].spoil(&many, 0);
		assert_int_equal(attach_unchanged(&many, 0), PM_OK);
		assert_true(many.pool.degraded && many.pool.read_only);
		assert_string_equal(many.pool.sb.pool_name, "lab");
		assert_int_equal(many.pool.region_count, 4);
		assert_int_equal(many.pool.infos[0].code, cases[i].code);
		for (uint32_t r = 0; r < 4; r++)
			assert_int_equal(pm_record_find(&many.pool, name_of(r), NULL) != NULL, r != 0);
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
		assert_int_equal(name_in(&many, r, name_of(r), &run), PM_OK);
	memcpy(all, many.mappings, sizeof(all));
	for (uint32_t r = 0; r < 4; r++) {
		many.mappings[0] = all[r];
		many.count = 1;
		assert_int_equal(attach_unchanged(&many, 0), PM_OK);
		assert_true(many.pool.degraded && many.pool.read_only);
		/* Region 0 knows of all; another one of those before it. */
		assert_int_equal(many.pool.region_count, r ? r + 1 : 4);
		for (uint32_t i = 0; i < many.pool.region_count; i++)
			assert_int_equal(many.pool.infos[i].present, i == r);
		assert_non_null(pm_record_find(&many.pool, name_of(r), NULL));
	}
	memcpy(many.mappings, all, sizeof(all));
	many.count = 4;
	assert_int_equal(attach_unchanged(&many, 0), PM_OK);
	assert_false(many.pool.degraded);
	many_end(&many);
}

static void a_mapping_of_another_pool_is_refused(void **state)
{
	struct pm_pool_request request = request_of(7);
	struct many many;

	(void)state;
	many_make(&many, 2);
	many.mappings[2] = mapping_make(7);
	many.count = 3;
	assert_int_equal(attach_unchanged(&many, 0), PM_E_POOL_NOT_FOUND);
	request.physical_base = base_of(7);
	request.pool_uuid[0] ^= 1;
	assert_int_equal(pm_pool_format(many.mappings[2].base, many.mappings[2].bytes, &request, &model_act), PM_OK);
	assert_int_equal(attach_unchanged(&many, 0), PM_E_POOL_FOREIGN);
	/* One that says it belongs here, but that no member names. */
	copy_a(&many.mappings[2])->pool_uuid[0] ^= 1;
	reseal(&many.mappings[2]);
	assert_int_equal(attach_unchanged(&many, 0), PM_OK);
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
		copy_a(&many.mappings[at])->ro_compat = 1;
		reseal(&many.mappings[at]);
		assert_int_equal(attach_unchanged(&many, 0), PM_OK);
		assert_true(many.pool.read_only);
		assert_false(many.pool.degraded);
		copy_a(&many.mappings[at])->ro_compat = 0;
		copy_a(&many.mappings[at])->incompat = 1;
		reseal(&many.mappings[at]);
		assert_int_equal(attach_unchanged(&many, 0), PM_OK);
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
	record = member_record(&many, 2);
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
		assert_int_equal(attach_unchanged(&many, 0), PM_E_POOL_CORRUPT);
	}
	*record = good;
	assert_int_equal(attach_unchanged(&many, 0), PM_OK);
	many_end(&many);
}

/* --- crashes while a region joins, and names --- */

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
		member_record(&many, 3)->state = PM_RECORD_STATE(PM_RECORD_PENDING);
		if (cases[i].spoil)
			cases[i].spoil(&many, 3);
		assert_int_equal(attach_unchanged(&many, PM_ATTACH_READ_ONLY), PM_OK);
		assert_int_equal(many.pool.region_count, 3);
		assert_false(many.pool.degraded);
		assert_int_equal(attach(&many, 0), PM_OK);
		assert_int_equal(many.pool.region_count, cases[i].joins ? 4 : 3);
		assert_false(many.pool.degraded || many.pool.read_only);
		assert_int_equal(many.pool.recovered.records_finished, cases[i].joins);
		assert_int_equal(many.pool.recovered.records_dropped, !cases[i].joins);
		if (!cases[i].joins) {
			if (many.count == 4)
				free(many.mappings[--many.count].base);
			assert_int_equal(attach_unchanged(&many, 0), PM_OK);
			assert_int_equal(extend(&many), PM_OK);
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
	assert_int_equal(extend(&many), PM_OK);
	assert_int_equal(pm_pool_begin(&other, false, &model_act), PM_E_POOL_CHANGED);
	pm_pool_detach(&other);
	assert_int_equal(pm_pool_attach(&other, many.mappings, 3, 0, &model_memory, &model_act), PM_OK);
	assert_int_equal(pm_pool_begin(&other, false, &model_act), PM_OK);
	pm_pool_end(&other);
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
		assert_string_equal(copy_a(&many.mappings[i])->pool_name, "lab two");
		assert_memory_equal(copy_a(&many.mappings[i]), copy_b(&many.mappings[i]), 4096);
	}
	/* It died after region 0 and copy A of region 1. */
	for (uint32_t i = 1; i < 3; i++) {
		memset(copy_b(&many.mappings[i])->pool_name, 0, PM_NAME_BYTES);
		memcpy(copy_b(&many.mappings[i])->pool_name, "lab", 3);
		copy_b(&many.mappings[i])->sequence--;
		pm_superblock_seal(copy_b(&many.mappings[i]));
	}
	memcpy(copy_a(&many.mappings[2]), copy_b(&many.mappings[2]), 4096);
	assert_int_equal(attach_unchanged(&many, PM_ATTACH_READ_ONLY), PM_OK);
	assert_string_equal(many.pool.sb.pool_name, "lab two");
	assert_int_equal(attach(&many, 0), PM_OK);
	assert_true(many.pool.recovered.superblock_mended);
	for (uint32_t i = 0; i < 3; i++) {
		assert_string_equal(copy_a(&many.mappings[i])->pool_name, "lab two");
		assert_memory_equal(copy_a(&many.mappings[i]), copy_b(&many.mappings[i]), 4096);
	}
	assert_int_equal(attach_unchanged(&many, 0), PM_OK);
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
		cmocka_unit_test(a_region_that_is_not_itself_is_named),
		cmocka_unit_test(without_its_first_region_a_pool_tells_what_it_can),
		cmocka_unit_test(one_region_of_several_opens_alone),
		cmocka_unit_test(a_mapping_of_another_pool_is_refused),
		cmocka_unit_test(unknown_flags_of_any_region_count),
		cmocka_unit_test(a_list_of_members_with_holes_is_corrupt),
		cmocka_unit_test(a_region_joins_whole_or_not_at_all),
		cmocka_unit_test(another_process_asks_for_the_new_region),
		cmocka_unit_test(the_first_regions_name_holds),
	};

	return cmocka_run_group_tests(tests, NULL, everything_was_given_back);
}
