/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checksums, names, the error table. */
#include "core/crc32c.h"
#include "core/text.h"
#include "model.h"
#include <stdio.h>
#include <string.h>

/* RFC 3720 B.4 and the check value of the CRC catalogue. */
static void crc_has_the_published_values(void **state)
{
	uint8_t zeros[32] = {0}, ones[32], up[32], down[32];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	for (unsigned i = 0; i < 32; i++) {
		up[i] = (uint8_t)i;
		down[i] = (uint8_t)(31 - i);
	}
	const struct {
		const void *data;
		size_t bytes;
		uint32_t crc;
	} cases[] = {
		{"", 0, 0},	      {"123456789", 9, 0xe3069283}, {zeros, 32, 0x8a9136aa}, {ones, 32, 0x62a8ab43},
		{up, 32, 0x46dd794e}, {down, 32, 0x113fdb5c},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(pm_crc32c(0, cases[i].data, cases[i].bytes), cases[i].crc);
		assert_int_equal(pm_crc32c_table(0, cases[i].data, cases[i].bytes), cases[i].crc);
	}
}

static void crc_is_the_same_in_parts_and_both_ways(void **state)
{
	uint8_t data[1031];
	uint64_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)model_random(&seed);
	for (size_t cut = 0; cut <= sizeof(data); cut += 7) {
		uint32_t first = pm_crc32c(0, data, cut);

		assert_int_equal(pm_crc32c(first, data + cut, sizeof(data) - cut), pm_crc32c(0, data, sizeof(data)));
		assert_int_equal(pm_crc32c(0, data + cut, sizeof(data) - cut),
				 pm_crc32c_table(0, data + cut, sizeof(data) - cut));
	}
}

static void names_are_printable_and_short(void **state)
{
	static const struct {
		const char *name;
		bool valid;
	} cases[] = {
		{"a", true},
		{"iommu state, device 00:1f.2", true},
		{"Größe", true},
		{"日本", true},
		{"\xf0\x9f\x90\xa7", true},
		{"012345678901234567890123456789012345678901234567890123456789012", true}, /* 63 */
		{"0123456789012345678901234567890123456789012345678901234567890123", false}, /* 64 */
		{"", false},
		{"a/b", false},
		{"tab\t", false},
		{"line\n", false},
		{"\x7f", false},
		{"\xc2\x80", false}, /* a C1 control */
		{"\xc0\xaf", false}, /* overlong slash */
		{"\xe0\x80\xaf", false},
		{"\xed\xa0\x80", false}, /* a surrogate */
		{"\xf4\x90\x80\x80", false}, /* past U+10FFFF */
		{"\xf8\x88\x80\x80\x80", false},
		{"cut \xe6\x97", false},
		{"\x80", false},
		{"\xe2\x80\xae"
		 "gpj.exe",
		 false}, /* right-to-left override */
		{"\xe2\x80\xa8", false}, /* line separator */
		{"\xef\xbb\xbf", false}, /* byte order mark */
	};

	(void)state;
	assert_false(pm_name_fit(NULL));
	assert_false(pm_name_valid(NULL));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (pm_name_valid(cases[i].name) != cases[i].valid)
			fail_msg("case %zu: `%s` should be %s", i, cases[i].name, cases[i].valid ? "valid" : "invalid");
}

static void text_is_cut_between_characters(void **state)
{
	char field[8];

	(void)state;
	pm_text_put(field, sizeof(field), "abcdefgh");
	assert_string_equal(field, "abcdefg");
	pm_text_put(field, sizeof(field), "abcde\xe6\x97\xa5");
	assert_string_equal(field, "abcde");
	pm_text_put(field, sizeof(field), "a\nb\xff");
	assert_string_equal(field, "a\xef\xbf\xbd"
				   "b");
	memcpy(field, "\x1b[2\xe6\x97\xa5x", 8);
	pm_text_clean(field, sizeof(field));
	assert_string_equal(field, "\xef\xbf\xbd[2");
}

/* Not for a new pool or record; one that has such a name already still opens. */
static void names_of_blanks_alone_are_unfit(void **state)
{
	static const struct {
		const char *name;
		bool fit;
	} cases[] = {
		{" ", false},
		{"   ", false},
		{"\xc2\xa0", false},
		{" \xe3\x80\x80 ", false},
		{"\xe2\x80\x80", false},
		{"\xe2\x80\x8a", false},
		{"\xe2\x81\x9f", false},
		{"\xe2\x80\x8b", false},
		{" a", true},
		{"a ", true},
		{"\xc2\xa1", true},
		{"\xe2\x80\x90", true},
		{"", false},
		{"a/b", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (pm_name_fit(cases[i].name) != cases[i].fit)
			fail_msg("case %zu: `%s` should be %s", i, cases[i].name, cases[i].fit ? "fit" : "unfit");
	assert_true(pm_name_valid("   "));
}

static void every_error_has_name_reason_and_remedy(void **state)
{
	static const enum pm_code codes[] = {
#define CODE(number, id, name, why, remedy) PM_E_##id,
		PM_ERRORS(CODE)
#undef CODE
			PM_E_PARSE,
		PM_E_INVALID_REQUEST,
		PM_E_METHOD_NOT_FOUND,
		PM_E_INVALID_PARAMS,
		PM_E_CANCELLED,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_true(strlen(pm_error_name(codes[i])) > 1);
		assert_true(strlen(pm_error_reason(codes[i])) > 1);
		assert_true(strlen(pm_error_remedy(codes[i])) > 1);
		for (size_t j = 0; j < i; j++) {
			assert_int_not_equal(codes[i], codes[j]);
			assert_string_not_equal(pm_error_name(codes[i]), pm_error_name(codes[j]));
		}
	}
	assert_string_equal(pm_error_name((enum pm_code)4242), "internal");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc_has_the_published_values),
		cmocka_unit_test(crc_is_the_same_in_parts_and_both_ways),
		cmocka_unit_test(names_are_printable_and_short),
		cmocka_unit_test(names_of_blanks_alone_are_unfit),
		cmocka_unit_test(text_is_cut_between_characters),
		cmocka_unit_test(every_error_has_name_reason_and_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
