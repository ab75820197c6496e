/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random acts of all kinds on pools of one to three regions, against a reference of plain arrays: the same answers,
 * page for page, each constraint of each request kept, and NO_SPACE only when there is none.
 */
#include "core/member.h"
#include "reference.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define STEPS 8000
#define REGION_STEPS 1500 /* after so many the next region joins */
#define NAMES 120

struct plan {
	uint64_t bytes[REFERENCE_REGIONS], base[REFERENCE_REGIONS];
	unsigned regions;
	bool flush;
};

struct run {
	const struct plan *plan;
	struct pm_pool pool;
	struct pm_mapping mappings[REFERENCE_REGIONS];
	unsigned joined;
	struct reference reference;
	uint64_t seed;
	uint64_t log;
};

static uint64_t random_below(struct run *run, uint64_t limit)
{
	return model_random(&run->seed) % limit;
}

static bool chance(struct run *run, unsigned percent)
{
	return random_below(run, 100) < percent;
}

/* --- the pool --- */

static struct pm_pool_request region_request(const struct run *run, unsigned region)
{
	struct pm_pool_request request = model_request();

	request.region_uuid[0] = (uint8_t)region;
	request.physical_base = run->plan->base[region];
	request.numa_node = (int32_t)region / 2;
	request.flush = run->plan->flush;
	return request;
}

static void attach(struct run *run)
{
	assert_int_equal(pm_pool_attach(&run->pool, run->mappings, run->joined, 0, &model_memory, &model_act), PM_OK);
	assert_false(model_recovered_anything(&run->pool));
	assert_int_equal(pm_pool_begin(&run->pool, false, &model_act), PM_OK);
}

static void detach(struct run *run)
{
	pm_pool_end(&run->pool);
	pm_pool_detach(&run->pool);
}

static void begin(struct run *run, const struct plan *plan, uint64_t seed)
{
	struct pm_pool_request request;

	memset(run, 0, sizeof(*run));
	run->plan = plan;
	run->seed = seed;
	for (unsigned i = 0; i < plan->regions; i++) {
		run->mappings[i] = (struct pm_mapping){.base = aligned_alloc(4096, plan->bytes[i]),
						       .bytes = plan->bytes[i],
						       .physical_base = plan->base[i],
						       .flush = plan->flush};
		memset(run->mappings[i].base, 0x5a, plan->bytes[i]);
	}
	request = region_request(run, 0);
	assert_int_equal(pm_pool_format(run->mappings[0].base, plan->bytes[0], &request, &model_act), PM_OK);
	run->joined = 1;
	attach(run);
	reference_begin(&run->reference, &run->pool);
}

static void extend(struct run *run)
{
	struct pm_pool_request request = region_request(run, run->joined);

	assert_int_equal(pm_pool_extend(&run->pool, &run->mappings[run->joined], &request, &model_act), PM_OK);
	run->joined++;
	reference_learn(&run->reference, &run->pool);
}

static void end(struct run *run)
{
	detach(run);
	reference_end(&run->reference);
	for (unsigned i = 0; i < run->plan->regions; i++)
		free(run->mappings[i].base);
	assert_int_equal(model_memory_out(), 0);
}

/* --- allocate --- */

static void random_size(struct run *run, struct pm_alloc_request *request)
{
	switch (random_below(run, 6)) {
	case 0:
	case 1:
		request->pages = 1;
		break;
	case 2:
		request->pages = 1 + random_below(run, 40);
		break;
	case 3:
		request->align_order = (uint32_t)random_below(run, chance(run, 70) ? 6 : 12);
		request->pages = UINT64_C(1) << request->align_order;
		break;
	case 4:
		request->pages = 1 + random_below(run, 300);
		request->align_order = (uint32_t)random_below(run, 11);
		break;
	default:
		request->pages = 1 + random_below(run, 1 + random_below(run, 2500));
		break;
	}
}

static void random_constraints(struct run *run, struct pm_alloc_request *request)
{
	if (chance(run, 15))
		request->within_order = (uint32_t)random_below(run, 13);
	if (chance(run, 20)) {
		const struct pm_member_info *info = &run->pool.infos[random_below(run, run->joined)];

		request->address_from = info->physical_base + random_below(run, info->bytes);
		if (chance(run, 70))
			request->address_to =
				request->address_from + random_below(run, 4096 * (4 + 2 * request->pages)) + 1;
	}
	request->placement = chance(run, 50) ? PM_PLACE_FIRST : (enum pm_placement)random_below(run, 4);
	request->node = (int32_t)random_below(run, request->placement == PM_PLACE_NODE ? 2 : run->joined);
	request->lane = (uint32_t)random_below(run, PM_LANES);
}

