// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Content that stands some bytes further on or back. A shift k says: now[i] is what should stand at i - k, in the page
 * or in its neighbour. With the expected bytes a few of them are looked for; without, the expected page is cut out of
 * the page and its neighbours as they are now, at each k, and the digest tells which one it is.
 */
#include "compare.h"
#include "snapshot/digest.h"
#include "syndrome.h"
#include <string.h>

#define PAGE ((int32_t)PM_PAGE_SIZE)
#define ANCHORS 4u
#define ANCHOR_BYTES 16u
#define MATCHES_MAX 64u /* of one anchor */
#define TELLING_BYTES 64 /* fewer that agree prove no shift */
#define TELLING_KNOWN 16 /* at a shift that other pages have */
#define SHIFTS_KNOWN 8u
#define BLIND_COST 8u /* of a search without syndrome, which has nothing but digests */

static bool explain(struct look *look, int32_t by)
{
	struct pm_diagnosis *diagnosis = look->diagnosis;
	unsigned at = 0;

	look->finding->kind = PM_DIAGNOSIS_SHIFTED;
	look->finding->confidence = 100;
	look->finding->parameter = (uint64_t)(int64_t)by;
	while (at < diagnosis->shift_count && diagnosis->shifts[at] != by)
		at++;
	if (at == diagnosis->shift_count && at < SHIFTS_KNOWN)
		diagnosis->shift_count++;
	else if (at == SHIFTS_KNOWN)
		at--;
	for (; at > 0; at--)
		diagnosis->shifts[at] = diagnosis->shifts[at - 1];
	diagnosis->shifts[0] = by;
	return true;
}

/* The window's outer pages; zeros where a neighbour is not known. */
static unsigned neighbours(struct look *look, bool (*get)(void *, uint64_t, uint8_t *), const uint8_t *middle)
{
	struct pm_diagnosis *diagnosis = look->diagnosis;
	uint64_t page = look->suspect->page;
	uint8_t *window = diagnosis->window;
	bool before, after;

	memcpy(window + PAGE, middle, PM_PAGE_SIZE);
	before = get && page > 0 && get(diagnosis->around.context, page - 1, window);
	after = get && page < UINT64_MAX && get(diagnosis->around.context, page + 1, window + 2 * PAGE);
	if (!before)
		memset(window, 0, PM_PAGE_SIZE);
	if (!after)
		memset(window + 2 * PAGE, 0, PM_PAGE_SIZE);
	return (before ? 1u : 0u) | (after ? 2u : 0u);
}

/* --- with the expected bytes; the window holds them --- */

/* Every wrong byte stands `by` further on or back, but for those that came over the page's border: what came from there
 * may not be known, or have stayed. */
static bool explains(const struct look *look, const struct difference *map, int32_t by, int32_t telling)
{
	const uint8_t *window = look->diagnosis->window;
	int32_t first = map->first, last = map->last;

	if (by > 0 && first < by)
		first = by;
	if (by < 0 && last >= PAGE + by)
		last = PAGE + by - 1;
	return last - first + 1 >= telling &&
	       memcmp(look->now + first, window + PAGE + first - by, (size_t)(last - first + 1)) == 0 &&
	       !pm_part_repeats(look->now + first, (size_t)(last - first + 1));
}

/* The other way round: so much came over the border that what is left in the page is too little; then all of it has to
 * agree with the neighbour. */
static bool explains_over_border(const struct look *look, const struct difference *map, int32_t by, size_t telling)
{
	const uint8_t *window = look->diagnosis->window;
	size_t count = map->last - map->first + 1u;

	return count >= telling && memcmp(look->now + map->first, window + PAGE + map->first - by, count) == 0 &&
	       !pm_part_repeats(look->now + map->first, count);
}

/* Four values at least: zeros and the like stand everywhere. */
static bool distinct(const uint8_t *bytes)
{
	unsigned different = 0;

	for (unsigned i = 1; i < ANCHOR_BYTES; i++)
		different += bytes[i] != bytes[i - 1];
	return different >= 4;
}

static bool try_anchor(struct look *look, const struct difference *map, int32_t anchor)
{
	const uint8_t *window = look->diagnosis->window;
	/* no further than one page */
	const uint8_t *at = window + anchor + 1, *end = window + 2 * PAGE + anchor + ANCHOR_BYTES - 1;

	for (unsigned matches = 0; matches < MATCHES_MAX; matches++, at++) {
		int32_t by;

		at = memmem(at, (size_t)(end - at), look->now + anchor, ANCHOR_BYTES);
		if (!at)
			return false;
		by = PAGE + anchor - (int32_t)(at - window);
		if (by &&
		    (explains(look, map, by, TELLING_BYTES) || explains_over_border(look, map, by, TELLING_BYTES)))
			return explain(look, by);
	}
	return false;
}

