// SPDX-License-Identifier: GPL-2.0-or-later
/* One page after the other through the hypotheses, the surest first. docs/diagnosis.md says what each one proves. */
#include "compare.h"
#include "snapshot/digest.h"
#include "syndrome.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct pm_diagnosis *pm_diagnosis_new(const struct pm_surroundings *surroundings)
{
	struct pm_diagnosis *diagnosis = calloc(1, sizeof(*diagnosis));

	if (!diagnosis)
		return NULL;
	diagnosis->around = *surroundings;
	for (unsigned byte = 0; byte < 256; byte++) {
		memset(diagnosis->made, (int)byte, PM_PAGE_SIZE);
		pm_page_digest(diagnosis->made, diagnosis->fills[byte]);
	}
	/* What they cost on a processor of 3 GHz: all of them together some seconds, when everything fails. */
	diagnosis->try_pattern.left = 16384; /* 5 us */
	diagnosis->try_pairs.left = PAGES_CLOSELY; /* 50 us */
	diagnosis->try_range.left = 8192; /* 100 us */
	diagnosis->try_words.left = 4096; /* 250 us */
	diagnosis->try_few.left = 4096; /* 100 us */
	diagnosis->try_lanes.left = 32; /* 20 ms */
	diagnosis->try_bit.left = 16; /* 15 ms */
	diagnosis->try_shift.left = 1024; /* 100 us, without syndrome 4 ms at eight times the price */
	return diagnosis;
}

void pm_diagnosis_free(struct pm_diagnosis *diagnosis)
{
	if (!diagnosis)
		return;
	free(diagnosis->findings);
	free(diagnosis->cells);
	free(diagnosis->samples);
	free(diagnosis->places);
	free(diagnosis);
}

bool pm_room(void *array, size_t *room, size_t count, size_t item)
{
	size_t wanted = *room ? *room * 2 : 64;
	void **memory = array, *larger;

	if (count < *room)
		return true;
	larger = realloc(*memory, wanted * item);
	if (!larger)
		return false;
	*memory = larger;
	*room = wanted;
	return true;
}

bool pm_digest_is(const void *page, const uint8_t digest[PM_DIGEST_SIZE])
{
	uint8_t own[PM_DIGEST_SIZE];

	pm_page_digest(page, own);
	return memcmp(own, digest, PM_DIGEST_SIZE) == 0;
}

static bool found(struct look *look, enum pm_diagnosis_kind kind, unsigned confidence)
{
	look->finding->kind = (uint8_t)kind;
	look->finding->confidence = (uint8_t)confidence;
	return true;
}

bool look_recognised(struct look *look)
{
	struct recognised recognised;

	pm_recognise(look->now, PM_PAGE_SIZE, look->suspect->address, &recognised);
	memcpy(look->note, recognised.note, NOTE_BYTES);
	return recognised.kind != PM_DIAGNOSIS_COUNT && found(look, recognised.kind, recognised.confidence);
}

/* What stood there before is no news. */
static bool was_that_before(const struct look *look)
{
	struct recognised recognised;

	pm_recognise(look->then, PM_PAGE_SIZE, look->suspect->address, &recognised);
	/* of two patterns the other one is news: a page that follows the same rule throughout is the same page */
	return recognised.kind == look->finding->kind && recognised.kind != PM_DIAGNOSIS_TEXT &&
	       recognised.kind != PM_DIAGNOSIS_PATTERN && recognised.kind != PM_DIAGNOSIS_OVERWRITTEN;
}

static void note_part(struct look *look)
{
	struct recognised recognised;

	pm_recognise(look->now + look->finding->first, look->finding->last - look->finding->first + 1u,
		     look->suspect->address + look->finding->first, &recognised);
	memcpy(look->note, recognised.note, NOTE_BYTES);
}

static bool overwritten(struct look *look, unsigned confidence)
{
	look->finding->measure = (uint8_t)pm_entropy(look->now);
	return found(look, PM_DIAGNOSIS_OVERWRITTEN, confidence);
}

static bool compared(struct look *look, const struct difference *map)
{
	bool recognised;

	if (compare_stuck(look, map) || compare_flips(look, map) || look_filled(look) || look_shifted_known(look))
		return true;
	recognised = look_recognised(look) && !was_that_before(look);
	if (compare_torn(look, map, recognised)) {
		look->note[0] = 0;
		note_part(look);
		return true;
	}
	look->finding->first = map->first;
	look->finding->last = map->last;
	return (recognised && look->finding->kind != PM_DIAGNOSIS_OVERWRITTEN) || overwritten(look, 90);
}

