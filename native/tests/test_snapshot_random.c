// SPDX-License-Identifier: GPL-2.0-or-later
/* Files read at random: every page of every form, by several threads, and as the pool that it was. */
#include "pmpool/check.h"
#include "core/layout.h"
#include "core/member.h"
#include "host/heap.h"
#include "snapshot_kit.h"
#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct content {
	uint64_t zeros, text, noise, again, ones;
};

/* Whole windows of each kind, and windows of several. */
static void content_make(struct kit *kit, struct content *content)
{
	content->zeros = kit_take(kit, "zeros", 1000);
	content->text = kit_take(kit, "text", 300);
	content->noise = kit_take(kit, "noise", 700);
	content->again = kit_take(kit, "again", 700);
	content->ones = kit_take(kit, NULL, 37);
	kit_fill(kit, content->text, 300, KIT_TEXT, 1);
	kit_fill(kit, content->noise, 700, KIT_NOISE, 2);
	kit_fill(kit, content->again, 700, KIT_NOISE, 2);
	kit_fill(kit, content->ones, 37, KIT_ONES, 0);
}

static void every_page_comes_back(void **state)
{
	struct content content;
	struct kit_file files[3];
	struct kit_read read;
	struct kit kit;

	kit_open(&kit, 1, 16 * KIT_MIB);
	content_make(&kit, &content);
	kit_snapshot(&kit, NULL, &files[0]);
	kit_expectation(&kit, true, &files[1]);
	kit_expectation(&kit, false, &files[2]);
	for (size_t i = 0; i < 3; i++) {
		struct pm_snapshot *snapshot = kit_image(&files[i]);
		struct pm_snapshot_result result;

		assert_int_equal(pm_snapshot_damage(snapshot, NULL), PM_OK);
		assert_int_equal(pm_snapshot_is_expectation(snapshot), i > 0);
		assert_int_equal(pm_snapshot_has_bytes(snapshot), i < 2);
		assert_memory_equal(pm_snapshot_totals(snapshot), &files[i].result, sizeof(files[i].result));
		kit_read(&kit, snapshot, &read);
		assert_int_equal(read.pages, 2737);
		assert_int_equal(read.lost_windows, 0);
		assert_int_equal(kit_verify(&files[i], NULL, &result), PM_OK);
		assert_memory_equal(&result, &files[i].result, sizeof(result));
		assert_int_equal(result.zero_pages, 1000);
		/* but for the few that share a place in the table */
		assert_in_range(result.repeated_pages, i < 2 ? 720 : 0, i < 2 ? 736 : 0);
		pm_snapshot_close(snapshot);
	}
	assert_memory_equal(files[0].result.digest, files[2].result.digest, 16);
	for (size_t i = 0; i < 3; i++)
		kit_file_close(&files[i]);
	kit_close(&kit);
}

static void zero_and_repeated_pages_cost_nothing(void **state)
{
	struct kit_file little, much;
	struct kit kit;
	uint64_t page;

	kit_open(&kit, 1, 16 * KIT_MIB);
	page = kit_take(&kit, "one", 256);
	kit_fill(&kit, page, 256, KIT_NOISE, 1);
	kit_snapshot(&kit, NULL, &little);
	page = kit_take(&kit, "two", 2560);
	for (uint64_t i = 0; i < 5; i++)
		kit_fill(&kit, page + i * 256, 256, KIT_NOISE, 1);
	kit_snapshot(&kit, NULL, &much);
	assert_true(much.bytes < little.bytes + 2560 * 32);
	kit_file_close(&little);
	kit_file_close(&much);
	kit_close(&kit);
}

