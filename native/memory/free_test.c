/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory test on the free pages of a pool. Most tests go window by window. Two pages that answer to one address
 * may stand far from each other, so own-address first goes over the whole range as well: all of it is written before
 * any of it is read back. Between the two the lock is let go of again and again; what others freed meanwhile holds
 * what they left, and the generation of free pages tells that they did.
 */
#include "core/member.h"
#include "evict.h"
#include "pmpool/region.h"
#include "snapshot/meter.h"
#include "windows.h"
#include <stdlib.h>
#include <string.h>

enum { TEST_WINDOWS = 4, FAR_WINDOWS = 16, FOUND_MAX = 1024 };

struct found { /* in one window */
	uint64_t errors[PM_MEMORY_TEST_COUNT];
	size_t count;
	struct pm_memory_error first[FOUND_MAX];
};

struct test_job {
	const struct pm_free_range *range;
	const struct pm_free_test *test;
	struct pm_test_counts *counts;
	struct found *found; /* FAR_WINDOWS of them */
	uint32_t pass;
	uint64_t generation; /* of free pages when the far test began */
	struct pm_meter meter;
	uint64_t turn_ns;
};

struct test_run { /* of one run of pages of a window */
	struct test_job *job;
	struct window *window;
	struct found *found;
	uint64_t first, address;
};

static void take(void *context, const struct pm_memory_error *error)
{
	const struct test_run *run = context;

	run->found->errors[error->test]++;
	if (run->found->count < FOUND_MAX)
		run->found->first[run->found->count++] = *error;
	window_mark(run->window, run->first + (error->address - run->address) / PM_PAGE_SIZE);
}

static void written(void *context, void *words, size_t bytes)
{
	const struct pm_free_test *test = ((struct test_run *)context)->job->test;

	if (test->written)
		test->written(test->context, words, bytes);
}

static struct test_run run_of(struct test_job *job, struct window *window, unsigned number, uint64_t first)
{
	return (struct test_run){job, window, &job->found[number], first, pm_free_address(job->range, first)};
}

static enum pm_code test_run(void *context, struct window *window, unsigned number, uint64_t first, uint64_t pages,
			     struct pm_error *err)
{
	struct test_job *job = context;
	struct test_run run = run_of(job, window, number, first);
	const struct pm_memory_test_request request = {
		.tests = job->test->tests,
		.pass = job->pass,
		.seed = job->test->seed,
		.found = take,
		.written = written,
		.context = &run,
	};

	return pm_memory_test(pm_free_bytes(job->range, first), pages * PM_PAGE_SIZE, run.address, &request,
			      job->range->task, err);
}

/* --- what a piece found --- */

static enum pm_code tell_bad(const struct test_job *job, const struct window *windows, unsigned count,
			     struct pm_error *err)
{
	uint64_t begin = 0, pages = 0, first, more;
	enum pm_code code = PM_OK;

	for (unsigned i = 0; i < count && code == PM_OK; i++) {
		first = windows[i].first;
		for (; code == PM_OK && window_next(&windows[i], windows[i].marked, &first, &more); first += more) {
			if (pages && begin + pages == first) {
				pages += more;
				continue;
			}
			if (pages)
				code = job->test->bad(job->test->context, begin, pages, err);
			begin = first;
			pages = more;
		}
	}
	return code == PM_OK && pages ? job->test->bad(job->test->context, begin, pages, err) : code;
}

static void tell_found(const struct test_job *job, const struct found *found)
{
	for (unsigned test = 0; test < PM_MEMORY_TEST_COUNT; test++) {
		job->counts->errors[test] += found->errors[test];
		job->counts->failing |= found->errors[test] ? 1u << test : 0;
	}
	for (size_t i = 0; i < found->count && job->test->found; i++)
		job->test->found(job->test->context, pm_free_page(job->range, found->first[i].address),
				 &found->first[i]);
}

static void forget(struct test_job *job)
{
	for (unsigned i = 0; i < FAR_WINDOWS; i++) {
		memset(job->found[i].errors, 0, sizeof(job->found[i].errors));
		job->found[i].count = 0;
	}
}

static enum pm_code piece_tested(void *context, struct window *windows, unsigned count, struct pm_error *err)
{
	struct test_job *job = context;

	job->counts->failing = 0;
	for (unsigned i = 0; i < count; i++)
		tell_found(job, &job->found[i]);
	forget(job);
	return job->test->bad ? tell_bad(job, windows, count, err) : PM_OK;
}

/* --- own-address over the whole range --- */

static const struct pm_pattern own_address = {.kind = PM_PATTERN_ADDRESS};

static enum pm_code far_write(void *context, struct window *window, unsigned number, uint64_t first, uint64_t pages,
			      struct pm_error *err)
{
	struct test_job *job = context;
	struct test_run run = run_of(job, window, number, first);
	void *words = pm_free_bytes(job->range, first);

