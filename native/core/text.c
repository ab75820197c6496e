/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"
#include "pmpool/core.h"
#include <string.h>

/* Controls, line separators and marks that reorder or hide what stands around them. */
static bool printable(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return false;
	if (c == 0x061c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e))
		return false;
	if ((c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff0 && c <= 0xfffb))
		return false;
	return (c & 0xfffe) != 0xfffe && c < 0xe0000;
}

/* Bytes of the well-formed sequence at text[0..left) and what it stands for; 0: none is there (RFC 3629: shortest form
 * only, no surrogates). */
static size_t decode(const uint8_t *text, size_t left, uint32_t *point)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = text[0] < 0x80 ? 1 : text[0] < 0xc0 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	uint32_t c = length == 1 ? text[0] : text[0] & (0x7fu >> length);

	if (length == 0 || length > left || text[0] >= 0xf8)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (text[i] & 0x3fu);
	}
	*point = c;
	return c < least[length] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff ? 0 : length;
}

bool pm_text_next(const char **text, size_t left, struct pm_character *character)
{
	uint32_t point = 0;
	size_t length = decode((const uint8_t *)*text, left, &point);

	character->whole = length && printable(point);
	character->utf8 = character->whole ? *text : PM_TEXT_DAMAGED;
	character->bytes = character->whole ? length : sizeof(PM_TEXT_DAMAGED) - 1;
	*text += length ? length : 1;
	return character->whole;
}

/* How many bytes from `at` on are printable ASCII, which most text is. */
static inline size_t plain(const char *text, size_t at, size_t length)
{
	size_t from = at;

	while (at < length && (uint8_t)(text[at] - 0x20) < 0x5f)
		at++;
	return at - from;
}

static size_t length_within(const char *text, size_t capacity)
{
	size_t length = 0;

	while (length < capacity && text[length])
		length++;
	return length;
}

bool pm_text_valid(const char *text, size_t capacity)
{
	size_t length = length_within(text, capacity), at = 0;

	if (length == capacity)
		return false;
	while ((at += plain(text, at, length)) < length) {
		const char *next = text + at;
		struct pm_character character;

		if (!pm_text_next(&next, length - at, &character))
			return false;
		at = (size_t)(next - text);
	}
	return true;
}

bool pm_text_field_valid(const char *field, size_t capacity)
{
	if (!pm_text_valid(field, capacity))
		return false;
	for (size_t i = length_within(field, capacity); i < capacity; i++)
		if (field[i])
			return false;
	return true;
}

void pm_text_put(char *field, size_t capacity, const char *text)
{
	size_t length, used;
	const char *end;

	memset(field, 0, capacity);
	if (!text)
		return;
	length = strlen(text);
	end = text + length;
	used = plain(text, 0, length < capacity ? length : capacity - 1);
	if (used)
		memcpy(field, text, used);
	for (text += used; text < end;) {
		struct pm_character character;

		pm_text_next(&text, (size_t)(end - text), &character);
		if (used + character.bytes > capacity - 1)
			return;
		memcpy(field + used, character.utf8, character.bytes);
		used += character.bytes;
	}
}

void pm_text_clean(char *field, size_t capacity)
{
	size_t length = length_within(field, capacity - 1), at = 0;

	while ((at += plain(field, at, length)) < length) {
		const char *next = field + at;
		struct pm_character character;

		if (!pm_text_next(&next, length - at, &character)) {
			size_t rest = length - (size_t)(next - field), room = capacity - 1 - at;

			if (room < character.bytes)
				break;
			if (rest > room - character.bytes)
				rest = room - character.bytes;
			memmove(field + at + character.bytes, next, rest);
			memcpy(field + at, character.utf8, character.bytes);
			length = at + character.bytes + rest;
		}
		at += character.bytes;
	}
	memset(field + at, 0, capacity - at);
}

void pm_text_append(char *field, size_t capacity, size_t *used, const char *text)
{
	while (*text && *used + 1 < capacity)
		field[(*used)++] = *text++;
	field[*used] = 0;
}

void pm_text_append_number(char *field, size_t capacity, size_t *used, uint64_t number)
{
	char digits[21];
	size_t at = sizeof(digits) - 1;

	digits[at] = 0;
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	pm_text_append(field, capacity, used, digits + at);
}

bool pm_name_valid(const char *name)
{
	if (!name || !*name || !pm_text_valid(name, PM_NAME_BYTES))
		return false;
	return !strchr(name, '/');
}

/* Bytes of the blank at text, 0 when there is none: space, U+00A0, U+1680, U+2000 to U+200A, U+202F, U+205F, U+3000. */
static size_t blank(const char *text)
{
	static const char *const others[] = {"\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xaf", "\xe2\x81\x9f",
					     "\xe3\x80\x80"};
	const uint8_t *u = (const uint8_t *)text;

	if (u[0] == ' ')
		return 1;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strncmp(text, others[i], strlen(others[i])) == 0)
			return strlen(others[i]);
	return u[0] == 0xe2 && u[1] == 0x80 && u[2] >= 0x80 && u[2] <= 0x8a ? 3 : 0;
}

bool pm_name_fit(const char *name)
{
	const char *at = name;

	if (!pm_name_valid(name))
		return false;
	while (*at && blank(at))
		at += blank(at);
	return *at != 0;
}
