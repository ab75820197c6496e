/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which single byte is wrong. A CRC is linear: what is wrong with it is the CRC of what was changed. For one changed
 * byte that is a value of the table, stepped on over the bytes behind it; so stepping back from the end, one table
 * value at the most fits at each byte.
 */
#include "blocks.h"
#include "check_work.h"
#include <string.h>

void check_locate_init(struct pm_check_work *work)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
		work->crc_table[i] = crc;
	}
	for (uint32_t i = 0; i < 256; i++)
		work->crc_reverse[work->crc_table[i] >> 24] = (uint8_t)i;
}

bool check_locate_crc(const struct pm_check_work *work, const uint8_t *bytes, size_t count, uint32_t stored,
		      struct pm_check_byte *found)
{
	uint32_t wrong = stored ^ pm_crc32c(0, bytes, count);

	for (uint32_t i = 0; i < 4; i++)
		if (wrong && !(wrong & ~(UINT32_C(0xff) << (8 * i)))) {
			*found = (struct pm_check_byte){.at = i, .in_crc = true, .flip = (uint8_t)(wrong >> (8 * i))};
			return true;
		}
	for (size_t at = count; wrong && at-- > 0;) {
		uint8_t flip = work->crc_reverse[wrong >> 24];

		if (work->crc_table[flip] == wrong) {
			*found = (struct pm_check_byte){.at = (uint32_t)at, .flip = flip};
			return true;
		}
		wrong = (wrong ^ work->crc_table[flip]) << 8 | flip;
	}
	return false;
}

bool check_mend(const struct pm_check_work *work, uint8_t *copy, size_t count, size_t from, size_t crc_at)
{
	struct pm_check_byte byte;
	uint32_t stored;

	memcpy(&stored, copy + crc_at, sizeof(stored));
	if (!check_locate_crc(work, copy + from, count - from, stored, &byte))
		return false;
	copy[byte.in_crc ? crc_at + byte.at : from + byte.at] ^= byte.flip;
	return true;
}

size_t check_locate_states(uint32_t wrong, struct pm_check_byte *found, size_t capacity)
{
	size_t count = 0;

	for (uint32_t i = 0; i < 4 && count < capacity; i++)
		if (wrong && !(wrong & ~(UINT32_C(0xff) << (8 * i))))
			found[count++] =
				(struct pm_check_byte){.at = i, .in_crc = true, .flip = (uint8_t)(wrong >> (8 * i))};
	for (uint32_t at = 0; at < PM_BLOCK_PAGES / 4; at++)
		for (uint64_t flip = 1; flip < 256 && count < capacity; flip++)
			if (pm_check_of_word(at / 8, flip << (8 * (at % 8))) >> 32 == wrong)
				found[count++] = (struct pm_check_byte){.at = at, .flip = (uint8_t)flip};
	return count;
}
