/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small codecs of the helper: base64, UTF-8, UUIDs, sizes, the density map, a process's start time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "host/base64.h"
#include "call.h"
#include "density.h"
#include "gate.h"
#include "hex_text.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text, *data; /* data NULL: refused */
	size_t bytes;
} base64[] = {
	{"", "", 0},	       {"AA==", "\0", 1},	 {"AAA=", "\0\0", 2},
	{"AAAA", "\0\0\0", 3}, {"Zm9vYmE=", "fooba", 5}, {"+/+/", "\xfb\xff\xbf", 3},
	{"A", NULL, 0},	       {"AA", NULL, 0},		 {"AA=", NULL, 0},
	{"A===", NULL, 0},     {"====", NULL, 0},	 {"AB==", NULL, 0}, /* stray bits */
	{"AAB=", NULL, 0},     {"AA==AAAA", NULL, 0},	 {"AA A", NULL, 0},
	{"AA\n=", NULL, 0},    {"-_-_", NULL, 0},	 {"A=A=", NULL, 0},
};

static void test_base64(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(base64) / sizeof(base64[0]); i++) {
		uint8_t *data = NULL;
		size_t bytes = 0;
		bool taken = base64_decode(base64[i].text, &data, &bytes);

		if (taken != (base64[i].data != NULL))
			fail_msg("\"%s\" is %s", base64[i].text, taken ? "taken" : "refused");
		if (taken) {
			struct json_object *back = base64_json(data, bytes);

			assert_int_equal(bytes, base64[i].bytes);
			assert_memory_equal(data, base64[i].data, bytes);
			assert_string_equal(json_object_get_string(back), base64[i].text);
			json_object_put(back);
		}
		free(data);
	}
}

static void test_uuid(void **state)
{
	static const char *const refused[] = {"",
					      "00000000-0000-4000-8000-00000000000",
					      "00000000-0000-4000-8000-0000000000000",
					      "0000000000000-4000-8000-000000000000",
					      "0000000g-0000-4000-8000-000000000000",
					      "0000000A-0000-4000-8000-000000000000",
					      "000000000000-4000-8000-000000000000-"};
	char text[PM_UUID_TEXT];
	uint8_t uuid[16];

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (pm_uuid_parse(refused[i], uuid))
			fail_msg("%s is taken", refused[i]);
	assert_true(pm_uuid_parse("01234567-89ab-4cde-8f01-23456789abcd", uuid));
	pm_uuid_format(uuid, text);
	assert_string_equal(text, "01234567-89ab-4cde-8f01-23456789abcd");
	pm_uuid_random(uuid);
	assert_int_equal(uuid[6] >> 4, 4);
	assert_int_equal(uuid[8] >> 6, 2);
}

static void test_sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {{0, "0 B"},
		     {1023, "1023 B"},
		     {1024, "1 KiB"},
		     {1536, "1.5 KiB"},
		     {(64 << 20) - 1, "63.9 MiB"},
		     {UINT64_C(1) << 30, "1 GiB"},
		     {UINT64_MAX, "16383.9 PiB"}};
	char text[TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(text_size(cases[i].bytes, text), cases[i].text);
}

static void test_file_names(void **state)
{
	static const char *const taken[] = {"a", "before.pmsnap", "A-Z_0.9", "-x"};
	static const char *const refused[] = {"", ".", "..", ".a", "a/b", "a b", "\xc3\xa4", "a\n"};
	char longest[102];

	(void)state;
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		assert_true(file_name_valid(taken[i]));
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_false(file_name_valid(refused[i]));
	memset(longest, 'a', sizeof(longest));
	longest[101] = '\0';
	assert_false(file_name_valid(longest));
	longest[100] = '\0';
	assert_true(file_name_valid(longest));
}

static void test_density(void **state)
{
	/* 16 pages: metadata, then head, 3 continuing, free, bad, free ..., metadata */
	const uint8_t states[4] = {0x5d, 0x21, 0x00, 0x00};
	struct density density;

	(void)state;
	assert_true(density_begin(&density, 16, 1, 15, 5));
	assert_int_equal(density.pages_per_cell, 4);
	assert_int_equal(density.count, 4);
	density_add(&density, 0, 16, states);
	assert_int_equal(density.cells[0].metadata, 1);
	assert_int_equal(density.cells[0].allocated, 3);
	assert_int_equal(density_level(&density.cells[0]), 4); /* all that could be */
	assert_int_equal(density.cells[1].allocated, 1);
	assert_int_equal(density.cells[1].bad, 1);
	assert_int_equal(density_level(&density.cells[1]), 1); /* a lone page shows */
	assert_int_equal(density_level(&density.cells[2]), 0);
	assert_int_equal(density.cells[3].metadata, 1);
	density_end(&density);
	assert_true(density_begin(&density, 1000, 1, 999, 64));
	assert_int_equal(density.pages_per_cell, 16);
	assert_int_equal(density.count, 63);
	density_end(&density);
}

