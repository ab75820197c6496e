/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of others is hostile: it ends up on screens and in shells. One rule for all of it, on the medium, in answers and
 * on terminals: a byte that is no UTF-8, and a character that steers, reorders or cannot be seen (controls, line ends,
 * marks of direction, joiners), is shown as U+FFFD. So what was damaged stays visible, and the result is valid UTF-8.
 * Names have no tabs and line ends; where text may be of several lines, json/ and report/ leave them as they are.
 */
#ifndef PMPOOL_TEXT_H
#define PMPOOL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PM_TEXT_DAMAGED "\xef\xbf\xbd" /* U+FFFD */

struct pm_character {
	const char *utf8; /* of what is to be shown, not terminated */
	size_t bytes; /* of it, 1 to 4 */
	bool whole; /* it is what stood there */
};
/* The character at *text, of which `left` bytes (at least 1) may be read; *text moves behind it. False: damaged. */
bool pm_text_next(const char **text, size_t left, struct pm_character *character);

/* Printable UTF-8 of at most capacity-1 bytes, NUL-terminated; empty is fine. */
bool pm_text_valid(const char *text, size_t capacity);
/* Same for a field of the medium: everything after the terminator must be NUL too. */
bool pm_text_field_valid(const char *field, size_t capacity);
/* Copy what fits, cut between characters, padded with NUL; damage is marked. NULL is empty. */
void pm_text_put(char *field, size_t capacity, const char *text);
/* Mark damage in a field that came from the medium, cut to its capacity; padded with NUL. */
void pm_text_clean(char *field, size_t capacity);
/* Append decimal digits or text at *used, never past capacity-1; always terminated. */
void pm_text_append(char *field, size_t capacity, size_t *used, const char *text);
void pm_text_append_number(char *field, size_t capacity, size_t *used, uint64_t number);

#endif
