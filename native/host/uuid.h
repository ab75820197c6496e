/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_HOST_UUID_H
#define PMPOOL_HOST_UUID_H

#include "core/uuid.h"

void pm_uuid_random(uint8_t uuid[16]); /* version 4 */

#endif
