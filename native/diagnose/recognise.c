// SPDX-License-Identifier: GPL-2.0-or-later
#include "recognise.h"
#include <string.h>

bool pm_part_repeats(const uint8_t *part, size_t bytes)
{
	return bytes < 2 || memcmp(part, part + 1, bytes - 1) == 0;
}

void pm_recognise(const uint8_t *at, size_t count, uint64_t address, struct recognised *recognised)
{
	static const struct {
		enum pm_diagnosis_kind kind;
		unsigned (*test)(const struct bytes *bytes, char note[NOTE_BYTES]);
	} tests[] = {
		{PM_DIAGNOSIS_POOL, recognise_pool},	   {PM_DIAGNOSIS_ELF, recognise_elf},
		{PM_DIAGNOSIS_KERNEL, recognise_kernel},   {PM_DIAGNOSIS_INITRD, recognise_initrd},
		{PM_DIAGNOSIS_PATTERN, recognise_pattern}, {PM_DIAGNOSIS_PAGE_TABLE, recognise_page_table},
		{PM_DIAGNOSIS_TEXT, recognise_text},	   {PM_DIAGNOSIS_OVERWRITTEN, recognise_file},
	};
	const struct bytes bytes = {at, count, address};

	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		recognised->note[0] = 0;
		recognised->confidence = tests[i].test(&bytes, recognised->note);
		recognised->kind = tests[i].kind;
		if (recognised->confidence)
			return;
	}
	recognised->kind = PM_DIAGNOSIS_COUNT;
	recognised->note[0] = 0;
}

/* 256 times the binary logarithm of a number up to 4096, by squaring: no other part needs libm. */
static unsigned log2_256(unsigned number)
{
	unsigned whole = 31u - (unsigned)__builtin_clz(number);
	uint64_t part = ((uint64_t)number << 30) >> whole; /* 1 to 2, times 2^30 */
	unsigned result = whole << 8;

	for (unsigned bit = 128; bit; bit /= 2) {
		part = part * part >> 30;
		if (part >> 31) {
			part >>= 1;
			result |= bit;
		}
	}
	return result;
}

unsigned pm_entropy(const uint8_t *page)
{
	unsigned counts[256] = {0};
	uint64_t sum = 0;

	for (unsigned i = 0; i < PM_PAGE_SIZE; i++)
		counts[page[i]]++;
	for (unsigned i = 0; i < 256; i++)
		if (counts[i])
			sum += (uint64_t)counts[i] * (12u * 256u - log2_256(counts[i]));
	return (unsigned)((sum * 10 / 256 + PM_PAGE_SIZE / 2) / PM_PAGE_SIZE);
}
