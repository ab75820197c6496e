/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session keeps pools attached; other processes overwrite, damage or leave them half changed meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/persist.h"
#include "folder.h"
#include "guarded_changes.h"
#include "long_act.h"
#include "session.h"
#include <signal.h>
#include <sys/wait.h>

#define MIB (UINT64_C(1) << 20)
#define ID "mem:0x100000000"

static char folder[256];
static struct session session;

static struct pm_region open_region(void)
{
	struct pm_region region;

	assert_int_equal(pm_region_open(&session.host, ID, 0, 0, true, &region, NULL), PM_OK);
	return region;
}

static void make_pool(char uuid[PM_UUID_TEXT])
{
	struct pm_region region = open_region();
	struct pm_pool_request request = {.name = "lab", .physical_base = region.info.base, .numa_node = -1};
	struct pm_act act;

	session_act(&session, &act);
	pm_uuid_random(request.pool_uuid);
	pm_uuid_random(request.region_uuid);
	assert_int_equal(guarded_format(&region, &request, &act, NULL), PM_OK);
	pm_uuid_format(request.pool_uuid, uuid);
	pm_region_close(&region);
}

static int set_up(void **state)
{
	char path[300];

	(void)state;
	folder_make(folder);
	snprintf(path, sizeof(path), "%s/host", folder);
	return session_open(&session, path, 4 * MIB, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	session_close(&session);
	folder_remove(folder);
	return 0;
}

static struct attached *attach(const char *uuid)
{
	struct attached *attached;

	assert_int_equal(session_pool(&session, uuid, &attached, NULL), PM_OK);
	return attached;
}

/* A process that dies while it holds the lock, after `harm`. */
static void die_with_the_lock(void (*harm)(struct pm_region *region, const struct attached *attached),
			      const struct attached *attached)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct pm_region region = open_region();

		if (pm_region_lock(&region, NULL) != PM_OK)
			_exit(1);
		harm(&region, attached);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void spoil_states(struct pm_region *region, const struct attached *attached)
{
	const struct pm_superblock *sb = &attached->mapped.parts[0].sb;

	/* no state of a block that the format knows */
	for (uint32_t i = 0; i < sb->section_count; i++)
		if (sb->sections[i].type == PM_SECTION_BLOCKS)
			memset(region->map + sb->sections[i].offset, 0x77, 8);
}

static void what_attach_refuses_is_not_worked_on(void **state)
{
	char uuid[PM_UUID_TEXT];
	struct attached *attached, *again;

	(void)state;
	make_pool(uuid);
	attached = attach(uuid);
	die_with_the_lock(spoil_states, attached);
	assert_int_equal(session_lock(&session, attached, NULL), PM_E_POOL_CORRUPT);
	assert_int_equal(session_pool(&session, uuid, &again, NULL), PM_E_POOL_CORRUPT);
	assert_null(session.pools);
}

static void a_pool_made_anew_is_not_the_one_attached(void **state)
{
	char uuid[PM_UUID_TEXT], other[PM_UUID_TEXT];
	struct attached *attached;

	(void)state;
	make_pool(uuid);
	attached = attach(uuid);
	make_pool(other); /* between the look and the lock */
	assert_int_equal(session_lock(&session, attached, NULL), PM_E_POOL_CHANGED);
	assert_int_equal(session_pool(&session, uuid, &attached, NULL), PM_E_POOL_NOT_FOUND);
	attached = attach(other);
	assert_int_equal(session_lock(&session, attached, NULL), PM_OK);
	session_unlock(attached);
}

static enum pm_code never_written(const struct pm_pool *pool, const void *how, int fd, struct pm_task *task,
				  struct pm_snapshot_result *result, struct pm_error *err)
{
	fail_msg("another pool was written than was asked for");
	return PM_E_INTERNAL;
}

static void a_thread_writes_the_pool_it_began_with(void **state)
{
	struct call call = {.session = &session};
	struct pm_snapshot_result result;
	struct pool_source source;
	char uuid[PM_UUID_TEXT], other[PM_UUID_TEXT];

	(void)state;
	make_pool(uuid);
	assert_int_equal(pool_source_of(&session, attach(uuid), &source, NULL), PM_OK);
	make_pool(other);
	assert_int_equal(pool_source_write(&call, &source, never_written, NULL, -1, &result), PM_E_POOL_CHANGED);
	assert_null(call.locked);
	pool_source_free(&source);
}

/* --- a mapping that is lost in the middle of a change --- */

static uint64_t stores_left;

static void lose_the_mapping(const void *at, size_t bytes)
{
	(void)at, (void)bytes;
	if (--stores_left == 0)
		raise(SIGBUS);
}

static enum pm_code alloc_named(struct pm_pool *pool, const struct pm_act *act)
{
	struct pm_alloc_request request = {.pages = 40, .name = "named"};
	struct pm_run run;

	return guarded_alloc(pool, &request, act, &run, NULL);
}

static enum pm_code alloc_blocks(struct pm_pool *pool, const struct pm_act *act)
{
	struct pm_alloc_request request = {.pages = 600};
	struct pm_run run;

	return guarded_alloc(pool, &request, act, &run, NULL);
}

static enum pm_code free_first(struct pm_pool *pool, const struct pm_act *act)
{
	struct run_copy run;
	struct pm_run freed;
	size_t count;
	enum pm_code code = guarded_runs(pool, 0, UINT64_MAX, &run, 1, &count, NULL);

	(void)act;
	assert_true(code != PM_OK || count == 1);
	return code == PM_OK ? guarded_free(pool, run.page, &freed, NULL) : code;
}

/* Whole again: nothing is in nobody's hand. */
static enum pm_code free_all(struct pm_pool *pool)
{
	enum pm_code code = PM_OK;
	struct run_copy run;
	struct pm_run freed;
	size_t count = 1;

	while (code == PM_OK && guarded_runs(pool, 0, UINT64_MAX, &run, 1, &count, NULL) == PM_OK && count)
		code = guarded_free(pool, run.page, &freed, NULL);
	return code;
}

static enum pm_code fence_off(struct pm_pool *pool, const struct pm_act *act)
{
	return guarded_quarantine(pool, 900, 40, "worn", act, NULL);
}

/* Before each of these the pool is new, but for what `before` did. */
static const struct {
	enum pm_code (*before)(struct pm_pool *pool, const struct pm_act *act);
	enum pm_code (*run)(struct pm_pool *pool, const struct pm_act *act);
} changes[] = {{NULL, alloc_named},
	       {NULL, alloc_blocks},
	       {alloc_named, free_first},
	       {alloc_blocks, free_first},
	       {NULL, fence_off}};

/* True when the change and its end came to theirs before so many stores. */
static bool change_loses_the_mapping(size_t i, uint64_t stores)
{
	struct attached *attached;
	char uuid[PM_UUID_TEXT];
	struct pm_act act;
	enum pm_code code;
	bool whole;

	make_pool(uuid);
	attached = attach(uuid);
	session_act(&session, &act);
	assert_int_equal(session_lock(&session, attached, NULL), PM_OK);
	if (changes[i].before)
		assert_int_equal(changes[i].before(&attached->pool, &act), PM_OK);
	stores_left = stores;
	pm_store_hook = lose_the_mapping;
	code = changes[i].run(&attached->pool, &act);
	assert_true(code == PM_OK || code == PM_E_REGION_LOST);
	session_unlock(attached);
	pm_store_hook = NULL;
	whole = stores_left > 0 && stores_left <= stores;
	assert_int_equal(attached->gone, !whole);
	attached = attach(uuid); /* anew: and what was left is taken back */
	assert_int_equal(session_lock(&session, attached, NULL), PM_OK);
	assert_int_equal(free_all(&attached->pool), PM_OK);
	assert_int_equal(alloc_blocks(&attached->pool, &act), PM_OK);
	session_unlock(attached);
	return whole;
}

static void a_change_that_lost_its_mapping_is_taken_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		uint64_t stores = 1;

		while (!change_loses_the_mapping(i, stores))
			stores++;
		assert_true(stores > 5);
	}
}

#define SESSION_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(what_attach_refuses_is_not_worked_on),
		SESSION_TEST(a_pool_made_anew_is_not_the_one_attached),
		SESSION_TEST(a_thread_writes_the_pool_it_began_with),
		SESSION_TEST(a_change_that_lost_its_mapping_is_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
