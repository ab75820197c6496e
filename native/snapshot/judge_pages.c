// SPDX-License-Identifier: GPL-2.0-or-later
/* The bytes of every expected page, held against their digests. */
#include "judge.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static enum pm_page_kind kind_of(const uint8_t *page)
{
	if (pm_page_filled(page, 0))
		return PM_KIND_ZEROED;
	return pm_page_filled(page, 0xff) ? PM_KIND_ONES : PM_KIND_CHANGED;
}

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

static void page_wrong(struct pm_judge *judge, uint64_t page, enum pm_page_kind kind)
{
	struct pm_page_run *last = judge->run_count ? &judge->runs[judge->run_count - 1] : NULL;
	struct pm_fate *fate = fate_of(judge, page);

	judge->changed++;
	judge->unreadable += kind == PM_KIND_UNREADABLE;
	if (fate) {
		fate->changed_pages++;
		fate->unreadable |= kind == PM_KIND_UNREADABLE;
	}
	if (last && last->kind == kind && last->page + last->pages == page)
		last->pages++;
	else if (judge->run_count < PM_RUNS_MAX)
		judge->runs[judge->run_count++] = (struct pm_page_run){page, 1, kind};
}

static void page_judge(struct pm_judge *judge, uint32_t i, const uint8_t *page)
{
	uint8_t digest[PM_DIGEST_BYTES];

	pm_page_digest(page, digest);
	judge->compared++;
	if (memcmp(digest, judge->file.digests + (size_t)i * PM_DIGEST_BYTES, sizeof(digest)) != 0)
		page_wrong(judge, judge->file.group.first + i, kind_of(page));
}

/* The group as a whole cannot be read: find out which pages can. */
static enum pm_code group_by_page(struct pm_judge *judge, const uint8_t *from, struct pm_error *err)
{
	for (uint32_t i = 0; i < judge->file.group.count; i++, from += PM_PAGE_SIZE) {
		enum pm_code code = pm_region_copy(judge->now, from, PM_PAGE_SIZE, err);

		if (code == PM_E_REGION_LOST)
			page_wrong(judge, judge->file.group.first + i, PM_KIND_UNREADABLE);
		else if (code)
			return code;
		else
			page_judge(judge, i, judge->now);
	}
	return PM_OK;
}

enum pm_code pm_judge_group(struct pm_judge *judge, struct pm_error *err)
{
	const struct pm_group *group = &judge->file.group;
	const struct pm_judged *judged = pm_judge_region(judge, group->first);
	size_t bytes = (size_t)group->count * PM_PAGE_SIZE;
	enum pm_code code = PM_OK;

	if (judged && judged->open) {
		const uint8_t *from = judged->region.map + (group->first - judged->sb->first_pool_page) * PM_PAGE_SIZE;

		code = pm_region_copy(judge->now, from, bytes, err);
		if (code == PM_E_REGION_LOST)
			code = group_by_page(judge, from, err);
		else if (!code)
			for (uint32_t i = 0; i < group->count; i++)
				page_judge(judge, i, judge->now + (size_t)i * PM_PAGE_SIZE);
	}
	return code ? code : pm_meter_step(&judge->meter, bytes, err);
}

static void runs_text(const struct pm_judge *judge, char *text, size_t capacity)
{
	static const char *const names[] = {"zeroed", "all ones", "changed", "unreadable"};
	size_t used = 0;

	for (size_t i = 0; i < judge->run_count && i < 4 && used < capacity; i++) {
		const struct pm_page_run *run = &judge->runs[i];

		used += (size_t)snprintf(text + used, capacity - used, "%s%" PRIu64, i ? ", " : "", run->page);
		if (run->pages > 1 && used < capacity)
			used += (size_t)snprintf(text + used, capacity - used, "-%" PRIu64, run->page + run->pages - 1);
		if (used < capacity)
			used += (size_t)snprintf(text + used, capacity - used, " %s", names[run->kind]);
	}
	if (judge->run_count > 4 && used < capacity)
		snprintf(text + used, capacity - used, " and more");
}

void pm_judge_content(struct pm_judge *judge)
{
	uint64_t expected = judge->file.result.pages;
	char runs[256] = "";

	uint64_t unread = expected - judge->compared - judge->unreadable;

	if (!pm_judge_any_open(judge)) {
		pm_check_add(judge->checks, "content", PM_FAIL, "The content cannot be read",
			     "Boot with the memmap= the pool was made with.",
			     "None of %" PRIu64 " expected pages could be compared.", expected);
	} else if (unread) {
		pm_check_add(judge->checks, "content", PM_FAIL, "A part of the content cannot be read",
			     "Boot with every memmap= the pool was made with.",
			     "%" PRIu64 " of %" PRIu64 " expected pages could not be compared; %" PRIu64
			     " of the others differ.",
			     unread, expected, judge->changed);
		if (judge->changed)
			pm_judge_found(judge, PM_CLASS_CONTENT_CHANGED);
	} else if (judge->changed) {
		runs_text(judge, runs, sizeof(runs));
		pm_check_add(judge->checks, "content", PM_FAIL, "The content changed",
			     "Find out who wrote there: dmesg, drivers, the kernel's own placement.",
			     "%" PRIu64 " of %" PRIu64 " expected pages differ: %s.", judge->changed, expected, runs);
		pm_judge_found(judge, PM_CLASS_CONTENT_CHANGED);
	} else if (!expected) {
		pm_check_add(judge->checks, "content", PM_WARN, "There was no content to compare",
			     "Allocate and fill something before the next run.", "No page was allocated.");
	} else {
		pm_check_add(judge->checks, "content", PM_PASS, "Every page is unchanged", "",
			     "%" PRIu64 " pages have the digest that was expected.", judge->compared);
	}
}
