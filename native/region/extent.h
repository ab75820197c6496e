/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_REGION_EXTENT_H
#define PMPOOL_REGION_EXTENT_H

#include <stdint.h>

enum { PM_EXTENT_HEAD = 128 << 10 };

#define PM_EXTENT_UNKNOWN UINT64_MAX

/* How many bytes a file system, volume, swap space or partition table says that it takes, by the first PM_EXTENT_HEAD
 * of them; 0 when none is known there, PM_EXTENT_UNKNOWN when it does not say (LUKS). libblkid tells that from version
 * 2.39 on only. *name is what to call it, as libblkid does. */
uint64_t pm_extent_of(const uint8_t *head, const char **name);

#endif
