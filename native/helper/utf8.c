/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "utf8.h"
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* As RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
size_t utf8_sequence(const char *text, size_t bytes)
{
	const unsigned char *u = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	size_t length;

	if (bytes == 0)
		return 0;
	if (u[0] < 0x80)
		return 1;
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 0;
	length = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	if (u[0] == 0xe0)
		low = 0xa0;
	if (u[0] == 0xed)
		high = 0x9f;
	if (u[0] == 0xf0)
		low = 0x90;
	if (u[0] == 0xf4)
		high = 0x8f;
	if (bytes < length || u[1] < low || u[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

char *utf8_clean(const char *text, size_t bytes)
{
	char *clean = malloc(bytes * 3 + 1);
	size_t out = 0;

	if (!clean)
		return NULL;
	for (size_t in = 0; in < bytes;) {
		size_t length = utf8_sequence(text + in, bytes - in);

		if (length == 0) {
			memcpy(clean + out, "\xef\xbf\xbd", 3);
			out += 3;
			in++;
			continue;
		}
		memcpy(clean + out, text + in, length);
		out += length;
		in += length;
	}
	clean[out] = '\0';
	return clean;
}

size_t utf8_columns(const char *text)
{
	size_t columns = 0, bytes = strlen(text);
	mbstate_t state;

	memset(&state, 0, sizeof(state));
	for (size_t in = 0; in < bytes;) {
		wchar_t wide;
		size_t length = mbrtowc(&wide, text + in, bytes - in, &state);
		int width;

		if (length == (size_t)-1 || length == (size_t)-2 || length == 0) {
			memset(&state, 0, sizeof(state));
			columns++;
			in++;
			continue;
		}
		width = wcwidth(wide);
		columns += width > 0 ? (size_t)width : 0;
		in += length;
	}
	return columns;
}
