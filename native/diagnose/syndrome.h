/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both checks of a page's syndrome are linear: the syndromes of two pages differ by the XOR of what each bit that
 * differs adds. So from the syndrome that a page should have and its bytes now, small changes are found without the
 * bytes it had. What is found is a candidate: the digest decides.
 */
#ifndef PMPOOL_SYNDROME_H
#define PMPOOL_SYNDROME_H

#include "pmpool/diagnose.h"
#include "pmpool/format.h"
#include <stdbool.h>

#define PM_PAGE_WORDS 512u
#define PM_PAGE_BITS 32768u
_Static_assert(PM_PAGE_BITS == PM_PAGE_SIZE * 8 && PM_PAGE_WORDS == PM_PAGE_SIZE / 8, "a page");

/* Both checks as one word: crc in the low half. Bit p of a page is bit p % 8 of byte p / 8. */
static inline uint64_t pm_syndrome_pack(const struct pm_syndrome *syndrome)
{
	return syndrome->crc | (uint64_t)syndrome->crc_strided << 32;
}

/* Made at the first call, about 0.5 MiB; any thread. */
struct pm_linear;
const struct pm_linear *pm_linear(void);

uint64_t pm_linear_bit(const struct pm_linear *linear, unsigned bit); /* what this bit adds */
/* The bit that adds exactly this, else -1. */
int pm_linear_find(const struct pm_linear *linear, uint64_t difference);
/* The same by crc alone, for sums of several: no bit of a page adds the same to it as another. */
int pm_linear_find_crc(const struct pm_linear *linear, uint32_t crc);
/* Pairs of bits that add up to it: at most `max`, low bit first. */
size_t pm_linear_pairs(const struct pm_linear *linear, uint64_t difference, unsigned (*pairs)[2], size_t max);
/* For each word of a page: the change (XOR) of this word alone that explains the difference. */
void pm_linear_words(const struct pm_linear *linear, uint64_t difference, uint64_t changes[PM_PAGE_WORDS]);

/* The slow way, so that a test can hold one against the other. */
void pm_page_syndrome_plain(const void *page, struct pm_syndrome *syndrome);

/* CRC32C without inversions, so linear: `crc` followed by a byte of zeros, and by the byte. */
uint32_t pm_crc_byte(uint32_t crc, uint8_t byte);

#endif
