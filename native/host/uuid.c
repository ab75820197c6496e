// SPDX-License-Identifier: GPL-2.0-or-later
#include "uuid.h"
#include <stdlib.h>
#include <sys/random.h>

void pm_uuid_random(uint8_t uuid[16])
{
	if (getrandom(uuid, 16, 0) != 16)
		abort(); /* the kernel gives 16 bytes whole or the system is broken */
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}
