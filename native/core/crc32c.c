/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC32C as iSCSI uses it (RFC 3720): reflected, polynomial 0x1EDC6F41. */
#include "crc32c.h"
#include "pmpool/core.h"
#include <string.h>

/* A nibble at a time: 16 words that can be checked by eye, and fast enough where SSE4.2 is missing. */
static const uint32_t table[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
	0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t pm_crc32c_table(uint32_t seed, const void *data, size_t bytes)
{
	const uint8_t *at = data;
	uint32_t crc = ~seed;

	while (bytes--) {
		crc ^= *at++;
		crc = (crc >> 4) ^ table[crc & 15];
		crc = (crc >> 4) ^ table[crc & 15];
	}
	return ~crc;
}

uint32_t pm_word_crc_table(uint64_t word)
{
	return ~pm_crc32c_table(UINT32_MAX, &word, sizeof(word));
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t pm_crc32c_sse42(uint32_t seed, const void *data, size_t bytes)
{
	const uint8_t *at = data;
	uint64_t crc = ~seed & UINT64_C(0xffffffff);

	for (; bytes >= 8; bytes -= 8, at += 8) {
		uint64_t word;

		memcpy(&word, at, 8);
		crc = __builtin_ia32_crc32di(crc, word);
	}
	for (; bytes; bytes--, at++)
		crc = __builtin_ia32_crc32qi((uint32_t)crc, *at);
	return ~(uint32_t)crc;
}
#endif

uint32_t pm_crc32c(uint32_t seed, const void *data, size_t bytes)
{
#if defined(__x86_64__)
	if (pm_cpu_features() & PM_CPU_SSE42)
		return pm_crc32c_sse42(seed, data, bytes);
#endif
	return pm_crc32c_table(seed, data, bytes);
}
