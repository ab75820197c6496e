// SPDX-License-Identifier: GPL-2.0-or-later
/* One page after the other through the hypotheses, the surest first. docs/diagnosis.md says what each one proves. */
#include "looks.h"
#include "snapshot/digest.h"
#include <stdlib.h>
#include <string.h>

static const struct purse purses = {.left = 0};

struct pm_diagnosis *pm_diagnosis_new(const struct pm_surroundings *surroundings)
{
	struct pm_diagnosis *diagnosis = calloc(1, sizeof(*diagnosis));

	(void)purses;
	if (!diagnosis)
		return NULL;
	diagnosis->around = *surroundings;
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

bool digest_is(const void *page, const uint8_t digest[PM_DIGEST_SIZE])
{
	uint8_t own[PM_DIGEST_SIZE];

	pm_page_digest(page, own);
	return memcmp(own, digest, PM_DIGEST_SIZE) == 0;
}

static void examine(struct look *look)
{
	if (!look->now) {
		look->finding->kind = PM_DIAGNOSIS_UNREADABLE;
		look->finding->confidence = 100;
		return;
	}
	if (look_uniform(look) || look_filled(look))
		return;
	look->finding->kind = PM_DIAGNOSIS_OVERWRITTEN;
	look->finding->confidence = 50;
}

enum pm_code pm_diagnosis_add(struct pm_diagnosis *diagnosis, const struct pm_suspect *suspect, struct pm_error *err)
{
	struct finding *finding;
	struct look look = {.diagnosis = diagnosis, .suspect = suspect, .now = suspect->now, .then = suspect->then};

	if (!pm_room(&diagnosis->findings, &diagnosis->room, diagnosis->count, sizeof(*finding)) ||
	    !pm_room(&diagnosis->samples, &diagnosis->sample_room, diagnosis->sample_count, sizeof(struct sample)))
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for the diagnosis of page %llu",
			       (unsigned long long)suspect->page);
	finding = &diagnosis->findings[diagnosis->count];
	*finding = (struct finding){.page = suspect->page, .first = NO_OFFSET, .last = NO_OFFSET};
	look.finding = finding;
	examine(&look);
	diagnosis->count++;
	sample_take(&look);
	return PM_OK;
}

struct json_object *pm_diagnosis_end(struct pm_diagnosis *diagnosis)
{
	return diagnosis_entries(diagnosis);
}
