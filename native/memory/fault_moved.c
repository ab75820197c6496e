/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults of where things go: address lines, misdirected writes, content some bytes on. */
#include "fault_work.h"
#include <inttypes.h>
#include <stdio.h>

enum { SAMPLE = 64, ADDRESS_BITS = 52, TRIES = 64, OTHER_WORDS = 32 };
#define SHIFTED_PAGES_MAX UINT64_C(16384) /* of one allocation: 64 MiB */

/* In so many words that a few turned bits are no explanation. */
static bool differs(const uint8_t *left, const uint8_t *right)
{
	unsigned words = 0;

	for (size_t i = 0; i < PM_PAGE_SIZE; i += 8)
		words += memcmp(left + i, right + i, 8) != 0;
	return words >= OTHER_WORDS;
}

/* May its content stand at `page`: is it still what was there before this call, tells it something, is it another? */
static bool good_source(struct fault_work *work, uint64_t page, uint64_t source)
{
	if (source == page || source >= work->pool->page_end || !page_has_content(work->pool, source))
		return false;
	fault_read(work, source, work->other);
	return !fault_uniform(work->other) && differs(work->other, pm_page_bytes(work->pool, page));
}

static uint64_t across(const struct fault_work *work, uint64_t page, unsigned bit)
{
	return pm_page_of_address(work->pool, pm_page_address(work->pool, page) ^ UINT64_C(1) << bit);
}

/* A bit over which as many pages have a partner as are wanted, or as there are. */
bool prepare_aliased(struct fault_work *work)
{
	uint64_t page, partners[ADDRESS_BITS] = {0}, enough = 0;
	struct shuffle order;

	for (unsigned i = 0; i < SAMPLE && choice_next(&work->choice, &page); i++)
		for (unsigned bit = PM_PAGE_SHIFT; bit < ADDRESS_BITS; bit++)
			partners[bit] += good_source(work, page, across(work, page, bit));
	choice_rewind(&work->choice);
	for (unsigned bit = 0; bit < ADDRESS_BITS; bit++)
		enough = partners[bit] > enough ? partners[bit] : enough;
	if (!enough)
		return false;
	/* of two partners only one can get the other's content */
	enough = enough > 2 * work->wanted ? 2 * work->wanted : enough;
	shuffle_start(&order, ADDRESS_BITS, random_next(&work->random));
	for (unsigned turn = 0; turn < ADDRESS_BITS; turn++) {
		work->address_bit = (unsigned)shuffle_at(&order, turn);
		if (partners[work->address_bit] >= enough)
			return true;
	}
	return false;
}

static bool take_over(struct fault_work *work, uint64_t page, uint64_t source)
{
	if (!good_source(work, page, source) || choice_given(&work->choice, source))
		return false;
	memcpy(work->after, work->other, PM_PAGE_SIZE);
	return true;
}

bool spoil_aliased(struct fault_work *work, uint64_t page, char *detail)
{
	uint64_t source = across(work, page, work->address_bit);

	if (!take_over(work, page, source))
		return false;
	snprintf(detail, DETAIL_BYTES, "content of page %" PRIu64 ", whose address differs in bit %u", source,
		 work->address_bit);
	return true;
}

bool spoil_displaced(struct fault_work *work, uint64_t page, char *detail)
{
	for (unsigned i = 0; i < TRIES; i++) {
		uint64_t source = choice_any(&work->choice, random_next(&work->random));
		uint64_t distance;

		if (source >= work->pool->page_end)
			continue;
		distance = pm_page_address(work->pool, page) ^ pm_page_address(work->pool, source);
		/* one bit alone would be an address line */
		if ((distance & (distance - 1)) == 0 || !take_over(work, page, source))
			continue;
		snprintf(detail, DETAIL_BYTES, "content of page %" PRIu64, source);
		return true;
	}
	return false;
}

/* A whole allocation inside the range, or of a very long one a part. */
static bool part_to_shift(struct fault_work *work, uint64_t head, struct pm_run *part)
{
	if (pm_run_at(work->pool, head, part) != PM_OK || part->pages > work->end - head)
		return false;
	if (part->pages > SHIFTED_PAGES_MAX) {
		part->page += random_below(&work->random, part->pages - SHIFTED_PAGES_MAX);
		part->pages = SHIFTED_PAGES_MAX;
	}
	return true;
}

/* `by` bytes on: the first `by` of the part stay, what ran over its end is gone. */
static void shift_on(struct fault_work *work, const struct pm_run *part, size_t by, const char *detail)
{
	for (uint64_t i = 0; i < part->pages; i++) {
		memcpy(work->other, work->before, PM_PAGE_SIZE); /* the page before, as it was */
		fault_read(work, part->page + i, work->before);
		memcpy(work->after, i ? work->other + PM_PAGE_SIZE - by : work->before, by);
		memcpy(work->after + by, work->before, PM_PAGE_SIZE - by);
		if (fault_write(work, part->page + i, detail))
			work->done++;
	}
}

/* `by` bytes back: the last `by` of the part stay, what ran over its start is gone. */
static void shift_back(struct fault_work *work, const struct pm_run *part, size_t by, const char *detail)
{
	for (uint64_t i = 0; i < part->pages; i++) {
		fault_read(work, part->page + i, work->before);
		memcpy(work->after, work->before + by, PM_PAGE_SIZE - by);
		if (i + 1 < part->pages)
			fault_read(work, part->page + i + 1, work->other);
		memcpy(work->after + PM_PAGE_SIZE - by,
		       i + 1 < part->pages ? work->other : work->before + PM_PAGE_SIZE - by, by);
		if (fault_write(work, part->page + i, detail))
			work->done++;
	}
}

void inject_shifted(struct fault_work *work)
{
	char detail[DETAIL_BYTES];
	struct pm_run part;
	uint64_t head;

	while (work->done < work->wanted && choice_next(&work->choice, &head)) {
		size_t by = random_between(&work->random, 1, PM_PAGE_SIZE - 1);
		bool on = random_chance(&work->random, 2);

		if (!part_to_shift(work, head, &part))
			continue;
		snprintf(detail, sizeof(detail), "%zu bytes %s, over %" PRIu64 " pages from page %" PRIu64, by,
			 on ? "on" : "back", part.pages, part.page);
		if (on)
			shift_on(work, &part, by, detail);
		else
			shift_back(work, &part, by, detail);
	}
}
