// SPDX-License-Identifier: GPL-2.0-or-later
/* Page against page, both known: which bits differ, and what that looks like. */
#include "compare.h"
#include <string.h>

#define STUCK_LANES_MAX 4u
#define STUCK_FLIPS_MIN 3u /* of one lane: by chance once in 16384 */
#define FLIPS_MAX 64u
#define DENSE_FLIPS_MIN 6u
#define LINE 64u
#define EVIDENCE_BYTES 8u

void difference_map(const uint8_t *now, const uint8_t *then, struct difference *map)
{
	memset(map, 0, sizeof(*map));
	map->first = NO_OFFSET;
	for (unsigned i = 0; i < PM_PAGE_SIZE / 8; i++) {
		uint64_t was = word_at(then, i), wrong = was ^ word_at(now, i);

		if (!wrong)
			continue;
		map->flips += (unsigned)__builtin_popcountll(wrong);
		map->to_one |= wrong & ~was;
		map->to_zero |= wrong & was;
		map->lines |= UINT64_C(1) << i / 8;
		if (map->first == NO_OFFSET)
			map->first = (uint16_t)(8 * i + (unsigned)__builtin_ctzll(wrong) / 8);
		map->last = (uint16_t)(8 * i + 7 - (unsigned)__builtin_clzll(wrong) / 8);
	}
}

static bool add_cell(struct pm_diagnosis *diagnosis, struct finding *finding, unsigned lane, bool to_one,
		     unsigned count)
{
	if (!count)
		return true;
	if (!pm_room(&diagnosis->cells, &diagnosis->cell_room, diagnosis->cell_count, sizeof(struct cell)))
		return false;
	if (!finding->cells)
		finding->cells_at = (uint32_t)diagnosis->cell_count;
	diagnosis->cells[diagnosis->cell_count++] =
		(struct cell){.lane = (uint8_t)lane, .to_one = to_one, .count = (uint16_t)count};
	finding->cells++;
	return true;
}

/* Words of the page in which the lane went to `value`, and those in which it could have. */
static void lane_counts(const uint8_t *now, const uint8_t *then, unsigned lane, unsigned value, unsigned *went,
			unsigned *could)
{
	*went = *could = 0;
	for (unsigned i = 0; i < PM_PAGE_SIZE / 8; i++) {
		if ((word_at(then, i) >> lane & 1) == value)
			continue;
		++*could;
		*went += (word_at(now, i) >> lane & 1) == value;
	}
}

/* Which bits went which way. Without memory the finding has no bits: they are told as not known. */
static void bits_record(struct look *look, const struct difference *map)
{
	unsigned went, could;
	bool room = true;

	for (unsigned lane = 0; lane < 64; lane++) {
		if (map->to_one >> lane & 1) {
			lane_counts(look->now, look->then, lane, 1, &went, &could);
			room = room && add_cell(look->diagnosis, look->finding, lane, true, went);
		}
		if (map->to_zero >> lane & 1) {
			lane_counts(look->now, look->then, lane, 0, &went, &could);
			room = room && add_cell(look->diagnosis, look->finding, lane, false, went);
		}
	}
	if (!room)
		look->finding->cells = 0;
}

static void explain(struct look *look, enum pm_diagnosis_kind kind, const struct difference *map)
{
	look->finding->kind = (uint8_t)kind;
	look->finding->confidence = 100;
	look->finding->first = map->first;
	look->finding->last = map->last;
}

/* The lanes of a narrower path: 1, 2, 4 or 8 of 64 at equal distances. */
static bool narrow(uint64_t lanes)
{
	uint64_t low = lanes & (~lanes + 1);

	return (low <= UINT8_MAX && lanes == low * (UINT64_MAX / UINT8_MAX)) ||
	       (low <= UINT16_MAX && lanes == low * (UINT64_MAX / UINT16_MAX)) ||
	       (low <= UINT32_MAX && lanes == low * (UINT64_MAX / UINT32_MAX));
}

static bool stuck_lanes(const struct look *look, const struct difference *map, unsigned *percent)
{
	uint64_t lanes = map->to_one | map->to_zero;
	unsigned count = (unsigned)__builtin_popcountll(lanes), all_went = 0, all_could = 0;

	if ((map->to_one & map->to_zero) || (count > STUCK_LANES_MAX && !narrow(lanes)))
		return false;
	for (unsigned lane = 0; lane < 64; lane++) {
		unsigned went, could;

		if (!(lanes >> lane & 1))
			continue;
		lane_counts(look->now, look->then, lane, map->to_one >> lane & 1, &went, &could);
		if (went < STUCK_FLIPS_MIN || went < could / 2)
			return false;
		all_went += went;
		all_could += could;
	}
	*percent = 100 * all_went / all_could;
	return true;
}

