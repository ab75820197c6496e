/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guarded.h"
#include "host/heap.h"
#include <stdatomic.h>
#include <string.h>

/* Core's codes get a message here, at the edge. */
enum pm_code guarded_run(void (*body)(void *argument), void *argument, const enum pm_code *code,
			 const struct pm_pool *pool, const char *what, struct pm_error *err)
{
	enum pm_code guard = pm_region_guarded(body, argument, err);
	struct pm_pool *changed = (struct pm_pool *)(uintptr_t)pool;

	if (guard != PM_OK && pool) {
		atomic_store(&changed->books, 0);
		changed->torn = true;
	}
	if (guard != PM_OK)
		return guard;
	if (*code != PM_OK)
		return pm_fail(err, *code, "%s: %s", what, pm_error_reason(*code));
	return PM_OK;
}

/* One frame for all the calls below: which members count is each body's own affair. */
struct core_call {
	enum pm_code code;
	struct pm_pool *pool;
	const struct pm_pool *reader;
	const struct pm_region *region;
	const struct pm_mapping *mappings;
	const struct pm_act *act;
	const void *request;
	unsigned flags;
	void *out;
	uint64_t page, pages, value;
	size_t capacity, count;
	bool found; /* or abandoned */
	enum pm_verb verb;
	const char *text;
};

static enum pm_code make(void (*body)(void *), struct core_call *call, const char *what, struct pm_error *err)
{
	return guarded_run(body, call, &call->code, call->pool ? call->pool : call->reader, what, err);
}

static void probe_body(void *argument)
{
	struct core_call *call = argument;

	call->code = pm_pool_probe(call->region->map, call->region->bytes, call->out);
}

enum pm_code guarded_probe(const struct pm_region *region, struct pm_superblock *sb, struct pm_error *err)
{
	struct core_call call = {.region = region, .out = sb};

	return make(probe_body, &call, "cannot read the superblock", err);
}

static void attach_body(void *argument)
{
	struct core_call *call = argument;

	call->code = pm_pool_attach(call->pool, call->mappings, call->count, call->flags, &pm_heap, call->act);
}

enum pm_code guarded_attach(struct pm_pool *pool, const struct pm_mapping *mappings, size_t count, unsigned flags,
			    const struct pm_act *act, struct pm_error *err)
{
	struct core_call call = {.pool = pool, .mappings = mappings, .count = count, .flags = flags, .act = act};

	memset(pool, 0, sizeof(*pool));
	return make(attach_body, &call, "cannot attach the pool", err);
}

static void detach_body(void *argument)
{
	pm_pool_detach(((struct core_call *)argument)->pool);
}

void guarded_detach(struct pm_pool *pool)
{
	struct core_call call = {.pool = pool};

	make(detach_body, &call, "", NULL);
}

static void begin_body(void *argument)
{
	struct core_call *call = argument;

	call->code = pm_pool_begin(call->pool, call->found, call->act);
}

enum pm_code guarded_begin(struct pm_pool *pool, bool abandoned, const struct pm_act *act, struct pm_error *err)
{
	struct core_call call = {.pool = pool, .found = abandoned, .act = act};

	return make(begin_body, &call, "cannot begin to change the pool", err);
}

static void end_body(void *argument)
{
	pm_pool_end(((struct core_call *)argument)->pool);
}

void guarded_end(struct pm_pool *pool)
{
	struct core_call call = {.pool = pool};

	make(end_body, &call, "", NULL);
}

static void format_body(void *argument)
{
	struct core_call *call = argument;

	call->code = pm_pool_format(call->region->map, call->region->bytes, call->request, call->act);
}

enum pm_code guarded_format(const struct pm_region *region, const struct pm_pool_request *request,
			    const struct pm_act *act, struct pm_error *err)
{
	struct core_call call = {.region = region, .request = request, .act = act};

	return make(format_body, &call, "cannot make the pool", err);
}

static void erase_body(void *argument)
{
	struct core_call *call = argument;

	pm_pool_erase(call->region->map, call->value);
}

enum pm_code guarded_erase(const struct pm_region *region, uint64_t bytes, struct pm_error *err)
{
	struct core_call call = {.region = region, .value = bytes};

	return pm_region_guarded(erase_body, &call, err);
}

static void alloc_body(void *argument)
{
	struct core_call *call = argument;

	call->code = pm_alloc(call->pool, call->request, call->act, call->out);
}

enum pm_code guarded_alloc(struct pm_pool *pool, const struct pm_alloc_request *request, const struct pm_act *act,
			   struct pm_run *run, struct pm_error *err)
{
	struct core_call call = {.pool = pool, .request = request, .act = act, .out = run};

	return make(alloc_body, &call, "cannot allocate", err);
}

static void free_body(void *argument)
{
	struct core_call *call = argument;

	call->code = pm_free(call->pool, call->page, 0, call->out);
}

