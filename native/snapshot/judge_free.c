// SPDX-License-Identifier: GPL-2.0-or-later
/* The pattern that free pages were filled with: those that were free then and still are have to hold it. */
#include "host/base64.h"
#include "judge.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define EVEN UINT64_C(0x5555555555555555)

static enum pm_code data_read(struct pm_free_pages *pages, struct json_object *fact, struct pm_error *err)
{
	size_t bytes = 0;

	if (!base64_decode(json_text(fact, "data"), &pages->data, &bytes) || !bytes || bytes > PM_PATTERN_DATA_BYTES)
		return pm_fail(err, PM_E_FILE_CORRUPT, "The expectation names a pattern without its data.");
	pages->pattern.data = pages->data;
	pages->pattern.data_bytes = bytes;
	return PM_OK;
}

enum pm_code pm_judge_free_open(struct pm_judge *judge, struct pm_error *err)
{
	struct pm_free_pages *pages = &judge->free;
	struct json_object *fact = json_member(judge->facts, "pattern");

	if (!fact)
		return PM_OK;
	if (!pm_pattern_parse(json_text(fact, "kind"), &pages->pattern.kind))
		return pm_fail(err, PM_E_FILE_CORRUPT, "The expectation names a pattern that is none.");
	pages->pattern.seed = json_count(fact, "seed");
	if (pages->pattern.kind == PM_PATTERN_DATA && data_read(pages, fact, err))
		return PM_E_FILE_CORRUPT;
	pages->map = calloc((size_t)(judge->file.pool.page_end / 64 + 1), sizeof(*pages->map));
	if (!pages->map)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to check free pages.");
	pages->expected = true;
	return PM_OK;
}

void pm_judge_free_close(struct pm_judge *judge)
{
	free(judge->free.data);
	free(judge->free.map);
	pm_windows_free(&judge->free.windows);
}

/* Bit 2n is set where the state of page n is FREE, 0. */
static uint64_t free_in(uint64_t word)
{
	return ~(word | word >> 1) & EVEN;
}

void pm_judge_free_word(struct pm_judge *judge, const struct pm_superblock *sb, uint64_t page, uint64_t was,
			uint64_t is)
{
	uint64_t first = sb->first_pool_page + sb->data_first, end = sb->first_pool_page + sb->data_end;
	uint64_t were = judge->free.expected ? free_in(was) : 0, are = free_in(is);

	for (; were; were &= were - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(were);
		uint64_t at = page + bit / 2;

		if (at < first || at >= end)
			continue;
		if (!(are >> bit & 1)) {
			judge->free.skipped++;
			continue;
		}
		judge->free.map[at / 64] |= UINT64_C(1) << at % 64;
		judge->free.pages++;
	}
}

static bool any_in(const struct pm_free_pages *pages, uint64_t window, uint64_t words)
{
	for (unsigned i = 0; i < PM_WINDOW_PAGES / 64; i++)
		if (window * (PM_WINDOW_PAGES / 64) + i < words && pages->map[window * (PM_WINDOW_PAGES / 64) + i])
			return true;
	return false;
}

enum pm_code pm_judge_free_windows(struct pm_judge *judge, struct pm_error *err)
{
	uint64_t words = judge->file.pool.page_end / 64 + 1;
	enum pm_code code = PM_OK;

	for (uint64_t i = 0; judge->free.expected && !code && i <= judge->file.pool.page_end / PM_WINDOW_PAGES; i++)
		if (any_in(&judge->free, i, words))
			code = pm_windows_add(&judge->free.windows, i, err);
	return code;
}

/* --- one window --- */

static bool in_map(const struct pm_free_pages *pages, uint64_t page)
{
	return pages->map[page / 64] >> page % 64 & 1;
}

struct looking {
	const struct pm_free_pages *pages;
	struct pm_window_seat *seat;
	uint64_t from, end; /* pool pages */
};

