// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare_books.h"
#include "json/json.h"
#include "pmpool/region.h"
#include <stdlib.h>
#include <string.h>

#define BATCH 256u /* allocations that are read under one guard */

struct entry {
	uint64_t page, pages;
	bool named;
	char name[PM_NAME_BYTES], owner[PM_OWNER_BYTES], purpose[PM_PURPOSE_BYTES];
};

/* Allocations of a side, in page order. */
struct walk {
	const struct pm_pool *pool;
	uint64_t from;
	bool ended;
	size_t at, count;
	struct entry entries[BATCH];
};

static void entry_read(struct entry *entry, const struct pm_run *run)
{
	*entry = (struct entry){.page = run->page, .pages = run->pages, .named = run->record != NULL};
	if (!entry->named)
		return;
	memcpy(entry->name, run->record->name, sizeof(entry->name) - 1);
	memcpy(entry->owner, run->record->owner, sizeof(entry->owner) - 1);
	memcpy(entry->purpose, run->record->purpose, sizeof(entry->purpose) - 1);
}

static void walk_body(void *argument)
{
	struct walk *walk = argument;
	struct pm_run run;

	while (walk->count < BATCH) {
		if (!pm_run_next(walk->pool, walk->from, &run)) {
			walk->ended = true;
			return;
		}
		entry_read(&walk->entries[walk->count], &run);
		walk->from = run.page + (run.pages ? run.pages : 1);
		walk->count++;
	}
}

/* The allocation that is next; *entry NULL at the end. */
static enum pm_code walk_look(struct walk *walk, const struct entry **entry, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	if (walk->at == walk->count && !walk->ended) {
		walk->at = walk->count = 0;
		code = pm_region_guarded(walk_body, walk, err);
	}
	*entry = !code && walk->at < walk->count ? &walk->entries[walk->at] : NULL;
	return code;
}

struct work {
	const struct pm_compared *was, *is;
	struct walk before, after;
	const uint64_t *changed;
	uint64_t words;
	struct pm_compared_books *books;
};

static uint64_t changed_in(const struct work *work, const struct entry *entry)
{
	uint64_t count = 0;

	for (uint64_t page = entry->page; page < entry->page + entry->pages;) {
		if (page % 64 == 0 && page / 64 < work->words && !work->changed[page / 64]) {
			page += 64;
			continue;
		}
		count += pm_bit(work->changed, work->words, page++);
	}
	return count;
}

static void tell_allocation(struct work *work, const struct entry *was, const struct entry *is, const char *state,
			    uint64_t changed)
{
	const struct entry *shown = is ? is : was, *named = shown->named || !was ? shown : was;
	struct json_object *object;

	work->books->differ = true;
	if (json_object_array_length(work->books->allocations) == PM_COMPARED_MAX)
		return;
	object = json_object_new_object();
	json_set_count(object, "page", shown->page);
	json_set_count(object, "pages", shown->pages);
	if (named->named)
		json_set_text(object, "name", named->name);
	else
		json_set(object, "name", NULL);
	json_set_text(object, "owner", named->owner);
	json_set_text(object, "state", state);
	json_set_count(object, "changedPages", changed);
	json_object_array_add(work->books->allocations, object);
}

/* NULL: null. */
static struct json_object *labels(const struct entry *entry)
{
	struct json_object *object;

	if (!entry || !entry->named)
		return NULL;
	object = json_object_new_object();
	json_set_text(object, "name", entry->name);
	json_set_text(object, "owner", entry->owner);
	json_set_text(object, "purpose", entry->purpose);
	return object;
}

static bool same_labels(const struct entry *was, const struct entry *is)
{
	return strcmp(was->name, is->name) == 0 && strcmp(was->owner, is->owner) == 0 &&
	       strcmp(was->purpose, is->purpose) == 0;
}

static void compare_records(struct work *work, const struct entry *was, const struct entry *is)
{
	bool before = was && was->named, after = is && is->named;
	struct json_object *object;

	if ((!before && !after) || (before && after && same_labels(was, is)))
		return;
	work->books->differ = true;
	if (json_object_array_length(work->books->records) == PM_COMPARED_MAX)
		return;
	object = json_object_new_object();
	json_set_count(object, "page", was ? was->page : is->page);
	json_set_text(object, "state", !before ? "added" : !after ? "removed" : "changed");
	json_set(object, "before", labels(was));
	json_set(object, "after", labels(is));
	json_object_array_add(work->books->records, object);
}

/* Both start at the same page, or one is NULL. Of a region that is missing nobody knows what is in it. */
static void compare_entries(struct work *work, const struct entry *was, const struct entry *is)
{
	uint64_t changed = changed_in(work, is ? is : was);

	if ((!is && pm_compared_missing(work->is, was->page / PM_WINDOW_PAGES)) ||
	    (!was && pm_compared_missing(work->was, is->page / PM_WINDOW_PAGES)))
		return;
	if (!was)
		tell_allocation(work, was, is, "added", changed);
	else if (!is)
		tell_allocation(work, was, is, "removed", changed);
	else if (was->pages != is->pages)
		tell_allocation(work, was, is, "resized", changed);
	else if (changed)
		tell_allocation(work, was, is, "changed", changed);
	compare_records(work, was, is);
}

static enum pm_code merge(struct work *work, struct pm_task *task, struct pm_error *err)
{
	for (;;) {
		const struct entry *was, *is;
		enum pm_code code = walk_look(&work->before, &was, err);
		bool first, second;

		if (!code)
			code = walk_look(&work->after, &is, err);
		if (!code && task && atomic_load_explicit(&task->cancelled, memory_order_relaxed))
			code = pm_fail(err, PM_E_CANCELLED, "Cancelled.");
		if (code || (!was && !is))
			return code;
		first = was && (!is || was->page <= is->page);
		second = is && (!was || is->page <= was->page);
		compare_entries(work, first ? was : NULL, second ? is : NULL);
		work->before.at += first;
		work->after.at += second;
	}
}

enum pm_code pm_compared_books(const struct pm_compared *before, const struct pm_compared *after,
			       const uint64_t *changed, uint64_t words, struct pm_task *task,
			       struct pm_compared_books *books, struct pm_error *err)
{
	struct work *work = calloc(1, sizeof(*work));
	enum pm_code code;

	if (!work)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to compare allocations.");
	*books = (struct pm_compared_books){json_object_new_array(), json_object_new_array(), false};
	work->was = before;
	work->is = after;
	work->before.pool = before->pool;
	work->after.pool = after->pool;
	work->changed = changed;
	work->words = words;
	work->books = books;
	code = merge(work, task, err);
	if (code) {
		json_object_put(books->allocations);
		json_object_put(books->records);
		*books = (struct pm_compared_books){0};
	}
	free(work);
	return code;
}
