/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uuid.h"

static const char digits[] = "0123456789abcdef";

static bool dash_at(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void pm_uuid_format(const uint8_t uuid[16], char text[PM_UUID_TEXT])
{
	for (size_t i = 0; i < 16; i++) {
		if (dash_at(i))
			*text++ = '-';
		*text++ = digits[uuid[i] >> 4];
		*text++ = digits[uuid[i] & 15];
	}
	*text = 0;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool pm_uuid_parse(const char *text, uint8_t uuid[16])
{
	for (size_t i = 0; i < 16; i++) {
		int high, low;

		if (dash_at(i) && *text++ != '-')
			return false;
		high = nibble(text[0]);
		low = high < 0 ? -1 : nibble(text[1]);
		if (low < 0)
			return false;
		uuid[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return *text == 0;
}

void pm_hex_format(const uint8_t *bytes, size_t count, char *text)
{
	for (size_t i = 0; i < count; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = 0;
}

bool pm_hex_parse(const char *text, uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++, text += 2) {
		int high = nibble(text[0]), low = high < 0 ? -1 : nibble(text[1]);

		if (low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return *text == 0;
}