static bool region_allowed(const struct pm_member_info *info, const struct pm_alloc_request *request)
{
	if (request->placement == PM_PLACE_NODE)
		return info->numa_node == request->node;
	return request->placement != PM_PLACE_REGION || info->index == (uint32_t)request->node;
}

static void assert_no_room(struct run *run, const struct pm_alloc_request *request)
{
	for (unsigned i = 0; i < run->joined; i++)
		if (region_allowed(&run->pool.infos[i], request) &&
		    reference_room(&run->reference, &run->pool.infos[i], request))
			fail_msg("%llu pages of order %u within %u from 0x%llx to 0x%llx: there is room in region %u",
				 (unsigned long long)request->pages, request->align_order, request->within_order,
				 (unsigned long long)request->address_from, (unsigned long long)request->address_to, i);
}

/* No region that comes before the chosen one has room. */
static void assert_placed(struct run *run, const struct pm_alloc_request *request, unsigned chosen)
{
	uint64_t free_pages = reference_free_pages(&run->reference, &run->pool.infos[chosen]);

	for (unsigned i = 0; i < run->joined; i++) {
		const struct pm_member_info *info = &run->pool.infos[i];

		if (request->placement == PM_PLACE_FIRST && i < chosen)
			assert_false(reference_room(&run->reference, info, request));
		if (request->placement == PM_PLACE_MOST_FREE &&
		    reference_free_pages(&run->reference, info) > free_pages)
			assert_false(reference_room(&run->reference, info, request));
	}
}

static bool slots_are_full(const struct run *run)
{
	uint64_t slots, live;

	pm_records_count(&run->pool, &slots, &live);
	return slots - live <= 2 * run->joined + 8; /* of some region, perhaps */
}

static void step_alloc(struct run *run)
{
	struct pm_alloc_request request = {0};
	char name[32] = "";
	uint32_t owner = reference_new(&run->reference), index;
	struct pm_run got;
	enum pm_code code;

	random_size(run, &request);
	random_constraints(run, &request);
	if (chance(run, 25))
		snprintf(name, sizeof(name), "name %u", (unsigned)random_below(run, NAMES));
	request.name = name;
	request.owner = chance(run, 50) ? "somebody" : NULL;
	code = pm_alloc(&run->pool, &request, &model_act, &got);
	if (name[0] && reference_named(&run->reference, name)) {
		assert_int_not_equal(code, PM_OK); /* whichever of its faults is found first */
		return;
	}
	reference_learn(&run->reference, &run->pool);
	if (code) {
		if (name[0] && slots_are_full(run) && (code == PM_E_NO_SPACE || code == PM_E_DIRECTORY_FULL))
			return;
		if (code != PM_E_NO_SPACE && code != PM_E_ORDER_TOO_LARGE && code != PM_E_COUNT_INVALID)
			fail_msg("pm_alloc: %s", pm_error_name(code));
		assert_no_room(run, &request);
		return;
	}
	assert_non_null(pm_member_at(&run->pool, got.page, NULL));
	index = pm_member_at(&run->pool, got.page, NULL)->sb.region_index;
	assert_true(region_allowed(&run->pool.infos[index], &request));
	assert_true(reference_fits(&run->pool.infos[index], &request, got.page));
	assert_int_equal(got.pages, request.pages);
	if (!name[0])
		assert_placed(run, &request, index);
	reference_take(&run->reference, owner, got.page, got.pages);
	strcpy(run->reference.owners[owner].name, name);
	if (name[0] && request.owner)
		strcpy(run->reference.owners[owner].owner, request.owner);
}

/* --- the other acts --- */

/* Mostly one that can be acted on, else whatever page it is. */
static uint64_t random_page(struct run *run)
{
	uint64_t page = random_below(run, run->pool.page_end);
	uint32_t owner = run->reference.owner[page];

	for (int i = 0; i < 20 && (owner == NOBODY || owner >= REFERENCE_OWNERS); i++) {
		page = random_below(run, run->pool.page_end);
		owner = run->reference.owner[page];
	}
	if (owner != NOBODY && owner < REFERENCE_OWNERS && chance(run, 85))
		page = run->reference.owners[owner].page;
	return page;
}

/* The owner whose first page it is. */
static struct reference_owner *owner_at(struct run *run, uint64_t page, bool quarantine)
{
	uint32_t owner = run->reference.owner[page];

	if (owner == NOBODY || owner >= REFERENCE_OWNERS || run->reference.owners[owner].page != page ||
	    run->reference.owners[owner].quarantine != quarantine)
		return NULL;
	return &run->reference.owners[owner];
}

