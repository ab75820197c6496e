/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reservation_quote.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char grub_special[] =
	"\\$\"'{}|&;<> \t\n"; /* what ends a plain word of GRUB's or begins something in it */
static const char shell_special[] = "\\$\"`"; /* between double quotes */

static char *protected(const char *text, const char *special)
{
	char *quoted = malloc(2 * strlen(text) + 1), *to = quoted;

	if (!quoted)
		return NULL;
	for (; *text; text++) {
		if (strchr(special, *text))
			*to++ = '\\';
		*to++ = *text;
	}
	*to = 0;
	return quoted;
}

char *pm_quote_for_grub(const char *text)
{
	return protected(text, grub_special);
}

char *pm_quote_for_shell(const char *text, char quote)
{
	char *quoted, *to;

	if (quote != '\'')
		return protected(text, shell_special);
	quoted = malloc(4 * strlen(text) + 1);
	for (to = quoted; quoted && *text; text++) {
		if (*text == '\'') {
			memcpy(to, "'\\''", 4);
			to += 4;
		} else {
			*to++ = *text;
		}
	}
	if (quoted)
		*to = 0;
	return quoted;
}

/* One character as the shell reads it; how many bytes it takes. */
static size_t shell_char(const char *text, size_t length, char quote, char *c, bool *bare)
{
	bool escaped = quote == '"' && length > 1 && *text == '\\' && strchr(shell_special, text[1]);

	*c = text[escaped];
	*bare = !escaped && quote != '\'';
	return escaped ? 2 : 1;
}

struct reader {
	char quote; /* of GRUB's, that we are in; 0: none */
	bool escaped; /* the next character is protected from GRUB */
	bool dollar; /* a `$` that nothing protects was the last character */
	bool eaten;
	char *to;
};

/* False: a blank that ends the word. `bare`: the shell would have read a `$` here. */
static bool grub_char(struct reader *reader, char c, bool bare)
{
	bool plain = !reader->escaped && reader->quote != '\'', was_dollar = reader->dollar;

	reader->dollar = false;
	if (was_dollar && isdigit((unsigned char)c))
		reader->eaten = true;
	if (!reader->escaped && !reader->quote && (c == ' ' || c == '\t'))
		return false;
	if (plain && c == '\\') {
		reader->escaped = true;
		return true;
	}
	if (!reader->escaped && (reader->quote ? c == reader->quote : c == '"' || c == '\'')) {
		reader->quote = reader->quote ? 0 : c;
		return true;
	}
	if (reader->escaped && reader->quote == '"' && !strchr("$\"\\", c))
		*reader->to++ = '\\'; /* between double quotes it protects these only */
	reader->dollar = c == '$' && (plain || bare);
	reader->escaped = false;
	*reader->to++ = c;
	return true;
}

struct pm_grub_word pm_grub_word_read(const char *text, size_t length, char quote, char *read)
{
	struct reader reader = {.to = read};
	size_t at = 0, step;
	bool bare;
	char c;

	while (at < length) {
		step = shell_char(text + at, length - at, quote, &c, &bare);
		if (!grub_char(&reader, c, bare))
			break;
		at += step;
	}
	*reader.to = 0;
	return (struct pm_grub_word){at, reader.eaten};
}
