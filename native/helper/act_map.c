/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool/range and pool/find: what stands in a range of pages, and where the next run of a state is. */
#include "act_map.h"
#include "guarded.h"
#include "json_build.h"
#include <inttypes.h>
#include <pmpool/map.h>
#include <string.h>

static const enum pm_code ok = PM_OK; /* of a guarded body that has no code of its own */

static struct json_object *json_run(const struct pm_map_run *run)
{
	struct json_object *object = json_object_new_object();

	json_set_count(object, "page", run->page);
	json_set_count(object, "pages", run->pages);
	return object;
}

struct range {
	const struct pm_pool *pool;
	uint64_t from, to;
	struct pm_map_range found;
};

static void read_range(void *argument)
{
	struct range *range = argument;

	pm_map_range_get(range->pool, range->from, range->to, &range->found);
}

static struct json_object *json_range(const struct range *range, uint64_t sequence)
{
	const struct pm_map_count *count = &range->found.count;
	struct json_object *object = json_object_new_object();

	json_set_count(object, "from", range->from);
	json_set_count(object, "to", range->to);
	json_set_count(object, "sequence", sequence);
	json_set_count(object, "pagesFree", count->free);
	json_set_count(object, "pagesAllocated", count->allocated);
	json_set_count(object, "pagesBad", count->bad);
	json_set_count(object, "pagesMetadata", count->metadata);
	json_set_count(object, "pagesAbsent", count->absent);
	json_set_count(object, "allocations", count->first);
	json_set_count(object, "freeRuns", range->found.free_runs);
	json_set(object, "largestFreeRun",
		 range->found.largest_free.pages ? json_run(&range->found.largest_free) : NULL);
	return object;
}

enum pm_code act_pool_range(struct call *call)
{
	struct range range = {.from = param_count(call, "from", 0), .to = param_count(call, "to", 0)};
	struct attached *attached;
	uint64_t sequence;
	enum pm_code code = call_pool(call, &attached);

	if (code != PM_OK)
		return code;
	range.pool = &attached->pool;
	if (range.from >= range.to)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter to: must be above from (%" PRIu64 ")",
			       range.from);
	if (range.to > range.pool->page_end)
		return pm_fail(&call->err, PM_E_OUT_OF_RANGE,
			       "the pool has %" PRIu64 " pages; a range cannot reach to %" PRIu64, range.pool->page_end,
			       range.to);
	sequence = guarded_log_sequence(range.pool); /* before the states, as in pool/tiles */
	code = guarded_run(read_range, &range, &ok, range.pool, "cannot count the pages", &call->err);
	if (code == PM_OK)
		call->result = json_range(&range, sequence);
	return code;
}

struct search {
	const struct pm_pool *pool;
	enum pm_map_what what;
	uint64_t from, pages;
	bool previous, found;
	struct pm_map_run run;
};

static void search_body(void *argument)
{
	struct search *search = argument;

	search->found = (search->previous ? pm_map_previous : pm_map_next)(search->pool, search->what, search->from,
									   search->pages, &search->run);
}

/* One of a parameter's words, as its place among them. */
static enum pm_code word_read(struct call *call, const char *name, const char *const *words, unsigned *place)
{
	const char *text = param_text(call, name, "");
	char list[64] = "";

	for (*place = 0; words[*place]; ++*place) {
		if (strcmp(words[*place], text) == 0)
			return PM_OK;
		strncat(list, *place ? ", " : "", sizeof(list) - strlen(list) - 1);
		strncat(list, words[*place], sizeof(list) - strlen(list) - 1);
	}
	return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter %s: must be one of %s", name, list);
}

enum pm_code act_pool_find(struct call *call)
{
	static const char *const whats[] = {"free", "allocation", "bad", NULL}; /* as in enum pm_map_what */
	static const char *const directions[] = {"next", "previous", NULL};
	struct search search = {.from = param_count(call, "from", 0), .pages = param_count(call, "pages", 1)};
	unsigned what = 0, direction = 0;
	struct attached *attached;
	enum pm_code code = word_read(call, "what", whats, &what);

	if (code == PM_OK)
		code = word_read(call, "direction", directions, &direction);
	if (code == PM_OK)
		code = call_pool(call, &attached);
	if (code != PM_OK)
		return code;
	search.pool = &attached->pool;
	search.what = (enum pm_map_what)what;
	search.previous = direction == 1;
	code = guarded_run(search_body, &search, &ok, search.pool, "cannot search the pages", &call->err);
	if (code != PM_OK)
		return code;
	call->result = json_object_new_object();
	json_set(call->result, "found", search.found ? json_run(&search.run) : NULL);
	return PM_OK;
}