static void step_free(struct run *run)
{
	uint64_t page = random_page(run);
	struct reference_owner *known = owner_at(run, page, false);
	struct pm_run freed;
	enum pm_code code;

	if (run->reference.owner[page] == DIRECTORY)
		return; /* has a head too; nobody asks for that */
	code = pm_free(&run->pool, page, (uint32_t)random_below(run, PM_LANES), &freed);
	if (!known) {
		assert_true(code == PM_E_NOT_ALLOCATED || code == PM_E_PAGE_IN_USE); /* the latter: in quarantine */
		return;
	}
	assert_int_equal(code, PM_OK);
	assert_int_equal(freed.page, page);
	assert_int_equal(freed.pages, known->pages);
	reference_give(&run->reference, run->reference.owner[page]);
}

static void step_change(struct run *run)
{
	uint64_t page = random_page(run);
	struct reference_owner *known = owner_at(run, page, false);
	char name[32], owner[32];
	struct pm_label label = {.name = chance(run, 50) ? name : NULL, .owner = chance(run, 50) ? owner : NULL};
	struct pm_run got;
	enum pm_code code;
	uint32_t taken;

	if (run->reference.owner[page] == DIRECTORY)
		return;
	snprintf(name, sizeof(name), "name %u", (unsigned)random_below(run, NAMES));
	snprintf(owner, sizeof(owner), "owner %u", (unsigned)random_below(run, 100));
	taken = label.name ? reference_named(&run->reference, name) : NOBODY;
	code = pm_record_change(&run->pool, page, &label, &model_act, &got);
	reference_learn(&run->reference, &run->pool);
	if (!known || (!known->name[0] && !label.name)) {
		assert_int_not_equal(code, PM_OK);
		return;
	}
	if (taken && &run->reference.owners[taken] != known) {
		assert_int_equal(code, PM_E_NAME_TAKEN);
		return;
	}
	if ((code == PM_E_NO_SPACE || code == PM_E_DIRECTORY_FULL) && slots_are_full(run))
		return;
	assert_int_equal(code, PM_OK);
	if (label.name)
		strcpy(known->name, name);
	if (label.owner)
		strcpy(known->owner, owner);
}

/* Of the pages [first, first + pages) the first that is not free, which core has to name. */
static void assert_in_the_way(const struct run *run, uint64_t first, uint64_t pages, uint64_t in_the_way)
{
	assert_true(in_the_way >= first && in_the_way < first + pages);
	assert_true(reference_all_free(&run->reference, first, in_the_way - first));
	assert_int_not_equal(run->reference.owner[in_the_way], NOBODY);
}

static void step_resize(struct run *run)
{
	uint64_t page = random_page(run), pages = random_below(run, chance(run, 60) ? 50 : 1500), in_the_way, was;
	struct reference_owner *known = owner_at(run, page, false), old;
	uint32_t owner = run->reference.owner[page];
	struct pm_run got;
	enum pm_code code;

	if (owner == DIRECTORY)
		return;
	was = known ? known->pages : 0;
	pages = was && chance(run, 30) ? was + random_below(run, 3) : pages;
	code = pm_resize(&run->pool, page, pages, &model_act, &got, &in_the_way);
	reference_learn(&run->reference, &run->pool);
	if (!pages || !known) {
		assert_int_equal(code, pages ? PM_E_NOT_ALLOCATED : PM_E_COUNT_INVALID);
		return;
	}
	assert_int_equal(got.pages, code ? was : pages);
	if (code == PM_E_NO_SPACE && in_the_way) {
		assert_in_the_way(run, page + was, pages - was, in_the_way);
		return;
	}
	if ((code == PM_E_NO_SPACE || code == PM_E_DIRECTORY_FULL) && slots_are_full(run))
		return;
	assert_int_equal(code, PM_OK);
	old = *known;
	reference_give(&run->reference, owner);
	reference_take(&run->reference, owner, page, pages);
	old.pages = pages;
	run->reference.owners[owner] = old;
}

static void step_quarantine(struct run *run)
{
	uint64_t page = random_below(run, run->pool.page_end),
		 pages = 1 + random_below(run, chance(run, 80) ? 40 : 700);
	uint32_t owner = reference_new(&run->reference);
	struct pm_member *member = pm_member_at(&run->pool, page, NULL);
	bool is_free, inside;
	enum pm_code code;

	/* Start where there is room, mostly. */
	for (int i = 0; i < 10 && run->reference.owner[page] != NOBODY; i++)
		page = random_below(run, run->pool.page_end);
	member = pm_member_at(&run->pool, page, NULL);
	inside = member && page + pages <= member->sb.first_pool_page + member->sb.page_count;
	is_free = inside && reference_all_free(&run->reference, page, pages);
	code = pm_quarantine(&run->pool, page, pages, "worn", &model_act);
	reference_learn(&run->reference, &run->pool);
	if (code == PM_OK) {
		assert_true(is_free);
		reference_take(&run->reference, owner, page, pages);
		run->reference.owners[owner].quarantine = true;
		strcpy(run->reference.owners[owner].purpose, "worn");
	} else if (is_free && !((code == PM_E_NO_SPACE || code == PM_E_DIRECTORY_FULL) && slots_are_full(run))) {
		/* A directory that had to grow may have taken a page of the range first. */
		assert_int_equal(code, PM_E_PAGE_IN_USE);
		assert_false(reference_all_free(&run->reference, page, pages));
	}
}

