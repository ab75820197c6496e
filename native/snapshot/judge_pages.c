// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bytes of every expected page, held against their digests where they are: nothing is copied. Windows are compared
 * beside each other; what they came to is collected in page order.
 */
#include "judge.h"
#include "pmpool/team.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pm_fate *fate_of(struct pm_judge *judge, uint64_t page)
{
	size_t low = 0, high = judge->fate_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (judge->fates[middle].page <= page)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || page - judge->fates[low - 1].page >= judge->fates[low - 1].record.pages)
		return NULL;
	return &judge->fates[low - 1];
}

uint64_t pm_judge_address(struct pm_judge *judge, uint64_t page)
{
	const struct pm_judged *judged = pm_judge_region(judge, page);
	uint64_t offset;

	if (!judged)
		return UINT64_MAX;
	offset = (page - judged->sb->first_pool_page) * PM_PAGE_SIZE;
	if (judged->open)
		return judged->region.info.base + judged->region.offset + offset;
	return judged->sb->physical_base + offset;
}

enum pm_code pm_judge_look(void (*look)(void *argument), void *argument, bool *lost, struct pm_error *err)
{
	enum pm_code code = pm_region_guarded(look, argument, err);

	*lost = code == PM_E_REGION_LOST;
	return *lost ? PM_OK : code;
}

/* --- one window --- */

struct looking {
	struct pm_window_seat *seat;
	const uint8_t *map; /* of the region */
	uint64_t first; /* pool page at its start */
	unsigned from, end; /* pages of the window */
};

static void page_changed(struct pm_window_seat *seat, unsigned i, const uint8_t *digest)
{
	struct pm_changed_page *changed = &seat->changed[seat->changed_count++];

	changed->page = seat->window->first + i;
	changed->kind = pm_change_kind_of(digest);
	changed->pattern = false;
	memcpy(changed->digest, digest, PM_DIGEST_BYTES);
	memcpy(changed->expected, seat->window->digests[i], PM_DIGEST_BYTES);
}

static void look_body(void *argument)
{
	const struct looking *looking = argument;
	struct pm_window_seat *seat = looking->seat;
	const struct pm_window *window = seat->window;
	uint8_t digests[PM_WINDOW_PAGES][PM_DIGEST_BYTES];
	struct pm_page_due due[PM_WINDOW_PAGES];
	unsigned count = 0;

	for (unsigned i = looking->from; i < looking->end; i++)
		if (window->held[i] != PM_HELD_NOT)
			due[count++] = (struct pm_page_due){
				looking->map + (window->first + i - looking->first) * PM_PAGE_SIZE, digests[i]};
	pm_pages_digest(due, count);
	seat->compared += count;
	for (unsigned i = looking->from; i < looking->end; i++)
		if (window->held[i] != PM_HELD_NOT && memcmp(digests[i], window->digests[i], PM_DIGEST_BYTES) != 0)
			page_changed(seat, i, digests[i]);
}

/* The window as a whole cannot be read: find out which pages can. */
static enum pm_code look_by_page(struct looking *looking, struct pm_error *err)
{
	struct pm_window_seat *seat = looking->seat;
	enum pm_code code = PM_OK;

	seat->compared = seat->changed_count = 0;
	for (unsigned i = 0; !code && i < PM_WINDOW_PAGES; i++) {
		unsigned compared = seat->compared, changed = seat->changed_count;
		bool lost;

		if (seat->window->held[i] == PM_HELD_NOT)
			continue;
		looking->from = i;
		looking->end = i + 1;
		code = pm_judge_look(look_body, looking, &lost, err);
		if (!lost)
			continue;
		seat->compared = compared;
		seat->changed_count = changed + 1;
		seat->changed[changed] = (struct pm_changed_page){
			.page = seat->window->first + i,
			.kind = PM_CHANGE_UNREADABLE,
		};
	}
	return code;
}

static unsigned held_in(const struct pm_window *window, unsigned *first)
{
	unsigned held = 0;

	for (unsigned i = 0; i < PM_WINDOW_PAGES; i++)
		if (window->held[i] != PM_HELD_NOT && !held++)
			*first = i;
	return held;
}

static enum pm_code look_at_window(struct pm_judge *judge, struct pm_window_seat *seat, uint64_t number,
				   struct pm_error *err)
{
	struct looking looking = {.seat = seat, .end = PM_WINDOW_PAGES};
	unsigned first = 0;
	bool lost;
	enum pm_code code = pm_snapshot_window(judge->snapshot, number, false, seat->window, err);

	if (code)
		return code;
	seat->held = held_in(seat->window, &first);
	seat->judged = pm_judge_region(judge, seat->window->first + first);
	if (!seat->held || !seat->judged || !seat->judged->open)
		return PM_OK;
	looking.map = seat->judged->region.map;
	looking.first = seat->judged->sb->first_pool_page;
	code = pm_judge_look(look_body, &looking, &lost, err);
	return !code && lost ? look_by_page(&looking, err) : code;
}

static enum pm_code look_stage(void *context, unsigned slot, uint64_t item, struct pm_error *err)
{
	struct pm_judge *judge = context;
	struct pm_window_seat *seat = &judge->seats[slot];

	seat->held = seat->compared = seat->changed_count = 0;
	if (item < judge->windows.count)
		return look_at_window(judge, seat, judge->windows.list[item], err);
	return pm_judge_free_window(judge, seat, item - judge->windows.count, err);
}

/* --- all of them, in order --- */

