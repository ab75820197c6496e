/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The acts that are stopped in the middle. What stands where: world.c. */
#include "sanitized.h"
#include "world.h"
#include <stdio.h>

/* --- what is done --- */

static void alloc_anywhere(struct world *world, const struct act *act)
{
	struct pm_alloc_request request = {.pages = act->pages, .align_order = act->order, .name = act->label};
	struct pm_run run;

	assert_int_equal(pm_alloc(&world->pool, &request, &model_act, &run), PM_OK);
}

static void alloc_there(struct world *world, const struct act *act)
{
	world_alloc(world, act->page, act->pages, act->order, act->label);
}

static void alloc_in_second(struct world *world, const struct act *act)
{
	struct pm_alloc_request request = {
		.pages = act->pages, .placement = PM_PLACE_REGION, .node = 1, .name = act->label};
	struct pm_run run;

	assert_int_equal(pm_alloc(&world->pool, &request, &model_act, &run), PM_OK);
	assert_true(run.page >= world->pool.infos[1].first_pool_page);
}

static void free_there(struct world *world, const struct act *act)
{
	world_free(world, act->page);
}

static void free_label(struct world *world, const struct act *act)
{
	uint64_t page;

	assert_non_null(pm_record_find(&world->pool, act->label, &page));
	world_free(world, page);
}

static void resize_there(struct world *world, const struct act *act)
{
	struct pm_run run;
	uint64_t in_the_way;

	assert_int_equal(pm_resize(&world->pool, act->page, act->pages, &model_act, &run, &in_the_way), PM_OK);
	assert_int_equal(run.pages, act->pages);
}

static void resize_label(struct world *world, const struct act *act)
{
	struct pm_run run;
	uint64_t page, in_the_way;

	assert_non_null(pm_record_find(&world->pool, act->label, &page));
	assert_int_equal(pm_resize(&world->pool, page, act->pages, &model_act, &run, &in_the_way), PM_OK);
	assert_int_equal(run.pages, act->pages);
	assert_non_null(run.record);
}

static void rename_there(struct world *world, const struct act *act)
{
	const struct pm_label label = {.name = act->label};
	struct pm_run run;

	assert_int_equal(pm_record_change(&world->pool, act->page, &label, &model_act, &run), PM_OK);
}

static void relabel_there(struct world *world, const struct act *act)
{
	const struct pm_label label = {.owner = "heir", .purpose = "something else"};
	struct pm_run run;

	assert_int_equal(pm_record_change(&world->pool, act->page, &label, &model_act, &run), PM_OK);
}

static void rename_pool(struct world *world, const struct act *act)
{
	assert_int_equal(pm_pool_rename(&world->pool, act->label), PM_OK);
}

static void quarantine_there(struct world *world, const struct act *act)
{
	assert_int_equal(pm_quarantine(&world->pool, act->page, act->pages, "memtest", &model_act), PM_OK);
}

static void release_there(struct world *world, const struct act *act)
{
	struct pm_run released;

	assert_int_equal(pm_quarantine_release(&world->pool, act->page, &released), PM_OK);
}

static void append(struct world *world, const struct act *act)
{
	assert_int_equal(pm_log_append(&world->pool, PM_VERB_WRITE, 3, 4, "something", &model_act),
			 world->log_before + 1);
}

static void extend(struct world *world, const struct act *act)
{
	world_join(world);
}

/* --- what must stand there before --- */

/* Named allocations until the first region's directory has this many slots and none is left. Slot 0 of its last part is
 * the next part's own. */
static void fill_slots(struct world *world, uint64_t want)
{
	uint64_t slots = 0, used = 0, page = 200;

	while (slots < want || used + 1 < slots) {
		const struct pm_record *record;
		uint64_t cursor = 0, live;
		uint32_t region;
		char name[16];

		snprintf(name, sizeof(name), "fill %llu", (unsigned long long)page);
		world_alloc(world, page++, 1, 0, name);
		pm_records_count(&world->pool, &slots, &live);
		slots -= 16; /* the second region's */
		used = 0;
		while ((record = pm_record_next(&world->pool, &cursor, &region)))
			used += region == 0;
	}
	assert_int_equal(slots, want);
}

static void fill_first_part(struct world *world)
{
	fill_slots(world, 16);
}

static void fill_second_part(struct world *world)
{
	fill_slots(world, 32);
}

static void quarantine_blocks(struct world *world)
{
	assert_int_equal(pm_quarantine(&world->pool, 12 * 512 - 5, 512 + 10, "memtest", &model_act), PM_OK);
}

static void split_and_fill(struct world *world)
{
	world_alloc(world, 8 * 512, 511, 0, NULL);
	world_alloc(world, 12 * 512, 512 * 2 + 300, 0, "long");
}

