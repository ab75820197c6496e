/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the free pages of a pool, and their results on file. */
#include "act_memory.h"
#include "acts.h"
#include "guarded_changes.h"
#include "json_build.h"
#include "long_act.h"
#include "pool_worker.h"
#include "stored_result.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RESULTS_MAX 100u

void (*memory_test_written)(void *context, void *words, size_t bytes);

struct test_job {
	struct pool_worker worker;
	unsigned tests;
	struct pm_act act;
	struct pm_test_counts counts;
	struct test_findings findings;
	struct json_object *diagnoses;
	char name[PM_NAME_BYTES + 1]; /* of the pool, or the id of the region */
	bool quarantine;
	uint64_t began_ms, took_ms;
};

/* Bit n: test n; 0: all of them. */
static enum pm_code tests_of(struct call *call, unsigned *tests)
{
	struct json_object *names = param_object(call, "tests");

	*tests = 0;
	for (size_t i = 0; names && i < json_object_array_length(names); i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(names, i));
		unsigned test = 0;

		while (test < PM_MEMORY_TEST_COUNT && strcmp(pm_memory_test_name((enum pm_memory_test)test), name) != 0)
			test++;
		if (test == PM_MEMORY_TEST_COUNT)
			return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter tests: there is no test \"%.40s\"",
				       name);
		*tests |= 1u << test;
	}
	if (names && *tests == 0)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter tests: names none");
	return PM_OK;
}

enum pm_code act_memory_test_begin(struct call *call)
{
	struct test_job *job = calloc(1, sizeof(*job));
	struct attached *attached;
	enum pm_code code;

	if (!job || !test_findings_begin(&job->findings)) {
		free(job);
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for a memory test");
	}
	code = tests_of(call, &job->tests);
	if (code == PM_OK)
		code = pool_worker_begin(&job->worker, call, true);
	if (code != PM_OK) {
		test_findings_free(&job->findings);
		free(job);
		return code;
	}
	job->quarantine = param_bool(call, "quarantine", false);
	if (job->worker.plain)
		snprintf(job->name, sizeof(job->name), "%s", param_text(call, "region", ""));
	else if (call_pool(call, &attached) == PM_OK)
		memcpy(job->name, attached->pool.sb.pool_name, sizeof(attached->pool.sb.pool_name));
	session_act(call->session, &job->act);
	job->began_ms = monotonic_ms();
	call->state = job;
	return PM_OK;
}

static void found(void *context, uint64_t page, const struct pm_memory_error *error)
{
	struct test_job *job = context;

	test_findings_word(&job->findings, page, error);
}

/* What the record of the quarantine says: the tests that the pages failed first. */
static void reason(const struct test_job *job, uint64_t page, uint64_t pages, char why[PM_PURPOSE_BYTES])
{
	unsigned test = 0;

	while (test + 1 < PM_MEMORY_TEST_COUNT && !(job->counts.failing >> test & 1))
		test++;
	snprintf(why, PM_PURPOSE_BYTES, "memory test: %s", pm_memory_test_name((enum pm_memory_test)test));
	for (size_t i = 0; i < json_object_array_length(job->findings.errors); i++) {
		struct json_object *error = json_object_array_get_idx(job->findings.errors, i);

		if (json_count(error, "page") >= page && json_count(error, "page") - page < pages) {
			snprintf(why, PM_PURPOSE_BYTES, "memory test: %s", json_text(error, "test"));
			return;
		}
	}
}

/* Under the lock under which they failed. A directory that is full keeps no test from going on: the answer says which
 * pages are not in quarantine. */
static enum pm_code bad(void *context, uint64_t page, uint64_t pages, struct pm_error *err)
{
	struct test_job *job = context;
	struct pm_pool *pool = job->quarantine ? &job->worker.attached->pool : NULL;
	char why[PM_PURPOSE_BYTES];
	enum pm_code code = PM_E_UNSUPPORTED;

	if (pool) {
		reason(job, page, pages, why);
		code = guarded_quarantine(pool, page, pages, why, &job->act, err);
	}
	if (code == PM_OK)
		code = guarded_log_append(pool, PM_VERB_QUARANTINE, page, pages, why, &job->act, err);
	test_findings_run(&job->findings, page, pages, code == PM_OK);
	return code == PM_E_REGION_LOST ? code : PM_OK;
}

static enum pm_code note_test(struct test_job *job, const struct pm_free_range *range, struct pm_error *err)
{
	uint64_t errors = 0;
	char words[48];

	if (job->counts.free.pages == 0)
		return PM_OK;
	for (size_t i = 0; i < PM_MEMORY_TEST_COUNT; i++)
		errors += job->counts.errors[i];
	snprintf(words, sizeof(words), "%" PRIu32 " pass%s, %" PRIu64 " error%s", job->counts.passes,
		 job->counts.passes == 1 ? "" : "es", errors, text_s(errors));
	return pool_worker_note(&job->worker, PM_VERB_TEST, range->first, job->counts.free.pages, words, err);
}

