/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocate and free, named and not; what is refused, and what attach says about damage. */
#include "core/pages.h"
#include "core/records.h"
#include "model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

static enum pm_code alloc(struct pm_pool *pool, uint64_t pages, uint32_t order, const char *name, struct pm_run *run)
{
	struct pm_alloc_request request = {
		.pages = pages, .align_order = order, .name = name, .owner = "tests", .purpose = "none"};

	return pm_alloc(pool, &request, &model_act, run);
}

static void requests_that_cannot_be(void **state)
{
	static const struct {
		uint64_t pages;
		uint32_t order;
		const char *name, *owner, *purpose;
		enum pm_code code;
	} cases[] = {
		{0, 0, NULL, NULL, NULL, PM_E_COUNT_INVALID},
		{UINT64_MAX, 0, NULL, NULL, NULL, PM_E_COUNT_INVALID},
		{256, 0, NULL, NULL, NULL, PM_E_COUNT_INVALID}, /* the region has 241 for data */
		{1, 9, NULL, NULL, NULL, PM_E_ORDER_TOO_LARGE},
		{1, 64, NULL, NULL, NULL, PM_E_ORDER_TOO_LARGE},
		{1, UINT32_MAX, NULL, NULL, NULL, PM_E_ORDER_TOO_LARGE},
		{1, 0, "a/b", NULL, NULL, PM_E_NAME_INVALID},
		{1, 0, "n", "an owner of more than thirty-one bytes", NULL, PM_E_NAME_INVALID},
		{1, 0, "n", NULL, "a\nb", PM_E_NAME_INVALID},
		{1, 0, "", NULL, NULL, PM_OK},
		{1, 0, "n", NULL, NULL, PM_OK},
	};
	struct model_region region;

	(void)state;
	model_region_make(&region, MIB);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_alloc_request request = {cases[i].pages, cases[i].order, cases[i].name, cases[i].owner,
						   cases[i].purpose};
		struct pm_run run;

		if (pm_alloc(&region.pool, &request, &model_act, &run) != cases[i].code)
			fail_msg("case %zu", i);
	}
	model_assert_adds_up(&region.pool);
	model_region_end(&region);
}

static void every_order_is_aligned_to_physical_addresses(void **state)
{
	struct model_region region;
	struct pm_run run;

	(void)state;
	model_region_make(&region, 128 * MIB);
	for (uint32_t order = 0; order <= 13; order++) {
		assert_int_equal(alloc(&region.pool, UINT64_C(1) << order, order, NULL, &run), PM_OK);
		assert_int_equal((MODEL_BASE / 4096 + run.page) % (UINT64_C(1) << order), 0);
		assert_int_equal(run.pages, UINT64_C(1) << order);
	}
	model_assert_adds_up(&region.pool);
	model_region_end(&region);
}

static void orders_above_the_buddy_allocators_limit_work(void **state)
{
	struct model_region region;
	struct pm_run run;

	(void)state;
	model_region_make(&region, 256 * MIB);
	assert_int_equal(alloc(&region.pool, 1 << 14, 14, "large", &run), PM_OK);
	assert_int_equal((MODEL_BASE / 4096 + run.page) % (1 << 14), 0);
	assert_int_equal(alloc(&region.pool, 1 << 15, 15, NULL, &run), PM_OK);
	assert_int_equal(alloc(&region.pool, 1 << 16, 16, NULL, &run), PM_E_COUNT_INVALID);
	assert_int_equal(alloc(&region.pool, 1 << 15, 15, NULL, &run), PM_E_NO_SPACE);
	model_assert_adds_up(&region.pool);
	model_region_end(&region);
}

static void a_full_pool_can_be_emptied_again(void **state)
{
	struct model_region region;
	struct pm_usage usage;
	struct pm_run run, freed;
	uint64_t pages = 0;

	(void)state;
	model_region_make(&region, MIB);
	while (alloc(&region.pool, 1, 0, NULL, &run) == PM_OK)
		pages++;
	assert_int_equal(pages, region.pool.sb.data_end - region.pool.sb.data_first);
	pm_usage_get(&region.pool, &usage);
	assert_int_equal(usage.pages_free, 0);
	assert_int_equal(usage.largest_free_order, UINT32_MAX);
	for (uint64_t page = region.pool.sb.data_first; page < region.pool.sb.data_end; page++)
		assert_int_equal(pm_free(&region.pool, page, &freed), PM_OK);
	assert_int_equal(alloc(&region.pool, pages, 0, NULL, &run), PM_OK);
	model_region_end(&region);
}

