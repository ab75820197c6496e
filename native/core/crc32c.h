/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both ways to compute CRC32C (Castagnoli), so that a test can hold one against the other; and that of one word. */
#ifndef PMPOOL_CRC32C_H
#define PMPOOL_CRC32C_H

#include "cpu.h"
#include <stddef.h>
#include <stdint.h>

uint32_t pm_crc32c_table(uint32_t seed, const void *data, size_t bytes);
#if defined(__x86_64__)
uint32_t pm_crc32c_sse42(uint32_t seed, const void *data, size_t bytes);
#endif

uint32_t pm_word_crc_table(uint64_t word);

#if defined(__x86_64__)
/* As asm, because a function of another target cannot be inlined. */
static inline uint32_t pm_word_crc_sse42(uint64_t word)
{
	uint64_t crc = 0;

	__asm__("crc32q %1, %0" : "+r"(crc) : "rm"(word));
	return (uint32_t)crc;
}
#endif

/* CRC32C of the eight bytes of a word, initial value 0, not inverted: linear in its bits. */
static inline uint32_t pm_word_crc(uint64_t word)
{
#if defined(__x86_64__)
	if (__builtin_expect(pm_cpu_features() & PM_CPU_SSE42, PM_CPU_SSE42))
		return pm_word_crc_sse42(word);
#endif
	return pm_word_crc_table(word);
}

#endif
