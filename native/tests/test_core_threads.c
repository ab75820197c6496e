/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads allocate, free, rename, quarantine and read in one pool at once. Who has a page is kept outside of it, in an
 * array of marks, and in the page itself: no page in two hands; in the end everything adds up and attaches clean.
 */
#include "model.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define THREADS 4u
#define HELD 96u
#define TURNS 2000u
#define FIRST_BYTES (24 * MIB)
#define SECOND_BYTES (5 * MIB + 9 * 4096)
#define SECOND_BASE UINT64_C(0x2345600000)

#if defined(__SANITIZE_THREAD__)
#define ACTS 30000u
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ACTS 30000u
#endif
#endif
#ifndef ACTS
#define ACTS 200000u
#endif

struct held {
	uint64_t page, pages;
	bool quarantined;
	char name[32];
};

struct shared {
	struct pm_pool pool;
	struct pm_mapping mappings[2];
	_Atomic uint8_t *marks; /* of each pool page: 0, or the thread that has it */
	_Atomic uint32_t running;
	_Atomic uint64_t done[4]; /* allocations, quarantines, changes, resizes that were granted */
};

struct worker {
	struct shared *shared;
	pthread_t thread;
	uint8_t number; /* from 1 */
	uint64_t seed;
	struct held held[HELD];
	char wrong[128]; /* cmocka's assertions are for the main thread */
};

static uint64_t random_below(struct worker *worker, uint64_t limit)
{
	return model_random(&worker->seed) % limit;
}

static void complain(struct worker *worker, const char *what, uint64_t page)
{
	if (!worker->wrong[0])
		snprintf(worker->wrong, sizeof(worker->wrong), "thread %u: %s (page %llu)", worker->number, what,
			 (unsigned long long)page);
}

/* --- marks --- */

static void take(struct worker *worker, const struct held *held)
{
	for (uint64_t i = 0; i < held->pages; i++) {
		uint8_t nobody = 0;

		if (!atomic_compare_exchange_strong_explicit(&worker->shared->marks[held->page + i], &nobody,
							     worker->number, memory_order_relaxed,
							     memory_order_relaxed))
			complain(worker, "a page in two hands", held->page + i);
		if (!held->quarantined)
			*(uint64_t *)pm_page_bytes(&worker->shared->pool, held->page + i) = worker->number;
	}
}

static void give(struct worker *worker, const struct held *held)
{
	for (uint64_t i = 0; i < held->pages; i++) {
		uint8_t mine = worker->number;

		if (!held->quarantined &&
		    *(uint64_t *)pm_page_bytes(&worker->shared->pool, held->page + i) != worker->number)
			complain(worker, "another wrote into a page", held->page + i);
		if (!atomic_compare_exchange_strong_explicit(&worker->shared->marks[held->page + i], &mine, 0,
							     memory_order_relaxed, memory_order_relaxed))
			complain(worker, "a page in another hand", held->page + i);
	}
}

/* --- acts --- */

static void name_new(struct worker *worker, char *name)
{
	snprintf(name, 32, "t%u %llx", worker->number, (unsigned long long)model_random(&worker->seed));
}

static uint64_t random_pages(struct worker *worker, uint32_t *order)
{
	switch (random_below(worker, 8)) {
	case 0:
		return 1 + random_below(worker, 700);
	case 1:
		*order = 9;
		return 512;
	case 2:
	case 3:
		*order = (uint32_t)random_below(worker, 7);
		return UINT64_C(1) << *order;
	case 4:
		return 1 + random_below(worker, 60);
	default:
		return 1;
	}
}

static void act_alloc(struct worker *worker, struct held *held)
{
	struct pm_alloc_request request = {.lane = worker->number, .name = held->name};
	struct pm_run run;
	enum pm_code code;

	request.pages = random_pages(worker, &request.align_order);
	request.placement = random_below(worker, 2) ? PM_PLACE_FIRST : PM_PLACE_MOST_FREE;
	held->name[0] = 0;
	if (random_below(worker, 6) == 0)
		name_new(worker, held->name);
	code = pm_alloc(&worker->shared->pool, &request, &model_act, &run);
	if (code == PM_E_NO_SPACE)
		return;
	if (code) {
		complain(worker, pm_error_name(code), request.pages);
		return;
	}
	held->page = run.page;
	held->pages = run.pages;
	held->quarantined = false;
	take(worker, held);
	atomic_fetch_add_explicit(&worker->shared->done[0], 1, memory_order_relaxed);
}

static void act_quarantine(struct worker *worker, struct held *held)
{
	uint64_t page = random_below(worker, worker->shared->pool.page_end), pages = 1 + random_below(worker, 20);
	enum pm_code code = pm_quarantine(&worker->shared->pool, page, pages, "test", &model_act);

	if (code == PM_OK) {
		*held = (struct held){.page = page, .pages = pages, .quarantined = true};
		take(worker, held);
		atomic_fetch_add_explicit(&worker->shared->done[1], 1, memory_order_relaxed);
	} else if (code != PM_E_PAGE_IN_USE && code != PM_E_OUT_OF_RANGE && code != PM_E_NO_SPACE) {
		complain(worker, pm_error_name(code), page);
	}
}

