/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runes.h"
#include <stdint.h>
#include <string.h>

/* Bytes of a well-formed sequence at `text` and what it stands for; 0: none is there. */
static unsigned decode(const unsigned char *text, uint32_t *point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* below it the sequence is overlong */
	unsigned bytes = text[0] < 0x80 ? 1 : text[0] < 0xc2 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;

	if (bytes == 0 || text[0] > 0xf4)
		return 0;
	*point = bytes == 1 ? text[0] : text[0] & (0x7fu >> bytes);
	for (unsigned i = 1; i < bytes; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (text[i] & 0x3f);
	}
	return *point < least[bytes] || *point > 0x10ffff ? 0 : bytes;
}

/* Controls, surrogates, marks of direction, and what XML does not take. */
static bool unfit(uint32_t point)
{
	if (point < 0x20)
		return point != '\t' && point != '\n';
	return (point >= 0x7f && point < 0xa0) || point == 0x61c || (point >= 0x200b && point <= 0x200f) ||
	       (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
	       (point >= 0xd800 && point < 0xe000) || point == 0xfeff || (point & 0xfffe) == 0xfffe;
}

bool rune_next(const char **text, struct rune *rune)
{
	static const struct rune replacement = {"\xef\xbf\xbd", 3};
	uint32_t point = 0;
	unsigned bytes;

	if (!**text)
		return false;
	bytes = decode((const unsigned char *)*text, &point);
	if (bytes == 0 || unfit(point)) {
		*rune = replacement;
	} else {
		memcpy(rune->utf8, *text, bytes);
		rune->utf8[bytes] = 0;
		rune->bytes = bytes;
	}
	*text += bytes ? bytes : 1;
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