static void several_regions_and_a_directory_that_grew(void **state)
{
	struct kit_file file;
	struct kit_read read;
	struct kit kit;
	struct pm_snapshot *snapshot;
	const struct pm_pool *pool, *again;
	struct pm_usage now, then;
	struct pm_log_entry entry;
	size_t regions;

	kit_open(&kit, 3, 3 * KIT_MIB);
	for (unsigned i = 0; i < 60; i++) {
		char name[32];
		uint64_t page;

		snprintf(name, sizeof(name), "number %u", i);
		page = kit_take_in(&kit, name, 1 + i % 3, (int32_t)i % 3);
		kit_fill(&kit, page, 1 + i % 3, i % 2 ? KIT_NOISE : KIT_TEXT, i);
	}
	kit_snapshot(&kit, NULL, &file);
	snapshot = kit_image(&file);
	kit_read(&kit, snapshot, &read);
	assert_int_equal(read.pages, file.result.pages);
	assert_int_equal(read.pages, 120);
	assert_int_equal(pm_snapshot_regions(snapshot, &regions)->region_index, 0);
	assert_int_equal(regions, 3);
	assert_int_equal(pm_snapshot_pool(snapshot, &pool, NULL), PM_OK);
	assert_int_equal(pm_snapshot_pool(snapshot, &again, NULL), PM_OK);
	assert_ptr_equal(pool, again);
	assert_true(pool->read_only);
	assert_false(pool->degraded);
	pm_usage_get(&kit.pool, &now);
	pm_usage_get(pool, &then);
	assert_memory_equal(&now, &then, sizeof(now));
	assert_true(now.record_slots > 16 * 3);
	assert_int_equal(pm_log_sequence(pool), pm_log_sequence(&kit.pool));
	assert_true(pm_log_read(pool, pm_log_sequence(pool), &entry));
	for (uint64_t page = 0; page < kit.pool.page_end; page++)
		assert_int_equal(pm_page_state_get(pool, page), pm_page_state_get(&kit.pool, page));
	/* what is no metadata points at zeros */
	assert_true(pm_record_find(pool, "number 59", NULL) != NULL);
	pm_snapshot_close(snapshot);
	kit_file_close(&file);
	kit_close(&kit);
}

/* Byte for byte: what a restored pool is made of. */
static void metadata_is_kept_as_it_is(void **state)
{
	struct kit_file file;
	struct kit kit;
	struct pm_snapshot *snapshot;
	const struct pm_pool *pool;

	kit_open(&kit, 2, 2 * KIT_MIB);
	kit_take(&kit, "a", 5);
	kit_free(&kit, kit_take(&kit, "b", 7));
	kit_snapshot(&kit, NULL, &file);
	snapshot = kit_image(&file);
	assert_int_equal(pm_snapshot_pool(snapshot, &pool, NULL), PM_OK);
	for (uint32_t i = 0; i < pool->region_count; i++) {
		const struct pm_superblock *sb = &pool->members[i]->sb;

		for (uint64_t page = 0; page < sb->page_count; page++)
			if (page < sb->data_first || page >= sb->data_end)
				assert_memory_equal(pm_page_bytes(pool, sb->first_pool_page + page),
						    kit_page(&kit, sb->first_pool_page + page), PM_PAGE_SIZE);
	}
	pm_snapshot_close(snapshot);
	kit_file_close(&file);
	kit_close(&kit);
}

static void an_expectation_is_no_pool(void **state)
{
	struct kit_file file;
	struct kit kit;
	struct pm_snapshot *snapshot;
	const struct pm_pool *pool;

	kit_open(&kit, 1, KIT_MIB);
	kit_expectation(&kit, true, &file);
	snapshot = kit_image(&file);
	assert_int_equal(pm_snapshot_pool(snapshot, &pool, NULL), PM_E_FILE_FOREIGN);
	assert_null(pool);
	pm_snapshot_close(snapshot);
	kit_file_close(&file);
	kit_close(&kit);
}

static void all_holds_what_is_free(void **state)
{
	struct pm_snapshot_request all = {.all = true};
	struct kit_file file;
	struct kit_read read;
	struct kit kit;
	struct pm_snapshot *snapshot;
	struct pm_usage usage;
	uint64_t page;

	kit_open(&kit, 1, 4 * KIT_MIB);
	page = kit_take(&kit, "gone", 300);
	kit_fill(&kit, page, 300, KIT_NOISE, 5);
	kit_free(&kit, page);
	page = kit_take(&kit, "here", 10);
	assert_int_equal(pm_pool_begin(&kit.pool, false, &kit_act), PM_OK);
	assert_int_equal(pm_quarantine(&kit.pool, page + 100, 3, "faulty", &kit_act), PM_OK);
	pm_pool_end(&kit.pool);
	kit_snapshot(&kit, &all, &file);
	pm_usage_get(&kit.pool, &usage);
	/* what is bad is left alone */
	assert_int_equal(file.result.pages, usage.pages_free + usage.pages_allocated);
	snapshot = kit_image(&file);
	kit_read(&kit, snapshot, &read);
	assert_int_equal(read.pages, file.result.pages);
	assert_int_equal(kit_verify(&file, NULL, NULL), PM_OK);
	pm_snapshot_close(snapshot);
	kit_file_close(&file);
	kit_close(&kit);
}

struct reader {
	const struct kit *kit;
	struct pm_snapshot *snapshot;
	struct kit_read read;
	const struct pm_pool *pool;
};

static void *reader_run(void *argument)
{
	struct reader *reader = argument;

	pm_snapshot_pool(reader->snapshot, &reader->pool, NULL);
	kit_read(reader->kit, reader->snapshot, &reader->read);
	return NULL;
}