static void act_release(struct worker *worker, struct held *held)
{
	struct pm_run run = {0};
	enum pm_code code;

	give(worker, held);
	code = held->quarantined ? pm_quarantine_release(&worker->shared->pool, held->page, &run)
				 : pm_free(&worker->shared->pool, held->page, worker->number, &run);
	if (code || run.pages != held->pages)
		complain(worker, code ? pm_error_name(code) : "freed another length", held->page);
	held->pages = 0;
}

static void act_rename(struct worker *worker, struct held *held)
{
	char name[32];
	const struct pm_label label = {.name = name, .owner = "somebody"};
	struct pm_run run;
	enum pm_code code;

	name_new(worker, name);
	code = pm_record_change(&worker->shared->pool, held->page, &label, &model_act, &run);
	if (code == PM_OK)
		strcpy(held->name, name);
	else if (code != PM_E_NO_SPACE) /* the directory could not grow */
		complain(worker, pm_error_name(code), held->page);
	atomic_fetch_add_explicit(&worker->shared->done[2], 1, memory_order_relaxed);
}

static void act_resize(struct worker *worker, struct held *held)
{
	uint64_t pages = 1 + random_below(worker, random_below(worker, 3) ? 2 * held->pages : 700), in_the_way;
	struct held part = *held;
	struct pm_run run;
	enum pm_code code;

	if (pages < held->pages) { /* nobody's from the call on */
		part.page += pages;
		part.pages -= pages;
		give(worker, &part);
	}
	code = pm_resize(&worker->shared->pool, held->page, pages, &model_act, &run, &in_the_way);
	if (code == PM_E_NO_SPACE && pages > held->pages)
		return;
	if (code || run.pages != pages) {
		complain(worker, code ? pm_error_name(code) : "resized to another length", held->page);
		return;
	}
	if (pages > held->pages) {
		part.page += held->pages;
		part.pages = pages - held->pages;
		take(worker, &part);
	}
	held->pages = pages;
	atomic_fetch_add_explicit(&worker->shared->done[3], 1, memory_order_relaxed);
}

static void *work(void *argument)
{
	struct worker *worker = argument;

	for (unsigned i = 0; i < ACTS && !worker->wrong[0]; i++) {
		struct held *held = &worker->held[random_below(worker, HELD)];
		uint64_t what = random_below(worker, 100);

		if (!held->pages && what < 8)
			act_quarantine(worker, held);
		else if (!held->pages)
			act_alloc(worker, held);
		else if (!held->quarantined && what < 8)
			act_rename(worker, held);
		else if (!held->quarantined && what < 30)
			act_resize(worker, held);
		else if (what < 75)
			act_release(worker, held);
		else if (what == 99)
			pm_log_append(&worker->shared->pool, PM_VERB_WRITE, held->page, held->pages, "x", &model_act);
	}
	atomic_fetch_sub(&worker->shared->running, 1);
	return NULL;
}

/* Reads whatever there is to read, meanwhile. */
static void *look(void *argument)
{
	struct worker *worker = argument;
	struct pm_pool *pool = &worker->shared->pool;
	struct pm_log_entry entry;
	struct pm_usage usage;
	uint64_t states[16], total = FIRST_BYTES / 4096 + SECOND_BYTES / 4096;

	while (atomic_load(&worker->shared->running)) {
		struct pm_run run;
		uint64_t page = random_below(worker, pool->page_end);

		pm_usage_get(pool, &usage);
		if (usage.pages_free > total)
			complain(worker, "more free pages than there are", usage.pages_free);
		pm_page_states(pool, page / 512 * 512, 16, states);
		for (int i = 0; i < 50 && pm_run_next(pool, page, &run); i++)
			page = run.page + run.pages;
		pm_log_read(pool, pm_log_sequence(pool), &entry);
		pm_record_find(pool, "nobody has this name", &page);
	}
	return NULL;
}

/* --- all of it --- */

static void begin(struct shared *shared)
{
	struct pm_pool_request request = model_request();

	memset(shared, 0, sizeof(*shared));
	shared->mappings[0] = (struct pm_mapping){
		.base = aligned_alloc(4096, FIRST_BYTES), .bytes = FIRST_BYTES, .physical_base = 0x40000000};
	shared->mappings[1] = (struct pm_mapping){
		.base = aligned_alloc(4096, SECOND_BYTES), .bytes = SECOND_BYTES, .physical_base = SECOND_BASE};
	memset(shared->mappings[0].base, 0x5a, FIRST_BYTES);
	memset(shared->mappings[1].base, 0x5a, SECOND_BYTES);
	request.physical_base = 0x40000000;
	assert_int_equal(pm_pool_format(shared->mappings[0].base, FIRST_BYTES, &request, &model_act), PM_OK);
	assert_int_equal(pm_pool_attach(&shared->pool, shared->mappings, 1, 0, &model_memory, &model_act), PM_OK);
	assert_int_equal(pm_pool_begin(&shared->pool, false, &model_act), PM_OK);
	request.region_uuid[0] = 1;
	request.physical_base = SECOND_BASE;
	assert_int_equal(pm_pool_extend(&shared->pool, &shared->mappings[1], &request, &model_act), PM_OK);
	shared->marks = calloc(shared->pool.page_end, sizeof(*shared->marks));
}

