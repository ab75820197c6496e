/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_REGION_EXTENT_H
#define PMPOOL_REGION_EXTENT_H

#include <stdint.h>

enum { PM_EXTENT_HEAD = 128 << 10 };

/* How many bytes a file system or partition table says that it takes, by the first PM_EXTENT_HEAD of them; 0 when none
 * is known there. libblkid tells that from version 2.39 on only. *name is what to call it. */
uint64_t pm_extent_of(const uint8_t *head, const char **name);

#endif
