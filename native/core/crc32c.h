/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both ways to compute CRC32C (Castagnoli), so that a test can hold one against the other. */
#ifndef PMPOOL_CRC32C_H
#define PMPOOL_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t pm_crc32c_table(uint32_t seed, const void *data, size_t bytes);
#if defined(__x86_64__)
uint32_t pm_crc32c_sse42(uint32_t seed, const void *data, size_t bytes);
#endif

#endif
