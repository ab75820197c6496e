/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hex_text.h"
#include <stdio.h>
#include <string.h>

struct digit {
	uint8_t value, mask;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool digit_of(char c, bool wild, struct digit *digit)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;
	size_t value;

	*digit = (struct digit){0, 0};
	if (c == '?')
		return wild;
	if (!at)
		return false;
	value = (size_t)(at - digits);
	*digit = (struct digit){(uint8_t)(value < 16 ? value : value - 6), 0xf};
	return true;
}

enum pm_code hex_parse(const char *text, uint8_t *bytes, uint8_t *mask, size_t capacity, size_t *count,
		       struct pm_error *err)
{
	const char *at = text;

	for (*count = 0;; (*count)++) {
		struct digit high, low;

		while (is_blank(*at))
			at++;
		if (!*at)
			break;
		if (!digit_of(at[0], mask != NULL, &high) || !digit_of(at[1], mask != NULL, &low))
			return pm_fail(err, PM_E_INVALID_PARAMS, "no pair of hexadecimal digits at character %zu%s",
				       (size_t)(at - text) + 1, mask ? "; ? fits any digit" : "");
		if (*count == capacity)
			return pm_fail(err, PM_E_INVALID_PARAMS, "more than %zu bytes", capacity);
		bytes[*count] = (uint8_t)(high.value << 4 | low.value);
		if (mask)
			mask[*count] = (uint8_t)(high.mask << 4 | low.mask);
		at += 2;
	}
	return *count ? PM_OK : pm_fail(err, PM_E_INVALID_PARAMS, "no bytes are given");
}

void hex_format(const uint8_t *bytes, size_t count, char *text, size_t size)
{
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		if (at + sizeof("ff ...") > size) {
			snprintf(text + at, size - at, "...");
			return;
		}
		at += (size_t)snprintf(text + at, size - at, "%02x%s", bytes[i], i + 1 < count ? " " : "");
	}
}
