/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several processes, each with several threads, change one pool in turn, and are killed at random. Each writes down
 * outside the pool what it is about to do and what was acknowledged. Nobody is held up by the dead; in the end what
 * was acknowledged is there, what was under way is whole or absent, and nothing is lost.
 */
#include "model.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)
#define FIRST_BYTES (12 * MIB)
#define SECOND_BYTES (3 * MIB)
#define SECOND_BASE UINT64_C(0x300000000)
#define PROCESSES 3u
#define THREADS 2u
#define HELD 40u
#define ROUNDS 60u
#define ACTS_OF_A_TURN 600u /* of each thread, while its process has the lock */

/* One thing that a thread has, or is about to have or give away. Written down before and after each call. */
enum status { NOTHING, ALLOCATING, HOLDING, FREEING, RENAMING, RESIZING, FENCING, FENCED, RELEASING };
struct held {
	_Atomic uint32_t status;
	uint64_t page, pages, next_pages; /* page: unknown while ALLOCATING */
	char name[24], next_name[24]; /* empty: unnamed */
};

/* Outlives every process. */
struct ledger {
	_Atomic bool locked; /* set under the lock: still so when it was taken means that the holder before died */
	_Atomic uint64_t turns[PROCESSES];
	_Atomic uint64_t taken_back; /* times that there was something to take back */
	uint64_t killed;
	struct held held[PROCESSES][THREADS][HELD];
	char wrong[256]; /* a child's complaint */
};

static struct ledger *ledger;
static int lock_file;
static uint8_t *regions;
static struct pm_mapping mappings[2];

static void *share(uint64_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(memory != MAP_FAILED);
	return memory;
}

/* --- in a child --- */

struct worker {
	struct pm_pool *pool;
	unsigned process, thread;
	uint64_t seed, names;
};

static void complain(const struct worker *worker, const char *what, enum pm_code code)
{
	snprintf(ledger->wrong, sizeof(ledger->wrong), "process %u: %s: %s", worker->process, what,
		 code ? pm_error_name(code) : "");
	_exit(1);
}

static void status_set(struct held *held, enum status status)
{
	atomic_store_explicit(&held->status, status, memory_order_seq_cst);
}

static void name_new(struct worker *worker, char *name)
{
	snprintf(name, 24, "%u %u %x %llu", worker->process, worker->thread, (unsigned)getpid(),
		 (unsigned long long)worker->names++);
}

static void act_alloc(struct worker *worker, struct held *held)
{
	static const uint64_t sizes[] = {1, 1, 1, 8, 32, 40, 100, 512, 600, 1100};
	struct pm_alloc_request request = {.lane = worker->thread, .name = held->name};
	struct pm_run run;
	enum pm_code code;

	held->pages = request.pages = sizes[model_random(&worker->seed) % 10];
	held->name[0] = 0;
	if (model_random(&worker->seed) % 3 == 0)
		name_new(worker, held->name);
	status_set(held, ALLOCATING);
	code = pm_alloc(worker->pool, &request, &model_act, &run);
	if (code && code != PM_E_NO_SPACE)
		complain(worker, "allocate", code);
	held->page = code ? 0 : run.page;
	status_set(held, code ? NOTHING : HOLDING);
}

static void act_fence(struct worker *worker, struct held *held)
{
	enum pm_code code;

	held->page = model_random(&worker->seed) % worker->pool->page_end;
	held->pages = 1 + model_random(&worker->seed) % 40;
	held->name[0] = 0;
	status_set(held, FENCING);
	code = pm_quarantine(worker->pool, held->page, held->pages, "test", &model_act);
	if (code && code != PM_E_PAGE_IN_USE && code != PM_E_OUT_OF_RANGE && code != PM_E_NO_SPACE)
		complain(worker, "quarantine", code);
	status_set(held, code ? NOTHING : FENCED);
}

static void act_give(struct worker *worker, struct held *held)
{
	bool fenced = atomic_load(&held->status) == FENCED;
	struct pm_run run = {0};
	enum pm_code code;

	status_set(held, fenced ? RELEASING : FREEING);
	code = fenced ? pm_quarantine_release(worker->pool, held->page, &run)
		      : pm_free(worker->pool, held->page, worker->thread, &run);
	if (code || run.pages != held->pages)
		complain(worker, "free", code);
	status_set(held, NOTHING);
}

