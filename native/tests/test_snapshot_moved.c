// SPDX-License-Identifier: GPL-2.0-or-later
/* Snapshots while others allocate and free: the metadata is of one moment, and MOVE tells what came after it. */
#include "core/member.h"
#include "host/heap.h"
#include "pmpool/check.h"
#include "snapshot/file.h"
#include "snapshot_kit.h"
#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct json_object *move_of(const struct kit_file *file)
{
	size_t at = kit_chunk(file, PM_CHUNK_MOVE, 0);
	struct pm_chunk chunk;
	struct json_object *move;

	memcpy(&chunk, file->data + at, sizeof(chunk));
	move = pm_meta_parse(file->data + at + sizeof(chunk), (size_t)chunk.plain);
	assert_non_null(move);
	return move;
}

static uint64_t number(struct json_object *object, const char *key)
{
	struct json_object *member;

	assert_true(json_object_object_get_ex(object, key, &member));
	return json_object_get_uint64(member);
}

static struct json_object *item(struct json_object *object, const char *key, size_t i)
{
	struct json_object *list;

	assert_true(json_object_object_get_ex(object, key, &list));
	assert_true(i < json_object_array_length(list));
	return json_object_array_get_idx(list, i);
}

static void expect_run(struct json_object *move, uint64_t page, uint64_t pages, const char *state)
{
	struct json_object *runs, *text;

	assert_true(json_object_object_get_ex(move, "pages", &runs));
	for (size_t i = 0; i < json_object_array_length(runs); i++) {
		struct json_object *run = json_object_array_get_idx(runs, i);

		if (number(run, "page") != page)
			continue;
		assert_int_equal(number(run, "pages"), pages);
		assert_true(json_object_object_get_ex(run, "state", &text));
		assert_string_equal(json_object_get_string(text), state);
		return;
	}
	fail_msg("no run begins at page %llu", (unsigned long long)page);
}

static void take_at(struct kit *kit, uint64_t page, uint64_t pages)
{
	struct pm_alloc_request request = {
		.pages = pages,
		.address_from = pm_page_address(&kit->pool, page),
		.address_to = pm_page_address(&kit->pool, page + pages),
	};
	struct pm_run run;

	assert_int_equal(pm_pool_begin(&kit->pool, false, &kit_act), PM_OK);
	assert_int_equal(pm_alloc(&kit->pool, &request, &kit_act, &run), PM_OK);
	assert_int_equal(run.page, page);
	assert_true(pm_log_append(&kit->pool, PM_VERB_ALLOCATE, page, pages, "", &kit_act) > 0);
	pm_pool_end(&kit->pool);
}

struct meanwhile {
	struct kit *kit;
	uint64_t gone, taken;
};

static void resize_to(struct kit *kit, uint64_t page, uint64_t pages)
{
	uint64_t in_the_way;
	struct pm_run run;
	char detail[48];

	assert_int_equal(pm_pool_begin(&kit->pool, false, &kit_act), PM_OK);
	assert_int_equal(pm_run_at(&kit->pool, page, &run), PM_OK);
	snprintf(detail, sizeof(detail), "from %llu pages", (unsigned long long)run.pages);
	assert_int_equal(pm_resize(&kit->pool, page, pages, &kit_act, &run, &in_the_way), PM_OK);
	assert_true(pm_log_append(&kit->pool, PM_VERB_RESIZE, page, pages, detail, &kit_act) > 0);
	pm_pool_end(&kit->pool);
}

/* Shorter, and part of what it gave back taken by another; a longer one moves nothing that was held. */
static void others_resize(void *context)
{
	struct meanwhile *meanwhile = context;

	resize_to(meanwhile->kit, meanwhile->taken, 4);
	resize_to(meanwhile->kit, meanwhile->taken, 6);
	resize_to(meanwhile->kit, meanwhile->taken, 5);
	take_at(meanwhile->kit, meanwhile->taken + 8, 2);
}