bool look_shifted_known(struct look *look)
{
	struct pm_diagnosis *diagnosis = look->diagnosis;
	struct difference map;
	int32_t span;

	difference_map(look->now, look->then, &map);
	span = map.last - map.first + 1 - (int32_t)ANCHOR_BYTES;
	if (map.first == NO_OFFSET)
		return false;
	neighbours(look, diagnosis->around.then, look->then);
	look->finding->first = map.first;
	look->finding->last = map.last;
	for (unsigned i = 0; i < diagnosis->shift_count; i++)
		if (explains(look, &map, diagnosis->shifts[i], TELLING_KNOWN) ||
		    explains_over_border(look, &map, diagnosis->shifts[i], TELLING_KNOWN))
			return explain(look, diagnosis->shifts[i]);
	for (unsigned i = 0; i < ANCHORS && span >= TELLING_BYTES; i++) {
		/* spread over the wrong part, the ends left out */
		int32_t from = map.first + span * (int32_t)(i + 1) / (int32_t)(ANCHORS + 1), tries = 0;

		for (; tries < span / (int32_t)(ANCHORS + 1) && !distinct(look->now + from); tries++)
			from++;
		if (distinct(look->now + from) && try_anchor(look, &map, from))
			return true;
	}
	look->finding->first = look->finding->last = NO_OFFSET;
	return false;
}

/* --- with the digest; the window holds what is there now --- */

static bool is_expected(const struct look *look, int32_t by)
{
	return pm_digest_is(look->diagnosis->window + PAGE + by, look->suspect->digest);
}

static bool explain_blind(struct look *look, int32_t by)
{
	struct difference map;

	look->then = look->diagnosis->window + PAGE + by;
	look->finding->basis = look->suspect->syndrome ? BASIS_SYNDROME : BASIS_TRIED;
	difference_map(look->now, look->then, &map);
	look->finding->first = map.first;
	look->finding->last = map.last;
	return explain(look, by);
}

/* The check of each 4096 bytes of the window follows from that of those before: one byte comes, one goes. */
static bool roll(struct look *look)
{
	const uint8_t *window = look->diagnosis->window;
	static const uint8_t zeros[PM_PAGE_SIZE];
	struct pm_syndrome none;
	uint32_t goes[256], comes[256], wanted, crc = 0;

	pm_page_syndrome(zeros, &none);
	wanted = look->suspect->syndrome->crc ^ none.crc;
	for (unsigned value = 0; value < 256; value++) {
		uint32_t first = 0;

		for (unsigned bit = 0; bit < 8; bit++)
			first ^= value >> bit & 1 ? (uint32_t)pm_linear_bit(pm_linear(), bit) : 0;
		goes[value] = pm_crc_byte(first, 0);
		comes[value] = pm_crc_byte(value, 0);
	}
	for (int32_t i = 0; i < 2 * PAGE + PAGE; i++) {
		crc = crc >> 8 ^ comes[(crc ^ window[i]) & 255];
		if (i >= PAGE)
			crc ^= goes[window[i - PAGE]];
		if (i >= PAGE - 1 && crc == wanted && is_expected(look, i - 2 * PAGE + 1))
			return explain_blind(look, i - 2 * PAGE + 1);
	}
	return false;
}

static bool try_each(struct look *look)
{
	for (int32_t by = 1; by < PAGE; by++)
		if (is_expected(look, by) || is_expected(look, -by))
			return explain_blind(look, is_expected(look, by) ? by : -by);
	return false;
}

bool look_shifted_blind(struct look *look)
{
	struct pm_diagnosis *diagnosis = look->diagnosis;
	unsigned cost = look->suspect->syndrome ? 1 : BLIND_COST;

	if (!diagnosis->shift_count && diagnosis->try_shift.left < cost)
		return false;
	if (!neighbours(look, diagnosis->around.now, look->now))
		return false;
	for (unsigned i = 0; i < diagnosis->shift_count; i++)
		if (is_expected(look, diagnosis->shifts[i]))
			return explain_blind(look, diagnosis->shifts[i]);
	if (diagnosis->try_shift.left < cost)
		return false;
	if (look->suspect->syndrome ? roll(look) : try_each(look))
		return true;
	diagnosis->try_shift.left -= cost;
	return false;
}

static bool beside_shifted(const struct pm_diagnosis *diagnosis, size_t i)
{
	const struct finding *finding = &diagnosis->findings[i];

	return (i > 0 && finding[-1].kind == PM_DIAGNOSIS_SHIFTED && finding[-1].page + 1 == finding->page) ||
	       (i + 1 < diagnosis->count && finding[1].kind == PM_DIAGNOSIS_SHIFTED &&
		finding->page + 1 == finding[1].page);
}

