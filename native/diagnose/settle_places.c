// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of the pages that hold another page's content share a cause. An address line explains all of its pages with
 * one bit; a misdirected copy all of its pages with one distance. The cause that explains the most pages goes first.
 */
#include "looks.h"
#include <stdlib.h>

#define ROUNDS_MAX 12u /* no more than entries are kept apart */
#define NEVER UINT64_MAX

static bool open_place(const struct finding *finding)
{
	return finding->kind == PM_DIAGNOSIS_DISPLACED && finding->parameter == NEVER;
}

static const struct places *places_of(const struct pm_diagnosis *diagnosis, const struct finding *finding)
{
	return &diagnosis->places[finding->place - 1];
}

static size_t count_line(const struct pm_diagnosis *diagnosis, unsigned line)
{
	size_t pages = 0;

	for (size_t i = 0; i < diagnosis->count; i++)
		pages += open_place(&diagnosis->findings[i]) &&
			 places_of(diagnosis, &diagnosis->findings[i])->lines >> line & 1;
	return pages;
}

static size_t best_line(const struct pm_diagnosis *diagnosis, unsigned *line)
{
	size_t best = 0;

	for (unsigned i = 0; i < 64; i++) {
		size_t pages = count_line(diagnosis, i);

		if (pages > best) {
			best = pages;
			*line = i;
		}
	}
	return best;
}

static int by_value(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return a < b ? -1 : a > b;
}

/* The distance that explains the most pages, and how many; `room` holds PLACES_KEPT for each finding. */
static size_t best_distance(const struct pm_diagnosis *diagnosis, int64_t *room, int64_t *distance)
{
	size_t count = 0, best = 0;

	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		if (!open_place(finding))
			continue;
		for (unsigned j = 0; j < places_of(diagnosis, finding)->count; j++)
			room[count++] = places_of(diagnosis, finding)->distances[j];
	}
	if (count)
		qsort(room, count, sizeof(*room), by_value);
	for (size_t i = 0, from = 0; i < count; i++) {
		if (room[i] != room[from])
			from = i;
		if (i - from + 1 > best) {
			best = i - from + 1;
			*distance = room[i];
		}
	}
	return best;
}

static bool at_distance(const struct places *places, int64_t distance)
{
	for (unsigned i = 0; i < places->count; i++)
		if (places->distances[i] == distance)
			return true;
	return false;
}

/* In per cent: how sure it is that a line, and not chance, put `pages` of `all` one bit away. */
static unsigned line_confidence(const struct pm_diagnosis *diagnosis, size_t pages, size_t all)
{
	uint64_t span = diagnosis->around.end_page - diagnosis->around.first_page, lines = 0;
	uint64_t chance; /* per cent, that so many pages have some partner on one line */

	if (diagnosis->around.end_page <= diagnosis->around.first_page)
		return 50;
	while (span >> lines > 1)
		lines++;
	chance = (uint64_t)all * lines >= span ? 100 : 100 * (uint64_t)all * lines / span;
	for (size_t i = 1; i < pages && chance; i++)
		chance = chance * all / (span > all ? span : all + 1);
	return chance >= 50 ? 50 : chance ? 100 - (unsigned)chance : 99;
}

static void take_line(struct pm_diagnosis *diagnosis, unsigned line, unsigned confidence)
{
	uint64_t bit = UINT64_C(1) << line, distance = 0;
	bool same = true, first = true;

	for (unsigned round = 0; round < 2; round++)
		for (size_t i = 0; i < diagnosis->count; i++) {
			struct finding *finding = &diagnosis->findings[i];
			uint64_t own;

			if (!finding->place || !(places_of(diagnosis, finding)->lines & bit))
				continue;
			/* content that is common proves no line, but goes with one */
			if (!open_place(finding) &&
			    !(places_of(diagnosis, finding)->common && finding_unexplained(finding)) &&
			    !(finding->kind == PM_DIAGNOSIS_ALIASED && finding->parameter == line))
				continue;
			own = places_of(diagnosis, finding)->address & bit ? bit : 0 - bit;
			if (round == 0) {
				same = same && (first || own == distance);
				distance = own;
				first = false;
				continue;
			}
			finding->kind = PM_DIAGNOSIS_ALIASED;
			finding->confidence = (uint8_t)confidence;
			finding->lanes = false;
			finding->parameter = line;
			finding->parameter2 = same ? distance : PARAMETER_MANY;
		}
}

/* Would so many pages stand at one distance by chance? Any two of many displaced pages may. */
static bool no_chance(const struct pm_diagnosis *diagnosis, size_t pages, size_t all)
{
	double span = (double)(diagnosis->around.end_page - diagnosis->around.first_page), chance = 2 * span;

	if (diagnosis->around.end_page <= diagnosis->around.first_page)
		return true;
	for (size_t i = 1; i <= pages && chance > 1e-100; i++)
		chance *= (double)all / span / (double)i;
	return chance < 0.01;
}

static void take_distance(struct pm_diagnosis *diagnosis, int64_t distance)
{
	for (size_t i = 0; i < diagnosis->count; i++) {
		struct finding *finding = &diagnosis->findings[i];

		if (open_place(finding) && at_distance(places_of(diagnosis, finding), distance))
			finding->parameter = (uint64_t)distance;
	}
}

static size_t count_open(const struct pm_diagnosis *diagnosis)
{
	size_t pages = 0;

	for (size_t i = 0; i < diagnosis->count; i++)
		pages += open_place(&diagnosis->findings[i]);
	return pages;
}

/* The rest: alone, each at its own distance. */
static void take_rest(struct pm_diagnosis *diagnosis)
{
	bool single = count_open(diagnosis) == 1;

	for (size_t i = 0; single && i < diagnosis->count; i++) {
		struct finding *finding = &diagnosis->findings[i];

		if (open_place(finding))
			finding->parameter = (uint64_t)places_of(diagnosis, finding)->distances[0];
	}
}

void settle_places(struct pm_diagnosis *diagnosis)
{
	size_t open, all = 0;
	int64_t *room;

	for (size_t i = 0; i < diagnosis->count; i++)
		if (diagnosis->findings[i].kind == PM_DIAGNOSIS_DISPLACED) {
			diagnosis->findings[i].parameter = NEVER;
			all++;
		}
	room = all ? calloc(all, PLACES_KEPT * sizeof(*room)) : NULL;
	for (unsigned round = 0; room && round < ROUNDS_MAX && (open = count_open(diagnosis)) > 0; round++) {
		int64_t distance = 0;
		unsigned line = 0, confidence;
		size_t with_line = best_line(diagnosis, &line);
		size_t with_distance = best_distance(diagnosis, room, &distance);
		bool together =
			with_distance >= 2 && (with_distance == open || no_chance(diagnosis, with_distance, all));

		confidence = line_confidence(diagnosis, with_line, all);
		/* Pages that all moved by 2^n, but where the address carried: a line does not explain those. */
		if (with_line && (confidence > 50 || with_line == open) && !(together && with_distance > with_line))
			take_line(diagnosis, line, confidence);
		else if (together)
			take_distance(diagnosis, distance);
		else
			break;
	}
	free(room);
	take_rest(diagnosis);
}
