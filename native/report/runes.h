/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of others, character by character. What is no UTF-8, steers a terminal or turns the direction of writing comes
 * as U+FFFD, so that no format has to think of it again. */
#ifndef PMPOOL_REPORT_RUNES_H
#define PMPOOL_REPORT_RUNES_H

#include <stdbool.h>
#include <stddef.h>

struct rune {
	char utf8[5]; /* NUL-terminated */
	unsigned bytes;
};

/* The next one of a NUL-terminated text; false at its end. Tabs and line ends come as they are. */
bool rune_next(const char **text, struct rune *rune);
/* How many columns the text takes, a character each. */
size_t rune_count(const char *text);

#endif