static void only_the_head_of_an_allocation_can_be_freed(void **state)
{
	struct model_region region;
	struct pm_run run, freed;

	(void)state;
	model_region_make(&region, MIB);
	assert_int_equal(alloc(&region.pool, 40, 0, NULL, &run), PM_OK);
	assert_int_equal(pm_free(&region.pool, run.page + 1, &freed), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_free(&region.pool, run.page + 39, &freed), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_free(&region.pool, run.page + 40, &freed), PM_E_NOT_ALLOCATED);
	/* Metadata reads as allocated, and nobody can free it. */
	for (uint64_t page = 0; page < region.pool.sb.data_first; page++) {
		assert_int_equal(pm_page_state_get(&region.pool, page) & PM_PAGE_CONTINUES, PM_PAGE_CONTINUES);
		assert_int_equal(pm_free(&region.pool, page, &freed), PM_E_NOT_ALLOCATED);
	}
	assert_int_equal(pm_free(&region.pool, region.pool.sb.data_end, &freed), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_free(&region.pool, UINT64_MAX, &freed), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_page_state_get(&region.pool, region.pool.sb.page_count), PM_PAGE_BAD);
	assert_int_equal(pm_free(&region.pool, run.page, &freed), PM_OK);
	assert_int_equal(freed.pages, 40);
	assert_int_equal(pm_free(&region.pool, run.page, &freed), PM_E_NOT_ALLOCATED);
	model_region_end(&region);
}

static void bad_pages_are_never_handed_out(void **state)
{
	struct model_region region;
	struct pm_run run, next;
	struct pm_usage usage;
	uint64_t bad;

	(void)state;
	model_region_make(&region, MIB);
	bad = region.pool.sb.data_first + 3;
	region.pool.states[bad / 32] |= UINT64_C(2) << (bad % 32 * 2);
	assert_int_equal(alloc(&region.pool, 4, 0, NULL, &run), PM_OK);
	assert_int_equal(run.page, bad + 1);
	while (alloc(&region.pool, 1, 0, NULL, &run) == PM_OK)
		assert_int_not_equal(run.page, bad);
	assert_int_equal(pm_run_at(&region.pool, bad, &next), PM_E_NOT_ALLOCATED);
	pm_usage_get(&region.pool, &usage);
	assert_int_equal(usage.pages_bad, 1);
	assert_int_equal(model_attach(&region.pool, region.memory, region.bytes), PM_OK);
	assert_int_equal(pm_page_state_get(&region.pool, bad), PM_PAGE_BAD);
	model_assert_adds_up(&region.pool);
	model_region_end(&region);
}

static void records_tell_who_and_when(void **state)
{
	struct model_region region;
	const struct pm_record *record;
	struct pm_run run, again;

	(void)state;
	model_region_make(&region, MIB);
	assert_int_equal(alloc(&region.pool, 3, 0, "dma state", &run), PM_OK);
	assert_int_equal(alloc(&region.pool, 3, 0, "dma state", &again), PM_E_NAME_TAKEN);
	assert_int_equal(model_attach(&region.pool, region.memory, region.bytes), PM_OK);
	assert_false(model_recovered_anything(&region.pool));
	record = pm_record_find(&region.pool, "dma state");
	assert_non_null(record);
	assert_null(pm_record_find(&region.pool, "dma"));
	assert_int_equal(record->page, run.page);
	assert_int_equal(record->pages, 3);
	assert_int_equal(record->created_ns, model_act.time_ns);
	assert_memory_equal(record->boot_id, model_act.boot_id, 16);
	assert_string_equal(record->owner, "tests");
	assert_string_equal(record->purpose, "none");
	assert_int_equal(pm_run_at(&region.pool, run.page, &again), PM_OK);
	assert_ptr_equal(again.record, record);
	model_region_end(&region);
}

static void ids_are_never_used_again(void **state)
{
	struct model_region region;
	uint64_t last = 0;

	(void)state;
	model_region_make(&region, MIB);
	for (int i = 0; i < 300; i++) {
		struct pm_run run, freed;

		assert_int_equal(alloc(&region.pool, 1, 0, "again", &run), PM_OK);
		assert_true(run.record->id > last);
		last = run.record->id;
		assert_int_equal(pm_free(&region.pool, run.page, &freed), PM_OK);
		if (i % 3 == 0)
			assert_int_equal(model_attach(&region.pool, region.memory, region.bytes), PM_OK);
	}
	model_region_end(&region);
}