static void what_a_resize_gave_back_is_told(void **state)
{
	struct kit kit;
	struct meanwhile meanwhile = {.kit = &kit};
	struct pm_task task = {.metadata_copied = others_resize, .context = &meanwhile};
	struct pm_snapshot_request request = {0};
	struct pm_snapshot_result result;
	struct json_object *move;
	struct kit_file file;
	int fd = memfd_create("resized", MFD_CLOEXEC);

	(void)state;
	kit_open(&kit, 1, 4 * KIT_MIB);
	kit_take(&kit, "kept", 20);
	meanwhile.taken = kit_take(&kit, "taken", 10);
	assert_int_equal(pm_snapshot_write(&kit.pool, &request, fd, &task, &result, NULL), PM_OK);
	file = (struct kit_file){.fd = fd, .result = result};
	file.bytes = (size_t)result.file_bytes;
	file.data = malloc(file.bytes);
	assert_int_equal(pread(fd, file.data, file.bytes, 0), (ssize_t)file.bytes);
	move = move_of(&file);
	/* page 4 was given back and taken again; 5 to 7 are free; 8 is another's first page, 9 continues it as it continued
	 * the old one */
	assert_int_equal(result.moved_pages, 6);
	expect_run(move, meanwhile.taken + 4, 1, "again");
	expect_run(move, meanwhile.taken + 5, 3, "free");
	expect_run(move, meanwhile.taken + 8, 1, "allocated");
	expect_run(move, meanwhile.taken + 9, 1, "again");
	assert_int_equal(number(move, "actCount"), 4);
	assert_int_equal(number(item(move, "acts", 0), "verb"), PM_VERB_RESIZE);
	assert_int_equal(number(item(move, "acts", 0), "page"), meanwhile.taken);
	assert_int_equal(number(item(move, "acts", 0), "pages"), 4);
	json_object_put(move);
	kit_file_close(&file);
	kit_close(&kit);
}

static void others_act(void *context)
{
	struct meanwhile *meanwhile = context;

	kit_free(meanwhile->kit, meanwhile->gone);
	kit_free(meanwhile->kit, meanwhile->taken);
	take_at(meanwhile->kit, meanwhile->taken, 8);
}

static void what_moved_is_told(void **state)
{
	struct kit kit;
	struct meanwhile meanwhile = {.kit = &kit};
	struct pm_task task = {.metadata_copied = others_act, .context = &meanwhile};
	struct pm_snapshot_request request = {0};
	struct pm_snapshot_result result;
	struct json_object *move;
	struct kit_file file;
	struct pm_snapshot *snapshot;
	const struct pm_pool *pool;
	int fd = memfd_create("moved", MFD_CLOEXEC);

	kit_open(&kit, 1, 4 * KIT_MIB);
	meanwhile.gone = kit_take(&kit, "gone", 8);
	kit_take(&kit, "kept", 20);
	meanwhile.taken = kit_take(&kit, "taken", 10);
	assert_int_equal(pm_snapshot_write(&kit.pool, &request, fd, &task, &result, NULL), PM_OK);
	file = (struct kit_file){.fd = fd, .result = result};
	file.bytes = (size_t)result.file_bytes;
	file.data = malloc(file.bytes);
	assert_int_equal(pread(fd, file.data, file.bytes, 0), (ssize_t)file.bytes);
	move = move_of(&file);
	assert_int_equal(result.moved_pages, 18);
	assert_int_equal(number(move, "movedPages"), 18);
	assert_int_equal(number(move, "runCount"), 3);
	expect_run(move, meanwhile.gone, 8, "free");
	expect_run(move, meanwhile.taken + 8, 2, "free");
	expect_run(move, meanwhile.taken, 8, "again");
	assert_int_equal(number(move, "actCount"), 3);
	assert_int_equal(number(item(move, "acts", 0), "page"), meanwhile.gone);
	assert_int_equal(number(item(move, "acts", 0), "verb"), PM_VERB_FREE);
	assert_int_equal(number(item(move, "acts", 2), "verb"), PM_VERB_ALLOCATE);
	assert_int_equal(number(item(move, "acts", 2), "pages"), 8);
	assert_int_equal(number(move, "logSequence"), pm_log_sequence(&kit.pool));
	/* the metadata is that of before */
	assert_int_equal(result.pages, 38);
	assert_int_equal(kit_verify(&file, NULL, NULL), PM_OK);
	snapshot = kit_image(&file);
	assert_int_equal(pm_snapshot_pool(snapshot, &pool, NULL), PM_OK);
	assert_non_null(pm_record_find(pool, "gone", NULL));
	assert_non_null(pm_record_find(pool, "taken", NULL));
	pm_snapshot_close(snapshot);
	json_object_put(move);
	kit_file_close(&file);
	kit_close(&kit);
}

static void nobody_acts_and_nothing_moved(void **state)
{
	struct kit_file file;
	struct json_object *move;
	struct kit kit;

	kit_open(&kit, 2, KIT_MIB);
	kit_take(&kit, "kept", 20);
	kit_snapshot(&kit, NULL, &file);
	move = move_of(&file);
	assert_int_equal(file.result.moved_pages, 0);
	assert_int_equal(number(move, "actCount"), 0);
	json_object_put(move);
	kit_file_close(&file);
	kit_close(&kit);
}

