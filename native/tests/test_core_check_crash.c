/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world stops after every single store of every kind of act. What stands then check never calls damage, and repair
 * has nothing to write but superblocks: a crash leaves what attach takes back.
 */
#include "core/persist.h"
#include "history.h"
#include <stdlib.h>
#include <string.h>

static struct history history;
static struct pm_pool pool;
static uint64_t stores_left;
static jmp_buf stopped;

static void count_down(const void *at, size_t bytes)
{
	(void)at, (void)bytes;
	if (--stores_left == 0)
		longjmp(stopped, 1);
}

static void attach(void)
{
	assert_int_equal(pm_pool_attach(&pool, history.mappings, HISTORY_REGIONS, 0, &model_memory, &model_act), PM_OK);
}

static uint64_t page_of(const char *name)
{
	uint64_t page;

	assert_non_null(pm_record_find(&pool, name, &page));
	return page;
}

static void alloc(uint64_t pages, const char *name)
{
	struct pm_alloc_request request = {.pages = pages, .name = name};
	struct pm_run run;

	assert_int_equal(pm_alloc(&pool, &request, &model_act, &run), PM_OK);
}

static void alloc_over_words(void)
{
	alloc(100, NULL);
}
static void alloc_over_blocks(void)
{
	alloc(1100, NULL);
}
static void alloc_named(void)
{
	alloc(45, "new");
}
static void free_named(void)
{
	struct pm_run freed;

	assert_int_equal(pm_free(&pool, page_of("wide"), 0, &freed), PM_OK);
}
static void free_over_blocks(void)
{
	struct pm_run freed;

	assert_int_equal(pm_free(&pool, page_of("over blocks"), 0, &freed), PM_OK);
}
static void relabel(void)
{
	struct pm_run run;

	assert_int_equal(pm_record_change(&pool, page_of("wide"), &(struct pm_label){.owner = "you"}, &model_act, &run),
			 PM_OK);
}
static void resize(const char *name, uint64_t page, uint64_t pages)
{
	struct pm_run run;
	uint64_t in_the_way;

	page = name ? page_of(name) : page;
	assert_int_equal(pm_resize(&pool, page, pages, &model_act, &run, &in_the_way), PM_OK);
}
static void shrink(void)
{
	resize(NULL, history.unnamed_page, 2);
}
static void shrink_named(void)
{
	resize("over blocks", 0, 77);
}
static void grow(void)
{
	resize(NULL, history.unnamed_page, 2);
	resize(NULL, history.unnamed_page, 40);
}
static void grow_named(void)
{
	resize("wide", 0, 5);
	resize("wide", 0, 70);
}
static void quarantine(void)
{
	uint64_t page = history.sb[0].data_first, free = 0;

	while (free < 40)
		free = pm_page_state_get(&pool, page++) == PM_PAGE_FREE ? free + 1 : 0;
	assert_int_equal(pm_quarantine(&pool, page - 40, 40, "worn", &model_act), PM_OK);
}
static void release(void)
{
	struct pm_run run;

	assert_int_equal(pm_quarantine_release(&pool, history.quarantine_page, &run), PM_OK);
}
static void rename_pool(void)
{
	assert_int_equal(pm_pool_rename(&pool, "bench"), PM_OK);
}
static void note(void)
{
	assert_true(pm_log_append(&pool, PM_VERB_WRITE, 1, 2, "something long enough", &model_act) > 0);
}
static void grow_the_directory(void)
{
	char name[16] = "grown a";

	for (unsigned i = 0; i < 20; i++, name[6]++)
		alloc(1, name);
}

static void (*const acts[])(void) = {
	alloc_over_words,
	alloc_over_blocks,
	alloc_named,
	free_named,
	free_over_blocks,
	relabel,
	shrink,
	shrink_named,
	grow,
	grow_named,
	quarantine,
	release,
	rename_pool,
	note,
	grow_the_directory,
};

/* False when the act came to its end before. */
static bool stop_after(uint64_t stores, void (*act)(void))
{
	history_reset(&history);
	attach();
	assert_int_equal(pm_pool_begin(&pool, false, &model_act), PM_OK);
	stores_left = stores;
	pm_store_hook = count_down;
	if (!setjmp(stopped)) {
		act();
		pm_store_hook = NULL;
		pm_pool_end(&pool);
		pm_pool_detach(&pool);
		return false;
	}
	pm_store_hook = NULL;
	pm_pool_detach(&pool);
	return true;
}

/* Once attach was at it nothing tells a free slot with one wrong byte from one whose last byte was not written. */
static void no_damage(size_t act, uint64_t stores, bool attached)
{
	struct pm_check check;

	assert_int_equal(pm_check(history.mappings, HISTORY_REGIONS, NULL, &model_memory, &check), PM_OK);
	for (size_t i = 0; i < check.finding_count; i++)
		if (check.findings[i].severity == PM_SEVERITY_DAMAGE &&
		    !(attached && check.findings[i].code == PM_FINDING_FREE_SLOT_DAMAGED))
			fail_msg("act %zu, %llu stores: %s: %s", act, (unsigned long long)stores,
				 pm_finding_name(check.findings[i].code), check.findings[i].text);
	for (size_t i = 0; i < check.patch_count && !attached; i++)
		assert_true(check.patches[i].offset < PM_PAGE_SIZE ||
			    check.patches[i].offset >= history.mappings[check.patches[i].mapping].bytes - PM_PAGE_SIZE);
	assert_int_equal(pm_repair_apply(&check, history.mappings, &model_act), PM_OK);
	pm_check_free(&check);
}

static void what_a_crash_leaves_is_no_damage(void **state)
{
	uint64_t crashes = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		for (uint64_t stores = 1; stop_after(stores, acts[i]); stores++) {
			no_damage(i, stores, false);
			attach(); /* nothing that was written hinders it */
			model_assert_adds_up(&pool);
			pm_pool_detach(&pool);
			no_damage(i, stores, true);
			crashes++;
		}
	assert_true(crashes > 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_a_crash_leaves_is_no_damage)};
	int failed;

	history_make(&history);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	history_end(&history);
	return failed;
}