enum pm_code act_memory_test_work(struct call *call)
{
	struct test_job *job = call->state;
	struct pm_free_test test = {.tests = job->tests,
				    .passes = (uint32_t)param_count(call, "passes", 1),
				    .seed = job->act.time_ns,
				    .found = found,
				    .bad = bad,
				    .written = memory_test_written,
				    .context = job};
	struct pm_free_range range;
	struct pm_error err = {0};
	enum pm_code code = pool_worker_attach(&job->worker, call, true), noted;

	if (code == PM_OK) {
		pool_worker_range(&job->worker, call, true, &range);
		code = pm_free_test(&range, &test, &job->counts, &call->err);
		if (code == PM_OK && job->counts.free.pages == 0)
			code = pm_fail(&call->err, PM_E_NO_SPACE, "no free page in the range: nothing was tested");
		noted = note_test(job, &range, &err);
		if (code == PM_OK && noted != PM_OK)
			code = pm_fail(&call->err, noted, "%s", err.message);
	}
	if (code == PM_OK) {
		job->diagnoses = test_diagnoses(&job->findings, &range, &call->err);
		code = job->diagnoses ? PM_OK : call->err.code;
	}
	pool_worker_close(&job->worker);
	job->took_ms = monotonic_ms() - job->began_ms;
	return code;
}

static struct json_object *tests_object(const struct test_job *job, bool *passed)
{
	struct json_object *list = json_object_new_array();

	*passed = true;
	for (unsigned i = 0; i < PM_MEMORY_TEST_COUNT; i++) {
		struct json_object *test;

		if (job->tests && !(job->tests >> i & 1))
			continue;
		test = json_object_new_object();
		json_set_text(test, "test", pm_memory_test_name((enum pm_memory_test)i));
		json_set_count(test, "errors", job->counts.errors[i]);
		json_object_array_add(list, test);
		*passed = *passed && job->counts.errors[i] == 0;
	}
	return list;
}

static struct json_object *result_object(const struct test_job *job, const char *name)
{
	struct json_object *result = json_object_new_object(), *tests;
	bool passed;

	tests = tests_object(job, &passed);
	json_set_text(result, "name", name);
	json_set(result, "pool", job->worker.uuid[0] ? json_object_new_string(job->worker.uuid) : NULL);
	json_set_field(result, "poolName", job->name, sizeof(job->name));
	json_set_bool(result, "passed", passed);
	json_set_time(result, "startedAt", job->act.time_ns);
	json_set_count(result, "durationMs", job->took_ms);
	json_set_uuid(result, "bootId", job->act.boot_id);
	json_set_count(result, "passes", job->counts.passes);
	json_set_count(result, "pages", job->counts.free.pages);
	json_set_count(result, "skipped", job->counts.free.skipped);
	json_set(result, "tests", tests);
	json_set(result, "errors", json_object_get(job->findings.errors));
	json_set(result, "badPages", test_bad_pages(&job->findings));
	json_set(result, "diagnoses", json_object_get(job->diagnoses));
	return result;
}

/* "lab-20261122T194500Z", with "-2" and so on behind it in the same second. */
static void result_name(const struct test_job *job, unsigned attempt, char name[128])
{
	time_t seconds = (time_t)(job->act.time_ns / UINT64_C(1000000000));
	char when[24];
	struct tm utc;
	size_t at = 0;

	for (; at < PM_NAME_BYTES && job->name[at]; at++) {
		const char with[3] = {'x', job->name[at]}; /* a dot may only stand behind another letter */

		name[at] = file_name_valid(at > 0 ? with : with + 1) ? with[1] : '_';
	}
	gmtime_r(&seconds, &utc);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &utc);
	if (attempt > 1)
		snprintf(name + at, 128 - at, "-%s-%u", when, attempt);
	else
		snprintf(name + at, 128 - at, "-%s", when);
}

enum pm_code act_memory_test_end(struct call *call, enum pm_code worked)
{
	struct test_job *job = call->state;
	enum pm_code code = settled(call, worked);
	struct json_object *result = NULL;
	char name[128];

	if (code == PM_OK)
		code = PM_E_FILE_EXISTS;
	for (unsigned attempt = 1; code == PM_E_FILE_EXISTS && attempt < 100; attempt++) {
		json_object_put(result);
		result_name(job, attempt, name);
		result = result_object(job, name);
		code = stored_result_put(&call->session->host, &store_tests, name, result, &call->err);
	}
	if (code == PM_OK)
		call->result = json_object_get(result);
	json_object_put(result);
	json_object_put(job->diagnoses);
	test_findings_free(&job->findings);
	free(job);
	return code;
}

enum pm_code act_memory_results(struct call *call)
{
	static const char *const keys[] = {"name",	 "pool",   "poolName", "passed",    "startedAt",
					   "durationMs", "bootId", "passes",   "pages",	    "skipped",
					   "tests",	 "errors", "badPages", "diagnoses", NULL};
	struct json_object *list = NULL;
	enum pm_code code = stored_results(&call->session->host, &store_tests, keys, RESULTS_MAX, &list, &call->err);

	call->result = json_object_new_object();
	json_set(call->result, "results", list);
	return code;
}
