/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pmpool/host.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pm_reservation list[16];
	char *text = malloc(size + 1);
	size_t count;

	memcpy(text, data, size);
	text[size] = 0;
	pm_cmdline_parse(text, list, 16, &count);
	for (size_t i = 0; i < count; i++) {
		/* A range that wraps, or an option without an end, must not get out. */
		if ((!list[i].bytes && list[i].kind != PM_RESERVATION_EATEN) ||
		    list[i].base + list[i].bytes < list[i].base ||
		    strnlen(list[i].text, sizeof(list[i].text)) == sizeof(list[i].text))
			abort();
	}
	free(text);
	return 0;
}