static void check_held(const struct shared *shared, const struct worker *workers)
{
	uint64_t held = 0, bad = 0, named = 0;
	struct pm_usage usage;
	struct pm_run run;

	for (unsigned w = 0; w < THREADS; w++)
		for (unsigned i = 0; i < HELD; i++) {
			const struct held *one = &workers[w].held[i];

			if (!one->pages)
				continue;
			bad += one->quarantined ? one->pages : 0;
			if (one->quarantined)
				continue;
			held++;
			named += one->name[0] != 0;
			assert_int_equal(pm_run_at(&shared->pool, one->page, &run), PM_OK);
			assert_int_equal(run.pages, one->pages);
			assert_int_equal(run.record != NULL, one->name[0] != 0);
			if (run.record)
				assert_string_equal(run.record->name, one->name);
		}
	pm_usage_get(&shared->pool, &usage);
	assert_int_equal(usage.pages_bad, bad);
	assert_int_equal(usage.records, named);
	assert_int_equal(usage.allocations, held);
	model_assert_adds_up(&shared->pool);
}

static void many_threads_on_one_pool(void **state)
{
	static struct worker workers[THREADS + 1];
	struct shared shared;

	begin(&shared);
	atomic_store(&shared.running, THREADS);
	for (unsigned i = 0; i <= THREADS; i++) {
		workers[i].shared = &shared;
		workers[i].number = (uint8_t)(i + 1);
		workers[i].seed = i;
		assert_int_equal(pthread_create(&workers[i].thread, NULL, i < THREADS ? work : look, &workers[i]), 0);
	}
	for (unsigned i = 0; i <= THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	for (unsigned i = 0; i <= THREADS; i++)
		if (workers[i].wrong[0])
			fail_msg("%s", workers[i].wrong);
	assert_true(shared.done[0] > ACTS / 4 && shared.done[1] > 20 && shared.done[2] > 20 && shared.done[3] > 20);
	check_held(&shared, workers);
	pm_pool_end(&shared.pool);
	pm_pool_detach(&shared.pool);
	assert_int_equal(pm_pool_attach(&shared.pool, shared.mappings, 2, 0, &model_memory, &model_act), PM_OK);
	assert_false(model_recovered_anything(&shared.pool));
	check_held(&shared, workers);
	pm_pool_detach(&shared.pool);
	assert_int_equal(model_memory_out(), 0);
	free((void *)shared.marks);
	free(shared.mappings[0].base);
	free(shared.mappings[1].base);
}

/* --- one run, named by one thread and freed by another --- */

struct pair {
	struct pm_pool *pool;
	struct pm_run run;
	enum pm_code freed;
	_Atomic unsigned turn, done;
};

static void *free_each(void *argument)
{
	struct pair *pair = argument;
	struct pm_run freed;

	for (unsigned turn = 1; turn <= TURNS; turn++) {
		while (atomic_load(&pair->turn) != turn)
			sched_yield();
		pair->freed = pm_free(pair->pool, pair->run.page, 1, &freed);
		atomic_store(&pair->done, turn);
	}
	return NULL;
}

static void no_record_outlives_its_run(void **state)
{
	struct pm_label label = {.name = "late"};
	struct model_region region;
	struct pair pair = {0};
	struct pm_run named;
	pthread_t thread;

	(void)state;
	model_region_make(&region, UINT64_C(4) << 20);
	pair.pool = &region.pool;
	assert_int_equal(pthread_create(&thread, NULL, free_each, &pair), 0);
	for (unsigned turn = 1; turn <= TURNS; turn++) {
		struct pm_alloc_request request = {.pages = 1 + turn % 70};

		assert_int_equal(pm_alloc(&region.pool, &request, &model_act, &pair.run), PM_OK);
		atomic_store(&pair.turn, turn);
		pm_record_change(&region.pool, pair.run.page, &label, &model_act, &named);
		while (atomic_load(&pair.done) != turn)
			sched_yield();
		if (pair.freed) /* it came while the record was on its way */
			pm_free(&region.pool, pair.run.page, 0, &named);
		assert_null(pm_record_find(&region.pool, "late", NULL));
	}
	pthread_join(thread, NULL);
	model_assert_adds_up(&region.pool);
	model_region_end(&region);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_threads_on_one_pool),
		cmocka_unit_test(no_record_outlives_its_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
