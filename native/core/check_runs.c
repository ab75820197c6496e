/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records against page states: one walk over both, side by side. Every checksum was right or put right before. */
#include "check_work.h"
#include "pages.h"
#include <string.h>

#define EITHER "record or pages may be right"

static bool judged(const struct pm_check_record *record)
{
	return record->state == PM_RECORD_LIVE && !record->replaced;
}

static uint64_t end_of(const struct pm_check_record *record)
{
	return record->page + record->pages;
}

/* What an owner the pages have no place for is. */
static void report_record(struct pm_check_side *side, const struct pm_check_record *record, enum pm_finding_code code,
			  uint64_t pages)
{
	static const char *const states[] = {"free", "a continuing page", "fenced off", "a first page"};
	const char *why = code == PM_FINDING_QUARANTINE_WITHOUT_PAGES ? "they may be in use" : EITHER;

	check_refused(check_found(side, code, CHECK_PAGES(record->page, record->pages),
				  "record %u: %u pages from %u on; that page is %s, and %u pages long", record->id,
				  record->pages, record->page, states[check_state(side, record->page)], pages),
		      why);
}

/* A record that begins in the stretch [page, end): all of one state, or a head and what continues it. */
static void judge(struct pm_check_side *side, const struct pm_check_record *record, uint64_t page, uint64_t end,
		  unsigned state)
{
	if (record->kind == PM_RECORD_QUARANTINE) {
		if (!check_all_fenced(side, record->page, record->pages))
			report_record(side, record, PM_FINDING_QUARANTINE_WITHOUT_PAGES, end - record->page);
	} else if (state != PM_PAGE_HEAD || record->page != page) {
		report_record(side, record, PM_FINDING_RECORD_WITHOUT_HEAD, end - record->page);
	} else if (end_of(record) != end) {
		report_record(side, record, PM_FINDING_RECORD_LENGTH_WRONG, end - record->page);
	}
}

#define IN_FLIGHT_MAX 64u /* more make no sense, and attach refuses them */

struct walk {
	struct pm_check_record *records;
	size_t count, at; /* at: the first that begins at or behind the stretch */
	uint64_t quarantined; /* one past the last page that quarantines seen so far own */
	uint64_t fence_end; /* of the last fence that nobody owns and attach takes back */
	const struct pm_check_record *in_flight[IN_FLIGHT_MAX];
	size_t in_flight_count;
};

static void find_in_flight(struct walk *walk)
{
	for (size_t i = 0; i < walk->count && walk->in_flight_count < IN_FLIGHT_MAX; i++)
		if (walk->records[i].state != PM_RECORD_LIVE)
			walk->in_flight[walk->in_flight_count++] = &walk->records[i];
}

/* What a crash left: the region is busy, or a record in flight speaks of all these pages. */
static bool crash_left(const struct pm_check_side *side, const struct walk *walk, uint64_t page, uint64_t end)
{
	bool left = side->region->busy;

	for (size_t i = 0; i < walk->in_flight_count && !left; i++)
		left = walk->in_flight[i]->page <= page && end <= end_of(walk->in_flight[i]);
	return left;
}

static void nobodys_bad(struct pm_check_side *side, const struct walk *walk, uint64_t page, uint64_t end)
{
	struct pm_check_about about = CHECK_PAGES(page, end - page);

	if (page >= end)
		return;
	if (crash_left(side, walk, page, end))
		check_found(side, PM_FINDING_FENCE_LEFT, about, "%u pages from %u on", end - page, page);
	else
		check_refused(check_found(side, PM_FINDING_BAD_WITHOUT_RECORD, about, "%u pages from %u on%s",
					  end - page, page, side->lossy ? "; not every record can be read" : ""),
			      "it may be bad memory whose record is lost");
}

static void headless(struct pm_check_side *side, const struct walk *walk, uint64_t page, uint64_t end)
{
	struct pm_finding *finding = check_found(side, PM_FINDING_RUN_WITHOUT_HEAD, CHECK_PAGES(page, end - page),
						 "%u pages from %u on", end - page, page);

	if (crash_left(side, walk, page, end))
		check_grade(side, finding, PM_SEVERITY_LEFTOVER);
	else
		check_refused(finding, "the allocation may be in use");
}

static void bad_stretch(struct pm_check_side *side, struct walk *walk, uint64_t page, uint64_t end)
{
	uint64_t from = walk->quarantined > page ? walk->quarantined : page;

	for (size_t i = walk->at; i < walk->count && walk->records[i].page < end; i++) {
		const struct pm_check_record *record = &walk->records[i];

		if (record->kind != PM_RECORD_QUARANTINE)
			continue;
		nobodys_bad(side, walk, from, record->page);
		if (end_of(record) > from)
			from = end_of(record);
	}
	if (from > walk->quarantined)
		walk->quarantined = from > page ? from : walk->quarantined;
	nobodys_bad(side, walk, from, end);
	walk->fence_end = from < end && crash_left(side, walk, from, end) ? end : 0;
}

