/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults of the memory itself: bits that flip or stick, pages lost as a whole, writes that came halfway. */
#include "fault_work.h"
#include <stdio.h>

enum { PAGE_BITS = PM_PAGE_SIZE * 8, PAGE_WORDS = PM_PAGE_SIZE / 8, LINE = 64 };

static bool flip(struct fault_work *work, unsigned bit)
{
	if ((work->before[bit / 8] ^ work->after[bit / 8]) >> bit % 8 & 1)
		return false; /* once already */
	work->after[bit / 8] ^= (uint8_t)(1u << bit % 8);
	return true;
}

bool spoil_bit_flip(struct fault_work *work, uint64_t page, char *detail)
{
	unsigned bit = (unsigned)random_below(&work->random, PAGE_BITS);
	unsigned old = work->before[bit / 8] >> bit % 8 & 1;

	flip(work, bit);
	snprintf(detail, DETAIL_BYTES, "bit %u of byte %u: %u to %u", bit % 8, bit / 8, old, !old);
	return true;
}

bool spoil_bit_flips(struct fault_work *work, uint64_t page, char *detail)
{
	unsigned count = (unsigned)random_between(&work->random, 2, 32), first = PAGE_BITS, last = 0;

	for (unsigned flipped = 0; flipped < count;) {
		unsigned bit = (unsigned)random_below(&work->random, PAGE_BITS);

		if (!flip(work, bit))
			continue;
		flipped++;
		first = bit < first ? bit : first;
		last = bit > last ? bit : last;
	}
	snprintf(detail, DETAIL_BYTES, "%u bits turned over, from bit %u of byte %u to bit %u of byte %u", count,
		 first % 8, first / 8, last % 8, last / 8);
	return true;
}

/* Words whose lane is not what it is stuck at; they are changed in `to` when it is not NULL. */
static unsigned stick(const struct fault_work *work, const uint8_t *from, uint8_t *to)
{
	unsigned changed = 0;

	for (unsigned i = 0; i < PAGE_WORDS; i++) {
		uint64_t word;

		memcpy(&word, from + i * 8, 8);
		if ((word >> work->lane & 1) == work->stuck_at)
			continue;
		changed++;
		word ^= UINT64_C(1) << work->lane;
		if (to)
			memcpy(to + i * 8, &word, 8);
	}
	return changed;
}

enum { STUCK_WORDS = 8 /* fewer words of a page are no sign of a lane */, SAMPLE = 64 };

bool prepare_stuck_bit(struct fault_work *work)
{
	struct shuffle lanes;
	uint64_t page;

	shuffle_start(&lanes, 128, random_next(&work->random));
	for (unsigned turn = 0; turn < 128; turn++) {
		unsigned number = (unsigned)shuffle_at(&lanes, turn);

		work->lane = number / 2;
		work->stuck_at = number % 2;
		choice_rewind(&work->choice);
		for (unsigned i = 0; i < SAMPLE && choice_next(&work->choice, &page); i++)
			if (stick(work, pm_page_bytes(work->pool, page), NULL) >= STUCK_WORDS) {
				choice_rewind(&work->choice);
				return true;
			}
	}
	return false;
}

bool spoil_stuck_bit(struct fault_work *work, uint64_t page, char *detail)
{
	unsigned changed = stick(work, work->before, work->after);

	snprintf(detail, DETAIL_BYTES, "bit %u of each 64-bit word stuck at %u: %u words", work->lane, work->stuck_at,
		 changed);
	return changed >= STUCK_WORDS;
}

bool spoil_zeroed(struct fault_work *work, uint64_t page, char *detail)
{
	memset(work->after, 0, PM_PAGE_SIZE);
	snprintf(detail, DETAIL_BYTES, "all bytes 0");
	return true;
}

bool spoil_ones(struct fault_work *work, uint64_t page, char *detail)
{
	memset(work->after, 0xff, PM_PAGE_SIZE);
	snprintf(detail, DETAIL_BYTES, "all bytes 0xff");
	return true;
}

/* What kernels and debuggers write over memory that is not in use (include/linux/poison.h). */
static const struct {
	uint64_t word;
	const char *name;
} poisons[] = {
	{UINT64_C(0xaaaaaaaaaaaaaaaa), "PAGE_POISON"},	{UINT64_C(0x6b6b6b6b6b6b6b6b), "POISON_FREE"},
	{UINT64_C(0x5a5a5a5a5a5a5a5a), "POISON_INUSE"}, {UINT64_C(0xcccccccccccccccc), "POISON_FREE_INITMEM"},
	{UINT64_C(0xdead000000000100), "LIST_POISON1"}, {UINT64_C(0xdead000000000122), "LIST_POISON2"},
	{UINT64_C(0xdeadbeefdeadbeef), "0xdeadbeef"},
};

bool prepare_filled(struct fault_work *work)
{
	size_t known = sizeof(poisons) / sizeof(*poisons), at = random_below(&work->random, 2 * known);

	work->poison = at < known ? poisons[at].name : NULL;
	work->filling =
		at < known ? poisons[at].word : random_between(&work->random, 1, 254) * UINT64_C(0x0101010101010101);
	return true;
}

bool spoil_filled(struct fault_work *work, uint64_t page, char *detail)
{
	for (unsigned i = 0; i < PAGE_WORDS; i++)
		memcpy(work->after + i * 8, &work->filling, 8);
	snprintf(detail, DETAIL_BYTES, "filled with 0x%016llx%s%s", (unsigned long long)work->filling,
		 work->poison ? ", " : "", work->poison ? work->poison : "");
	return true;
}

bool spoil_overwritten(struct fault_work *work, uint64_t page, char *detail)
{
	random_bytes(&work->random, work->after, PM_PAGE_SIZE);
	snprintf(detail, DETAIL_BYTES, "random bytes");
	return true;
}

/* From a cache line on, to the end or over a part; one in four at an odd place, as a copy by bytes leaves it. */
bool spoil_torn(struct fault_work *work, uint64_t page, char *detail)
{
	struct random *random = &work->random;
	bool odd = random_chance(random, 4), middle = random_chance(random, 4);
	size_t from = random_between(random, 1, PM_PAGE_SIZE / LINE - 3) * LINE, to = PM_PAGE_SIZE;

	if (odd)
		from += random_between(random, 1, LINE - 1);
	if (middle) /* two lines of it at least, and one line behind it */
		to = random_between(random, (from + 2 * LINE) / LINE, PM_PAGE_SIZE / LINE - 1) * LINE;
	random_bytes(random, work->after + from, to - from);
	/* so that the first and the last byte are certain to be others */
	work->after[from] = (uint8_t)(work->before[from] ^ random_between(random, 1, 255));
	work->after[to - 1] = (uint8_t)(work->before[to - 1] ^ random_between(random, 1, 255));
	snprintf(detail, DETAIL_BYTES, "other bytes from byte %zu to %zu", from, to - 1);
	return true;
}