/* A page that was looked at before its neighbours, and of which too little changed to find the shift in it alone. */
static void look_again(struct pm_diagnosis *diagnosis, struct finding *finding)
{
	const struct pm_surroundings *around = &diagnosis->around;
	struct pm_suspect suspect = {.page = finding->page};
	struct look look = {.diagnosis = diagnosis,
			    .suspect = &suspect,
			    .now = diagnosis->other,
			    .then = diagnosis->made,
			    .finding = finding};
	struct finding before = *finding;

	if (!around->now || !around->then || !around->now(around->context, finding->page, diagnosis->other) ||
	    !around->then(around->context, finding->page, diagnosis->made))
		return;
	if (look_shifted_known(&look)) {
		finding->parameter2 = 0;
		finding->measure = 0;
	} else {
		*finding = before;
	}
}

/* Its wrong bytes are those that the shift moved over the border out of the page beside it. */
static bool continues(struct pm_diagnosis *diagnosis, const struct finding *finding, const struct finding *beside)
{
	const struct pm_surroundings *around = &diagnosis->around;
	int32_t by = (int32_t)(int64_t)beside->parameter, from;

	if (beside->kind != PM_DIAGNOSIS_SHIFTED || beside->confidence < 100 || finding->first == NO_OFFSET ||
	    (by > 0 ? beside->page + 1 != finding->page : finding->page + 1 != beside->page) ||
	    (by > 0 ? finding->last >= by : finding->first < PAGE + by))
		return false;
	/* that page was made with these bytes, and has the expected digest */
	if (beside->basis == BASIS_SYNDROME || beside->basis == BASIS_TRIED)
		return true;
	from = finding->first - by + (by > 0 ? PAGE : -PAGE);
	return around->now && around->then && around->now(around->context, finding->page, diagnosis->other) &&
	       around->then(around->context, beside->page, diagnosis->made) &&
	       memcmp(diagnosis->other + finding->first, diagnosis->made + from, finding->last - finding->first + 1u) ==
		       0;
}

static bool may_continue(const struct finding *finding)
{
	return finding->kind == PM_DIAGNOSIS_TORN || finding->kind == PM_DIAGNOSIS_BIT_FLIPS ||
	       finding->kind == PM_DIAGNOSIS_TEXT || finding->kind == PM_DIAGNOSIS_OVERWRITTEN;
}

static bool take_tail(struct pm_diagnosis *diagnosis, size_t i)
{
	struct finding *finding = &diagnosis->findings[i];
	const struct finding *beside = NULL;

	if (!may_continue(finding))
		return false;
	if (i > 0 && continues(diagnosis, finding, finding - 1))
		beside = finding - 1;
	else if (i + 1 < diagnosis->count && continues(diagnosis, finding, finding + 1))
		beside = finding + 1;
	if (!beside)
		return false;
	finding->kind = PM_DIAGNOSIS_SHIFTED;
	finding->confidence = 100;
	finding->parameter = beside->parameter;
	finding->parameter2 = 0;
	finding->measure = 0;
	finding->cells = 0;
	finding->lanes = false;
	return true;
}

/*
 * The page at the end of what was moved: a part of it ran over the border and is gone, so that it cannot be made
 * anew. But the page beside it could, with bytes out of this one.
 */
void settle_shifted(struct pm_diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->count; i++) {
		struct finding *finding = &diagnosis->findings[i];
		const struct finding *before = i ? finding - 1 : NULL;
		const struct finding *after = i + 1 < diagnosis->count ? finding + 1 : NULL;

		if (take_tail(diagnosis, i))
			continue;
		if (finding->kind == PM_DIAGNOSIS_TORN && beside_shifted(diagnosis, i))
			look_again(diagnosis, finding);
		if (finding->basis != BASIS_NONE || !finding_unexplained(finding))
			continue;
		if (before && before->kind == PM_DIAGNOSIS_SHIFTED && before->confidence == 100 &&
		    before->page + 1 == finding->page && (int64_t)before->parameter > 0)
			finding->parameter = before->parameter;
		else if (after && after->kind == PM_DIAGNOSIS_SHIFTED && after->confidence == 100 &&
			 finding->page + 1 == after->page && (int64_t)after->parameter < 0)
			finding->parameter = after->parameter;
		else
			continue;
		finding->kind = PM_DIAGNOSIS_SHIFTED;
		finding->parameter2 = 0;
		finding->lanes = false;
		finding->confidence = 80;
	}
}