/* One of two records of the same page takes over from the other, which is marked. */
static bool replaced(struct pm_check_record *a, struct pm_check_record *b)
{
	if (a->page != b->page || a->pages != b->pages || a->kind != PM_RECORD_ALLOCATION || a->kind != b->kind)
		return false;
	if (b->replaces == a->id)
		a->replaced = true;
	else if (a->replaces == b->id)
		b->replaced = true;
	return a->replaced || b->replaced;
}

static void overlaps(struct pm_check_side *side)
{
	struct pm_check_record *records = side->used.items, *last = NULL;

	for (size_t i = 0; i < side->used.count; i++) {
		struct pm_check_record *record = &records[i];

		if (record->state != PM_RECORD_LIVE)
			continue;
		if (last && replaced(last, record)) {
			side->unsettled = true;
			check_found(side, PM_FINDING_RECORD_IN_FLIGHT, CHECK_BYTES(last->offset, 256),
				    "record %u takes the place of record %u", record->id, last->id);
		} else if (last && record->page < end_of(last)) {
			check_refused(check_found(side, PM_FINDING_RECORDS_OVERLAP,
						  CHECK_PAGES(record->page, record->pages),
						  "record %u from page %u on, record %u from %u on", last->id,
						  last->page, record->id, record->page),
				      "either may be the owner");
		}
		if (!record->replaced && (!last || last->replaced || end_of(record) > end_of(last)))
			last = record;
	}
}

/* From a page where no run goes on: past words in which nothing is bad, every continuing page follows its run, and no
 * record begins. Gives a page where no run goes on. */
static uint64_t past_plain(const struct pm_check_side *side, const struct walk *walk, uint64_t page, uint64_t to)
{
	uint64_t stop = walk->at < walk->count && walk->records[walk->at].page < to ? walk->records[walk->at].page : to;
	uint64_t carry = 0;

	while (page % PM_PAGES_PER_WORD == 0 && page + PM_PAGES_PER_WORD <= stop) {
		uint64_t w = check_states(side, page / PM_PAGES_PER_WORD), low = w & PM_LOW_BITS;

		if (pm_word_bad(w) || pm_word_continues(w) & ~(low << 2 | carry))
			break;
		carry = low >> 62;
		page += PM_PAGES_PER_WORD;
	}
	return carry ? check_while(side, page, to, PM_PAGE_CONTINUES) : page;
}

void check_runs(struct pm_check_side *side)
{
	const uint64_t to = side->region->sb.data_end;
	struct walk walk = {.records = side->used.items, .count = side->used.count};

	overlaps(side);
	find_in_flight(&walk);
	for (uint64_t page = side->region->sb.data_first, end; page < to; page = end) {
		unsigned state;
		bool head;

		end = past_plain(side, &walk, page, to);
		if (end > page)
			continue;
		state = check_state(side, page);
		head = state == PM_PAGE_HEAD;
		end = check_while(side, head ? page + 1 : page, to, head ? PM_PAGE_CONTINUES : state);
		if (state == PM_PAGE_BAD)
			bad_stretch(side, &walk, page, end);
		if (state == PM_PAGE_CONTINUES && walk.fence_end != page)
			headless(side, &walk, page, end);
		for (; walk.at < walk.count && walk.records[walk.at].page < end; walk.at++)
			if (judged(&walk.records[walk.at]))
				judge(side, &walk.records[walk.at], page, end, state);
	}
	/* in the middle of a run that reaches the end */
	for (; walk.at < walk.count; walk.at++)
		if (judged(&walk.records[walk.at]))
			judge(side, &walk.records[walk.at], to, to, PM_PAGE_CONTINUES);
}

/* --- the same for a few pages, for a try --- */

static size_t first_from(const struct pm_check_record *records, size_t count, uint64_t page)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (records[middle].page < page)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool owned(const struct pm_check_side *side, const struct pm_check_record *record)
{
	if (!judged(record))
		return true;
	if (record->kind == PM_RECORD_QUARANTINE)
		return check_all_fenced(side, record->page, record->pages);
	return check_is_run(side, record->page, record->pages);
}

static bool continued(const struct pm_check_side *side, uint64_t page)
{
	unsigned state = page > side->region->sb.data_first ? check_state(side, page - 1) : PM_PAGE_FREE;

	return state == PM_PAGE_CONTINUES || state == PM_PAGE_HEAD;
}

uint64_t check_runs_wrong(struct pm_check_side *side, uint64_t from, uint64_t to)
{
	const struct pm_superblock *sb = &side->region->sb;
	const struct pm_check_record *records = side->used.items;
	uint64_t wrong = 0, quarantined = 0;
	size_t at;

	from = from < sb->data_first ? sb->data_first : from;
	to = to < sb->data_end ? to + 1 : sb->data_end;
	at = first_from(records, side->used.count, from);
	at -= at > 0;
	for (uint64_t page = from; page < to; page++) {
		unsigned state = check_state(side, page);

		for (; at < side->used.count && records[at].page <= page; at++) {
			wrong += !owned(side, &records[at]);
			if (records[at].kind == PM_RECORD_QUARANTINE && end_of(&records[at]) > quarantined)
				quarantined = end_of(&records[at]);
		}
		wrong += state == PM_PAGE_CONTINUES && !continued(side, page);
		wrong += state == PM_PAGE_BAD && page >= quarantined;
	}
	return wrong;
}
