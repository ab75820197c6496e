/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "markup.h"
#include "runes.h"
#include <stdarg.h>

static const char *entity(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void markup_text(FILE *to, const char *text)
{
	struct rune rune;

	while (rune_next(&text, &rune)) {
		const char *escaped = entity(rune.utf8[0]);

		fputs(escaped ? escaped : rune.utf8, to);
	}
}

void markup_format(FILE *to, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	markup_text(to, text);
}

void markup_element(FILE *to, const char *name, const char *class, const char *text)
{
	fprintf(to, "<%s", name);
	if (class)
		markup_attribute(to, "class", class);
	fputc('>', to);
	markup_text(to, text);
	fprintf(to, "</%s>", name);
}

void markup_attribute(FILE *to, const char *name, const char *value)
{
	fprintf(to, " %s=\"", name);
	markup_text(to, value);
	fputc('"', to);
}
