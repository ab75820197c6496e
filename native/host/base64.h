/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_HOST_BASE64_H
#define PMPOOL_HOST_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

struct json_object *base64_json(const void *data, size_t bytes);
/* Strict: padded, no white space, no stray bits. *data is malloc'd. */
bool base64_decode(const char *text, uint8_t **data, size_t *bytes);

#endif