/* The pages of block 9 were in use one by one before it became an allocation. */
static void block_used_before(struct world *world)
{
	world_alloc(world, 9 * 512, 512, 9, NULL);
}

static void block_alone(struct world *world)
{
	world_alloc(world, 8 * 512, 512, 9, NULL);
}

/* Room behind it, over blocks never used. */
static void room_for_one(struct world *world)
{
	world_alloc(world, 12 * 512 + 10, 3, 0, "room");
}

static void room_and_full(struct world *world)
{
	room_for_one(world);
	fill_first_part(world);
}

/* --- all of them --- */

const struct act acts[] = {
	{.name = "alloc a page", .run = alloc_anywhere, .pages = 1},
	{.name = "alloc a page of a block never used", .run = alloc_there, .page = 8 * 512 + 40, .pages = 1},
	{.name = "alloc a page of a block used before", .run = alloc_there, .page = 9 * 512 + 40, .pages = 1},
	{.name = "alloc the last page of a full block",
	 .prepare = split_and_fill,
	 .run = alloc_there,
	 .page = 9 * 512 - 1,
	 .pages = 1},
	{.name = "alloc in one word", .run = alloc_anywhere, .pages = 8, .order = 3},
	{.name = "alloc in two words", .run = alloc_there, .page = 11 * 512 + 50, .pages = 20},
	{.name = "alloc over many words", .run = alloc_anywhere, .pages = 100},
	{.name = "alloc many words, block never used", .run = alloc_there, .page = 8 * 512 + 3, .pages = 100},
	{.name = "alloc order 8", .run = alloc_anywhere, .pages = 256, .order = 8},
	{.name = "alloc a block never used", .run = alloc_there, .page = 8 * 512, .pages = 512, .order = 9},
	{.name = "alloc a block used before", .run = alloc_there, .page = 9 * 512, .pages = 512, .order = 9},
	{.name = "alloc order 9", .run = alloc_anywhere, .pages = 512, .order = 9},
	{.name = "alloc two blocks", .run = alloc_there, .page = 12 * 512, .pages = 1024, .order = 10},
	{.name = "alloc order 10", .run = alloc_anywhere, .pages = 1024, .order = 10},
	{.name = "alloc parts of two blocks", .run = alloc_there, .page = 8 * 512 + 300, .pages = 600},
	{.name = "alloc parts and a block", .run = alloc_there, .page = 12 * 512 + 200, .pages = 1000},
	{.name = "alloc a block and a part", .run = alloc_there, .page = 13 * 512, .pages = 513},
	{.name = "alloc from the middle of a word", .run = alloc_there, .page = 11 * 512 + 35, .pages = 33},
	{.name = "alloc 700", .run = alloc_anywhere, .pages = 700},
	{.name = "alloc in the second region", .run = alloc_in_second, .pages = 70},
	{.name = "named alloc", .run = alloc_anywhere, .pages = 1, .label = "new"},
	{.name = "named alloc over words", .run = alloc_anywhere, .pages = 90, .label = "new"},
	{.name = "named alloc of a block", .run = alloc_anywhere, .pages = 512, .order = 9, .label = "new"},
	{.name = "named alloc of parts", .run = alloc_there, .page = 8 * 512 + 300, .pages = 600, .label = "new"},
	{.name = "named alloc in the second region", .run = alloc_in_second, .pages = 3, .label = "new"},
	{.name = "the directory grows",
	 .prepare = fill_first_part,
	 .run = alloc_anywhere,
	 .pages = 1,
	 .label = "one more"},
	{.name = "the directory grows again",
	 .prepare = fill_second_part,
	 .run = alloc_anywhere,
	 .pages = 40,
	 .label = "one more"},
	{.name = "the directory grows by a change",
	 .prepare = fill_first_part,
	 .run = rename_there,
	 .page = 110,
	 .label = "wider"},
	{.name = "the directory grows by a quarantine",
	 .prepare = fill_first_part,
	 .run = quarantine_there,
	 .page = 11 * 512 + 7,
	 .pages = 1},
	{.name = "free a page", .run = free_there, .page = 100},
	{.name = "free the last page of a block", .run = free_there, .page = 11 * 512 + 33},
	{.name = "free two words", .run = free_there, .page = 512 + 20},
	{.name = "free a block", .run = free_there, .page = 2 * 512},
	{.name = "free parts and blocks", .run = free_there, .page = 3 * 512 + 100},
	{.name = "free 511 of a block", .prepare = split_and_fill, .run = free_there, .page = 8 * 512},
	{.name = "named free", .run = free_label, .label = "one"},
	{.name = "named free of many words", .run = free_label, .label = "wide"},
	{.name = "named free of blocks", .run = free_label, .label = "blocks"},
	{.name = "named free of blocks and a part", .prepare = split_and_fill, .run = free_label, .label = "long"},
	{.name = "shrink over words", .run = resize_there, .page = 3 * 512 + 100, .pages = 5},
	{.name = "shrink a block never split", .run = resize_there, .page = 2 * 512, .pages = 77},
	{.name = "shrink by whole blocks", .run = resize_there, .page = 3 * 512 + 100, .pages = 412},
	{.name = "shrink a block that was split before",
	 .prepare = block_used_before,
	 .run = resize_there,
	 .page = 9 * 512,
	 .pages = 33},
	{.name = "grow over blocks", .run = resize_there, .page = 11 * 512 + 33, .pages = 479 + 512 + 512 + 40},
	{.name = "grow a block by blocks", .run = resize_there, .page = 8 * 512, .pages = 1024, .prepare = block_alone},
	{.name = "named shrink of parts",
	 .prepare = split_and_fill,
	 .run = resize_label,
	 .label = "long",
	 .pages = 1000},
	{.name = "named shrink, directory grows",
	 .prepare = fill_first_part,
	 .run = resize_label,
	 .label = "wide",
	 .pages = 2},
	{.name = "named grow over blocks",
	 .prepare = room_for_one,
	 .run = resize_label,
	 .label = "room",
	 .pages = 1500},
	{.name = "named grow, directory grows",
	 .prepare = room_and_full,
	 .run = resize_label,
	 .label = "room",
	 .pages = 600},
#if !SANITIZED /* the same paths at other places */
	{.name = "shrink in one word", .run = resize_there, .page = 512 + 20, .pages = 3},
	{.name = "shrink by the last page", .run = resize_there, .page = 512 + 20, .pages = 39},
	{.name = "shrink a block to its first page", .run = resize_there, .page = 2 * 512, .pages = 1},
	{.name = "shrink inside a block that continues", .run = resize_there, .page = 3 * 512 + 100, .pages = 1100},
	{.name = "grow in one word", .run = resize_there, .page = 11 * 512 + 33, .pages = 9},
	{.name = "grow by a page", .run = resize_there, .page = 11 * 512 + 33, .pages = 2},
	{.name = "grow over words", .run = resize_there, .page = 11 * 512 + 33, .pages = 200},
	{.name = "grow by a block", .run = resize_there, .page = 11 * 512 + 33, .pages = 479 + 512},
	{.name = "grow behind a block", .prepare = split_and_fill, .run = resize_there, .page = 8 * 512, .pages = 1024},
	{.name = "grow a block by a part", .run = resize_there, .page = 8 * 512, .pages = 700, .prepare = block_alone},
	{.name = "named shrink in one word", .run = resize_label, .label = "wide", .pages = 1},
	{.name = "named shrink over words", .run = resize_label, .label = "wide", .pages = 40},
	{.name = "named shrink of blocks", .run = resize_label, .label = "blocks", .pages = 512},
	{.name = "named shrink of a block", .run = resize_label, .label = "blocks", .pages = 600},
	{.name = "named grow in one word", .prepare = room_for_one, .run = resize_label, .label = "room", .pages = 5},
	{.name = "named grow over words", .prepare = room_for_one, .run = resize_label, .label = "room", .pages = 300},
	{.name = "named grow by a block", .run = resize_label, .label = "blocks", .pages = 1536},
#endif
	{.name = "rename", .run = rename_there, .page = 101, .label = "other"},
	{.name = "name an unnamed one", .run = rename_there, .page = 3 * 512 + 100, .label = "found"},
	{.name = "relabel", .run = relabel_there, .page = 110},
	{.name = "rename the pool", .run = rename_pool, .label = "workshop"},
	{.name = "quarantine a page", .run = quarantine_there, .page = 190, .pages = 1},
	{.name = "quarantine over words", .run = quarantine_there, .page = 512 + 90, .pages = 50},
	{.name = "quarantine a block never used", .run = quarantine_there, .page = 8 * 512, .pages = 512},
	{.name = "quarantine over blocks", .run = quarantine_there, .page = 12 * 512 + 500, .pages = 540},
	{.name = "release", .run = release_there, .page = 10 * 512 + 30},
	{.name = "release over blocks",
	 .prepare = quarantine_blocks,
	 .run = release_there,
	 .page = 12 * 512 - 5,
	 .pages = 522},
	{.name = "append to the log", .run = append, .appends = true},
	{.name = "extend", .run = extend, .extends = true},
};
const size_t act_count = sizeof(acts) / sizeof(acts[0]);
