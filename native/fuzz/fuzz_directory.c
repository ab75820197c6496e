/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records with right checksums. {slot: 1 byte, where: 1 byte, length: 1 byte, bytes}; bit 7 of the length copies the
 * whole record from the slot that the next byte names. Bit 6 makes the state eight equal bytes.
 */
#include "hostile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hostile_start();
	while (size >= 3) {
		struct pm_record *record = hostile_record(hostile_take(&data, &size, 1));
		uint64_t at = hostile_take(&data, &size, 1), count = hostile_take(&data, &size, 1);

		if (count & 0x80)
			*record = *hostile_record(hostile_take(&data, &size, 1));
		for (uint64_t left = count & 0x3f; left && size; left--)
			((uint8_t *)record)[at++ % sizeof(*record)] = (uint8_t)hostile_take(&data, &size, 1);
		if (count & 0x40)
			record->state = PM_RECORD_STATE(record->state & 0xff);
	}
	hostile_seal_records();
	hostile_judge();
	return 0;
}
