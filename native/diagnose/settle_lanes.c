// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lanes of the data path over many pages, where the wrong bits are known: flips of one lane that all went one way, more
 * of them than chance would put there. Where they are not known: settle_still.c.
 */
#include "looks.h"
#include <stdlib.h>

#define PAGES_MIN 3u
#define CHANCE_MAX 1e-3

/* --- flips --- */

static bool is_flip(const struct finding *finding)
{
	return (finding->kind == PM_DIAGNOSIS_BIT_FLIP || finding->kind == PM_DIAGNOSIS_BIT_FLIPS) && finding->cells;
}

/* All of the page's flips are of one lane and went one way. */
static const struct cell *only_cell(const struct pm_diagnosis *diagnosis, const struct finding *finding)
{
	return is_flip(finding) && finding->cells == 1 ? &diagnosis->cells[finding->cells_at] : NULL;
}

/* That at least `hits` of `pages` fall on one of 64 lanes by chance; `share` of all flips go that way. An upper bound. */
static double chance(size_t hits, size_t pages, double share)
{
	double all = 64;

	for (size_t i = 0; i < hits && all > 1e-300; i++)
		all *= share / 64 * (double)(pages - i) / (double)(i + 1);
	return all;
}

static bool stuck_already(const struct pm_diagnosis *diagnosis, unsigned lane, bool to_one)
{
	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		if (finding->kind == PM_DIAGNOSIS_STUCK_BIT && finding->measure >= 90 &&
		    finding->parameter == (to_one ? UINT64_C(1) << lane : 0) &&
		    finding->parameter2 == (to_one ? 0 : UINT64_C(1) << lane))
			return true;
	}
	return false;
}

static void take_lane(struct pm_diagnosis *diagnosis, unsigned lane, bool to_one, unsigned confidence, unsigned percent)
{
	for (size_t i = 0; i < diagnosis->count; i++) {
		struct finding *finding = &diagnosis->findings[i];
		const struct cell *cell = only_cell(diagnosis, finding);

		if (!cell || cell->lane != lane || cell->to_one != to_one)
			continue;
		finding->kind = PM_DIAGNOSIS_STUCK_BIT;
		finding->confidence = (uint8_t)confidence;
		finding->parameter = to_one ? UINT64_C(1) << lane : 0;
		finding->parameter2 = to_one ? 0 : UINT64_C(1) << lane;
		finding->measure = (uint8_t)percent;
	}
}

static void settle_flips(struct pm_diagnosis *diagnosis)
{
	size_t hits[2][64] = {{0}}, ways[2] = {0}, pages = 0;

	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct cell *cell = only_cell(diagnosis, &diagnosis->findings[i]);

		pages += is_flip(&diagnosis->findings[i]);
		if (!cell)
			continue;
		hits[cell->to_one][cell->lane]++;
		ways[cell->to_one]++;
	}
	for (unsigned way = 0; way < 2; way++)
		for (unsigned lane = 0; lane < 64; lane++) {
			double by_chance =
				chance(hits[way][lane], pages, (double)ways[way] / (double)(pages ? pages : 1));

			if (hits[way][lane] && stuck_already(diagnosis, lane, way))
				take_lane(diagnosis, lane, way, 90, 100);
			else if (hits[way][lane] >= PAGES_MIN && by_chance < CHANCE_MAX)
				take_lane(diagnosis, lane, way, by_chance < 1e-6 ? 99 : by_chance < 1e-4 ? 95 : 90, 0);
		}
}

void settle_lanes(struct pm_diagnosis *diagnosis)
{
	settle_flips(diagnosis);
	settle_still(diagnosis);
}
