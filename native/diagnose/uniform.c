// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages of one byte or one word. Seen as they are: nothing has to be known of what they were. */
#include "looks.h"
#include <string.h>

bool pm_page_repeats(const uint8_t *page, size_t period)
{
	return memcmp(page, page + period, PM_PAGE_SIZE - period) == 0;
}

bool look_uniform(struct look *look)
{
	struct finding *finding = look->finding;

	if ((look->now[0] != 0 && look->now[0] != 0xff) || !pm_page_repeats(look->now, 1))
		return false;
	finding->kind = look->now[0] ? PM_DIAGNOSIS_ONES : PM_DIAGNOSIS_ZEROED;
	finding->confidence = 100;
	return true;
}

bool look_filled(struct look *look)
{
	struct finding *finding = look->finding;

	if (!pm_page_repeats(look->now, 8))
		return false;
	finding->kind = PM_DIAGNOSIS_FILLED;
	finding->parameter = word_at(look->now, 0);
	finding->confidence = 100;
	return true;
}