static void many_threads_may_read(void **state)
{
	struct content content;
	struct kit_file file;
	struct kit kit;
	struct pm_snapshot *snapshot;
	struct reader readers[4];
	pthread_t threads[4];

	kit_open(&kit, 1, 16 * KIT_MIB);
	content_make(&kit, &content);
	kit_snapshot(&kit, NULL, &file);
	snapshot = kit_image(&file);
	for (size_t i = 0; i < 4; i++) {
		readers[i] = (struct reader){.kit = &kit, .snapshot = snapshot};
		assert_int_equal(pthread_create(&threads[i], NULL, reader_run, &readers[i]), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(readers[i].read.pages, 2737);
		assert_non_null(readers[i].pool);
		assert_ptr_equal(readers[i].pool, readers[0].pool);
	}
	pm_snapshot_close(snapshot);
	kit_file_close(&file);
	kit_close(&kit);
}

static void equal_content_gives_equal_files(void **state)
{
	struct content content;
	struct kit_file once, twice;
	struct kit kit;
	size_t from;

	kit_open(&kit, 1, 16 * KIT_MIB);
	content_make(&kit, &content);
	kit_snapshot(&kit, NULL, &once);
	kit_snapshot(&kit, NULL, &twice);
	/* but for the time that META tells */
	from = kit_chunk(&once, PM_CHUNK_POOL, 0);
	assert_int_equal(once.bytes, twice.bytes);
	assert_memory_equal(once.data + from, twice.data + from, once.bytes - from);
	kit_file_close(&once);
	kit_file_close(&twice);
	kit_close(&kit);
}

/* Page states that mean nothing are neither read nor kept: of a sparse region they would become memory. */
static void a_large_pool_costs_what_it_holds(void **state)
{
	struct kit kit;
	struct kit_file file;
	struct kit_read read;
	struct pm_snapshot *snapshot;
	const struct pm_pool *pool;
	const struct pm_section *states;
	unsigned char there[256];
	uint64_t page, resident = 0;

	kit_open(&kit, 1, UINT64_C(64) << 30);
	page = kit_take(&kit, "few", 5);
	kit_fill(&kit, page, 5, KIT_NOISE, 1);
	kit_take(&kit, "many", UINT64_C(1) << 16);
	kit_free(&kit, kit_take(&kit, "gone", 700));
	kit_snapshot(&kit, NULL, &file);
	assert_true(file.bytes < 256 * 1024);
	states = pm_section_find(&kit.pool.members[0]->sb, PM_SECTION_PAGE_STATES);
	assert_true(states->bytes >= sizeof(there) * PM_PAGE_SIZE);
	assert_int_equal(mincore((uint8_t *)kit.mappings[0].base + states->offset, sizeof(there) * PM_PAGE_SIZE, there),
			 0);
	for (size_t i = 0; i < sizeof(there); i++)
		resident += there[i] & 1;
	assert_true(resident < 32);
	snapshot = kit_image(&file);
	kit_read(&kit, snapshot, &read);
	assert_int_equal(read.pages, 5 + (1 << 16));
	assert_int_equal(pm_snapshot_pool(snapshot, &pool, NULL), PM_OK);
	for (page = 0; page < kit.pool.page_end; page += 321)
		assert_int_equal(pm_page_state_get(pool, page), pm_page_state_get(&kit.pool, page));
	pm_snapshot_close(snapshot);
	kit_file_close(&file);
	kit_close(&kit);
}

static void an_empty_pool_is_a_file_too(void **state)
{
	struct kit_file file;
	struct kit_read read;
	struct kit kit;
	struct pm_snapshot *snapshot;

	kit_open(&kit, 1, KIT_MIB);
	kit_snapshot(&kit, NULL, &file);
	assert_int_equal(file.result.pages, 0);
	assert_int_equal(kit_verify(&file, NULL, NULL), PM_OK);
	snapshot = kit_image(&file);
	assert_int_equal(pm_snapshot_damage(snapshot, NULL), PM_OK);
	kit_read(&kit, snapshot, &read);
	assert_int_equal(read.pages, 0);
	pm_snapshot_close(snapshot);
	kit_file_close(&file);
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_page_comes_back),
		cmocka_unit_test(zero_and_repeated_pages_cost_nothing),
		cmocka_unit_test(several_regions_and_a_directory_that_grew),
		cmocka_unit_test(metadata_is_kept_as_it_is),
		cmocka_unit_test(an_expectation_is_no_pool),
		cmocka_unit_test(all_holds_what_is_free),
		cmocka_unit_test(many_threads_may_read),
		cmocka_unit_test(equal_content_gives_equal_files),
		cmocka_unit_test(a_large_pool_costs_what_it_holds),
		cmocka_unit_test(an_empty_pool_is_a_file_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
