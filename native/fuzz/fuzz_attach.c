/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes of the metadata. The input's first byte says which checksums are made right again, so that the checks
 * behind them are reached; then {where: 3 bytes, length: 1 byte, bytes}, again and again.
 */
#include "hostile.h"

enum { SEAL_SUPERBLOCKS = 1, SEAL_RECORDS = 2, SEAL_BLOCKS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t seals = hostile_take(&data, &size, 1);

	hostile_start();
	while (size >= 4) {
		uint64_t at = hostile_take(&data, &size, 3), count = hostile_take(&data, &size, 1);

		for (; count && size; count--)
			*hostile_byte(at++) = (uint8_t)hostile_take(&data, &size, 1);
	}
	if (seals & SEAL_SUPERBLOCKS)
		hostile_seal_superblocks();
	if (seals & SEAL_RECORDS)
		hostile_seal_records();
	if (seals & SEAL_BLOCKS)
		hostile_seal_blocks();
	hostile_judge();
	return 0;
}
