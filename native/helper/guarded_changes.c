/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guarded_changes.h"
#include <stdlib.h>

/* One frame for all the calls below: which members count is each body's own affair. */
struct change_call {
	enum pm_code code;
	struct pm_pool *pool;
	const struct pm_pool *reader;
	const struct pm_act *act;
	const struct pm_label *label;
	const struct pm_mapping *mapping;
	const struct pm_pool_request *request;
	const char *text;
	void *out;
	uint64_t page, pages;
	uint32_t index;
	bool found;
	struct bad_copy *list; /* grows inside a body, but never while the mapping is touched */
	size_t count, capacity;
};

static enum pm_code run(void (*body)(void *), struct change_call *call, const char *what, struct pm_error *err)
{
	return guarded_run(body, call, &call->code, call->pool ? call->pool : call->reader, what, err);
}

static void record_change_body(void *argument)
{
	struct change_call *call = argument;
	struct pm_run run;

	call->code = pm_record_change(call->pool, call->page, call->label, call->act, &run);
}

enum pm_code guarded_record_change(struct pm_pool *pool, uint64_t page, const struct pm_label *label,
				   const struct pm_act *act, struct pm_error *err)
{
	struct change_call call = {.pool = pool, .page = page, .label = label, .act = act};

	return run(record_change_body, &call, "cannot change the record", err);
}

static void resize_body(void *argument)
{
	struct change_call *call = argument;
	struct pm_run run;

	call->code = pm_resize(call->pool, call->page, call->pages, call->act, &run, call->out);
}

enum pm_code guarded_resize(struct pm_pool *pool, uint64_t page, uint64_t pages, const struct pm_act *act,
			    uint64_t *in_the_way, struct pm_error *err)
{
	struct change_call call = {.pool = pool, .page = page, .pages = pages, .act = act, .out = in_the_way};

	return run(resize_body, &call, "cannot resize the allocation", err);
}

static void quarantine_body(void *argument)
{
	struct change_call *call = argument;

	call->code = pm_quarantine(call->pool, call->page, call->pages, call->text, call->act);
}

enum pm_code guarded_quarantine(struct pm_pool *pool, uint64_t page, uint64_t pages, const char *why,
				const struct pm_act *act, struct pm_error *err)
{
	struct change_call call = {.pool = pool, .page = page, .pages = pages, .text = why, .act = act};

	return run(quarantine_body, &call, "cannot put the pages in quarantine", err);
}

static void release_body(void *argument)
{
	struct change_call *call = argument;
	struct pm_run run;

	call->code = pm_quarantine_release(call->pool, call->page, &run);
}

enum pm_code guarded_quarantine_release(struct pm_pool *pool, uint64_t page, struct pm_error *err)
{
	struct change_call call = {.pool = pool, .page = page};

	return run(release_body, &call, "cannot release the pages", err);
}

/* A live quarantine is one that still is when it was copied: a slot may be taken for another record meanwhile. */
static bool copy_bad(const struct pm_pool *pool, const struct pm_record *record, uint32_t index, struct bad_copy *bad)
{
	if (record->kind != PM_RECORD_QUARANTINE)
		return false;
	bad->record = *record;
	bad->page = pool->infos[index].first_pool_page + bad->record.page;
	bad->pages = bad->record.pages;
	return bad->record.kind == PM_RECORD_QUARANTINE && bad->record.state == PM_RECORD_STATE(PM_RECORD_LIVE);
}

static bool grow(struct change_call *call)
{
	size_t capacity = call->capacity ? call->capacity * 2 : 64;
	struct bad_copy *list = realloc(call->list, capacity * sizeof(*list));

	if (!list)
		return false;
	call->list = list;
	call->capacity = capacity;
	return true;
}

static void bad_list_body(void *argument)
{
	struct change_call *call = argument;
	const struct pm_record *record;
	struct bad_copy bad;
	uint64_t cursor = 0;
	uint32_t index = 0;

	while ((record = pm_record_next(call->reader, &cursor, &index)) != NULL) {
		if (!copy_bad(call->reader, record, index, &bad))
			continue;
		if (call->count == call->capacity && !grow(call)) {
			call->code = PM_E_OUT_OF_MEMORY;
			return;
		}
		call->list[call->count++] = bad;
	}
}

static int by_page(const void *a, const void *b)
{
	const struct bad_copy *left = a, *right = b;

	return left->page < right->page ? -1 : left->page > right->page;
}

enum pm_code guarded_bad_list(const struct pm_pool *pool, struct bad_copy **list, size_t *count, struct pm_error *err)
{
	struct change_call call = {.reader = pool};
	enum pm_code code = run(bad_list_body, &call, "cannot list the bad pages", err);

	if (code != PM_OK) {
		free(call.list);
		return code;
	}
	if (call.count > 1)
		qsort(call.list, call.count, sizeof(*call.list), by_page);
	*list = call.list;
	*count = call.count;
	return PM_OK;
}

static void bad_at_body(void *argument)
{
	struct change_call *call = argument;
	const struct pm_record *record;
	uint64_t cursor = 0;
	uint32_t index = 0;

	while (!call->found && (record = pm_record_next(call->reader, &cursor, &index)) != NULL) {
		struct bad_copy *bad = call->out;

		call->found = copy_bad(call->reader, record, index, bad) && bad->page == call->page;
	}
}

enum pm_code guarded_bad_at(const struct pm_pool *pool, uint64_t page, struct bad_copy *bad, struct pm_error *err)
{
	struct change_call call = {.reader = pool, .page = page, .out = bad};
	enum pm_code code = run(bad_at_body, &call, "cannot find the bad pages", err);

	if (code == PM_OK && !call.found)
		return pm_fail(err, PM_E_NOT_ALLOCATED,
			       "no quarantine starts at page %llu; `pmpool bad list` shows them",
			       (unsigned long long)page);
	return code;
}

static void rename_body(void *argument)
{
	struct change_call *call = argument;

	call->code = pm_pool_rename(call->pool, call->text);
}

enum pm_code guarded_pool_rename(struct pm_pool *pool, const char *name, struct pm_error *err)
{
	struct change_call call = {.pool = pool, .text = name};

	return run(rename_body, &call, "cannot rename the pool", err);
}

static void extend_body(void *argument)
{
	struct change_call *call = argument;

	call->code = pm_pool_extend(call->pool, call->mapping, call->request, call->act);
}

enum pm_code guarded_pool_extend(struct pm_pool *pool, const struct pm_mapping *mapping,
				 const struct pm_pool_request *request, const struct pm_act *act, struct pm_error *err)
{
	struct change_call call = {.pool = pool, .mapping = mapping, .request = request, .act = act};

	return run(extend_body, &call, "cannot add the region", err);
}

static void member_usage_body(void *argument)
{
	struct change_call *call = argument;

	call->found = pm_member_usage_get(call->reader, call->index, call->out);
}

enum pm_code guarded_member_usage(const struct pm_pool *pool, uint32_t index, struct pm_usage *usage, bool *present,
				  struct pm_error *err)
{
	struct change_call call = {.reader = pool, .index = index, .out = usage};
	enum pm_code code = run(member_usage_body, &call, "cannot count the pages", err);

	*present = code == PM_OK && call.found;
	return code;
}