static void act_rename(struct worker *worker, struct held *held)
{
	const struct pm_label label = {.name = held->next_name};
	struct pm_run run;
	enum pm_code code;

	name_new(worker, held->next_name);
	status_set(held, RENAMING);
	code = pm_record_change(worker->pool, held->page, &label, &model_act, &run);
	if (code && code != PM_E_NO_SPACE)
		complain(worker, "rename", code);
	if (!code)
		memcpy(held->name, held->next_name, sizeof(held->name));
	status_set(held, HOLDING);
}

static void act_resize(struct worker *worker, struct held *held)
{
	uint64_t in_the_way;
	struct pm_run run;
	enum pm_code code;

	held->next_pages = 1 + model_random(&worker->seed) % (model_random(&worker->seed) % 3 ? 2 * held->pages : 1200);
	status_set(held, RESIZING);
	code = pm_resize(worker->pool, held->page, held->next_pages, &model_act, &run, &in_the_way);
	if (code && code != PM_E_NO_SPACE)
		complain(worker, "resize", code);
	if (!code)
		held->pages = held->next_pages;
	status_set(held, HOLDING);
}

static void *turn(void *argument)
{
	struct worker *worker = argument;

	for (unsigned i = 0; i < ACTS_OF_A_TURN; i++) {
		struct held *held = &ledger->held[worker->process][worker->thread][model_random(&worker->seed) % HELD];
		uint64_t what = model_random(&worker->seed) % 10;
		uint32_t status = atomic_load(&held->status);

		if (status == NOTHING && what == 0)
			act_fence(worker, held);
		else if (status == NOTHING)
			act_alloc(worker, held);
		else if (status == HOLDING && what < 3)
			act_rename(worker, held);
		else if (status == HOLDING && what < 6)
			act_resize(worker, held);
		else
			act_give(worker, held);
		if (what == 9)
			pm_log_append(worker->pool, PM_VERB_WRITE, 0, 0, "turn", &model_act);
	}
	return NULL;
}

/* The kernel's, so that it goes with its process. True when the holder before died with it. */
static bool lock(void)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(lock_file, F_SETLKW, &whole))
		_exit(2);
	return atomic_exchange(&ledger->locked, true);
}

static void unlock(void)
{
	struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};

	atomic_store(&ledger->locked, false);
	fcntl(lock_file, F_SETLK, &whole);
}

