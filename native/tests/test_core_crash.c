/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world stops after every single store of every kind of act, in program order, and again after every store of the
 * recovery. What attaches then is the pool before the act or the pool after it, nothing between; no page is lost or in
 * two hands; and a second attach finds nothing left to do. A process that was attached all along finds the same.
 */
#include "world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The recovery from this image, recorded, and stopped in turn. */
static const char *recovery_check(struct replay *replay, struct world *world)
{
	struct trace recovery = {0};
	struct pm_pool pool;
	const char *wrong = NULL;

	trace_start(&recovery, world->memory, WORLD_BYTES);
	if (world_attach(world, &pool))
		wrong = "attach, the second time, from the same bytes";
	else
		pm_pool_detach(&pool);
	trace_stop();
	replay_restore(replay, &recovery);
	if (!wrong)
		wrong = replay_run(replay, &recovery, REPLAY_PROGRAM, REPLAY_SKIP_NONE);
	trace_end(&recovery);
	return wrong;
}

static const char *check(struct replay *replay, void *context, bool acknowledged)
{
	struct world *world = context;
	const char *wrong;

	trace_start(&replay->touched, world->memory, WORLD_BYTES);
	wrong = world_check(world, acknowledged);
	trace_stop();
	replay_restore(replay, &replay->touched);
	if (!wrong && replay->depth == 1)
		wrong = recovery_check(replay, world);
	return wrong;
}

static void an_act_is_whole_or_absent(void **state)
{
	uint64_t points = 0, images = 0;

	for (size_t i = 0; i < act_count; i++) {
		struct world world;
		struct trace trace = {0};
		struct replay replay;
		const char *wrong;

		world_begin(&world, &acts[i], false);
		world_record(&world, &trace);
		assert_true(trace_count(&trace, TRACE_STORE) > 2);
		replay_begin(&replay, world.start, world.memory, WORLD_BYTES, check, &world);
		wrong = replay_run(&replay, &trace, REPLAY_PROGRAM, REPLAY_SKIP_NONE);
		if (wrong)
			fail_msg("%s: %s", acts[i].name, wrong);
		points += trace_count(&trace, TRACE_STORE);
		images += replay.images;
		replay_end(&replay);
		trace_end(&trace);
		world_end(&world);
	}
	print_message("%zu acts, %llu stores, %llu images with those of recovery\n", act_count,
		      (unsigned long long)points, (unsigned long long)images);
}

/* --- a process that was attached all along --- */

struct neighbour {
	struct world *world;
	const struct trace *act; /* what the dead process did */
};

/* The lines that the act changes, as they are in `from`. */
static void lines_put(const struct neighbour *neighbour, const uint8_t *from)
{
	for (size_t i = 0; i < neighbour->act->count; i++)
		if (neighbour->act->events[i].kind == TRACE_STORE) {
			uint64_t line = neighbour->act->events[i].offset / TRACE_LINE * TRACE_LINE;

			memcpy(neighbour->world->memory + line, from + line, TRACE_LINE);
		}
}

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
	struct neighbour *neighbour = context;
	struct world *world = neighbour->world;
	const char *wrong = NULL;
	struct pm_pool pool;
	enum pm_code code;

	lines_put(neighbour, world->start);
	code = world_attach(world, &pool);
	lines_put(neighbour, replay->image);
	if (code)
		return "the neighbour could not attach before";
	trace_start(&replay->touched, world->memory, WORLD_BYTES);
	code = pm_pool_begin(&pool, true, &model_act);
	wrong = code ? pm_error_name(code) : neighbour_works(world, &pool, acknowledged);
	if (!code)
		pm_pool_end(&pool);
	pm_pool_detach(&pool);
	if (!wrong)
		wrong = world_check(world, acknowledged);
	trace_stop();
	replay_restore(replay, &replay->touched);
	return wrong;
}

static void a_neighbour_takes_back_what_a_dead_process_left(void **state)
{
	for (size_t i = 0; i < act_count; i++) {
		struct world world;
		struct trace trace = {0};
		struct neighbour neighbour = {.world = &world, .act = &trace};
		struct replay replay;
		const char *wrong;

		if (acts[i].extends) /* takes all processes to attach anew */
			continue;
		world_begin(&world, &acts[i], false);
		world_record(&world, &trace);
		replay_begin(&replay, world.start, world.memory, WORLD_BYTES, neighbour_check, &neighbour);
		wrong = replay_run(&replay, &trace, REPLAY_PROGRAM, REPLAY_SKIP_NONE);
		if (wrong)
			fail_msg("%s: %s", acts[i].name, wrong);
		replay_end(&replay);
		trace_end(&trace);
		world_end(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_act_is_whole_or_absent),
		cmocka_unit_test(a_neighbour_takes_back_what_a_dead_process_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
