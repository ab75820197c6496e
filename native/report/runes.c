/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runes.h"
#include "core/text.h"
#include <string.h>

bool rune_next(const char **text, struct rune *rune)
{
	struct pm_character character = {.utf8 = *text, .bytes = 1};

	if (!**text)
		return false;
	if (**text == '\t' || **text == '\n')
		++*text;
	else
		pm_text_next(text, strnlen(*text, 4), &character);
	memcpy(rune->utf8, character.utf8, character.bytes);
	rune->utf8[character.bytes] = 0;
	rune->bytes = (unsigned)character.bytes;
	return true;
}

size_t rune_count(const char *text)
{
	struct rune rune;
	size_t count = 0;

	while (rune_next(&text, &rune))
		count++;
	return count;
}
