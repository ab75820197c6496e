/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as people type them: pairs of hexadecimal digits, blanks between them. No I/O. */
#ifndef PMPOOL_HELPER_HEX_TEXT_H
#define PMPOOL_HELPER_HEX_TEXT_H

#include <pmpool/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "de ad be ef" or "deadbeef"; with a mask (not NULL) a digit may be ?, which fits any: "48 8b ?? 4?". One to
 * `capacity` bytes into bytes and mask, *count of them; INVALID_PARAMS with the place of what is wrong. */
enum pm_code hex_parse(const char *text, uint8_t *bytes, uint8_t *mask, size_t capacity, size_t *count,
		       struct pm_error *err);

/* "de ad be ef", as far as there is room; with "..." where there is not. */
void hex_format(const uint8_t *bytes, size_t count, char *text, size_t size);

#endif
