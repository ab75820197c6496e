/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as people type them, with and without digits left open. The first byte is how many there is room for. */
#include "hex_text.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read, written out, reads the same. */
static void come_back(const uint8_t *bytes, size_t count)
{
	char text[3 * 256 + 8];
	uint8_t again[256];
	size_t read = 0;

	hex_format(bytes, count, text, sizeof(text));
	if (hex_parse(text, again, NULL, sizeof(again), &read, NULL) != PM_OK || read != count ||
	    memcmp(again, bytes, count) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size ? data[0] : 0, count = 0, masked = 0;
	uint8_t *bytes = malloc(room + 1), *mask = malloc(room + 1);
	char *text = malloc(size + 1);
	bool plain;

	if (!bytes || !mask || !text)
		abort();
	memcpy(text, size ? data + 1 : data, size ? size - 1 : 0);
	text[size ? size - 1 : 0] = '\0';
	plain = hex_parse(text, bytes, NULL, room, &count, NULL) == PM_OK;
	if (plain && (count == 0 || count > room))
		abort();
	if (plain)
		come_back(bytes, count);
	if (hex_parse(text, bytes, mask, room, &masked, NULL) == PM_OK) {
		for (size_t i = 0; i < masked; i++)
			if (bytes[i] & ~mask[i])
				abort();
	} else if (plain) {
		abort(); /* what is taken without open digits is taken with them */
	}
	free(bytes);
	free(mask);
	free(text);
	return 0;
}
