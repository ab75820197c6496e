/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BASE UINT64_C(0x140000000) /* blocks are aligned as orders are */
#define SECOND_BASE UINT64_C(0x2345673000) /* and here they are not */
#define GARBAGE 0xa5 /* what stood in the memory before */

static char wrong[320];

#define WRONG(...) (snprintf(wrong, sizeof(wrong), __VA_ARGS__), wrong)

/* --- attach --- */

static bool second_is_ours(const struct world *world)
{
	struct pm_superblock sb;
	struct pm_pool_request request = model_request();

	return pm_pool_probe(world->mappings[1].base, world->mappings[1].bytes, &sb) == PM_OK &&
	       memcmp(sb.pool_uuid, request.pool_uuid, 16) == 0;
}

enum pm_code world_attach(struct world *world, struct pm_pool *pool)
{
	return pm_pool_attach(pool, world->mappings, second_is_ours(world) ? 2 : 1, 0, &model_memory, &model_act);
}

static void must_attach(struct world *world)
{
	assert_int_equal(world_attach(world, &world->pool), PM_OK);
	assert_int_equal(pm_pool_begin(&world->pool, false, &model_act), PM_OK);
}

static void detach(struct world *world)
{
	pm_pool_end(&world->pool);
	pm_pool_detach(&world->pool);
}

/* --- history --- */

void world_join(struct world *world)
{
	struct pm_pool_request request = model_request();

	memset(request.region_uuid, 0xb7, 16);
	request.physical_base = SECOND_BASE;
	request.numa_node = 1;
	request.flush = world->flush;
	assert_int_equal(pm_pool_extend(&world->pool, &world->mappings[1], &request, &model_act), PM_OK);
}

uint64_t world_alloc(struct world *world, uint64_t from, uint64_t pages, uint32_t order, const char *name)
{
	struct pm_alloc_request request = {.pages = pages,
					   .align_order = order,
					   .address_from = FIRST_BASE + from * 4096,
					   .address_to = FIRST_BASE + (from + pages) * 4096,
					   .name = name,
					   .owner = name ? "owner" : NULL,
					   .purpose = name ? "purpose" : NULL};
	struct pm_run run;
	enum pm_code code = pm_alloc(&world->pool, &request, &model_act, &run);

	if (code)
		fail_msg("%s: %llu pages at %llu: %s", world->act->name, (unsigned long long)pages,
			 (unsigned long long)from, pm_error_name(code));
	assert_int_equal(run.page, from);
	return run.page;
}

void world_free(struct world *world, uint64_t page)
{
	struct pm_run freed;

	assert_int_equal(pm_free(&world->pool, page, 0, &freed), PM_OK);
}

/*
 * Blocks of the first region: 0 metadata and small runs, 1 a run over two words, 2 one run, 3 to 5 a run that begins
 * and ends inside of blocks, 6 and 7 a named run, 8 never used, 9 used and free again, 10 a quarantine, 11 one page,
 * 12 to 14 never used, 15 the end.
 */
static void history(struct world *world)
{
	world_alloc(world, 100, 1, 0, NULL);
	world_alloc(world, 101, 1, 0, "one");
	world_alloc(world, 102, 3, 0, "gone");
	world_alloc(world, 110, 70, 0, "wide");
	world_alloc(world, 180, 1, 0, NULL); /* right behind */
	world_alloc(world, 512 + 20, 40, 0, NULL);
	world_alloc(world, 512 + 60, 1, 0, NULL);
	world_alloc(world, 2 * 512, 512, 9, NULL);
	world_alloc(world, 3 * 512 + 100, 1200, 0, NULL);
	world_alloc(world, 6 * 512, 1024, 9, "blocks");
	world_free(world, world_alloc(world, 9 * 512 + 77, 1, 0, NULL));
	assert_int_equal(pm_quarantine(&world->pool, 10 * 512 + 30, 11, "memtest", &model_act), PM_OK);
	world_alloc(world, 11 * 512 + 33, 1, 0, NULL);
	world_free(world, 102);
	for (int i = 0; i < 140; i++) /* around the ring */
		pm_log_append(&world->pool, PM_VERB_ALLOCATE, 1, 1, "one", &model_act);
}

static void create(struct world *world)
{
	struct pm_pool_request request = model_request();

	request.physical_base = FIRST_BASE;
	request.flush = world->flush;
	request.numa_node = 0;
	assert_int_equal(pm_pool_format(world->memory, WORLD_FIRST_BYTES, &request, &model_act), PM_OK);
}

void world_begin(struct world *world, bool flush, bool joined)
{
	memset(world, 0, sizeof(*world));
	world->flush = flush;
	world->memory = aligned_alloc(4096, WORLD_BYTES);
	world->history = malloc(WORLD_BYTES);
	world->start = malloc(WORLD_BYTES);
	assert_true(world->memory && world->history && world->start);
	memset(world->memory, GARBAGE, WORLD_BYTES);
	world->mappings[0] = (struct pm_mapping){
		.base = world->memory, .bytes = WORLD_FIRST_BYTES, .physical_base = FIRST_BASE, .flush = flush};
	world->mappings[1] = (struct pm_mapping){.base = world->memory + WORLD_FIRST_BYTES,
						 .bytes = WORLD_SECOND_BYTES,
						 .physical_base = SECOND_BASE,
						 .flush = flush};
	create(world);
	must_attach(world);
	if (joined)
		world_join(world);
	history(world);
	detach(world);
	memcpy(world->history, world->memory, WORLD_BYTES);
	memcpy(world->start, world->memory, WORLD_BYTES);
	replay_begin(&world->replay, world->start, world->memory, WORLD_BYTES, NULL, NULL);
}