/* More acts than the log keeps are counted, not told. */
static void a_log_that_ran_over(void *context)
{
	struct meanwhile *meanwhile = context;

	for (uint64_t i = 0; i < pm_log_slots(&meanwhile->kit->pool); i++)
		kit_free(meanwhile->kit, kit_take(meanwhile->kit, NULL, 1));
}

static void many_acts_are_counted(void **state)
{
	struct kit kit;
	struct meanwhile meanwhile = {.kit = &kit};
	struct pm_task task = {.metadata_copied = a_log_that_ran_over, .context = &meanwhile};
	struct pm_snapshot_request request = {0};
	struct pm_snapshot_result result;
	int fd = memfd_create("moved", MFD_CLOEXEC);

	kit_open(&kit, 1, 4 * KIT_MIB);
	kit_take(&kit, "kept", 20);
	assert_int_equal(pm_snapshot_write(&kit.pool, &request, fd, &task, &result, NULL), PM_OK);
	assert_int_equal(result.moved_pages, 0);
	close(fd);
	kit_close(&kit);
}

/* --- beside another thread that allocates and frees, as callers do: under a lock that both take --- */

struct beside {
	struct kit *kit;
	pthread_mutex_t lock; /* of the regions */
	atomic_bool stop;
	uint64_t acts;
};

static void *allocate_and_free(void *argument)
{
	struct beside *beside = argument;
	uint64_t pages[16] = {0};

	for (uint64_t i = 0; !atomic_load(&beside->stop); i++) {
		char name[32];
		uint64_t *page = &pages[i * 7 % 16];

		pthread_mutex_lock(&beside->lock);
		snprintf(name, sizeof(name), "thread %llu", (unsigned long long)i);
		if (*page)
			kit_free(beside->kit, *page);
		*page = *page ? 0 : kit_take(beside->kit, i % 3 ? name : NULL, 1 + i * 13 % 90);
		if (*page)
			kit_fill(beside->kit, *page, 1, KIT_NOISE, i);
		beside->acts++;
		pthread_mutex_unlock(&beside->lock);
	}
	return NULL;
}

static void unlock(void *context)
{
	pthread_mutex_unlock(&((struct beside *)context)->lock);
}

static void check_finds_nothing(const struct pm_pool *pool)
{
	struct pm_mapping mappings[KIT_REGIONS];
	struct pm_check check;

	for (uint32_t i = 0; i < pool->region_count; i++)
		mappings[i] = (struct pm_mapping){pool->members[i]->base, pool->members[i]->sb.region_bytes,
						  pool->members[i]->sb.physical_base, false};
	assert_int_equal(pm_check(mappings, pool->region_count, NULL, &pm_heap, &check), PM_OK);
	assert_int_equal(check.finding_count, 0);
	pm_check_free(&check);
}

static void metadata_is_of_one_moment(void **state)
{
	struct kit kit;
	struct beside beside = {.kit = &kit, .lock = PTHREAD_MUTEX_INITIALIZER};
	struct pm_task task = {.metadata_copied = unlock, .context = &beside};
	struct pm_snapshot_request request = {0};
	pthread_t thread;

	kit_open(&kit, 2, 8 * KIT_MIB);
	kit_fill(&kit, kit_take(&kit, "kept", 700), 700, KIT_NOISE, 1);
	assert_int_equal(pthread_create(&thread, NULL, allocate_and_free, &beside), 0);
	for (unsigned round = 0; round < 25; round++) {
		struct kit_file file = {.fd = memfd_create("beside", MFD_CLOEXEC)};
		struct pm_snapshot_result result;
		struct pm_snapshot *snapshot;
		const struct pm_pool *pool;
		struct pm_usage usage;

		pthread_mutex_lock(&beside.lock);
		assert_int_equal(pm_snapshot_write(&kit.pool, &request, file.fd, &task, &result, NULL), PM_OK);
		snapshot = kit_image(&file);
		assert_int_equal(pm_snapshot_pool(snapshot, &pool, NULL), PM_OK);
		check_finds_nothing(pool);
		pm_usage_get(pool, &usage);
		assert_int_equal(usage.pages_allocated, result.pages);
		assert_int_equal(kit_verify(&file, NULL, NULL), PM_OK);
		pm_snapshot_close(snapshot);
		close(file.fd);
	}
	atomic_store(&beside.stop, true);
	pthread_join(thread, NULL);
	assert_true(beside.acts > 0);
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_moved_is_told),
		cmocka_unit_test(what_a_resize_gave_back_is_told),
		cmocka_unit_test(nobody_acts_and_nothing_moved),
		cmocka_unit_test(many_acts_are_counted),
		cmocka_unit_test(metadata_is_of_one_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
