// SPDX-License-Identifier: GPL-2.0-or-later
/* A few bytes of each page, where it first is not what it should be. */
#include "looks.h"
#include <string.h>

void sample_take(struct look *look)
{
	struct pm_diagnosis *diagnosis = look->diagnosis;
	struct sample *sample = &diagnosis->samples[diagnosis->sample_count];
	unsigned at = look->finding->first == NO_OFFSET ? 0 : look->finding->first;

	if (diagnosis->count > PAGES_CLOSELY)
		return;
	at = at / 8 * 8;
	if (at > PM_PAGE_SIZE - SAMPLE_BYTES)
		at = PM_PAGE_SIZE - SAMPLE_BYTES;
	*sample = (struct sample){.address = look->suspect->address + at};
	if (look->now) {
		memcpy(sample->found, look->now + at, SAMPLE_BYTES);
		sample->found_known = true;
	}
	if (look->then) {
		memcpy(sample->expected, look->then + at, SAMPLE_BYTES);
		sample->expected_known = true;
	}
	memcpy(sample->note, look->note, NOTE_BYTES);
	look->finding->sample = (uint32_t)++diagnosis->sample_count;
}
