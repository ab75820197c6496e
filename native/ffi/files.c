/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls that read files: open the chain, ask, close it. */
#include "answer.h"
#include "chain.h"
#include "describe.h"
#include "json/shapes.h"
#include "task.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum pm_code snapshots_only(const struct chain *chain, struct pm_error *err)
{
	if (pm_snapshot_is_expectation(chain->snapshots[0]))
		return pm_fail(err, PM_E_FILE_FOREIGN, "%s is an expectation, not a snapshot", chain->name);
	return PM_OK;
}

static enum pm_code open_snapshot(const char *paths, struct chain *chain, struct pm_error *err)
{
	enum pm_code code = chain_open(paths, chain, err);

	if (code == PM_OK) {
		code = snapshots_only(chain, err);
		if (code != PM_OK)
			chain_close(chain);
	}
	return code;
}

char *pm_ffi_describe(const char *paths)
{
	struct json_object *result = NULL;
	struct pm_error err = {0}, damage = {0};
	struct chain chain;
	enum pm_code code = open_snapshot(paths, &chain, &err);

	if (code == PM_OK) {
		damage.code = pm_snapshot_damage(chain.snapshots[0], &damage);
		result = describe(&chain, pm_snapshot_totals(chain.snapshots[0]), &damage);
		chain_close(&chain);
	}
	return answer(code, result, &err);
}

/* What is wrong with the file's bytes is an answer; that nobody could look is not. */
static bool is_damage(enum pm_code code)
{
	return code == PM_E_FILE_CORRUPT || code == PM_E_FILE_TRUNCATED;
}

char *pm_ffi_verify(const char *paths, struct pm_ffi_task *task)
{
	struct pm_snapshot_result totals = {0};
	struct pm_task quiet = {0};
	struct json_object *result = NULL;
	struct pm_error err = {0}, damage = {0};
	struct chain chain;
	enum pm_code code = open_snapshot(paths, &chain, &err);

	if (code != PM_OK)
		return answer(code, NULL, &err);
	if (lseek(chain.fds[0], 0, SEEK_SET) != 0)
		code = pm_fail(&err, PM_E_IO_FAILED, "%s: %s", chain.name, strerror(errno));
	if (code == PM_OK) {
		code = pm_snapshot_verify(chain.fds[0], chain.count > 1 ? chain.snapshots[1] : NULL,
					  task_begin(task, &quiet), &totals, NULL, &err);
		if (is_damage(code)) {
			damage = err;
			code = PM_OK;
		}
	}
	if (code == PM_OK)
		result = describe(&chain, &totals, &damage);
	chain_close(&chain);
	return answer(code, result, &err);
}

char *pm_ffi_compare(const char *before_paths, const char *after_paths, struct pm_ffi_task *task)
{
	struct json_object *result = NULL;
	struct pm_error err = {0};
	struct chain before, after;
	struct pm_task quiet = {0};
	enum pm_code code = open_snapshot(before_paths, &before, &err);

	if (code != PM_OK)
		return answer(code, NULL, &err);
	code = open_snapshot(after_paths, &after, &err);
	if (code == PM_OK) {
		const struct pm_side first = {.snapshot = before.snapshots[0], .name = before.name};
		const struct pm_side second = {.snapshot = after.snapshots[0], .name = after.name};

		code = pm_compare(&first, &second, task_begin(task, &quiet), &result, &err);
		chain_close(&after);
	}
	chain_close(&before);
	return answer(code, result, &err);
}

/* The pool of a file, attached until chain_close. */
static enum pm_code open_pool(const char *paths, struct chain *chain, const struct pm_pool **pool, struct pm_error *err)
{
	enum pm_code code = open_snapshot(paths, chain, err);

	if (code != PM_OK)
		return code;
	code = pm_snapshot_pool(chain->snapshots[0], pool, err);
	if (code != PM_OK)
		chain_close(chain);
	return code;
}

char *pm_ffi_map(const char *paths, uint64_t first, uint64_t count, uint64_t *states, size_t words)
{
	struct json_object *result = NULL;
	const struct pm_pool *pool;
	struct pm_error err = {0};
	struct chain chain;
	enum pm_code code = open_pool(paths, &chain, &pool, &err);

	if (code != PM_OK)
		return answer(code, NULL, &err);
	if (first % PM_PAGES_PER_WORD || first > pool->page_end) {
		code = pm_fail(&err, PM_E_INVALID_PARAMS, "the pool has %llu pages, and parts begin at multiples of 32",
			       (unsigned long long)pool->page_end);
	} else {
		if (count > pool->page_end - first)
			count = pool->page_end - first;
		if ((count + PM_PAGES_PER_WORD - 1) / PM_PAGES_PER_WORD > words)
			count = words * PM_PAGES_PER_WORD;
		pm_page_states(pool, first, (count + PM_PAGES_PER_WORD - 1) / PM_PAGES_PER_WORD, states);
		result = json_object_new_object();
		json_set_count(result, "first", first);
		json_set_count(result, "count", count);
		json_set_count(result, "sequence", pm_log_sequence(pool));
	}
	chain_close(&chain);
	return answer(code, result, &err);
}

char *pm_ffi_allocations(const char *paths, uint64_t from, uint32_t limit)
{
	struct json_object *result = NULL, *list;
	const struct pm_pool *pool;
	struct pm_error err = {0};
	struct chain chain;
	struct pm_run run;
	enum pm_code code = open_pool(paths, &chain, &pool, &err);

	if (code != PM_OK)
		return answer(code, NULL, &err);
	result = json_object_new_object();
	list = json_object_new_array();
	json_set(result, "allocations", list);
	json_set(result, "next", NULL);
	json_set_count(result, "sequence", pm_log_sequence(pool));
	for (uint32_t i = 0; pm_run_next(pool, from, &run); i++) {
		if (i == limit) {
			json_set_count(result, "next", run.page);
			break;
		}
		json_object_array_add(list, json_allocation_of(pool, run.page, run.pages, run.record));
		from = run.page + run.pages;
	}
	chain_close(&chain);
	return answer(code, result, &err);
}

static enum pm_code read_page(struct chain *chain, uint64_t page, uint8_t *bytes, struct json_object *result,
			      struct pm_error *err)
{
	struct pm_window *window = pm_window_new();
	size_t at = page % PM_WINDOW_PAGES;
	enum pm_code code;

	if (!window)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for a window of pages");
	code = pm_snapshot_window(chain->snapshots[0], page / PM_WINDOW_PAGES, true, window, err);
	if (code == PM_OK && !window->bytes[at])
		code = pm_fail(err, PM_E_OUT_OF_RANGE, "%s does not hold page %llu", chain->name,
			       (unsigned long long)page);
	if (code == PM_OK) {
		memcpy(bytes, window->bytes[at], PM_PAGE_SIZE);
		json_set_digest(result, "digest", window->digests[at]);
	}
	pm_window_free(window);
	return code;
}

char *pm_ffi_page(const char *paths, uint64_t page, uint8_t *bytes)
{
	struct json_object *result = json_object_new_object();
	struct pm_error err = {0};
	struct chain chain;
	enum pm_code code = open_snapshot(paths, &chain, &err);

	if (code == PM_OK) {
		code = read_page(&chain, page, bytes, result, &err);
		chain_close(&chain);
	}
	return answer(code, result, &err);
}
