/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Persistent memory loses power: every kind of act, and its recovery, against the images that caches may leave between
 * any two fences (replay.h). And the other way round: a flush that core forgot is found.
 */
#include "sanitized.h"
#include "world.h"
#include <stdio.h>
#include <stdlib.h>

#define RECOVERIES ROUNDS(29u, 113u) /* one image of so many */
#define FORGOTTEN 40u /* at most, of the flushes and fences of an act: evenly spread */

struct sums {
	uint64_t acts, points, exhaustive, sampled, images, orders, missed, fenced;
};

static const char *check(struct replay *replay, void *context, bool acknowledged)
{
	struct world *world = context;
	const char *wrong;

	trace_start(&replay->touched, world->memory, WORLD_BYTES);
	wrong = world_check(world, acknowledged);
	trace_stop();
	replay_restore(replay, &replay->touched);
	return wrong;
}

static const char *check_twice(struct replay *replay, void *context, bool acknowledged)
{
	struct world *world = context;
	const char *wrong;

	trace_start(&replay->touched, world->memory, WORLD_BYTES);
	wrong = world_check(world, acknowledged);
	if (!wrong)
		wrong = world_check_clean(world);
	trace_stop();
	replay_restore(replay, &replay->touched);
	return wrong;
}

static const char *check_with_recovery(struct replay *replay, void *context, bool acknowledged)
{
	const char *wrong = check(replay, context, acknowledged);

	if (wrong || replay->depth > 1 || replay->images % RECOVERIES)
		return wrong;
	/* power is lost in the recovery from this image too */
	return world_recovery_check(replay, context, REPLAY_ORDERS);
}

static void add(struct sums *sums, const struct replay *replay)
{
	sums->acts++;
	sums->points += replay->points;
	sums->exhaustive += replay->exhaustive;
	sums->sampled += replay->sampled;
	sums->images += replay->images;
}

static void print(const struct sums *sums)
{
	print_message("%llu acts, %llu points: %llu exhaustive, %llu sampled; %llu images\n",
		      (unsigned long long)sums->acts, (unsigned long long)sums->points,
		      (unsigned long long)sums->exhaustive, (unsigned long long)sums->sampled,
		      (unsigned long long)sums->images);
}

static void lose_power(struct world *world, void *context)
{
	const char *wrong;

	if (SANITIZED) { /* attaching is what they look at, not every image */
		world->replay.exhaustive_max = 64;
		world->replay.random_images = 8;
	}
	wrong = replay_run(&world->replay, &world->recorded, REPLAY_ORDERS, REPLAY_SKIP_NONE);
	if (wrong)
		fail_msg("%s: %s", world->act->name, wrong);
	add(context, &world->replay);
}

static void an_act_is_whole_or_absent_after_a_power_loss(void **state)
{
	struct sums sums = {0};

	world_each_act(true, check_twice, lose_power, &sums);
	print(&sums);
}

/* From a part of what the act leaves in program order, the recovery in every order. */
static void lose_power_recovering(struct world *world, void *context)
{
	const char *wrong;

	world->replay.exhaustive_max = 256;
	world->replay.random_images = 8;
	wrong = replay_run(&world->replay, &world->recorded, REPLAY_PROGRAM, REPLAY_SKIP_NONE);
	if (wrong)
		fail_msg("%s: %s", world->act->name, wrong);
	add(context, &world->replay);
}

static void a_recovery_may_lose_power_too(void **state)
{
	struct sums sums = {0};

	world_each_act(true, check_with_recovery, lose_power_recovering, &sums);
	print(&sums);
}

/* Leave out one flush or fence after the other. Not each one is missed: some lines are flushed again before it matters,
 * checks are made anew, and what lies in one line needs no fence. But at least one flush is in every act, and in most a
 * fence. */
static void forget(struct world *world, void *context)
{
	uint64_t missed[2] = {0}, orders = 0;
	uint64_t all = trace_count(&world->recorded, TRACE_FLUSH) + trace_count(&world->recorded, TRACE_FENCE);
	struct sums *sums = context;

	world->replay.exhaustive_max = 48;
	world->replay.random_images = 4;
	for (size_t n = 0; n < world->recorded.count; n++) {
		enum trace_kind kind = world->recorded.events[n].kind;

		if (kind != TRACE_FLUSH && kind != TRACE_FENCE)
			continue;
		if (orders % (1 + all / FORGOTTEN) == 0)
			missed[kind == TRACE_FENCE] +=
				replay_run(&world->replay, &world->recorded, REPLAY_ORDERS, orders) != NULL;
		orders++;
	}
	if (!missed[0])
		fail_msg("%s: none of its flushes is missed", world->act->name);
	sums->acts++;
	sums->fenced += missed[1] != 0;
	sums->images += world->replay.images;
	sums->orders += all / (1 + all / FORGOTTEN);
	sums->missed += missed[0] + missed[1];
}

static void a_forgotten_flush_or_fence_is_found(void **state)
{
	struct sums sums = {0};

	if (SANITIZED) {
		print_message("a sanitized build does not count what is missed, on the paths of the tests before\n");
		skip();
	}
	world_each_act(true, check, forget, &sums);
	print_message("%llu of %llu flushes and fences are missed when left out, fences in %llu acts; %llu images\n",
		      (unsigned long long)sums.missed, (unsigned long long)sums.orders, (unsigned long long)sums.fenced,
		      (unsigned long long)sums.images);
	assert_true(2 * sums.fenced > sums.acts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_act_is_whole_or_absent_after_a_power_loss),
		cmocka_unit_test(a_recovery_may_lose_power_too),
		cmocka_unit_test(a_forgotten_flush_or_fence_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
