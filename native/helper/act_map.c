/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool/range and pool/find: what stands in a range of pages, and where the next run of a state is. */
#include "act_map.h"
#include "json_build.h"
#include <inttypes.h>
#include <pmpool/map.h>
#include <stdlib.h>
#include <string.h>

static struct json_object *json_run(const struct pm_map_run *run)
{
	struct json_object *object = json_object_new_object();

	json_set_count(object, "page", run->page);
	json_set_count(object, "pages", run->pages);
	return object;
}

struct range {
	struct pool_walk walk;
	struct pm_map_range_walk pages;
	uint64_t from, to;
};

static bool range_piece(struct pool_walk *walk, const struct pm_pool *pool, uint64_t pages)
{
	return pm_map_range_step(pool, &((struct range *)walk)->pages, pages);
}

static struct json_object *json_range(const struct pool_walk *walk)
{
	const struct range *range = (const struct range *)walk;
	const struct pm_map_range *found = &range->pages.found;
	const struct pm_map_count *count = &found->count;
	struct json_object *object = json_object_new_object();

	json_set_count(object, "from", range->from);
	json_set_count(object, "to", range->to);
	json_set_count(object, "sequence", walk->sequence);
	json_set_count(object, "pagesFree", count->free);
	json_set_count(object, "pagesAllocated", count->allocated);
	json_set_count(object, "pagesBad", count->bad);
	json_set_count(object, "pagesMetadata", count->metadata);
	json_set_count(object, "pagesAbsent", count->absent);
	json_set_count(object, "allocations", count->first);
	json_set_count(object, "freeRuns", found->free_runs);
	json_set(object, "largestFreeRun", found->largest_free.pages ? json_run(&found->largest_free) : NULL);
	return object;
}

static enum pm_code no_memory(struct call *call)
{
	return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory to look at the pages");
}

enum pm_code act_pool_range(struct call *call)
{
	uint64_t from = param_count(call, "from", 0), to = param_count(call, "to", 0);
	struct attached *attached;
	struct range *range;
	enum pm_code code = call_pool(call, &attached);

	if (code != PM_OK)
		return code;
	if (from >= to)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter to: must be above from (%" PRIu64 ")", from);
	if (to > attached->pool.page_end)
		return pm_fail(&call->err, PM_E_OUT_OF_RANGE,
			       "the pool has %" PRIu64 " pages; a range cannot reach to %" PRIu64,
			       attached->pool.page_end, to);
	range = calloc(1, sizeof(*range));
	if (!range)
		return no_memory(call);
	*range = (struct range){{range_piece, json_range, "cannot count the pages"}, .from = from, .to = to};
	pm_map_range_begin(from, to, &range->pages);
	return pool_walk_begin(call, &range->walk, &attached->pool);
}

struct search {
	struct pool_walk walk;
	struct pm_map_search pages;
};

static bool search_piece(struct pool_walk *walk, const struct pm_pool *pool, uint64_t pages)
{
	return pm_map_search_step(pool, &((struct search *)walk)->pages, pages);
}

static struct json_object *json_found(const struct pool_walk *walk)
{
	const struct pm_map_search *search = &((const struct search *)walk)->pages;
	struct json_object *object = json_object_new_object();

	json_set(object, "found", search->found ? json_run(&search->run) : NULL);
	return object;
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
	unsigned what = 0, direction = 0;
	struct attached *attached;
	struct search *search;
	enum pm_code code = word_read(call, "what", whats, &what);

	if (code == PM_OK)
		code = word_read(call, "direction", directions, &direction);
	if (code == PM_OK)
		code = call_pool(call, &attached);
	if (code != PM_OK)
		return code;
	search = calloc(1, sizeof(*search));
	if (!search)
		return no_memory(call);
	search->walk = (struct pool_walk){search_piece, json_found, "cannot search the pages"};
	pm_map_search_begin((enum pm_map_what)what, direction == 1, param_count(call, "from", 0),
			    param_count(call, "pages", 1), &search->pages);
	return pool_walk_begin(call, &search->walk, &attached->pool);
}