enum pm_code guarded_free(struct pm_pool *pool, uint64_t page, struct pm_run *freed, struct pm_error *err)
{
	struct core_call call = {.pool = pool, .page = page, .out = freed};

	return make(free_body, &call, "cannot free", err);
}

static void usage_body(void *argument)
{
	struct core_call *call = argument;

	pm_usage_get(call->reader, call->out);
}

enum pm_code guarded_usage(const struct pm_pool *pool, struct pm_usage *usage, struct pm_error *err)
{
	struct core_call call = {.reader = pool, .out = usage};

	return make(usage_body, &call, "cannot count the pages", err);
}

static void states_body(void *argument)
{
	struct core_call *call = argument;

	pm_page_states(call->reader, call->page, call->pages, call->out);
}

enum pm_code guarded_states(const struct pm_pool *pool, uint64_t first, uint64_t words, uint64_t *states,
			    struct pm_error *err)
{
	struct core_call call = {.reader = pool, .page = first, .pages = words, .out = states};

	return make(states_body, &call, "cannot read the page states", err);
}

static void copy_run(const struct pm_run *run, struct run_copy *copy)
{
	copy->page = run->page;
	copy->pages = run->pages;
	copy->named = run->record != NULL;
	if (run->record)
		copy->record = *run->record;
}

static void run_at_body(void *argument)
{
	struct core_call *call = argument;
	struct pm_run run;

	call->code = pm_run_at(call->reader, call->page, &run);
	if (call->code == PM_OK)
		copy_run(&run, call->out);
}

enum pm_code guarded_run_at(const struct pm_pool *pool, uint64_t page, struct run_copy *run, struct pm_error *err)
{
	struct core_call call = {.reader = pool, .page = page, .out = run};
	enum pm_code code = make(run_at_body, &call, "cannot find the allocation", err);

	if (code == PM_E_NOT_ALLOCATED)
		return pm_fail(err, code, "no allocation starts at page %llu", (unsigned long long)page);
	return code;
}

static void runs_body(void *argument)
{
	struct core_call *call = argument;
	struct run_copy *copies = call->out;
	struct pm_run run;

	for (call->count = 0; call->count < call->capacity;) {
		if (!pm_run_next_below(call->reader, call->page, call->value, &run))
			return;
		call->page = run.page + run.pages;
		if (!run.record || run.record->kind == PM_RECORD_ALLOCATION)
			copy_run(&run, &copies[call->count++]);
	}
}

enum pm_code guarded_runs(const struct pm_pool *pool, uint64_t from, uint64_t to, struct run_copy *runs,
			  size_t capacity, size_t *count, struct pm_error *err)
{
	struct core_call call = {.reader = pool, .page = from, .value = to, .out = runs, .capacity = capacity};
	enum pm_code code = make(runs_body, &call, "cannot list the allocations", err);

	*count = code == PM_OK ? call.count : 0;
	return code;
}

static void record_find_body(void *argument)
{
	struct core_call *call = argument;

	if (!pm_record_find(call->reader, call->text, &call->value))
		call->code = PM_E_NOT_ALLOCATED;
}

enum pm_code guarded_record_find(const struct pm_pool *pool, const char *name, uint64_t *page, struct pm_error *err)
{
	struct core_call call = {.reader = pool, .text = name};
	enum pm_code code = make(record_find_body, &call, "cannot find the allocation", err);

	*page = call.value;
	if (code == PM_E_NOT_ALLOCATED)
		return pm_fail(err, code, "no allocation is named \"%s\"", name);
	return code;
}

static void log_sequence_body(void *argument)
{
	struct core_call *call = argument;

	call->value = pm_log_sequence(call->reader);
}

uint64_t guarded_log_sequence(const struct pm_pool *pool)
{
	struct core_call call = {.reader = pool};

	return make(log_sequence_body, &call, "", NULL) == PM_OK ? call.value : 0;
}

static void log_append_body(void *argument)
{
	struct core_call *call = argument;

	pm_log_append(call->pool, call->verb, call->page, call->pages, call->text, call->act);
}

enum pm_code guarded_log_append(struct pm_pool *pool, enum pm_verb verb, uint64_t page, uint64_t pages,
				const char *detail, const struct pm_act *act, struct pm_error *err)
{
	struct core_call call = {.pool = pool, .verb = verb, .page = page, .pages = pages, .text = detail, .act = act};

	return make(log_append_body, &call, "cannot write the event log", err);
}

static void log_read_body(void *argument)
{
	struct core_call *call = argument;

	call->found = pm_log_read(call->reader, call->value, call->out);
}

enum pm_code guarded_log_read(const struct pm_pool *pool, uint64_t sequence, struct pm_log_entry *entry, bool *found,
			      struct pm_error *err)
{
	struct core_call call = {.reader = pool, .value = sequence, .out = entry};
	enum pm_code code = make(log_read_body, &call, "cannot read the event log", err);

	*found = code == PM_OK && call.found;
	return code;
}
