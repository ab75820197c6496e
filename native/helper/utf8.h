/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_HELPER_UTF8_H
#define PMPOOL_HELPER_UTF8_H

#include <stddef.h>

/* A malloc'd copy with each byte that is not valid UTF-8 replaced by U+FFFD; NULL without memory. */
char *utf8_clean(const char *text, size_t bytes);
/* Bytes of the valid sequence at text (1 to 4), 0 when there is none. */
size_t utf8_sequence(const char *text, size_t bytes);
/* Columns that valid UTF-8 takes on a terminal, by the current locale. */
size_t utf8_columns(const char *text);

#endif