static void child(unsigned process, uint64_t seed)
{
	struct worker workers[THREADS];
	struct pm_pool pool;
	enum pm_code code;

	lock();
	code = pm_pool_attach(&pool, mappings, 2, 0, &model_memory, &model_act);
	unlock();
	for (unsigned i = 0; i < THREADS; i++)
		workers[i] = (struct worker){&pool, process, i, seed * 10 + process * THREADS + i, 0};
	if (code)
		complain(&workers[0], "attach", code);
	for (;;) {
		pthread_t threads[THREADS];

		bool abandoned = lock();

		code = pm_pool_begin(&pool, abandoned, &model_act);
		if (code)
			complain(&workers[0], "begin", code);
		if (abandoned && model_recovered_anything(&pool))
			atomic_fetch_add(&ledger->taken_back, 1);
		for (unsigned i = 0; i < THREADS; i++)
			if (pthread_create(&threads[i], NULL, turn, &workers[i]))
				_exit(3);
		for (unsigned i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
		pm_pool_end(&pool);
		unlock();
		atomic_fetch_add(&ledger->turns[process], 1);
		sched_yield();
	}
}

/* --- the parent --- */

static void make(void)
{
	struct pm_pool_request request = model_request();
	struct pm_pool pool;

	ledger = share(sizeof(*ledger));
	regions = share(FIRST_BYTES + SECOND_BYTES);
	memset(regions, 0x5a, FIRST_BYTES + SECOND_BYTES);
	lock_file = memfd_create("lock", MFD_CLOEXEC);
	assert_true(lock_file >= 0);
	mappings[0] = (struct pm_mapping){.base = regions, .bytes = FIRST_BYTES, .physical_base = 0x40000000};
	mappings[1] =
		(struct pm_mapping){.base = regions + FIRST_BYTES, .bytes = SECOND_BYTES, .physical_base = SECOND_BASE};
	request.physical_base = 0x40000000;
	assert_int_equal(pm_pool_format(regions, FIRST_BYTES, &request, &model_act), PM_OK);
	assert_int_equal(pm_pool_attach(&pool, mappings, 1, 0, &model_memory, &model_act), PM_OK);
	assert_int_equal(pm_pool_begin(&pool, false, &model_act), PM_OK);
	request.region_uuid[0] = 1;
	request.physical_base = SECOND_BASE;
	assert_int_equal(pm_pool_extend(&pool, &mappings[1], &request, &model_act), PM_OK);
	pm_pool_end(&pool);
	pm_pool_detach(&pool);
}

static void end_with_complaint(void)
{
	if (ledger->wrong[0])
		fail_msg("%s", ledger->wrong);
}

/* Until those that live have had their turn: were anybody held up by the dead, this would not end. */
static void wait_for_turns(const pid_t *pids)
{
	for (unsigned i = 0; i < PROCESSES; i++) {
		uint64_t turns = atomic_load(&ledger->turns[i]);

		while (pids[i] && atomic_load(&ledger->turns[i]) < turns + 2) {
			end_with_complaint();
			usleep(200);
		}
	}
}

static void run_and_kill(uint64_t *seed)
{
	pid_t pids[PROCESSES];

	for (unsigned i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (!pids[i])
			child(i, model_random(seed));
		model_random(seed);
	}
	for (unsigned left = PROCESSES; left; left--) {
		unsigned victim = (unsigned)(model_random(seed) % PROCESSES);
		int status;

		wait_for_turns(pids);
		usleep((useconds_t)(model_random(seed) % 3000));
		while (!pids[victim])
			victim = (victim + 1) % PROCESSES;
		kill(pids[victim], SIGKILL);
		assert_int_equal(waitpid(pids[victim], &status, 0), pids[victim]);
		end_with_complaint();
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		pids[victim] = 0;
		ledger->killed++;
	}
}

/* --- holding the pool against the ledger --- */

static bool run_of(const struct pm_pool *pool, const struct held *held, const char *name)
{
	struct pm_run run;

	return pm_run_at(pool, held->page, &run) == PM_OK && run.pages == held->pages &&
	       (run.record ? strcmp(run.record->name, name) == 0 : !name[0]);
}

static bool fenced(const struct pm_pool *pool, const struct held *held)
{
	for (uint64_t i = 0; i < held->pages; i++)
		if (pm_page_state_get(pool, held->page + i) != PM_PAGE_BAD)
			return false;
	return true;
}

/* What was acknowledged is there, and so is what was being renamed, by either name, or resized, in either length. */
static void check_held(const struct pm_pool *pool, struct held *held, uint8_t *accounted)
{
	uint32_t status = atomic_load(&held->status);

	if (status == RENAMING) {
		if (run_of(pool, held, held->next_name))
			memcpy(held->name, held->next_name, sizeof(held->name));
		status_set(held, HOLDING);
	}
	if (status == RESIZING) {
		if (!run_of(pool, held, held->name))
			held->pages = held->next_pages;
		status_set(held, HOLDING);
	}
	if (status == HOLDING || status == RENAMING || status == RESIZING)
		assert_true(run_of(pool, held, held->name));
	else if (status == FENCED)
		assert_true(fenced(pool, held));
	else
		return;
	for (uint64_t i = 0; i < held->pages; i++)
		assert_int_equal(accounted[held->page + i]++, 0);
}

/* What was being freed may still be there, unless another process has the pages by now. */
static void check_freeing(const struct pm_pool *pool, struct held *held, uint8_t *accounted)
{
	if (atomic_load(&held->status) != FREEING || accounted[held->page] || !run_of(pool, held, held->name))
		return;
	accounted[held->page]++;
	status_set(held, HOLDING);
}

/* A run that nobody holds was being allocated: exactly so, by one that was. */
static struct held *allocating(const struct pm_run *run)
{
	struct held *all = &ledger->held[0][0][0];

	for (size_t i = 0; i < PROCESSES * THREADS * HELD; i++)
		if (atomic_load(&all[i].status) == ALLOCATING && all[i].pages == run->pages &&
		    (run->record ? strcmp(run->record->name, all[i].name) == 0 : !all[i].name[0]))
			return &all[i];
	return NULL;
}

static struct held *fencing(uint64_t page, uint64_t pages)
{
	struct held *all = &ledger->held[0][0][0];

	for (size_t i = 0; i < PROCESSES * THREADS * HELD; i++) {
		uint32_t status = atomic_load(&all[i].status);

		if ((status == FENCING || status == RELEASING) && all[i].page == page && all[i].pages == pages)
			return &all[i];
	}
	return NULL;
}

static void account(struct pm_pool *pool, uint8_t *accounted)
{
	struct held *all = &ledger->held[0][0][0];
	const struct pm_record *record;
	uint64_t cursor = 0;
	uint32_t region;
	struct pm_run run;

	for (size_t i = 0; i < PROCESSES * THREADS * HELD; i++)
		check_held(pool, &all[i], accounted);
	for (size_t i = 0; i < PROCESSES * THREADS * HELD; i++)
		check_freeing(pool, &all[i], accounted);
	for (uint64_t from = 0; pm_run_next(pool, from, &run); from = run.page + run.pages) {
		struct held *held;

		if (accounted[run.page] || (run.record && run.record->kind == PM_RECORD_DIRECTORY))
			continue;
		held = allocating(&run);
		if (!held)
			fail_msg("%llu pages at %llu are nobody's", (unsigned long long)run.pages,
				 (unsigned long long)run.page);
		held->page = run.page;
		status_set(held, HOLDING);
	}
	while ((record = pm_record_next(pool, &cursor, &region))) {
		uint64_t page = pool->infos[region].first_pool_page + record->page;
		struct held *held = fencing(page, record->pages);

		if (record->kind != PM_RECORD_QUARANTINE || accounted[page])
			continue;
		assert_non_null(held);
		status_set(held, FENCED);
	}
	for (size_t i = 0; i < PROCESSES * THREADS * HELD; i++) {
		uint32_t status = atomic_load(&all[i].status);

		if (status != HOLDING && status != FENCED)
			status_set(&all[i], NOTHING);
	}
}

static void check_pool(void)
{
	struct pm_pool pool;
	uint8_t *accounted;

	lock();
	assert_int_equal(pm_pool_attach(&pool, mappings, 2, 0, &model_memory, &model_act), PM_OK);
	if (model_recovered_anything(&pool))
		atomic_fetch_add(&ledger->taken_back, 1);
	model_assert_adds_up(&pool);
	accounted = calloc(pool.page_end, 1);
	account(&pool, accounted);
	free(accounted);
	pm_pool_detach(&pool);
	assert_int_equal(pm_pool_attach(&pool, mappings, 2, 0, &model_memory, &model_act), PM_OK);
	assert_false(model_recovered_anything(&pool));
	pm_pool_detach(&pool);
	unlock();
	assert_int_equal(model_memory_out(), 0);
}

static void processes_killed_at_random(void **state)
{
	uint64_t seed = (uint64_t)getpid(), turns = 0;

	print_message("seed %llu\n", (unsigned long long)seed);
	make();
	for (unsigned round = 0; round < ROUNDS; round++) {
		run_and_kill(&seed);
		check_pool();
	}
	for (unsigned i = 0; i < PROCESSES; i++)
		turns += ledger->turns[i];
	print_message("%llu killed in %u rounds, %llu turns; %llu times there was something to take back\n",
		      (unsigned long long)ledger->killed, ROUNDS, (unsigned long long)turns,
		      (unsigned long long)ledger->taken_back);
	munmap(regions, FIRST_BYTES + SECOND_BYTES);
	munmap(ledger, sizeof(*ledger));
	close(lock_file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_killed_at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
