// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare_changes.h"
#include "digest.h"
#include "json/shapes.h"
#include "pmpool/format.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool pm_changes_open(struct pm_changes *changes)
{
	*changes = (struct pm_changes){0};
	changes->runs = calloc(PM_RUNS_MAX, sizeof(*changes->runs));
	changes->suspects = calloc(PM_SUSPECTS_MAX, sizeof(*changes->suspects));
	return changes->runs && changes->suspects;
}

void pm_changes_close(struct pm_changes *changes)
{
	free(changes->runs);
	free(changes->suspects);
	*changes = (struct pm_changes){0};
}

static uint8_t zero_digest[PM_DIGEST_BYTES], ones_digest[PM_DIGEST_BYTES];

static void digests_make(void)
{
	static uint8_t page[PM_PAGE_SIZE];

	pm_page_digest(page, zero_digest);
	memset(page, 0xff, sizeof(page));
	pm_page_digest(page, ones_digest);
}

enum pm_change_kind pm_change_kind_of(const uint8_t digest[PM_DIGEST_BYTES])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, digests_make);
	if (memcmp(digest, zero_digest, PM_DIGEST_BYTES) == 0)
		return PM_CHANGE_ZEROED;
	return memcmp(digest, ones_digest, PM_DIGEST_BYTES) == 0 ? PM_CHANGE_ONES : PM_CHANGE_CHANGED;
}

void pm_changes_add(struct pm_changes *changes, uint64_t page, uint64_t address, enum pm_change_kind kind)
{
	struct pm_changed_run *last = changes->run_count ? &changes->runs[changes->run_count - 1] : NULL;

	changes->counts[kind]++;
	if (last && last->kind == kind && last->page + last->pages == page &&
	    last->address + last->pages * PM_PAGE_SIZE == address)
		last->pages++;
	else if (changes->run_count < PM_RUNS_MAX)
		changes->runs[changes->run_count++] = (struct pm_changed_run){page, 1, address, kind};
}

void pm_changes_suspect(struct pm_changes *changes, const struct pm_changed_page *page)
{
	if (changes->suspect_count < PM_SUSPECTS_MAX)
		changes->suspects[changes->suspect_count++] = *page;
	else
		changes->beyond[page->kind]++;
}

const char *pm_change_kind_name(enum pm_change_kind kind)
{
	static const char *const names[PM_CHANGE_COUNT] = {
		[PM_CHANGE_CHANGED] = "changed",       [PM_CHANGE_ZEROED] = "zeroed", [PM_CHANGE_ONES] = "ones",
		[PM_CHANGE_UNREADABLE] = "unreadable", [PM_CHANGE_ADDED] = "added",   [PM_CHANGE_REMOVED] = "removed",
	};

	return names[kind];
}

static int by_page(const void *a, const void *b)
{
	const struct pm_changed_run *left = a, *right = b;

	return left->page < right->page ? -1 : left->page > right->page;
}

void pm_changes_sort(struct pm_changes *changes)
{
	qsort(changes->runs, changes->run_count, sizeof(*changes->runs), by_page);
}

struct json_object *pm_changes_runs_json(const struct pm_changes *changes)
{
	struct json_object *runs = json_object_new_array();

	for (size_t i = 0; i < changes->run_count; i++) {
		const struct pm_changed_run *run = &changes->runs[i];
		struct json_object *object = json_pages(run->page, run->pages);

		json_set_count(object, "address", run->address);
		json_set_text(object, "kind", pm_change_kind_name(run->kind));
		json_object_array_add(runs, object);
	}
	return runs;
}

void pm_changes_beyond_text(const struct pm_changes *changes, char *text, size_t capacity)
{
	const uint64_t *beyond = changes->beyond;
	uint64_t all = 0;

	for (size_t i = 0; i < PM_CHANGE_COUNT; i++)
		all += beyond[i];
	text[0] = 0;
	if (all)
		snprintf(text, capacity,
			 " The first %u of them were diagnosed; the %" PRIu64
			 " others were not looked at closer: %" PRIu64 " zeroed, %" PRIu64 " all ones, %" PRIu64
			 " unreadable, %" PRIu64 " otherwise changed.",
			 PM_SUSPECTS_MAX, all, beyond[PM_CHANGE_ZEROED], beyond[PM_CHANGE_ONES],
			 beyond[PM_CHANGE_UNREADABLE], beyond[PM_CHANGE_CHANGED]);
}