static void test_start_time(void **state)
{
	static const struct {
		const char *stat;
		uint64_t start; /* 0: cannot be told */
	} cases[] = {
		{"1 (init) S 0 1 1 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 4711 23 24\n", 4711},
		{"9 (a) b) 3 (x) S 0 1 1 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 4712 23 24\n", 4712},
		{"1 (init) S 0 1 1", 0},
		{"", 0},
		{"1 (init) S 0 1 1 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 x 23 24\n", 0},
		{"1 (init) S 0 1 1 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 99999999999999999999 23\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t start = 0;
		bool told = stat_start_time(cases[i].stat, &start);

		if (told != (cases[i].start != 0) || (told && start != cases[i].start))
			fail_msg("%s: %llu", cases[i].stat, (unsigned long long)start);
	}
}

/* Whole words are counted at once; the sums are those of the pages one by one. */
static void test_density_words(void **state)
{
	struct density words, pages;
	uint8_t states[256 / 4];

	(void)state;
	for (size_t i = 0; i < sizeof(states); i++)
		states[i] = (uint8_t)(i * 37 + i / 5);
	assert_true(density_begin(&words, 256, 5, 250, 4));
	assert_true(density_begin(&pages, 256, 5, 250, 4));
	assert_true(density_own(&words, 100, 7) && density_own(&pages, 100, 7));
	density_add(&words, 0, 256, states);
	for (uint64_t i = 0; i < 256; i++)
		density_add(&pages, i, 1, (const uint8_t[]){(uint8_t)(states[i / 4] >> (i % 4 * 2) & 3)});
	assert_int_equal(words.cells[1].metadata, 7);
	assert_memory_equal(words.cells, pages.cells, 4 * sizeof(words.cells[0]));
	density_end(&words);
	density_end(&pages);
}

static void test_hex(void **state)
{
	static const struct {
		const char *text;
		size_t count; /* 0: refused */
		uint8_t bytes[4], mask[4];
		const char *without; /* what is said of it where no digit may be left open; NULL: taken */
	} cases[] = {
		{"00", 1, {0x00}, {0xff}, NULL},
		{"deadBEEF", 4, {0xde, 0xad, 0xbe, 0xef}, {0xff, 0xff, 0xff, 0xff}, NULL},
		{" de ad\tbe\nef ", 4, {0xde, 0xad, 0xbe, 0xef}, {0xff, 0xff, 0xff, 0xff}, NULL},
		{"48 ?? 4? ?f", 4, {0x48, 0x00, 0x40, 0x0f}, {0xff, 0x00, 0xf0, 0x0f}, "at character 4"},
		{"", 0, {0}, {0}, "no bytes"},
		{"  ", 0, {0}, {0}, "no bytes"},
		{"a", 0, {0}, {0}, "at character 1"},
		{"aab", 0, {0}, {0}, "at character 3"},
		{"a a", 0, {0}, {0}, "at character 1"},
		{"0x41", 0, {0}, {0}, "at character 1"},
		{"41,42", 0, {0}, {0}, "at character 3"},
		{"4g", 0, {0}, {0}, "at character 1"},
		{"0102030405", 0, {0}, {0}, "more than 4 bytes"},
	};
	uint8_t bytes[4], mask[4];
	struct pm_error err;
	char text[16];
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum pm_code code = hex_parse(cases[i].text, bytes, mask, 4, &count, &err);

		assert_int_equal(code, cases[i].count ? PM_OK : PM_E_INVALID_PARAMS);
		if (code == PM_OK) {
			assert_int_equal(count, cases[i].count);
			assert_memory_equal(bytes, cases[i].bytes, count);
			assert_memory_equal(mask, cases[i].mask, count);
		}
		code = hex_parse(cases[i].text, bytes, NULL, 4, &count, &err);
		assert_int_equal(code, cases[i].without ? PM_E_INVALID_PARAMS : PM_OK);
		if (cases[i].without)
			assert_non_null(strstr(err.message, cases[i].without));
	}
	hex_format((const uint8_t *)"\x01\xff", 2, text, sizeof(text));
	assert_string_equal(text, "01 ff");
	hex_format((const uint8_t *)"\1\2\3\4\5\6", 6, text, sizeof(text));
	assert_string_equal(text, "01 02 03 04 ...");
	hex_format(NULL, 0, text, sizeof(text));
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),	   cmocka_unit_test(test_uuid),	   cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_file_names), cmocka_unit_test(test_density), cmocka_unit_test(test_density_words),
		cmocka_unit_test(test_start_time), cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests_name("helper_text", tests, NULL, NULL);
}