static bool described(struct look *look)
{
	uint64_t all = UINT64_MAX, any = 0;

	if (look_filled(look) || look_shifted_blind(look))
		return true;
	for (unsigned i = 0; i < PM_PAGE_SIZE / 8; i++) {
		all &= word_at(look->now, i);
		any |= word_at(look->now, i);
	}
	if (!look_recognised(look) || look->finding->kind == PM_DIAGNOSIS_OVERWRITTEN)
		overwritten(look, 30);
	else if (look->finding->kind == PM_DIAGNOSIS_TEXT)
		look->finding->confidence = 60; /* it may have been other text, or the same with some wrong letters */
	if (finding_unexplained(look->finding)) {
		look->finding->lanes = true;
		look->finding->parameter = all;
		look->finding->parameter2 = any;
	}
	return true;
}

bool finding_unexplained(const struct finding *finding)
{
	return finding->basis == BASIS_NONE &&
	       (finding->kind == PM_DIAGNOSIS_TEXT || finding->kind == PM_DIAGNOSIS_OVERWRITTEN);
}

static bool unsteady(struct look *look)
{
	look->finding->basis = BASIS_GIVEN;
	look->finding->parameter = OVERWRITTEN_UNSTEADY;
	return found(look, PM_DIAGNOSIS_OVERWRITTEN, 100);
}

/* Far down in a long list: what costs no more than reading the page. */
static bool shallow(struct look *look)
{
	look->finding->basis = BASIS_SHALLOW;
	if (look_uniform(look) || look_filled(look))
		return true;
	look->finding->parameter = OVERWRITTEN_SHALLOW;
	return overwritten(look, 30);
}

static bool examine(struct look *look)
{
	struct difference map = {.first = NO_OFFSET};

	if (!look->now)
		return found(look, PM_DIAGNOSIS_UNREADABLE, 100);
	if (look->diagnosis->count >= PAGES_CLOSELY)
		return shallow(look);
	pm_page_digest(look->now, look->digest);
	if (memcmp(look->digest, look->suspect->digest, PM_DIGEST_SIZE) == 0)
		return unsteady(look);
	if (look->suspect->syndrome) {
		struct pm_syndrome own;

		pm_page_syndrome(look->now, &own);
		look->difference = pm_syndrome_pack(&own) ^ pm_syndrome_pack(look->suspect->syndrome);
	}
	expected_cheaply(look);
	if (look->then) {
		difference_map(look->now, look->then, &map);
		if (compare_one_bit(look, &map))
			return true;
		look->finding->first = map.first;
		look->finding->last = map.last;
	}
	if (look_uniform(look) || look_elsewhere(look) || look_pattern_elsewhere(look))
		return true;
	expected_dearly(look);
	if (!look->then)
		return described(look);
	difference_map(look->now, look->then, &map);
	return map.flips ? compare_one_bit(look, &map) || compared(look, &map) : unsteady(look);
}

enum pm_code pm_diagnosis_add(struct pm_diagnosis *diagnosis, const struct pm_suspect *suspect, struct pm_error *err)
{
	struct finding *finding;
	struct look look = {.diagnosis = diagnosis, .suspect = suspect, .now = suspect->now, .then = suspect->then};

	if (!pm_room(&diagnosis->findings, &diagnosis->room, diagnosis->count, sizeof(*finding)) ||
	    !pm_room(&diagnosis->samples, &diagnosis->sample_room, diagnosis->sample_count, sizeof(struct sample)))
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for the diagnosis of page %" PRIu64, suspect->page);
	finding = &diagnosis->findings[diagnosis->count];
	*finding = (struct finding){.page = suspect->page, .first = NO_OFFSET, .last = NO_OFFSET};
	look.finding = finding;
	examine(&look);
	diagnosis->count++;
	sample_take(&look);
	return PM_OK;
}

static int by_page(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;

	return a->page < b->page ? -1 : a->page > b->page;
}

struct json_object *pm_diagnosis_end(struct pm_diagnosis *diagnosis)
{
	if (diagnosis->count)
		qsort(diagnosis->findings, diagnosis->count, sizeof(*diagnosis->findings), by_page);
	settle_shifted(diagnosis);
	settle_places(diagnosis);
	settle_lanes(diagnosis);
	return diagnosis_entries(diagnosis);
}