/* The view of what is in memory, and leave no trace. */
static void look(struct world *world, struct model_view *view)
{
	trace_start(&world->looked, world->memory, WORLD_BYTES);
	must_attach(world);
	assert_false(model_recovered_anything(&world->pool));
	model_assert_adds_up(&world->pool);
	model_view_take(&world->pool, view);
	world->log_slots = pm_log_slots(&world->pool);
	detach(world);
	trace_stop();
}

static void prepare(struct world *world)
{
	trace_start(&world->prepared, world->memory, WORLD_BYTES);
	must_attach(world);
	if (world->act->prepare)
		world->act->prepare(world);
	world->log_before = pm_log_sequence(&world->pool);
	detach(world);
	trace_stop();
	trace_lines_copy(&world->prepared, world->start, world->memory);
	trace_lines_copy(&world->prepared, world->replay.image, world->memory);
}

void world_act(struct world *world, const struct act *act, replay_check check, void *context)
{
	world->act = act;
	prepare(world);
	look(world, &world->before);
	trace_lines_copy(&world->looked, world->memory, world->start);
	assert_int_equal(world_attach(world, &world->pool), PM_OK);
	trace_lines_copy(&world->looked, world->memory, world->start);
	trace_start(&world->recorded, world->memory, WORLD_BYTES);
	assert_int_equal(pm_pool_begin(&world->pool, false, &model_act), PM_OK);
	act->run(world, act);
	trace_mark();
	pm_pool_end(&world->pool);
	trace_stop();
	pm_pool_detach(&world->pool);
	assert_true(trace_count(&world->recorded, TRACE_STORE) > 2);
	look(world, &world->after);
	trace_lines_copy(&world->looked, world->memory, world->start);
	trace_lines_copy(&world->recorded, world->memory, world->start);
	assert_memory_equal(world->memory, world->start, WORLD_BYTES); /* nothing went past persist.h */
	replay_again(&world->replay, check, context);
}

void world_act_end(struct world *world)
{
	trace_lines_copy(&world->prepared, world->start, world->history);
	trace_lines_copy(&world->prepared, world->replay.image, world->history);
	trace_lines_copy(&world->prepared, world->memory, world->history);
	assert_int_equal(model_memory_out(), 0);
}

void world_end(struct world *world)
{
	replay_end(&world->replay);
	trace_end(&world->prepared);
	trace_end(&world->recorded);
	trace_end(&world->looked);
	model_view_end(&world->before);
	model_view_end(&world->after);
	model_view_end(&world->now);
	free(world->memory);
	free(world->history);
	free(world->start);
}

void world_each_act(bool flush, replay_check check, void (*each)(struct world *world, void *context), void *context)
{
	for (int joined = 0; joined < 2; joined++) {
		struct world world;

		world_begin(&world, flush, joined);
		for (size_t i = 0; i < act_count; i++) {
			if (acts[i].extends == joined)
				continue;
			world_act(&world, &acts[i], check, &world);
			each(&world, context);
			world_act_end(&world);
		}
		world_end(&world);
	}
}

/* --- checks --- */

static const char *log_check(struct world *world, const struct pm_pool *pool, bool acknowledged)
{
	struct pm_log_entry entry;
	/* What is being appended may have torn the oldest one, and recovery writes an entry for each region. */
	uint64_t from = world->log_before > world->log_slots ? world->log_before - world->log_slots + 5 : 1;

	for (uint64_t n = from; n <= world->log_before; n++)
		if (!pm_log_read(pool, n, &entry))
			return WRONG("log entry %llu of %llu is gone", (unsigned long long)n,
				     (unsigned long long)world->log_before);
	if (acknowledged && world->act->appends &&
	    (!pm_log_read(pool, world->log_before + 1, &entry) || strcmp(entry.detail, "something") != 0))
		return WRONG("the acknowledged log entry is not there");
	return NULL;
}

static const char *attached_check(struct world *world, const struct pm_pool *pool, bool acknowledged)
{
	const char *said;

	if (pool->read_only || pool->degraded)
		return WRONG("the pool is %s", pool->degraded ? "degraded" : "read-only");
	said = model_audit(pool);
	if (said)
		return said;
	model_view_take(pool, &world->now);
	if (!model_view_equal(&world->now, &world->after)) {
		if (acknowledged)
			return WRONG("acknowledged, but not there");
		if (!model_view_equal(&world->now, &world->before))
			return WRONG("neither before nor after: %zu items, %llu free", world->now.count,
				     (unsigned long long)world->now.pages_free);
	}
	return log_check(world, pool, acknowledged);
}

const char *world_check_clean(struct world *world)
{
	struct pm_pool pool;
	enum pm_code code = world_attach(world, &pool);
	bool found;

	if (code)
		return WRONG("attach once more: %s", pm_error_name(code));
	found = model_recovered_anything(&pool);
	pm_pool_detach(&pool);
	return found ? "the second attach found something to do" : NULL;
}

const char *world_check(struct world *world, bool acknowledged)
{
	struct pm_pool pool;
	const char *said;
	enum pm_code code = world_attach(world, &pool);

	if (code)
		return WRONG("attach: %s", pm_error_name(code));
	said = attached_check(world, &pool, acknowledged);
	pm_pool_detach(&pool);
	return said;
}

const char *world_recovery_check(struct replay *replay, struct world *world, enum replay_mode mode)
{
	struct trace recovery = {0};
	struct pm_pool pool;
	const char *found = NULL;

	trace_start(&recovery, world->memory, WORLD_BYTES);
	if (world_attach(world, &pool))
		found = "attach, the second time, from the same bytes";
	else
		pm_pool_detach(&pool);
	trace_stop();
	replay_restore(replay, &recovery);
	if (!found)
		found = replay_run(replay, &recovery, mode, REPLAY_SKIP_NONE);
	trace_end(&recovery);
	return found;
}
