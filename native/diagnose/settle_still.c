// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stuck lanes where the bytes are not known: a lane that stands still in page after page, while the same bit of every
 * other byte does not. Content may have such lanes by its nature (structs with a field that is zero), so intact pages
 * nearby of the same build are asked: only a lane that moves in them and stands still here is taken for a fault.
 */
#include "looks.h"
#include <string.h>

#define ODD_LANES_MAX 4u
#define PAGES_MIN 2u
#define PAGES_ASKED 256u /* candidates, each of which costs reading its neighbours */
#define REACH 32u /* pages to either side */
#define ALIKE_MAX 4 /* lanes that stand still in one of two pages of the same build, and not in the other */
#define WITNESSES_MIN 2u
#define OTHER_BUILD 8 /* as many lanes, or tenths of a bit of entropy, make pages of different nature */

struct still { /* lanes that hold one value in all words */
	uint64_t ones, zeros;
};

/* What a changed page shows: which lanes may be stuck, after its neighbours were asked. */
struct vote {
	struct finding *finding;
	struct still all; /* lanes that stand still */
	uint64_t moving; /* those of them that move in intact pages of the same build */
	uint64_t odd; /* those of the moving whose bit moves in the seven other bytes */
};

static struct still still_of(const uint8_t *page)
{
	uint64_t all = UINT64_MAX, any = 0;

	for (unsigned i = 0; i < PM_PAGE_SIZE / 8; i++) {
		all &= word_at(page, i);
		any |= word_at(page, i);
	}
	return (struct still){all, ~any};
}

/* Lanes that stand still although the same bit of all seven other bytes does not. */
static uint64_t odd_lanes(uint64_t still)
{
	uint64_t odd = 0;

	for (unsigned column = 0; column < 8; column++) {
		uint64_t lanes = still & UINT64_C(0x0101010101010101) << column;

		if (__builtin_popcountll(lanes) == 1)
			odd |= lanes;
	}
	return __builtin_popcountll(odd) <= (int)ODD_LANES_MAX ? odd : 0;
}

/* Findings are in page order. */
static bool changed(const struct pm_diagnosis *diagnosis, uint64_t page)
{
	size_t from = 0, to = diagnosis->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (diagnosis->findings[middle].page < page)
			from = middle + 1;
		else
			to = middle;
	}
	return from < diagnosis->count && diagnosis->findings[from].page == page;
}

/* Counts for each lane the intact pages of the same build in which it moves; lanes that stand still there as well are
 * nature. */
static void ask(struct pm_diagnosis *diagnosis, uint64_t page, struct vote *vote, unsigned moves[64])
{
	const struct pm_surroundings *around = &diagnosis->around;
	uint64_t mine = vote->all.ones | vote->all.zeros;
	struct still there;

	if (changed(diagnosis, page) || !around->now(around->context, page, diagnosis->other))
		return;
	there = still_of(diagnosis->other);
	if (__builtin_popcountll(mine ^ (there.ones | there.zeros)) > ALIKE_MAX)
		return;
	vote->moving &= ~((there.ones & vote->all.ones) | (there.zeros & vote->all.zeros));
	for (unsigned lane = 0; lane < 64; lane++)
		moves[lane] += !((there.ones | there.zeros) >> lane & 1);
}

static void poll_neighbours(struct pm_diagnosis *diagnosis, struct vote *vote)
{
	const struct pm_surroundings *around = &diagnosis->around;
	uint64_t still = vote->all.ones | vote->all.zeros, page = vote->finding->page;
	unsigned moves[64] = {0};

	vote->moving = still;
	for (uint64_t step = 1; step <= REACH; step++) {
		if (page >= around->first_page + step)
			ask(diagnosis, page - step, vote, moves);
		if (page + step < around->end_page)
			ask(diagnosis, page + step, vote, moves);
	}
	for (unsigned lane = 0; lane < 64; lane++)
		if (moves[lane] < WITNESSES_MIN)
			vote->moving &= ~(UINT64_C(1) << lane);
	vote->odd = odd_lanes(still) & vote->moving;
}

