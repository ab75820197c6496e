// SPDX-License-Identifier: GPL-2.0-or-later
/* The syndrome: both ways to make it agree, and small changes are found by it. */
#include "diagnose/syndrome.h"
#include "test_diagnose_kit.h"
#include <string.h>

static void both_ways_agree(void **state)
{
	struct kit kit;

	(void)state;
	kit_open(&kit, 1);
	for (unsigned i = 0; i < KIT_PAGES; i++) {
		struct pm_syndrome fast, plain;

		kit_content_page(&kit, CONTENT_MIXED, kit.then[i]);
		pm_page_syndrome(kit.then[i], &fast);
		pm_page_syndrome_plain(kit.then[i], &plain);
		assert_memory_equal(&fast, &plain, sizeof(fast));
	}
	kit_close(&kit);
}

/* Pinned: files hold it. The page is 0, 1, 2 ... 255 over and over. */
static void it_stays_what_it_is(void **state)
{
	uint8_t page[PM_PAGE_SIZE];
	struct pm_syndrome syndrome;

	(void)state;
	for (unsigned i = 0; i < PM_PAGE_SIZE; i++)
		page[i] = (uint8_t)i;
	pm_page_syndrome(page, &syndrome);
	assert_int_equal(syndrome.crc, 0x9c71fe32);
	assert_int_equal(syndrome.crc_strided, 0x2cf41c1c);
}

static uint64_t difference(const uint8_t *a, const uint8_t *b)
{
	struct pm_syndrome one, other;

	pm_page_syndrome(a, &one);
	pm_page_syndrome(b, &other);
	return pm_syndrome_pack(&one) ^ pm_syndrome_pack(&other);
}

static void each_bit_is_found(void **state)
{
	uint8_t page[PM_PAGE_SIZE], changed[PM_PAGE_SIZE];
	struct kit kit;

	(void)state;
	kit_open(&kit, 2);
	kit_content_page(&kit, CONTENT_RANDOM, page);
	memcpy(changed, page, sizeof(page));
	for (unsigned bit = 0; bit < PM_PAGE_BITS; bit++) {
		changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(pm_linear_find(pm_linear(), difference(page, changed)), bit);
		changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	kit_close(&kit);
}

static void pairs_of_bits_are_found(void **state)
{
	struct kit kit;

	(void)state;
	kit_open(&kit, 3);
	for (unsigned round = 0; round < 500; round++) {
		unsigned a = (unsigned)kit_below(&kit, PM_PAGE_BITS), b = (unsigned)kit_below(&kit, PM_PAGE_BITS);
		unsigned pairs[4][2];
		size_t count, at = 0;

		if (a == b)
			continue;
		count = pm_linear_pairs(pm_linear(), pm_linear_bit(pm_linear(), a) ^ pm_linear_bit(pm_linear(), b),
					pairs, 4);
		while (at < count && (pairs[at][0] != (a < b ? a : b) || pairs[at][1] != (a < b ? b : a)))
			at++;
		assert_true(at < count);
	}
	kit_close(&kit);
}

static void each_word_is_solved(void **state)
{
	uint8_t page[PM_PAGE_SIZE], changed[PM_PAGE_SIZE];
	uint64_t changes[PM_PAGE_WORDS];
	struct kit kit;

	(void)state;
	kit_open(&kit, 4);
	for (unsigned word = 0; word < PM_PAGE_WORDS; word++) {
		uint64_t change = kit_random(&kit);

		kit_content_page(&kit, CONTENT_RANDOM, page);
		memcpy(changed, page, sizeof(page));
		for (unsigned i = 0; i < 8; i++)
			changed[8 * word + i] ^= (uint8_t)(change >> 8 * i);
		pm_linear_words(pm_linear(), difference(page, changed), changes);
		assert_int_equal(changes[word], change);
	}
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways_agree),     cmocka_unit_test(it_stays_what_it_is),
		cmocka_unit_test(each_bit_is_found),   cmocka_unit_test(pairs_of_bits_are_found),
		cmocka_unit_test(each_word_is_solved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
