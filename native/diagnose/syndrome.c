// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The syndrome of a page, at memory speed: it is taken of every page of an expectation. Each check is made of both
 * halves of its words side by side, because crc32q gives one result a cycle but each takes three.
 */
#include "core/cpu.h"
#include "pmpool/core.h"
#include "syndrome.h"
#include <pthread.h>
#include <string.h>

#define STRIDE 197u

/* The second check sees w ^ w << 32: with the order alone it would tell where a changed word is, not what changed. */
static uint64_t folded(uint64_t word)
{
	return word ^ word << 32;
}

uint32_t pm_crc_byte(uint32_t crc, uint8_t byte)
{
	return ~pm_crc32c(~crc, &byte, 1);
}

#if defined(__x86_64__)
/* For each byte of a check: what it is after 2048 bytes of zeros. */
static uint32_t half_page[4][256];
static pthread_once_t half_page_once = PTHREAD_ONCE_INIT;

static void half_page_make(void)
{
	static const uint8_t zeros[PM_PAGE_SIZE / 2];

	for (unsigned byte = 0; byte < 4; byte++)
		for (uint32_t value = 0; value < 256; value++)
			half_page[byte][value] = ~pm_crc32c(~(value << 8 * byte), zeros, sizeof(zeros));
}

static uint32_t past_half(uint64_t crc)
{
	return half_page[0][crc & 255] ^ half_page[1][crc >> 8 & 255] ^ half_page[2][crc >> 16 & 255] ^
	       half_page[3][crc >> 24 & 255];
}

__attribute__((target("sse4.2"))) static void syndrome_sse42(const uint8_t *page, struct pm_syndrome *syndrome)
{
	uint64_t first = UINT32_MAX, second = 0, strided_first = UINT32_MAX, strided_second = 0;
	unsigned k = 0;

	for (unsigned i = 0; i < PM_PAGE_WORDS / 2; i++, k = (k + STRIDE) % PM_PAGE_WORDS) {
		uint64_t word[4];

		memcpy(&word[0], page + 8 * i, 8);
		memcpy(&word[1], page + PM_PAGE_SIZE / 2 + 8 * i, 8);
		memcpy(&word[2], page + 8 * k, 8);
		/* half of the page further in the order is half of it further in the page */
		memcpy(&word[3], page + 8 * (k ^ PM_PAGE_WORDS / 2), 8);
		first = __builtin_ia32_crc32di(first, word[0]);
		second = __builtin_ia32_crc32di(second, word[1]);
		strided_first = __builtin_ia32_crc32di(strided_first, folded(word[2]));
		strided_second = __builtin_ia32_crc32di(strided_second, folded(word[3]));
	}
	syndrome->crc = ~(past_half(first) ^ (uint32_t)second);
	syndrome->crc_strided = ~(past_half(strided_first) ^ (uint32_t)strided_second);
}
#endif

static void syndrome_plain(const uint8_t *page, struct pm_syndrome *syndrome)
{
	uint64_t words[PM_PAGE_WORDS], word;

	for (unsigned i = 0; i < PM_PAGE_WORDS; i++) {
		memcpy(&word, page + 8 * (i * STRIDE % PM_PAGE_WORDS), 8);
		words[i] = folded(word);
	}
	syndrome->crc = pm_crc32c(0, page, PM_PAGE_SIZE);
	syndrome->crc_strided = pm_crc32c(0, words, sizeof(words));
}

void pm_page_syndrome(const void *page, struct pm_syndrome *syndrome)
{
#if defined(__x86_64__)
	if (pm_cpu_features() & PM_CPU_SSE42) {
		pthread_once(&half_page_once, half_page_make);
		syndrome_sse42(page, syndrome);
		return;
	}
#endif
	syndrome_plain(page, syndrome);
}

void pm_page_syndrome_plain(const void *page, struct pm_syndrome *syndrome)
{
	syndrome_plain(page, syndrome);
}