static void the_directory_fills_up_and_empties(void **state)
{
	struct model_region region;
	struct pm_run run, freed;
	char name[16];

	(void)state;
	model_region_make(&region, MIB);
	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(alloc(&region.pool, 1, 0, name, &run), PM_OK);
	}
	assert_int_equal(alloc(&region.pool, 1, 0, "one more", &run), PM_E_DIRECTORY_FULL);
	assert_int_equal(alloc(&region.pool, 1, 0, NULL, &run), PM_OK);
	assert_int_equal(pm_free(&region.pool, pm_record_find(&region.pool, "n31")->page, &freed), PM_OK);
	assert_int_equal(alloc(&region.pool, 1, 0, "one more", &run), PM_OK);
	assert_int_equal(model_attach(&region.pool, region.memory, region.bytes), PM_OK);
	assert_non_null(pm_record_find(&region.pool, "one more"));
	assert_null(pm_record_find(&region.pool, "n31"));
	model_region_end(&region);
}

/* A process that died half way leaves pages without a head; the next allocation before them must not swallow them. */
static void leftovers_do_not_join_a_new_allocation(void **state)
{
	struct model_region region;
	struct pm_run run, again;
	uint64_t first;

	(void)state;
	model_region_make(&region, MIB);
	first = region.pool.sb.data_first;
	for (uint64_t page = first + 1; page < first + 60; page++)
		region.pool.states[page / 32] |= UINT64_C(1) << (page % 32 * 2);
	assert_int_equal(alloc(&region.pool, 1, 0, NULL, &run), PM_OK);
	assert_int_equal(run.page, first);
	assert_int_equal(pm_run_at(&region.pool, first, &again), PM_OK);
	assert_int_equal(again.pages, 1);
	assert_int_equal(model_attach(&region.pool, region.memory, region.bytes), PM_OK);
	assert_false(model_recovered_anything(&region.pool));
	model_region_end(&region);
}

static void two_processes_see_each_others_work(void **state)
{
	struct model_region region;
	struct pm_pool other;
	struct pm_run run, freed;

	(void)state;
	model_region_make(&region, MIB);
	assert_int_equal(model_attach(&other, region.memory, region.bytes), PM_OK);
	assert_int_equal(alloc(&region.pool, 1, 0, "a", &run), PM_OK);
	assert_int_equal(alloc(&other, 1, 0, "a", &run), PM_E_NAME_TAKEN);
	assert_int_equal(alloc(&other, 1, 0, "b", &run), PM_OK);
	assert_int_not_equal(pm_record_find(&other, "a")->id, pm_record_find(&other, "b")->id);
	assert_int_equal(pm_free(&region.pool, run.page, &freed), PM_OK);
	assert_null(pm_record_find(&other, "b"));
	assert_int_equal(pm_log_append(&other, PM_VERB_ALLOCATE, 1, 1, "", &model_act), 2);
	assert_int_equal(pm_log_sequence(&region.pool), 2);
	assert_int_equal(pm_log_append(&region.pool, PM_VERB_FREE, 1, 1, "", &model_act), 3);
	assert_int_equal(pm_log_append(&other, PM_VERB_FREE, 1, 1, "", &model_act), 4);
	/* A lower page than the hint of the one, freed by the other. */
	while (alloc(&region.pool, 1, 0, NULL, &run) == PM_OK)
		;
	assert_int_equal(pm_free(&other, other.sb.data_first + 1, &freed), PM_OK);
	assert_int_equal(alloc(&region.pool, 1, 0, NULL, &run), PM_OK);
	assert_int_equal(run.page, other.sb.data_first + 1);
	model_region_end(&region);
}

static void the_log_is_a_ring(void **state)
{
	struct model_region region;
	struct pm_pool late;
	struct pm_log_entry entry;
	uint64_t slots, last;

	(void)state;
	model_region_make(&region, MIB);
	assert_true(pm_log_read(&region.pool, 1, &entry));
	assert_int_equal(entry.verb, PM_VERB_POOL_CREATE);
	assert_int_equal(model_attach(&late, region.memory, region.bytes), PM_OK);
	slots = region.pool.log_slots;
	for (uint64_t i = 2; i <= 2 * slots + 5; i++)
		assert_int_equal(pm_log_append(&region.pool, PM_VERB_WRITE, i, 1, "text", &model_act), i);
	last = 2 * slots + 5;
	assert_int_equal(pm_log_sequence(&region.pool), last);
	assert_int_equal(pm_log_sequence(&late), last);
	assert_true(pm_log_read(&late, last, &entry));
	assert_int_equal(entry.page, last);
	assert_string_equal(entry.actor, "tester");
	assert_true(pm_log_read(&late, last - slots + 1, &entry));
	assert_false(pm_log_read(&late, last - slots, &entry));
	assert_false(pm_log_read(&late, last + 1, &entry));
	assert_false(pm_log_read(&late, 0, &entry));
	/* A torn entry is none, and its sequence is given again. */
	region.pool.log[(last - 1) % slots].page ^= 1;
	assert_false(pm_log_read(&late, last, &entry));
	assert_int_equal(model_attach(&late, region.memory, region.bytes), PM_OK);
	assert_int_equal(pm_log_append(&late, PM_VERB_WRITE, 0, 0, "", &model_act), last);
	model_region_end(&region);
}