static void step_release(struct run *run)
{
	uint64_t page = random_page(run);
	struct reference_owner *known = owner_at(run, page, true);
	struct pm_run released;

	for (int i = 0; i < 30 && !known; i++) {
		page = random_page(run);
		known = owner_at(run, page, true);
	}
	assert_int_equal(pm_quarantine_release(&run->pool, page, &released), known ? PM_OK : PM_E_NOT_ALLOCATED);
	if (known) {
		assert_int_equal(released.pages, known->pages);
		reference_give(&run->reference, run->reference.owner[page]);
	}
}

static void step_log(struct run *run)
{
	struct pm_log_entry entry;
	char detail[32];
	uint64_t sequence;

	snprintf(detail, sizeof(detail), "entry %llu", (unsigned long long)++run->log);
	sequence = pm_log_append(&run->pool, PM_VERB_WRITE, 0, 0, detail, &model_act);
	assert_int_equal(sequence, pm_log_sequence(&run->pool));
	assert_true(pm_log_read(&run->pool, sequence, &entry));
	assert_string_equal(entry.detail, detail);
}

static void step_rename(struct run *run)
{
	char name[32];

	snprintf(name, sizeof(name), "pool %u", (unsigned)random_below(run, 100));
	assert_int_equal(pm_pool_rename(&run->pool, name), PM_OK);
	assert_string_equal(run->pool.sb.pool_name, name);
}

/* --- many of them --- */

static void run_model(const struct plan *plan, uint64_t seed)
{
	static struct run run;

	begin(&run, plan, seed);
	for (int step = 0; step < STEPS; step++) {
		/* Long stretches that fill, long stretches that empty. */
		unsigned fill = step / 600 % 2 == 0 ? 55 : 25, what = (unsigned)random_below(&run, 100);

		if (step % REGION_STEPS == REGION_STEPS - 1 && run.joined < plan->regions)
			extend(&run);
		else if (what < fill)
			step_alloc(&run);
		else if (what < 80)
			step_free(&run);
		else if (what < 84)
			step_change(&run);
		else if (what < 88)
			step_resize(&run);
		else if (what < 93)
			step_quarantine(&run);
		else if (what < 97)
			step_release(&run);
		else if (what < 99)
			step_log(&run);
		else
			step_rename(&run);
		if (step % 200 == 199) {
			reference_compare(&run.reference, &run.pool);
			detach(&run);
			attach(&run);
			reference_compare(&run.reference, &run.pool);
		}
	}
	end(&run);
}

static void a_small_region(void **state)
{
	const struct plan plan = {.bytes = {MIB}, .base = {MODEL_BASE}, .regions = 1};

	run_model(&plan, 1);
	run_model(&plan, 2);
}

static void a_region_of_odd_size(void **state)
{
	const struct plan plan = {.bytes = {7 * MIB + 31 * 4096}, .base = {MODEL_BASE}, .regions = 1};

	run_model(&plan, 3);
}

static void a_region_of_whole_blocks(void **state)
{
	const struct plan plan = {.bytes = {48 * MIB}, .base = {UINT64_C(0x180000000)}, .regions = 1};

	run_model(&plan, 4);
	run_model(&plan, 5);
}

/* The second one lies across 4 GiB. */
static void several_regions(void **state)
{
	const struct plan plan = {.bytes = {5 * MIB, 24 * MIB, 9 * MIB + 77 * 4096},
				  .base = {UINT64_C(0x40000000), UINT64_C(0xff600000), MODEL_BASE},
				  .regions = 3};

	run_model(&plan, 6);
	run_model(&plan, 7);
}

static void several_regions_of_persistent_memory(void **state)
{
	const struct plan plan = {.bytes = {3 * MIB, 16 * MIB, 4 * MIB},
				  .base = {MODEL_BASE, UINT64_C(0x800000000), UINT64_C(0x40000000)},
				  .regions = 3,
				  .flush = true};

	run_model(&plan, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_region),
		cmocka_unit_test(a_region_of_odd_size),
		cmocka_unit_test(a_region_of_whole_blocks),
		cmocka_unit_test(several_regions),
		cmocka_unit_test(several_regions_of_persistent_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
