/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world stops after every single store of every kind of act, in program order, and again after every store of the
 * recovery. What attaches then is the pool before the act or the pool after it, nothing between; no page is lost or in
 * two hands; and a second attach finds nothing left to do. A process that was attached all along finds the same.
 */
#include "core/records.h"
#include "core/runs.h"
#include "sanitized.h"
#include "world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *check(struct replay *replay, void *context, bool acknowledged)
{
	struct world *world = context;
	const char *wrong;

	trace_start(&replay->touched, world->memory, WORLD_BYTES);
	wrong = world_check(world, acknowledged);
	if (!wrong && replay->depth == 1)
		wrong = world_check_clean(world);
	trace_stop();
	replay_restore(replay, &replay->touched);
	if (!wrong && replay->depth == 1 && replay->images % ROUNDS(1, 5) == 0)
		wrong = world_recovery_check(replay, world, REPLAY_PROGRAM);
	return wrong;
}

struct sums {
	uint64_t acts, stores, images;
};

static void stop_everywhere(struct world *world, void *context)
{
	const char *wrong = replay_run(&world->replay, &world->recorded, REPLAY_PROGRAM, REPLAY_SKIP_NONE);
	struct sums *sums = context;

	if (wrong)
		fail_msg("%s: %s", world->act->name, wrong);
	sums->acts++;
	sums->stores += trace_count(&world->recorded, TRACE_STORE);
	sums->images += world->replay.images;
}

static void an_act_is_whole_or_absent(void **state)
{
	struct sums sums = {0};

	world_each_act(false, check, stop_everywhere, &sums);
	print_message("%llu acts, %llu stores, %llu images with those of recovery\n", (unsigned long long)sums.acts,
		      (unsigned long long)sums.stores, (unsigned long long)sums.images);
}

/* --- a process that was attached all along --- */

static const char *neighbour_works(struct world *world, struct pm_pool *pool, bool acknowledged)
{
	struct pm_alloc_request request = {.pages = 3};
	struct pm_run run;

	model_view_take(pool, &world->now);
	if (!model_view_equal(&world->now, &world->after) &&
	    (acknowledged || !model_view_equal(&world->now, &world->before)))
		return "the neighbour sees neither before nor after";
	if (pm_alloc(pool, &request, &model_act, &run) || pm_free(pool, run.page, 0, &run) || run.pages != 3)
		return "the neighbour cannot work";
	return NULL;
}

static const char *neighbour_check(struct replay *replay, void *context, bool acknowledged)
{
	struct world *world = context;
	const char *wrong = NULL;
	struct pm_pool pool;
	enum pm_code code;

	trace_lines_copy(&world->recorded, world->memory, world->start);
	trace_start(&replay->touched, world->memory, WORLD_BYTES);
	code = world_attach(world, &pool);
	trace_stop();
	replay_restore(replay, &replay->touched);
	replay_restore(replay, &world->recorded);
	if (code)
		return "the neighbour could not attach before";
	trace_start(&replay->touched, world->memory, WORLD_BYTES);
	code = pm_pool_begin(&pool, true, &model_act);
	wrong = code ? pm_error_name(code) : neighbour_works(world, &pool, acknowledged);
	if (!code)
		pm_pool_end(&pool);
	if (!wrong)
		wrong = model_audit(&pool);
	pm_pool_detach(&pool);
	if (!wrong)
		wrong = world_check_clean(world);
	trace_stop();
	replay_restore(replay, &replay->touched);
	return wrong;
}

static void stop_beside_a_neighbour(struct world *world, void *context)
{
	const char *wrong;

	if (world->act->extends) /* takes all processes to attach anew */
		return;
	wrong = replay_run(&world->replay, &world->recorded, REPLAY_PROGRAM, REPLAY_SKIP_NONE);
	if (wrong)
		fail_msg("%s: %s", world->act->name, wrong);
}

static void a_neighbour_takes_back_what_a_dead_process_left(void **state)
{
	world_each_act(false, neighbour_check, stop_beside_a_neighbour, NULL);
}

/* --- what others could take meanwhile --- */

/* Pages of `run` are free on the medium as it is in `image`, and so anybody's. */
static bool any_free(const struct pm_pool *pool, uint8_t *image, const struct pm_run *run)
{
	struct pm_member member = *pool->members[0];

	member.blocks = (_Atomic uint64_t *)(void *)(image + ((uint8_t *)member.blocks - member.base));
	member.states = (_Atomic uint64_t *)(void *)(image + ((uint8_t *)member.states - member.base));
	return pm_next_free(&member, run->page, run->page + run->pages) < run->page + run->pages;
}

/* Else a crash would find a leaving record, and exactly its run, which is somebody else's by now. */
static void no_page_is_free_before_its_record(void **state)
{
	static const uint64_t sizes[] = {1, 9, 40, 512, 600, 1200};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct pm_alloc_request request = {.pages = sizes[i], .name = "gone"};
		bool free_at_last = false;
		struct model_region region;
		struct trace trace = {0};
		struct pm_run run, freed;
		uint8_t *image;
		size_t slot;

		model_region_make(&region, UINT64_C(16) << 20);
		assert_int_equal(pm_alloc(&region.pool, &request, &model_act, &run), PM_OK);
		slot = (size_t)((const uint8_t *)run.record - region.memory);
		image = malloc(region.bytes);
		assert_non_null(image);
		memcpy(image, region.memory, region.bytes);
		trace_start(&trace, region.memory, region.bytes);
		assert_int_equal(pm_free(&region.pool, run.page, 0, &freed), PM_OK);
		trace_stop();
		for (size_t at = 0; at < trace.count; at++) {
			const struct trace_event *event = &trace.events[at];

			if (event->kind != TRACE_STORE)
				continue;
			memcpy(image + event->offset, &event->value, event->bytes);
			free_at_last = any_free(&region.pool, image, &run);
			if (free_at_last)
				assert_int_equal(pm_record_state_load((struct pm_record *)(void *)(image + slot)),
						 PM_RECORD_FREE);
		}
		assert_true(free_at_last);
		trace_end(&trace);
		free(image);
		model_region_end(&region);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_act_is_whole_or_absent),
		cmocka_unit_test(a_neighbour_takes_back_what_a_dead_process_left),
		cmocka_unit_test(no_page_is_free_before_its_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
