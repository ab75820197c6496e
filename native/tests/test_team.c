// SPDX-License-Identifier: GPL-2.0-or-later
/* Many items by several threads: each through its stages, in order where order is asked for, until the first error. */
#include "pmpool/core.h"
#include "pmpool/region.h"
#include "pmpool/team.h"
#include <setjmp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>

enum { ITEMS = 3000 };

/* What the items of a test have gone through. Ordered stages write `order` without a lock: one at a time. */
struct log {
	atomic_uint stages[ITEMS];
	atomic_bool slots[64]; /* taken */
	uint64_t order[ITEMS];
	size_t ordered;
	atomic_uint began;
	uint64_t fail_at, fail_too_at, end_at; /* UINT64_MAX: never */
	struct pm_task *cancel; /* by item 100 */
	const uint8_t *lost; /* a mapping that is read at fail_at */
};

static void log_clear(struct log *log)
{
	memset(log, 0, sizeof(*log));
	log->fail_at = log->fail_too_at = log->end_at = UINT64_MAX;
}

static enum pm_code begin(void *context, unsigned slot, uint64_t item, struct pm_error *err)
{
	struct log *log = context;

	if (item == log->end_at)
		return PM_TEAM_END;
	assert_true(slot < pm_team_slots());
	assert_false(atomic_exchange(&log->slots[slot], true));
	assert_int_equal(atomic_fetch_add(&log->stages[item], 1), 0);
	atomic_fetch_add(&log->began, 1);
	if (log->cancel && item == 100)
		atomic_store(&log->cancel->cancelled, true);
	return PM_OK;
}

static enum pm_code in_order(void *context, unsigned slot, uint64_t item, struct pm_error *err)
{
	struct log *log = context;

	assert_int_equal(atomic_fetch_add(&log->stages[item], 1), 1);
	log->order[log->ordered++] = item;
	return PM_OK;
}

static enum pm_code fail_late(void *context, unsigned slot, uint64_t item, struct pm_error *err)
{
	struct log *log = context;

	assert_int_equal(atomic_fetch_add(&log->stages[item], 1), 2);
	if (item == log->fail_at || item == log->fail_too_at)
		return pm_fail(err, PM_E_FILE_CORRUPT, "item %llu", (unsigned long long)item);
	return PM_OK;
}

static enum pm_code finish(void *context, unsigned slot, uint64_t item, struct pm_error *err)
{
	struct log *log = context;

	assert_int_equal(atomic_fetch_add(&log->stages[item], 1), 3);
	assert_true(atomic_exchange(&log->slots[slot], false));
	return PM_OK;
}

static const struct pm_stage stages[] = {{false, begin}, {true, in_order}, {false, fail_late}, {true, finish}};
static const struct pm_stage from_a_stream[] = {{true, begin}, {true, in_order}, {false, fail_late}, {true, finish}};

static uint64_t item_bytes(void *context, uint64_t item)
{
	return item % 7;
}

static void each_item_goes_through_each_stage(void **state)
{
	static struct log log;

	log_clear(&log);
	assert_int_equal(pm_team_run(ITEMS, stages, 4, &log, NULL, 0, NULL, NULL), PM_OK);
	assert_int_equal(log.ordered, ITEMS);
	for (size_t i = 0; i < ITEMS; i++) {
		assert_int_equal(log.stages[i], 4);
		assert_int_equal(log.order[i], i);
	}
}

static void no_items_are_no_work(void **state)
{
	static struct log log;

	log_clear(&log);
	assert_int_equal(pm_team_run(0, stages, 4, &log, NULL, 0, NULL, NULL), PM_OK);
	assert_int_equal(log.began, 0);
}

static void a_stage_may_tell_the_end(void **state)
{
	static const uint64_t ends[] = {0, 1, 17, 2000};
	static struct log log;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		log_clear(&log);
		log.end_at = ends[i];
		assert_int_equal(pm_team_run(UINT64_MAX, from_a_stream, 4, &log, NULL, 0, NULL, NULL), PM_OK);
		assert_int_equal(log.ordered, ends[i]);
		assert_int_equal(log.began, ends[i]);
	}
}

