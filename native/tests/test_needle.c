/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Needles of any mask, case and alignment, against the plainest search there is; nothing behind the text is read. */
#include "memory/needle.h"
#include "model.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TEXT_MAX 12288u

struct trial {
	const char *what;
	unsigned letters; /* how many different bytes there are */
	size_t longest; /* needle */
	bool masked, cased;
	unsigned rounds;
};

static uint8_t *page_end; /* what stands before it can be read, what stands behind it cannot */

static int make_text(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *map = mmap(NULL, TEXT_MAX + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	if (map == MAP_FAILED || mprotect(map + TEXT_MAX, page, PROT_NONE) != 0)
		return -1;
	page_end = map + TEXT_MAX;
	return 0;
}

/* By the words of the contract, not by bits. */
static bool plainly_fits(const uint8_t *text, const uint8_t *bytes, const uint8_t *mask, size_t length,
			 bool ignore_case)
{
	for (size_t i = 0; i < length; i++) {
		uint8_t bits = mask ? mask[i] : 0xff;
		bool fits = !((text[i] ^ bytes[i]) & bits);

		if (!fits && ignore_case && isascii(bytes[i]) && isalpha(bytes[i]))
			fits = !((text[i] ^ toupper(bytes[i])) & bits) || !((text[i] ^ tolower(bytes[i])) & bits);
		if (!fits)
			return false;
	}
	return true;
}

static uint8_t any_byte(const struct trial *trial, uint64_t *random)
{
	static const char letters[] = "aAbB@`zZ[{";
	uint64_t n = model_random(random) % trial->letters;

	return trial->cased ? (uint8_t)letters[n % 10] : (uint8_t)(n * 37);
}

static void one_round(const struct trial *trial, uint64_t *random)
{
	static const uint64_t aligns[] = {1, 1, 1, 2, 3, 8, 31, 32, 64, 100};
	size_t length = 1 + model_random(random) % trial->longest;
	size_t starts = model_random(random) % 400, at;
	uint8_t bytes[64], mask[64], *text = page_end - (starts + length - 1);
	uint64_t align = aligns[model_random(random) % 10], offset = model_random(random) % 5000;
	struct needle needle;
	struct needle_text where = {text, starts, offset, align};

	for (size_t i = 0; i < starts + length - 1; i++)
		text[i] = any_byte(trial, random);
	for (size_t i = 0; i < length; i++) {
		bytes[i] = any_byte(trial, random);
		mask[i] = model_random(random) % 3 ? 0xff : (uint8_t)model_random(random);
	}
	needle_make(&needle, bytes, trial->masked ? mask : NULL, length, trial->cased);
	at = needle_find(&needle, &where, 0);
	for (size_t i = 0; i < starts; i++) {
		bool here = (offset + i) % align == 0 &&
			    plainly_fits(text + i, bytes, trial->masked ? mask : NULL, length, trial->cased);

		assert_int_equal(here, at == i);
		if (here)
			at = needle_find(&needle, &where, i + 1);
	}
	assert_int_equal(at, starts);
}

static void every_occurrence_is_found_and_no_other(void **state)
{
	static const struct trial trials[] = {
		{"two bytes, so that nearly everything fits", 2, 8, false, false, 4000},
		{"a few", 4, 3, false, false, 4000},
		{"any", 256, 2, false, false, 4000},
		{"long needles", 2, 64, false, false, 2000},
		{"masks", 16, 6, true, false, 4000},
		{"letters in either case", 10, 4, false, true, 4000},
		{"both", 10, 6, true, true, 4000},
	};
	uint64_t random = 11;

	(void)state;
	for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++)
		for (unsigned round = 0; round < trials[i].rounds; round++)
			one_round(&trials[i], &random);
}

static void the_rarest_bytes_are_looked_at_first(void **state)
{
	static const struct {
		const char *bytes, *mask;
		size_t length, first, second;
	} cases[] = {
		{"\0\0\0\x91", NULL, 4, 3, 0},
		{"\x91\0\0\0", NULL, 4, 0, 1},
		{"ee\x91 X", NULL, 5, 2, 4},
		{"\x91\x92", "\0\xff", 2, 1, 0},
		{"\x91", NULL, 1, 0, 0},
		{"\x91\x91\x01", NULL, 3, 0, 1}, /* the same byte once more, as long as it is rare enough */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct needle needle;

		needle_make(&needle, (const uint8_t *)cases[i].bytes, (const uint8_t *)cases[i].mask, cases[i].length,
			    false);
		assert_int_equal(needle.first, cases[i].first);
		if (i != 5) /* either is right */
			assert_int_equal(needle.second, cases[i].second);
	}
}

static void a_needle_knows_that_it_fits_zeros(void **state)
{
	struct needle needle;

	(void)state;
	needle_make(&needle, (const uint8_t *)"\0\0", NULL, 2, false);
	assert_true(needle.zeros && needle.exact);
	needle_make(&needle, (const uint8_t *)"\0a", NULL, 2, true);
	assert_false(needle.zeros || needle.exact);
	needle_make(&needle, (const uint8_t *)"\xf0\x80", (const uint8_t *)"\x0f\x7f", 2, false);
	assert_true(needle.zeros && !needle.exact);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_occurrence_is_found_and_no_other),
		cmocka_unit_test(the_rarest_bytes_are_looked_at_first),
		cmocka_unit_test(a_needle_knows_that_it_fits_zeros),
	};

	return cmocka_run_group_tests(tests, make_text, NULL);
}
