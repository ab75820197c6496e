/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world stops after every single store of every kind of act. What attaches then is the pool before the act or the
 * pool after it, nothing between; no page is lost; and a second attach finds nothing left to do.
 */
#include "core/persist.h"
#include "model.h"
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define BYTES (MIB + 37 * 4096)

/* --- stopping --- */

static uint64_t stores_left;
static jmp_buf stopped;

static void count_down(const void *at, size_t bytes)
{
	(void)at, (void)bytes;
	if (--stores_left == 0)
		longjmp(stopped, 1);
}

/* Run act until it has made `stores` stores; true when it came to its end before. */
static bool run_until(uint64_t stores, void (*act)(struct pm_pool *pool, uint8_t *memory), struct pm_pool *pool,
		      uint8_t *memory)
{
	stores_left = stores;
	pm_store_hook = count_down;
	if (setjmp(stopped)) {
		pm_store_hook = NULL;
		return false;
	}
	act(pool, memory);
	pm_store_hook = NULL;
	return true;
}

/* --- acts --- */

static struct pm_run alloc(struct pm_pool *pool, uint64_t pages, uint32_t order, const char *name)
{
	struct pm_alloc_request request = {.pages = pages, .align_order = order, .name = name};
	struct pm_run run;
	enum pm_code code = pm_alloc(pool, &request, &model_act, &run);

	assert_int_equal(code, PM_OK);
	return run;
}

static void free_named(struct pm_pool *pool, const char *name)
{
	struct pm_run freed;

	assert_int_equal(pm_free(pool, pm_record_find(pool, name)->page, &freed), PM_OK);
}

static void alloc_one(struct pm_pool *pool, uint8_t *memory)
{
	(void)memory;
	alloc(pool, 1, 0, NULL);
}
static void alloc_in_one_word(struct pm_pool *pool, uint8_t *memory)
{
	(void)memory;
	alloc(pool, 8, 3, NULL);
}
static void alloc_over_two_words(struct pm_pool *pool, uint8_t *memory)
{
	(void)memory;
	alloc(pool, 32, 0, NULL);
}
static void alloc_over_many_words(struct pm_pool *pool, uint8_t *memory)
{
	(void)memory;
	alloc(pool, 100, 0, NULL);
}
static void alloc_named(struct pm_pool *pool, uint8_t *memory)
{
	(void)memory;
	alloc(pool, 1, 0, "new");
}
static void alloc_named_over_words(struct pm_pool *pool, uint8_t *memory)
{
	(void)memory;
	alloc(pool, 90, 0, "new");
}
static void free_one(struct pm_pool *pool, uint8_t *memory)
{
	struct pm_run freed;

	(void)memory;
	assert_int_equal(pm_free(pool, pool->sb.data_first, &freed), PM_OK);
}
static void free_named_one(struct pm_pool *pool, uint8_t *memory)
{
	(void)memory;
	free_named(pool, "one");
}
static void free_named_over_words(struct pm_pool *pool, uint8_t *memory)
{
	(void)memory;
	free_named(pool, "wide");
}
static void append_to_the_log(struct pm_pool *pool, uint8_t *memory)
{
	(void)memory;
	pm_log_append(pool, PM_VERB_WRITE, 3, 4, "something", &model_act);
}
static void attach(struct pm_pool *pool, uint8_t *memory)
{
	assert_int_equal(model_attach(pool, memory, BYTES), PM_OK);
}
static void format(struct pm_pool *pool, uint8_t *memory)
{
	struct pm_pool_request request = model_request();

	(void)pool;
	memset(request.pool_uuid, 0x77, 16);
	assert_int_equal(pm_pool_format(memory, BYTES, &request, &model_act), PM_OK);
}

/* --- holding what attaches against before and after --- */

struct world {
	uint8_t *start, *memory;
	struct pm_pool pool; /* attached to memory */
	struct model_view before, after, now;
	uint64_t log_before;
};

/* A pool with some history: allocations of both kinds, gaps, used slots, a used log. */
static void world_make(struct world *world)
{
	struct model_region region;
	struct pm_run gap, freed;

	model_region_make(&region, BYTES);
	alloc(&region.pool, 1, 0, NULL);
	gap = alloc(&region.pool, 5, 0, NULL);
	alloc(&region.pool, 1, 0, "one");
	alloc(&region.pool, 3, 0, "gone");
	alloc(&region.pool, 70, 0, "wide");
	free_named(&region.pool, "gone");
	assert_int_equal(pm_free(&region.pool, gap.page, &freed), PM_OK);
	pm_log_append(&region.pool, PM_VERB_ALLOCATE, 1, 1, "one", &model_act);
	world->start = region.memory;
	world->memory = aligned_alloc(4096, BYTES);
	world->log_before = pm_log_sequence(&region.pool);
}