static size_t collect(struct pm_diagnosis *diagnosis, struct vote votes[PAGES_ASKED])
{
	size_t count = 0;

	if (!diagnosis->around.now)
		return 0;
	for (size_t i = 0; i < diagnosis->count && count < PAGES_ASKED; i++) {
		struct finding *finding = &diagnosis->findings[i];
		struct vote *vote = &votes[count];

		if (!finding->lanes || !finding_unexplained(finding) || finding->parameter == finding->parameter2)
			continue;
		*vote = (struct vote){.finding = finding, .all = {finding->parameter, ~finding->parameter2}};
		if (!(vote->all.ones | vote->all.zeros))
			continue;
		poll_neighbours(diagnosis, vote);
		count += vote->moving != 0;
	}
	return count;
}

static uint64_t at_value(const struct vote *vote, uint64_t lanes, bool to_one)
{
	return vote->finding->kind == PM_DIAGNOSIS_STUCK_BIT ? 0 : lanes & (to_one ? vote->all.ones : vote->all.zeros);
}

/* The lane and way for which most pages vote. */
static size_t best(const struct vote *votes, size_t count, unsigned *lane, bool *to_one)
{
	size_t hits[2][64] = {{0}}, most = 0;

	for (size_t i = 0; i < count; i++)
		for (unsigned at = 0; at < 128; at++)
			hits[at / 64][at % 64] += at_value(&votes[i], votes[i].odd, at / 64) >> at % 64 & 1;
	for (unsigned at = 0; at < 128; at++)
		if (hits[at / 64][at % 64] > most) {
			most = hits[at / 64][at % 64];
			*lane = at % 64;
			*to_one = at / 64;
		}
	return most;
}

/* Two pages of content that is built differently agree: the nature of neither explains it. */
static bool different(const struct vote *a, const struct vote *b)
{
	int entropy = (int)a->finding->measure - (int)b->finding->measure;

	return a->finding->kind != b->finding->kind || entropy >= OTHER_BUILD || entropy <= -OTHER_BUILD ||
	       __builtin_popcountll((a->all.ones | a->all.zeros) ^ (b->all.ones | b->all.zeros)) >= OTHER_BUILD;
}

static bool natures_agree(const struct vote *votes, size_t count, unsigned lane, bool to_one)
{
	const struct vote *first = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!(at_value(&votes[i], votes[i].moving, to_one) >> lane & 1))
			continue;
		if (first && different(first, &votes[i]))
			return true;
		first = first ? first : &votes[i];
	}
	return false;
}

static void take(struct vote *votes, size_t count, unsigned lane, bool to_one, unsigned confidence)
{
	for (size_t i = 0; i < count; i++) {
		struct finding *finding = votes[i].finding;

		if (!(at_value(&votes[i], votes[i].moving, to_one) >> lane & 1))
			continue;
		finding->kind = PM_DIAGNOSIS_STUCK_BIT;
		finding->confidence = (uint8_t)confidence;
		finding->lanes = false;
		finding->parameter = to_one ? UINT64_C(1) << lane : 0;
		finding->parameter2 = to_one ? 0 : UINT64_C(1) << lane;
		finding->measure = 0;
	}
}

void settle_still(struct pm_diagnosis *diagnosis)
{
	static const uint8_t alike[] = {40, 50, 60}, unlike[] = {60, 80, 90};
	struct vote votes[PAGES_ASKED];
	size_t count = collect(diagnosis, votes), pages;
	bool to_one = false;
	unsigned lane = 0;

	for (unsigned found = 0; (pages = best(votes, count, &lane, &to_one)) >= PAGES_MIN; found++) {
		bool agree = natures_agree(votes, count, lane, to_one);
		unsigned many = pages >= 16 ? 2 : pages >= 4 ? 1 : 0;

		/* one fault explains more than two do: a further lane needs more than pages that are alike */
		if (found && !agree)
			break;
		take(votes, count, lane, to_one, agree ? unlike[many] : alike[many]);
	}
	for (size_t i = 0; i < diagnosis->count; i++) {
		struct finding *finding = &diagnosis->findings[i];

		if (finding->lanes)
			finding->parameter = finding->parameter2 = 0;
		if (finding->kind == PM_DIAGNOSIS_OVERWRITTEN && finding->basis == BASIS_NONE && !finding->parameter)
			finding->parameter = OVERWRITTEN_UNKNOWN;
	}
}