enum damage {
	STATE_UNKNOWN,
	CRC_WRONG,
	PAGE_OUTSIDE,
	PAGES_TOO_MANY,
	PAGES_WRONG,
	HEAD_MISSING,
	NAME_TWICE,
	PAGE_TWICE,
	NAME_WITH_ESCAPE,
	AFTER_UNUSED,
	PENDING_CRC_WRONG,
	METADATA_FREE,
	METADATA_NO_HEAD,
	PAST_THE_END,
	DAMAGES
};

static void reseal(struct pm_record *record)
{
	record->crc = pm_crc32c(0, &record->pad, sizeof(*record) - offsetof(struct pm_record, pad));
}

static void do_damage(struct pm_pool *pool, enum damage damage)
{
	struct pm_record *a = &pool->records[0], *b = &pool->records[1];
	uint64_t *first_word = (uint64_t *)(void *)pool->states;

	switch (damage) {
	case STATE_UNKNOWN:
		a->state = 4;
		break;
	case CRC_WRONG:
		a->created_ns++;
		break;
	case PAGE_OUTSIDE:
		a->page = pool->sb.data_end;
		reseal(a);
		break;
	case PAGES_TOO_MANY:
		a->pages = UINT64_MAX;
		reseal(a);
		break;
	case PAGES_WRONG:
		a->pages++;
		reseal(a);
		break;
	case HEAD_MISSING:
		first_word[a->page / 32] &= ~(UINT64_C(2) << (a->page % 32 * 2));
		break;
	case NAME_TWICE:
		memcpy(a->name, b->name, PM_NAME_BYTES);
		reseal(a);
		break;
	case PAGE_TWICE:
		a->page = b->page, a->pages = b->pages;
		reseal(a);
		break;
	case NAME_WITH_ESCAPE:
		a->name[0] = '\x1b';
		reseal(a);
		break;
	case AFTER_UNUSED:
		pool->records[9] = *a;
		memset(a, 0, sizeof(*a));
		break;
	case PENDING_CRC_WRONG:
		a->state = PM_RECORD_PENDING;
		a->crc++;
		break;
	case METADATA_FREE:
		first_word[0] &= ~UINT64_C(3);
		break;
	case METADATA_NO_HEAD:
		first_word[0] &= ~UINT64_C(8);
		break;
	case PAST_THE_END:
		first_word[pool->sb.page_count / 32] ^= UINT64_C(1) << 62;
		break;
	case DAMAGES:
		break;
	}
}

static void damage_is_refused_and_left_alone(void **state)
{
	(void)state;
	for (int damage = 0; damage < DAMAGES; damage++) {
		struct pm_run run;
		struct model_region region;
		uint8_t *before;

		/* 257 pages, so that the last states word has pages past the end */
		model_region_make(&region, MIB + 4096);
		assert_int_equal(alloc(&region.pool, 2, 0, "a", &run), PM_OK);
		assert_int_equal(alloc(&region.pool, 2, 0, "b", &run), PM_OK);
		do_damage(&region.pool, (enum damage)damage);
		before = malloc(region.bytes);
		memcpy(before, region.memory, region.bytes);
		if (model_attach(&region.pool, region.memory, region.bytes) != PM_E_POOL_CORRUPT)
			fail_msg("damage %d was not noticed", damage);
		assert_memory_equal(before, region.memory, region.bytes);
		free(before);
		model_region_end(&region);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_that_cannot_be),
		cmocka_unit_test(every_order_is_aligned_to_physical_addresses),
		cmocka_unit_test(orders_above_the_buddy_allocators_limit_work),
		cmocka_unit_test(a_full_pool_can_be_emptied_again),
		cmocka_unit_test(only_the_head_of_an_allocation_can_be_freed),
		cmocka_unit_test(bad_pages_are_never_handed_out),
		cmocka_unit_test(records_tell_who_and_when),
		cmocka_unit_test(ids_are_never_used_again),
		cmocka_unit_test(the_directory_fills_up_and_empties),
		cmocka_unit_test(leftovers_do_not_join_a_new_allocation),
		cmocka_unit_test(two_processes_see_each_others_work),
		cmocka_unit_test(the_log_is_a_ring),
		cmocka_unit_test(damage_is_refused_and_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
