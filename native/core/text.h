/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text on the medium is hostile: it ends up on screens and in shells. */
#ifndef PMPOOL_TEXT_H
#define PMPOOL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Printable UTF-8 of at most capacity-1 bytes, NUL-terminated; empty is fine. */
bool pm_text_valid(const char *text, size_t capacity);
/* Same for a field of the medium: everything after the terminator must be NUL too. */
bool pm_text_field_valid(const char *field, size_t capacity);
/* Copy what fits, cut between characters, padded with NUL; what is not printable becomes '?'. NULL is empty. */
void pm_text_put(char *field, size_t capacity, const char *text);
/* Make a field that came from the medium printable and NUL-terminated. */
void pm_text_clean(char *field, size_t capacity);
/* Append decimal digits or text at *used, never past capacity-1; always terminated. */
void pm_text_append(char *field, size_t capacity, size_t *used, const char *text);
void pm_text_append_number(char *field, size_t capacity, size_t *used, uint64_t number);

#endif