static void expected_wrong(struct pm_judge *judge, const struct pm_changed_page *page)
{
	struct pm_fate *fate = fate_of(judge, page->page);

	judge->changed++;
	judge->unreadable += page->kind == PM_CHANGE_UNREADABLE;
	if (fate) {
		fate->changed_pages++;
		fate->unreadable |= page->kind == PM_CHANGE_UNREADABLE;
	}
}

static enum pm_code collect_stage(void *context, unsigned slot, uint64_t item, struct pm_error *err)
{
	struct pm_judge *judge = context;
	const struct pm_window_seat *seat = &judge->seats[slot];
	bool free_ones = item >= judge->windows.count;

	judge->held[item] = (uint16_t)seat->held;
	if (free_ones) {
		judge->free.checked += seat->compared;
		judge->free.changed += seat->changed_count;
	} else {
		judge->compared += seat->compared;
	}
	for (unsigned i = 0; i < seat->changed_count; i++) {
		const struct pm_changed_page *page = &seat->changed[i];

		if (!free_ones)
			expected_wrong(judge, page);
		pm_changes_add(&judge->changes, page->page, pm_judge_address(judge, page->page), page->kind);
		pm_changes_suspect(&judge->changes, page);
	}
	return PM_OK;
}

static uint64_t bytes_of(void *context, uint64_t item)
{
	const struct pm_judge *judge = context;

	return (uint64_t)judge->held[item] * PM_PAGE_SIZE;
}

static bool take_memory(struct pm_judge *judge, size_t items)
{
	bool enough = pm_changes_open(&judge->changes);

	judge->held = calloc(items + 1, sizeof(*judge->held));
	judge->seats = calloc(pm_team_slots(), sizeof(*judge->seats));
	for (unsigned i = 0; judge->seats && i < pm_team_slots(); i++) {
		judge->seats[i].window = pm_window_new();
		enough &= judge->seats[i].window != NULL;
	}
	return enough && judge->held && judge->seats;
}

enum pm_code pm_judge_pages(struct pm_judge *judge, struct pm_error *err)
{
	static const struct pm_stage stages[] = {{false, look_stage}, {true, collect_stage}};
	uint64_t pages = pm_snapshot_totals(judge->snapshot)->pages;
	enum pm_code code = pm_windows_of(judge->snapshot, &judge->windows, err);
	size_t items;

	if (!code)
		code = pm_judge_free_windows(judge, err);
	items = judge->windows.count + judge->free.windows.count;
	if (!code && !take_memory(judge, items))
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to compare pages.");
	if (!code)
		code = pm_team_run(items, stages, 2, judge, bytes_of, (pages + judge->free.pages) * PM_PAGE_SIZE,
				   judge->task, err);
	for (unsigned i = 0; judge->seats && i < pm_team_slots(); i++)
		pm_window_free(judge->seats[i].window);
	free(judge->seats);
	judge->seats = NULL;
	return code;
}

/* --- the check --- */

static void runs_text(const struct pm_judge *judge, char *text, size_t capacity)
{
	const struct pm_changes *changes = &judge->changes;
	size_t used = 0;

	for (size_t i = 0; i < changes->run_count && i < 4 && used < capacity; i++) {
		const struct pm_changed_run *run = &changes->runs[i];
		const char *kind = run->kind == PM_CHANGE_ONES ? "all ones" : pm_change_kind_name(run->kind);

		used += (size_t)snprintf(text + used, capacity - used, "%s%" PRIu64, i ? ", " : "", run->page);
		if (run->pages > 1 && used < capacity)
			used += (size_t)snprintf(text + used, capacity - used, "-%" PRIu64, run->page + run->pages - 1);
		if (used < capacity)
			used += (size_t)snprintf(text + used, capacity - used, " %s", kind);
	}
	if (changes->run_count > 4 && used < capacity)
		snprintf(text + used, capacity - used, " and more");
}

void pm_judge_content(struct pm_judge *judge)
{
	uint64_t expected = pm_snapshot_totals(judge->snapshot)->pages;
	uint64_t unread = expected - judge->compared - judge->unreadable;
	char runs[256] = "", beyond[320];

	pm_changes_beyond_text(&judge->changes, beyond, sizeof(beyond));
	if (!pm_judge_any_open(judge)) {
		pm_check_add(judge->checks, "content", PM_FAIL, "The content cannot be read",
			     "Boot with the memmap= the pool was made with.",
			     "None of %" PRIu64 " expected pages could be compared.", expected);
	} else if (unread) {
		pm_check_add(judge->checks, "content", PM_FAIL, "A part of the content cannot be read",
			     "Boot with every memmap= the pool was made with.",
			     "%" PRIu64 " of %" PRIu64 " expected pages could not be compared; %" PRIu64
			     " of the others differ.%s",
			     unread, expected, judge->changed, beyond);
		if (judge->changed)
			pm_judge_found(judge, PM_CLASS_CONTENT_CHANGED);
	} else if (judge->changed) {
		runs_text(judge, runs, sizeof(runs));
		pm_check_add(judge->checks, "content", PM_FAIL, "The content changed",
			     "The diagnosis says what the pages hold now, and what usually does that.",
			     "%" PRIu64 " of %" PRIu64 " expected pages differ: %s.%s", judge->changed, expected, runs,
			     beyond);
		pm_judge_found(judge, PM_CLASS_CONTENT_CHANGED);
	} else if (!expected) {
		pm_check_add(judge->checks, "content", PM_WARN, "There was no content to compare",
			     "Allocate and fill something before the next run.", "No page was allocated.");
	} else {
		pm_check_add(judge->checks, "content", PM_PASS, "Every page is unchanged", "",
			     "%" PRIu64 " pages have the digest that was expected.", judge->compared);
	}
}