	pm_pattern_fill(&own_address, run.address, words, pages * PM_PAGE_SIZE);
	written(&run, words, pages * PM_PAGE_SIZE);
	evict(words, pages * PM_PAGE_SIZE);
	return PM_OK;
}

static enum pm_code far_read(void *context, struct window *window, unsigned number, uint64_t first, uint64_t pages,
			     struct pm_error *err)
{
	struct test_job *job = context;
	struct test_run run = run_of(job, window, number, first);
	const uint64_t *words = pm_free_bytes(job->range, first);
	size_t count = pages * PM_PAGE_SIZE / 8, i = 0;

	while (i < count) {
		size_t bytes = pm_pattern_check(&own_address, run.address + i * 8, words + i, (count - i) * 8), end;

		i += bytes / 8;
		end = (i / 512 + 1) * 512; /* a page at once: most of it will be wrong */
		for (; i < count && i < end; i++) {
			struct pm_memory_error error = {
				.address = run.address + i * 8,
				.expected = run.address + i * 8,
				.found = words[i],
				.test = PM_MEMORY_TEST_OWN_ADDRESS,
				.pass = job->pass,
			};

			if (error.found != error.expected)
				take(&run, &error);
		}
	}
	return PM_OK;
}

struct generation {
	const struct pm_pool *pool;
	uint64_t sum;
};

static void generation_body(void *argument)
{
	struct generation *generation = argument;

	for (uint32_t i = 0; i < generation->pool->region_count; i++)
		if (generation->pool->members[i])
			generation->sum += __atomic_load_n(&generation->pool->members[i]->shared->pages_generation,
							   __ATOMIC_ACQUIRE);
}

/* Grows whenever pages of the pool became free. */
static enum pm_code generation_now(const struct test_job *job, uint64_t *now, struct pm_error *err)
{
	struct generation generation = {.pool = job->range->pool};
	enum pm_code code = PM_OK;

	if (generation.pool)
		code = pm_region_guarded(generation_body, &generation, err);
	*now = generation.sum;
	return code;
}

static enum pm_code far_piece(void *context, struct window *windows, unsigned count, struct pm_error *err)
{
	struct test_job *job = context;
	uint64_t now;
	enum pm_code code = generation_now(job, &now, err);

	if (code != PM_OK)
		return code;
	if (now == job->generation)
		return piece_tested(job, windows, count, err);
	forget(job); /* some of these pages may have been somebody's since they were written */
	return PM_OK;
}

/* *first: what the pages were before any was put into quarantine. */
static enum pm_code test_far(struct test_job *job, struct pm_free_counts *first, struct pm_error *err)
{
	const struct window_work write = {FAR_WINDOWS, far_write, NULL, NULL, job, &job->turn_ns};
	const struct window_work read = {FAR_WINDOWS, far_read, far_piece, NULL, job, &job->turn_ns};
	struct pm_free_counts counts = {0};
	enum pm_code code = generation_now(job, &job->generation, err);

	if (code == PM_OK)
		code = windows_work(job->range, &write, first, err);
	if (code == PM_OK)
		code = windows_work(job->range, &read, &counts, err);
	return code;
}

/* --- passes --- */

static void told(void *context, uint64_t bytes)
{
	pm_meter_step(&((struct test_job *)context)->meter, bytes, NULL);
}

static enum pm_code test_pass(struct test_job *job, struct pm_error *err)
{
	const struct window_work windows = {TEST_WINDOWS, test_run, piece_tested, told, job, &job->turn_ns};
	unsigned tests = job->test->tests;
	struct pm_free_counts counts = {0}, first = {0};
	bool far = !tests || tests >> PM_MEMORY_TEST_OWN_ADDRESS & 1;
	enum pm_code code = PM_OK;

	if (far)
		code = test_far(job, &first, err);
	if (code == PM_OK)
		code = windows_work(job->range, &windows, &counts, err);
	if (job->pass == 1)
		job->counts->free = far ? first : counts;
	return code;
}

enum pm_code pm_free_test(const struct pm_free_range *range, const struct pm_free_test *test,
			  struct pm_test_counts *counts, struct pm_error *err)
{
	uint32_t passes = test->passes ? test->passes : 1;
	struct test_job job = {.range = range, .test = test, .counts = counts};
	enum pm_code code = windows_writable(range, err);

	*counts = (struct pm_test_counts){0};
	if (code != PM_OK)
		return code;
	job.found = calloc(FAR_WINDOWS, sizeof(*job.found));
	if (!job.found)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for what a test may find");
	pm_meter_start(&job.meter, range->task, (windows_end(range) - range->first) * PM_PAGE_SIZE * passes);
	for (job.pass = 1; code == PM_OK && job.pass <= passes; job.pass++) {
		code = test_pass(&job, err);
		counts->passes += code == PM_OK;
	}
	if (code == PM_OK)
		pm_meter_end(&job.meter);
	free(job.found);
	return code;
}