static void world_reset(struct world *world)
{
	memcpy(world->memory, world->start, BYTES);
	assert_int_equal(model_attach(&world->pool, world->memory, BYTES), PM_OK);
}

static void check_attached(struct world *world, struct pm_pool *pool)
{
	struct pm_pool again;
	struct pm_log_entry entry;

	model_assert_adds_up(pool);
	model_view_take(pool, &world->now);
	assert_true(model_view_equal(&world->now, &world->before) || model_view_equal(&world->now, &world->after));
	for (uint64_t n = 1; n <= world->log_before; n++)
		assert_true(pm_log_read(pool, n, &entry));
	assert_int_equal(model_attach(&again, world->memory, BYTES), PM_OK);
	assert_false(model_recovered_anything(&again));
}

/* Crash in the recovery too, after every store of it. */
static void check_recovery_stopped(struct world *world, const uint8_t *crashed)
{
	bool ended = false;

	for (uint64_t stores = 1; !ended; stores++) {
		struct pm_pool pool;

		memcpy(world->memory, crashed, BYTES);
		ended = run_until(stores, attach, &pool, world->memory);
		assert_int_equal(model_attach(&pool, world->memory, BYTES), PM_OK);
		check_attached(world, &pool);
	}
}

static void an_act_is_whole_or_absent(void **state)
{
	static void (*const acts[])(struct pm_pool *, uint8_t *) = {
		alloc_one,
		alloc_in_one_word,
		alloc_over_two_words,
		alloc_over_many_words,
		alloc_named,
		alloc_named_over_words,
		free_one,
		free_named_one,
		free_named_over_words,
		append_to_the_log,
	};
	struct world world;
	uint8_t *crashed = aligned_alloc(4096, BYTES);

	(void)state;
	world_make(&world);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		bool ended = false;
		uint64_t stores;

		world_reset(&world);
		model_view_take(&world.pool, &world.before);
		acts[i](&world.pool, world.memory);
		model_view_take(&world.pool, &world.after);
		for (stores = 1; !ended; stores++) {
			world_reset(&world);
			ended = run_until(stores, acts[i], &world.pool, world.memory);
			memcpy(crashed, world.memory, BYTES);
			assert_int_equal(model_attach(&world.pool, world.memory, BYTES), PM_OK);
			check_attached(&world, &world.pool);
			/* Acknowledged is there. */
			if (ended)
				assert_true(model_view_equal(&world.now, &world.after));
			check_recovery_stopped(&world, crashed);
		}
		assert_true(stores > 2); /* it did store something */
	}
	free(crashed);
	free(world.start);
	free(world.memory);
}

/* Over an old pool: the old one, none, or the new one, whole in each case. */
static void a_format_is_whole_or_absent(void **state)
{
	struct world world;
	bool ended = false;
	int old = 0, none = 0, made = 0;
	uint8_t new_uuid[16];

	(void)state;
	world_make(&world);
	memset(new_uuid, 0x77, 16);
	world_reset(&world);
	model_view_take(&world.pool, &world.before);
	format(NULL, world.memory);
	assert_int_equal(model_attach(&world.pool, world.memory, BYTES), PM_OK);
	model_view_take(&world.pool, &world.after);
	world.log_before = 1;
	for (uint64_t stores = 1; !ended; stores++) {
		enum pm_code code;

		memcpy(world.memory, world.start, BYTES);
		ended = run_until(stores, format, NULL, world.memory);
		code = model_attach(&world.pool, world.memory, BYTES);
		if (code == PM_OK) {
			bool is_new = memcmp(world.pool.sb.pool_uuid, new_uuid, 16) == 0;

			check_attached(&world, &world.pool);
			assert_true(model_view_equal(&world.now, is_new ? &world.after : &world.before));
			*(is_new ? &made : &old) += 1;
		} else {
			assert_int_equal(code, PM_E_POOL_NOT_FOUND);
			none++;
			assert_int_equal(made, 0);
		}
	}
	assert_true(old > 0 && none > 0 && made > 0);
	free(world.start);
	free(world.memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_act_is_whole_or_absent),
		cmocka_unit_test(a_format_is_whole_or_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