/* Those before have come to their end, of those after only a few had begun. */
static void the_lowest_item_that_fails_is_told(void **state)
{
	static struct log log;
	struct pm_error err;

	for (unsigned round = 0; round < 50; round++) {
		log_clear(&log);
		log.fail_at = 500;
		log.fail_too_at = 501;
		assert_int_equal(pm_team_run(ITEMS, stages, 4, &log, NULL, 0, NULL, &err), PM_E_FILE_CORRUPT);
		assert_string_equal(err.message, "item 500");
		assert_int_equal(err.code, PM_E_FILE_CORRUPT);
		for (size_t i = 0; i < 500; i++)
			assert_int_equal(log.stages[i], 4);
		assert_int_equal(log.stages[500], 3);
		assert_true(log.began <= 500 + pm_team_slots());
	}
}

static void a_cancelled_task_begins_nothing_more(void **state)
{
	static struct log log;
	struct pm_task task = {0};
	struct pm_error err;

	log_clear(&log);
	log.cancel = &task;
	assert_int_equal(pm_team_run(ITEMS, stages, 4, &log, NULL, 0, &task, &err), PM_E_CANCELLED);
	assert_true(log.began <= 100 + pm_team_slots());
	log_clear(&log);
	assert_int_equal(pm_team_run(ITEMS, stages, 4, &log, NULL, 0, &task, NULL), PM_E_CANCELLED);
	assert_int_equal(log.began, 0);
}

struct told {
	uint64_t done, total;
};

static void on_progress(void *context, uint64_t done, uint64_t total)
{
	struct told *told = context;

	assert_true(done >= told->done);
	*told = (struct told){done, total};
}

static void tells_the_bytes_of_what_is_done(void **state)
{
	static struct log log;
	struct told told = {0};
	struct pm_task task = {.progress = on_progress, .context = &told};
	uint64_t sum = 0;

	for (uint64_t i = 0; i < ITEMS; i++)
		sum += item_bytes(NULL, i);
	log_clear(&log);
	assert_int_equal(pm_team_run(ITEMS, stages, 4, &log, item_bytes, sum, &task, NULL), PM_OK);
	assert_int_equal(told.done, sum);
	assert_int_equal(told.total, sum);
}

static void touch(void *argument)
{
	(void)*(const volatile uint8_t *)argument;
}

static enum pm_code read_lost(void *context, unsigned slot, uint64_t item, struct pm_error *err)
{
	struct log *log = context;

	return pm_region_guarded(touch, (void *)(log->lost + item % 2 * PM_PAGE_SIZE), err);
}

/* SIGBUS is the thread's own and comes back, though every other signal is blocked there. */
static void a_mapping_may_be_lost_on_any_thread(void **state)
{
	static const struct pm_stage reading = {false, read_lost};
	static struct log log;
	int fd = memfd_create("lost", MFD_CLOEXEC);
	struct pm_error err;

	log_clear(&log);
	log.lost = mmap(NULL, 2 * PM_PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(log.lost != MAP_FAILED);
	for (unsigned round = 0; round < 50; round++)
		assert_int_equal(pm_team_run(ITEMS, &reading, 1, &log, NULL, 0, NULL, &err), PM_E_REGION_LOST);
	munmap((void *)log.lost, 2 * PM_PAGE_SIZE);
}

static enum pm_code signals_look(void *context, unsigned slot, uint64_t item, struct pm_error *err)
{
	const pthread_t *caller = context;
	sigset_t blocked;

	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &blocked), 0);
	assert_int_equal(sigismember(&blocked, SIGINT), !pthread_equal(*caller, pthread_self()));
	assert_int_equal(sigismember(&blocked, SIGBUS), 0);
	return PM_OK;
}

static void signals_reach_the_caller(void **state)
{
	static const struct pm_stage looking = {false, signals_look};
	pthread_t caller = pthread_self();

	assert_int_equal(pm_team_run(ITEMS, &looking, 1, &caller, NULL, 0, NULL, NULL), PM_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_item_goes_through_each_stage),
		cmocka_unit_test(no_items_are_no_work),
		cmocka_unit_test(a_stage_may_tell_the_end),
		cmocka_unit_test(the_lowest_item_that_fails_is_told),
		cmocka_unit_test(a_cancelled_task_begins_nothing_more),
		cmocka_unit_test(tells_the_bytes_of_what_is_done),
		cmocka_unit_test(a_mapping_may_be_lost_on_any_thread),
		cmocka_unit_test(signals_reach_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
