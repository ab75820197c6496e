// SPDX-License-Identifier: GPL-2.0-or-later
/* What an entry says to people. */
#include "group.h"
#include <stdio.h>

void words_title(const struct pm_diagnosis *diagnosis, const struct group *group, char text[WORDS_BYTES])
{
	(void)diagnosis;
	snprintf(text, WORDS_BYTES, "%zu page%s", group->pages, group->pages == 1 ? "" : "s");
}

void words_detail(const struct pm_diagnosis *diagnosis, const struct group *group, char text[WORDS_BYTES])
{
	words_title(diagnosis, group, text);
}

const char *words_cause(const struct group *group)
{
	(void)group;
	return "";
}
