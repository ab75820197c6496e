/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each word of a pattern is what its line in pattern.h says, however the fill was cut into pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "memory/stream.h"
#include "pmpool/pattern.h"
#include <stdlib.h>
#include <string.h>

#define BASE UINT64_C(0x123456000)
#define BYTES (3u * 4096u)

static uint8_t own[65536];

/* Word by word, as pattern.h has it. */
static uint64_t expected(const struct pm_pattern *pattern, uint64_t address)
{
	uint64_t one = UINT64_C(1) << (address / 8 + pattern->seed) % 64, word = 0;
	uint64_t fives = UINT64_C(0x5555555555555555) << (address / 8) % 2;
	uint64_t z = ((address / 8) ^ pattern->seed) + UINT64_C(0x9e3779b97f4a7c15);

	switch (pattern->kind) {
	case PM_PATTERN_ADDRESS:
		return address;
	case PM_PATTERN_ADDRESS_INVERTED:
		return ~address;
	case PM_PATTERN_WALKING_ONES:
		return one;
	case PM_PATTERN_WALKING_ZEROS:
		return ~one;
	case PM_PATTERN_CHECKERBOARD:
		return fives;
	case PM_PATTERN_CHECKERBOARD_INVERTED:
		return ~fives;
	case PM_PATTERN_RANDOM:
		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		return z ^ (z >> 31);
	case PM_PATTERN_ZEROS:
		return 0;
	case PM_PATTERN_ONES:
		return UINT64_MAX;
	default:
		for (unsigned i = 8; i--;)
			word = word << 8 | pattern->data[(address + i) % pattern->data_bytes];
		return word;
	}
}

/* Every kind with seeds, and data of lengths that divide a block, a page, and nothing. */
static size_t make_cases(struct pm_pattern *cases)
{
	static const uint64_t seeds[] = {0, 1, 63, 64, UINT64_C(0xfedcba9876543210)};
	static const size_t lengths[] = {1, 2, 3, 7, 8, 24, 512, 513, 4095, 4096, 4097, 12288, 65535, 65536};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(own); i++)
		own[i] = (uint8_t)(i * 31 + i / 251);
	for (unsigned kind = 0; kind < PM_PATTERN_DATA; kind++)
		for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++)
			cases[count++] = (struct pm_pattern){(enum pm_pattern_kind)kind, seeds[i], NULL, 0};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		cases[count++] = (struct pm_pattern){PM_PATTERN_DATA, 0, own, lengths[i]};
	return count;
}

/* With each width of register that this processor has. */
static void each_case(void (*body)(const struct pm_pattern *pattern, uint8_t *bytes))
{
	struct pm_pattern cases[80];
	size_t count = make_cases(cases);
	uint8_t *bytes = malloc(BYTES);

	assert_non_null(bytes);
	for (size_t i = 0; i < count; i++)
		for (stream_width = 64; stream_width >= 16; stream_width /= 2)
			body(&cases[i], bytes);
	stream_width = 64;
	free(bytes);
}

static void words_are_as_told(const struct pm_pattern *pattern, uint8_t *bytes)
{
	pm_pattern_fill(pattern, BASE, bytes, BYTES);
	for (size_t at = 0; at < BYTES; at += 8) {
		uint64_t word;

		memcpy(&word, bytes + at, 8);
		assert_int_equal(word, expected(pattern, BASE + at));
	}
	assert_int_equal(pm_pattern_check(pattern, BASE, bytes, BYTES), BYTES);
}

static void every_word_is_as_the_header_says(void **state)
{
	(void)state;
	each_case(words_are_as_told);
}

/* A part of any start and length, down to none, is the same part of the whole, and nothing beside it is touched. */
static void parts_are_as_the_whole(const struct pm_pattern *pattern, uint8_t *bytes)
{
	static const size_t parts[][2] = {{0, 0},      {8, 8},	     {8, 512},	   {16, 520},
					  {504, 1032}, {4088, 4104}, {8192, 4096}, {8, BYTES - 16}};
	uint8_t *whole = malloc(BYTES);

	assert_non_null(whole);
	pm_pattern_fill(pattern, BASE, whole, BYTES);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		size_t from = parts[i][0], length = parts[i][1];

		memset(bytes, 0x6d, BYTES);
		pm_pattern_fill(pattern, BASE + from, bytes + from, length);
		assert_memory_equal(bytes + from, whole + from, length);
		for (size_t at = 0; at < BYTES; at++)
			if (at < from || at >= from + length)
				assert_int_equal(bytes[at], 0x6d);
		assert_int_equal(pm_pattern_check(pattern, BASE + from, whole + from, length), length);
	}
	free(whole);
}

static void a_part_is_filled_as_in_the_whole(void **state)
{
	(void)state;
	each_case(parts_are_as_the_whole);
}

/* One bit wrong, anywhere: its word is named; a second one behind it changes nothing. */
static void wrong_bits_are_found(const struct pm_pattern *pattern, uint8_t *bytes)
{
	static const size_t places[] = {0, 7, 8, 63, 64, 511, 512, 1000, 4095, 4096, 8191, BYTES - 1};

	pm_pattern_fill(pattern, BASE, bytes, BYTES);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		bytes[BYTES - 1] ^= 0x10;
		bytes[places[i]] ^= 1;
		assert_int_equal(pm_pattern_check(pattern, BASE, bytes, BYTES), places[i] & ~(size_t)7);
		bytes[places[i]] ^= 1;
		bytes[BYTES - 1] ^= 0x10;
	}
	assert_int_equal(pm_pattern_check(pattern, BASE, bytes, BYTES), BYTES);
}

static void the_first_wrong_word_is_named(void **state)
{
	(void)state;
	each_case(wrong_bits_are_found);
}

static void the_address_pattern_tells_pages_apart(void **state)
{
	struct pm_pattern pattern = {.kind = PM_PATTERN_ADDRESS};
	uint8_t bytes[4096];

	(void)state;
	pm_pattern_fill(&pattern, BASE, bytes, sizeof(bytes));
	for (unsigned bit = 12; bit < 46; bit++)
		assert_int_equal(pm_pattern_check(&pattern, BASE ^ UINT64_C(1) << bit, bytes, sizeof(bytes)), 0);
}

static void names_are_read_back(void **state)
{
	enum pm_pattern_kind kind;

	(void)state;
	for (unsigned i = 0; i < PM_PATTERN_COUNT; i++) {
		assert_true(pm_pattern_parse(pm_pattern_name((enum pm_pattern_kind)i), &kind));
		assert_int_equal(kind, i);
	}
	assert_false(pm_pattern_parse("", &kind));
	assert_false(pm_pattern_parse("Zeros", &kind));
	assert_false(pm_pattern_parse("zero", &kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_is_as_the_header_says),
		cmocka_unit_test(a_part_is_filled_as_in_the_whole),
		cmocka_unit_test(the_first_wrong_word_is_named),
		cmocka_unit_test(the_address_pattern_tells_pages_apart),
		cmocka_unit_test(names_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