static void look_body(void *argument)
{
	const struct looking *looking = argument;
	struct pm_window_seat *seat = looking->seat;
	const struct pm_superblock *sb = seat->judged->sb;

	for (uint64_t page = looking->from; page < looking->end; page++) {
		uint64_t offset = (page - sb->first_pool_page) * PM_PAGE_SIZE;
		const uint8_t *bytes = seat->judged->region.map + offset;
		struct pm_changed_page *changed = &seat->changed[seat->changed_count];

		if (!in_map(looking->pages, page))
			continue;
		seat->compared++;
		/* it was made for where the page was then */
		if (pm_pattern_check(&looking->pages->pattern, sb->physical_base + offset, bytes, PM_PAGE_SIZE) ==
		    PM_PAGE_SIZE)
			continue;
		pm_page_digest(bytes, changed->digest);
		changed->page = page;
		changed->kind = pm_change_kind_of(changed->digest);
		changed->pattern = true;
		seat->changed_count++;
	}
}

static enum pm_code look_by_page(struct looking *looking, uint64_t end, struct pm_error *err)
{
	struct pm_window_seat *seat = looking->seat;
	enum pm_code code = PM_OK;

	seat->compared = seat->changed_count = 0;
	for (uint64_t page = looking->from; !code && page < end; page++) {
		unsigned compared = seat->compared, changed = seat->changed_count;
		bool lost;

		if (!in_map(looking->pages, page))
			continue;
		looking->from = page;
		looking->end = page + 1;
		code = pm_judge_look(look_body, looking, &lost, err);
		if (!lost)
			continue;
		seat->compared = compared;
		seat->changed_count = changed + 1;
		seat->changed[changed] =
			(struct pm_changed_page){.page = page, .kind = PM_CHANGE_UNREADABLE, .pattern = true};
	}
	return code;
}

enum pm_code pm_judge_free_window(struct pm_judge *judge, struct pm_window_seat *seat, uint64_t n, struct pm_error *err)
{
	struct looking looking = {.pages = &judge->free, .seat = seat};
	uint64_t first = judge->free.windows.list[n] * PM_WINDOW_PAGES, end = first + PM_WINDOW_PAGES;
	bool lost;
	enum pm_code code;

	if (end > judge->file.pool.page_end)
		end = judge->file.pool.page_end;
	while (!in_map(&judge->free, first))
		first++;
	seat->judged = pm_judge_region(judge, first);
	if (!seat->judged)
		return PM_OK;
	for (uint64_t page = first; page < end; page++)
		seat->held += in_map(&judge->free, page);
	looking.from = first;
	looking.end = end;
	code = pm_judge_look(look_body, &looking, &lost, err);
	return !code && lost ? look_by_page(&looking, end, err) : code;
}

bool pm_judge_free_bytes(struct pm_judge *judge, uint64_t page, uint8_t *bytes)
{
	const struct pm_judged *judged = pm_judge_region(judge, page);

	if (!judge->free.expected || !judged || !in_map(&judge->free, page))
		return false;
	pm_pattern_fill(&judge->free.pattern,
			judged->sb->physical_base + (page - judged->sb->first_pool_page) * PM_PAGE_SIZE, bytes,
			PM_PAGE_SIZE);
	return true;
}

void pm_judge_free_check(struct pm_judge *judge)
{
	const struct pm_free_pages *pages = &judge->free;
	const char *name = pm_pattern_name(pages->pattern.kind);
	char beyond[320];

	pm_changes_beyond_text(&judge->changes, beyond, sizeof(beyond));
	if (!pages->expected || !pm_judge_any_open(judge))
		return;
	if (pages->changed) {
		pm_check_add(judge->checks, "free-pages", PM_FAIL, "Free pages lost their pattern",
			     "The diagnosis says what the pages hold now, and what usually does that.",
			     "%" PRIu64 " of %" PRIu64 " free pages do not hold the pattern %s any more.%s",
			     pages->changed, pages->pages, name, judge->changed ? "" : beyond);
		pm_judge_found(judge, PM_CLASS_CONTENT_CHANGED);
	} else if (!pages->checked) {
		pm_check_add(judge->checks, "free-pages", PM_WARN, "There was no free page to check",
			     "Leave some pages free before the next run.",
			     "%" PRIu64 " pages that held the pattern %s are not free any more.", pages->skipped, name);
	} else {
		pm_check_add(judge->checks, "free-pages", PM_PASS, "Free pages hold their pattern", "",
			     "%" PRIu64 " pages hold the pattern %s; %" PRIu64 " are not free any more.",
			     pages->checked, name, pages->skipped);
	}
}
