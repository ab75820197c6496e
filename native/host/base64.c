/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base64.h"
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(const uint8_t *in, size_t left, char *out)
{
	uint32_t bits = (uint32_t)in[0] << 16 | (left > 1 ? (uint32_t)in[1] << 8 : 0) | (left > 2 ? in[2] : 0);

	out[0] = letters[bits >> 18];
	out[1] = letters[bits >> 12 & 63];
	out[2] = left > 1 ? letters[bits >> 6 & 63] : '=';
	out[3] = left > 2 ? letters[bits & 63] : '=';
}

struct json_object *base64_json(const void *data, size_t bytes)
{
	size_t length = (bytes + 2) / 3 * 4;
	char *text = malloc(length + 1);
	struct json_object *json;

	if (!text)
		return NULL;
	for (size_t i = 0; i < bytes; i += 3)
		encode_group((const uint8_t *)data + i, bytes - i, text + i / 3 * 4);
	json = json_object_new_string_len(text, (int)length);
	free(text);
	return json;
}

static void fill_values(int8_t values[256])
{
	memset(values, -1, 256);
	for (int8_t i = 0; i < 64; i++)
		values[(unsigned char)letters[i]] = i;
}

bool base64_decode(const char *text, uint8_t **data, size_t *bytes)
{
	size_t length = strlen(text), padding = 0, out = 0;
	uint32_t bits = 0;
	int8_t values[256];
	uint8_t *decoded;

	if (length % 4)
		return false;
	while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
		padding++;
	decoded = malloc(length / 4 * 3 + 1);
	if (!decoded)
		return false;
	fill_values(values);
	for (size_t i = 0; i < length; i++) {
		int value = i < length - padding ? values[(unsigned char)text[i]] : 0;

		if (value < 0) {
			free(decoded);
			return false;
		}
		bits = bits << 6 | (uint32_t)value;
		if (i % 4 != 3)
			continue;
		decoded[out++] = (uint8_t)(bits >> 16);
		decoded[out++] = (uint8_t)(bits >> 8);
		decoded[out++] = (uint8_t)bits;
		bits = 0;
	}
	/* the bits that padding cuts off have to be zero, so that each text has one value and each value one text */
	for (size_t i = 0; i < padding; i++) {
		if (decoded[out - 1 - i]) {
			free(decoded);
			return false;
		}
	}
	*data = decoded;
	*bytes = out - padding;
	return true;
}
