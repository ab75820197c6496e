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

	assert_int_equal(pm_alloc(&world->pool, &request, &model_act, &run), PM_OK);
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

void world_begin(struct world *world, const struct act *act, bool flush)
{
	memset(world, 0, sizeof(*world));
	world->act = act;
	world->flush = flush;
	world->joined = !act->extends;
	world->memory = aligned_alloc(1 << 21, (WORLD_BYTES + (1 << 21) - 1) >> 21 << 21);
	world->start = aligned_alloc(4096, WORLD_BYTES);
	assert_true(world->memory && world->start);
	memset(world->memory, GARBAGE, WORLD_BYTES);
	world->mappings[0] = (struct pm_mapping){
		.base = world->memory, .bytes = WORLD_FIRST_BYTES, .physical_base = FIRST_BASE, .flush = flush};
	world->mappings[1] = (struct pm_mapping){.base = world->memory + WORLD_FIRST_BYTES,
						 .bytes = WORLD_SECOND_BYTES,
						 .physical_base = SECOND_BASE,
						 .flush = flush};
	create(world);
	must_attach(world);
	if (world->joined)
		world_join(world);
	history(world);
	if (act->prepare)
		act->prepare(world);
	detach(world);
	memcpy(world->start, world->memory, WORLD_BYTES);
	must_attach(world);
	model_assert_adds_up(&world->pool);
	model_view_take(&world->pool, &world->before);
	world->log_before = pm_log_sequence(&world->pool);
	world->log_slots = pm_log_slots(&world->pool);
	detach(world);
	memcpy(world->memory, world->start, WORLD_BYTES);
}

void world_record(struct world *world, struct trace *trace)
{
	assert_int_equal(world_attach(world, &world->pool), PM_OK);
	trace_start(trace, world->memory, WORLD_BYTES);
	assert_int_equal(pm_pool_begin(&world->pool, false, &model_act), PM_OK);
	world->act->run(world, world->act);
	trace_mark();
	pm_pool_end(&world->pool);
	trace_stop();
	pm_pool_detach(&world->pool);
	must_attach(world);
	assert_false(model_recovered_anything(&world->pool));
	model_assert_adds_up(&world->pool);
	model_view_take(&world->pool, &world->after);
	detach(world);
}

void world_end(struct world *world)
{
	model_view_end(&world->before);
	model_view_end(&world->after);
	model_view_end(&world->now);
	free(world->memory);
	free(world->start);
	assert_int_equal(model_memory_out(), 0);
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

const char *world_check(struct world *world, bool acknowledged)
{
	struct pm_pool pool;
	const char *said;
	enum pm_code code = world_attach(world, &pool);

	if (code)
		return WRONG("attach: %s", pm_error_name(code));
	said = attached_check(world, &pool, acknowledged);
	pm_pool_detach(&pool);
	if (said)
		return said;
	code = world_attach(world, &pool);
	if (code)
		return WRONG("second attach: %s", pm_error_name(code));
	if (model_recovered_anything(&pool))
		said = WRONG("the second attach found something to do");
	pm_pool_detach(&pool);
	return said;
}
