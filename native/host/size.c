/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "size.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool pm_read_size(const char **at, uint64_t *value)
{
	static const char units[] = "kmgtpe";
	char *end;
	const char *unit;
	uint64_t number;

	*value = 0;
	if (**at < '0' || **at > '9')
		return false;
	number = strtoull(*at, &end, 0);
	if (number == UINT64_MAX)
		return false;
	unit = *end ? strchr(units, *end | 0x20) : NULL;
	if (unit) {
		unsigned shift = 10 * (unsigned)(unit - units + 1);

		if (number > UINT64_MAX >> shift)
			return false;
		number <<= shift;
		end++;
	}
	*at = end;
	*value = number;
	return true;
}

void pm_write_size(uint64_t bytes, char text[32])
{
	static const char units[] = "TGMK";

	for (unsigned i = 0; i < 4; i++) {
		unsigned shift = 40 - 10 * i;

		if (bytes >> shift && !(bytes & ((UINT64_C(1) << shift) - 1))) {
			snprintf(text, 32, "%" PRIu64 "%c", bytes >> shift, units[i]);
			return;
		}
	}
	snprintf(text, 32, "%" PRIu64, bytes);
}
