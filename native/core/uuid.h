/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 16 bytes as text: boot ids, pool UUIDs, nonces, digests. */
#ifndef PMPOOL_UUID_H
#define PMPOOL_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PM_UUID_TEXT 37 /* 8-4-4-4-12 and a NUL */

void pm_uuid_format(const uint8_t uuid[16], char text[PM_UUID_TEXT]);
bool pm_uuid_parse(const char *text, uint8_t uuid[16]); /* lower-case hex with dashes, nothing else */
void pm_hex_format(const uint8_t *bytes, size_t count, char *text); /* text: 2 * count + 1 */
bool pm_hex_parse(const char *text, uint8_t *bytes, size_t count); /* as it is formatted, and of this length */

#endif
