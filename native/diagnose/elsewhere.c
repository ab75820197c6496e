// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What stands in a page is expected at another one: an address line, or a write that went astray. Which of the two,
 * all pages decide together, after the last one.
 */
#include "looks.h"
#include <string.h>

#define PLACES_MAX 64u

static bool one_bit(uint64_t value)
{
	return value && (value & (value - 1)) == 0;
}

static uint64_t magnitude(int64_t distance)
{
	return distance < 0 ? 0 - (uint64_t)distance : (uint64_t)distance;
}

/* The nearest are kept: a misdirected write that is explained in two ways went the shorter one. */
static void distance_add(struct places *places, int64_t distance)
{
	unsigned at = places->count < PLACES_KEPT ? places->count++ : PLACES_KEPT;

	for (; at > 0 && magnitude(places->distances[at - 1]) > magnitude(distance); at--)
		if (at < PLACES_KEPT)
			places->distances[at] = places->distances[at - 1];
	if (at < PLACES_KEPT)
		places->distances[at] = distance;
}

bool look_elsewhere(struct look *look)
{
	struct pm_diagnosis *diagnosis = look->diagnosis;
	const struct pm_surroundings *around = &diagnosis->around;
	struct places places = {.address = look->suspect->address};
	uint64_t pages[PLACES_MAX];
	size_t count;

	if (!around->expected_with || !around->address)
		return false;
	count = around->expected_with(around->context, look->digest, pages, PLACES_MAX);
	for (size_t i = 0; i < count && i < PLACES_MAX; i++) {
		uint64_t address = around->address(around->context, pages[i]);

		if (pages[i] == look->suspect->page || address == UINT64_MAX)
			continue;
		if (one_bit(address ^ look->suspect->address))
			places.lines |= address ^ look->suspect->address;
		distance_add(&places, (int64_t)(look->suspect->address - address));
	}
	if (!places.count ||
	    !pm_room(&diagnosis->places, &diagnosis->place_room, diagnosis->place_count, sizeof(places)))
		return false;
	places.common = count >= PLACES_MAX;
	diagnosis->places[diagnosis->place_count++] = places;
	look->finding->place = (uint32_t)diagnosis->place_count;
	if (places.common)
		return false;
	look->finding->kind = PM_DIAGNOSIS_DISPLACED;
	look->finding->confidence = 100;
	look->finding->first = 0;
	look->finding->last = PM_PAGE_SIZE - 1;
	return true;
}

/* A page that should hold its own addresses holds those of the page one address bit away: that page may be of no pool. */
bool look_pattern_elsewhere(struct look *look)
{
	struct pm_diagnosis *diagnosis = look->diagnosis;
	struct places places = {.address = look->suspect->address};
	uint64_t own = places.address, inverted, there;

	if (!look->then || own % PM_PAGE_SIZE || (word_at(look->then, 0) != own && word_at(look->then, 0) != ~own))
		return false;
	inverted = word_at(look->then, 0) == own ? 0 : UINT64_MAX;
	there = word_at(look->now, 0) ^ inverted;
	if (there % PM_PAGE_SIZE || !one_bit(there ^ own))
		return false;
	for (unsigned i = 0; i < PM_PAGE_SIZE / 8; i++)
		if ((word_at(look->now, i) ^ inverted) != there + 8 * i ||
		    (word_at(look->then, i) ^ inverted) != own + 8 * i)
			return false;
	if (!pm_room(&diagnosis->places, &diagnosis->place_room, diagnosis->place_count, sizeof(places)))
		return false;
	places.lines = there ^ own;
	distance_add(&places, (int64_t)(own - there));
	diagnosis->places[diagnosis->place_count++] = places;
	look->finding->place = (uint32_t)diagnosis->place_count;
	look->finding->kind = PM_DIAGNOSIS_DISPLACED;
	look->finding->confidence = 100;
	return true;
}