bool compare_one_bit(struct look *look, const struct difference *map)
{
	if (map->flips != 1)
		return false;
	explain(look, PM_DIAGNOSIS_BIT_FLIP, map);
	bits_record(look, map);
	return true;
}

bool compare_stuck(struct look *look, const struct difference *map)
{
	unsigned percent = 0;

	/* a fill with one byte can look like stuck lanes of an 8-bit path; the fill is the simpler word for it */
	if (pm_page_repeats(look->now, 1) || !stuck_lanes(look, map, &percent))
		return false;
	explain(look, PM_DIAGNOSIS_STUCK_BIT, map);
	look->finding->parameter = map->to_one;
	look->finding->parameter2 = map->to_zero;
	look->finding->measure = (uint8_t)percent;
	bits_record(look, map);
	return true;
}

/* Few bits that lie close together are bytes that somebody wrote. */
static bool dense(const struct difference *map)
{
	return map->flips >= DENSE_FLIPS_MIN && map->last - map->first + 1u <= map->flips;
}

bool compare_flips(struct look *look, const struct difference *map)
{
	if (map->flips > FLIPS_MAX || dense(map))
		return false;
	explain(look, PM_DIAGNOSIS_BIT_FLIPS, map);
	bits_record(look, map);
	return true;
}

/* Bytes that are as expected and tell something, up to EVIDENCE_BYTES: not zeros or ones, which agree by chance. */
static unsigned telling(const struct look *look, unsigned from, unsigned to)
{
	unsigned count = 0;

	for (unsigned i = from; i < to && count < EVIDENCE_BYTES; i++)
		count += look->now[i] != 0 && look->now[i] != 0xff && look->now[i] == look->then[i];
	return count;
}

static unsigned right_bytes(const struct look *look, const struct difference *map, unsigned *evidence)
{
	unsigned right = map->first + (PM_PAGE_SIZE - 1u - map->last);

	*evidence = telling(look, 0, map->first) + telling(look, map->last + 1u, PM_PAGE_SIZE);
	for (unsigned line = map->first / LINE + 1; line < map->last / LINE; line++)
		if (!(map->lines >> line & 1)) {
			right += LINE;
			*evidence += telling(look, line * LINE, (line + 1) * LINE);
		}
	return right;
}

static enum torn_holds part_holds(const uint8_t *part, size_t bytes)
{
	if (bytes > 1 && memcmp(part, part + 1, bytes - 1) != 0)
		return bytes >= 32 && memcmp(part, part + 8, bytes - 8) == 0 ? TORN_FILL : TORN_OTHER;
	return part[0] == 0 ? TORN_ZEROS : part[0] == 0xff ? TORN_ONES : bytes > 1 ? TORN_FILL : TORN_OTHER;
}

/* What the wrong lines hold: all of them the same, or other content. */
static enum torn_holds torn_part(const struct look *look, const struct difference *map)
{
	enum torn_holds all = part_holds(look->now + map->first, map->last - map->first + 1u);

	if (all != TORN_OTHER)
		return all;
	for (unsigned line = 0, seen = 0; line < 64; line++) {
		unsigned from = line * LINE, to = from + LINE;
		enum torn_holds holds;

		if (!(map->lines >> line & 1))
			continue;
		from = from < map->first ? map->first : from;
		to = to > map->last + 1u ? map->last + 1u : to;
		holds = part_holds(look->now + from, to - from);
		if (holds == TORN_OTHER || holds == TORN_FILL || (seen++ && holds != all))
			return TORN_OTHER;
		all = holds;
	}
	return all;
}

static unsigned torn_shape(const struct difference *map)
{
	uint64_t span = map->lines >> map->first / LINE;
	bool whole = (span & (span + 1)) == 0; /* no right line between the first wrong one and the last */

	return (map->first % LINE == 0 ? TORN_LINE_START : 0u) | ((map->last + 1u) % LINE == 0 ? TORN_LINE_END : 0u) |
	       (whole ? 0u : TORN_SCATTERED) | (map->first == 0 ? TORN_FROM_START : 0u) |
	       (map->last == PM_PAGE_SIZE - 1 ? TORN_TO_END : 0u);
}

bool compare_torn(struct look *look, const struct difference *map, bool recognised)
{
	unsigned evidence, right = right_bytes(look, map, &evidence);

	/* Zeros that stayed zeros are weak evidence: something recognised says more. */
	if (evidence < EVIDENCE_BYTES && (recognised || right < LINE))
		return false;
	explain(look, PM_DIAGNOSIS_TORN, map);
	look->finding->parameter = torn_part(look, map);
	look->finding->measure = (uint8_t)torn_shape(map);
	return true;
}
