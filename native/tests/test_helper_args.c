/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes, numbers and options as people type them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "args.h"
#include <string.h>

#define REFUSED UINT64_MAX

static const struct {
	const char *text;
	uint64_t size, count;
} numbers[] = {
	{"0", 0, 0},
	{"4096", 4096, 4096},
	{"0x1000", 4096, 4096},
	{"0XfF", 255, 255},
	{"010", 10, 10}, /* no octal: nobody means it */
	{"1k", 1024, REFUSED},
	{"64M", 64 << 20, REFUSED},
	{"64MiB", 64 << 20, REFUSED},
	{"64mib", 64 << 20, REFUSED},
	{"0x10G", UINT64_C(16) << 30, REFUSED},
	{"3T", UINT64_C(3) << 40, REFUSED},
	{"9007199254740991", (UINT64_C(1) << 53) - 1, (UINT64_C(1) << 53) - 1},
	{"9007199254740992", REFUSED, REFUSED},
	{"8191T", UINT64_C(8191) << 40, REFUSED},
	{"8192T", REFUSED, REFUSED},
	{"18446744073709551616", REFUSED, REFUSED},
	{"0x1ffffffffffffff", REFUSED, REFUSED},
	{"18014398509481984K", REFUSED, REFUSED},
	{"", REFUSED, REFUSED},
	{"0x", REFUSED, REFUSED},
	{"M", REFUSED, REFUSED},
	{"-1", REFUSED, REFUSED},
	{"+1", REFUSED, REFUSED},
	{" 1", REFUSED, REFUSED},
	{"1 ", REFUSED, REFUSED},
	{"1.5G", REFUSED, REFUSED},
	{"64MB", REFUSED, REFUSED}, /* 10^6 or 2^20: not guessed at */
	{"64Mi", REFUSED, REFUSED},
	{"1GG", REFUSED, REFUSED},
	{"12a", REFUSED, REFUSED},
};

static void test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		uint64_t value = 0;

		if (parse_size(numbers[i].text, &value) != (numbers[i].size != REFUSED) ||
		    (numbers[i].size != REFUSED && value != numbers[i].size))
			fail_msg("size \"%s\": %llu", numbers[i].text, (unsigned long long)value);
		if (parse_count(numbers[i].text, &value) != (numbers[i].count != REFUSED) ||
		    (numbers[i].count != REFUSED && value != numbers[i].count))
			fail_msg("count \"%s\": %llu", numbers[i].text, (unsigned long long)value);
	}
}

static void test_lists_of_sizes(void **state)
{
	static const struct {
		const char *text;
		size_t count;
		uint64_t first, last;
	} lists[] = {
		{"64M", 1, 64 << 20, 64 << 20},
		{"64M,0x1000,1G", 3, 64 << 20, 1 << 30},
		{"1,2,3,4,5", 5, 1, 4}, /* four fit */
		{"0,1M", 2, 0, 1 << 20},
		{"", 0, 0, 0},
		{",", 0, 0, 0},
		{"1M,", 0, 0, 0},
		{",1M", 0, 0, 0},
		{"1M,,1M", 0, 0, 0},
		{"1M, 1M", 0, 0, 0},
		{"1M,8192T", 0, 0, 0},
		{"00000000000000000000000000000001", 0, 0, 0}, /* as long as no size is */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		uint64_t sizes[4] = {0};
		size_t count = parse_sizes(lists[i].text, sizes, 4);

		if (count != lists[i].count)
			fail_msg("\"%s\": %zu sizes", lists[i].text, count);
		if (count)
			assert_int_equal(sizes[0], lists[i].first);
		if (count)
			assert_int_equal(sizes[count < 4 ? count - 1 : 3], lists[i].last);
	}
}

static const struct option_spec table[] = {
	{"sizes", OPTION_SIZES, "SIZES", ""}, {"size", OPTION_SIZE, "SIZE", ""}, {"order", OPTION_COUNT, "N", ""},
	{"name", OPTION_TEXT, "NAME", ""},    {"yes", OPTION_FLAG, NULL, ""},	 {NULL, OPTION_FLAG, NULL, NULL},
};

static const struct {
	const char *argv[6];
	const char *error; /* part of the message; NULL: accepted */
	unsigned words;
} lines[] = {
	{{"pool", "word", "--size", "64M"}, NULL, 2},
	{{"--size=64M", "pool"}, NULL, 1},
	{{"--name", "--size"}, NULL, 0}, /* a value may look like an option */
	{{"--name=", "x"}, NULL, 1},
	{{"--simulate", "/d", "--json", "pool"}, NULL, 1},
	{{"pool", "-"}, NULL, 2},
	{{"--yes", "--", "--size"}, NULL, 1},
	{{"--colour"}, "unknown option --colour", 0},
	{{"-x"}, "unknown option -x", 0},
	{{"--siz", "1"}, "unknown option --siz", 0}, /* no abbreviations: a later option could take them over */
	{{"--size"}, "--size needs a value", 0},
	{{"--size", "x"}, "--size: \"x\" is no size", 0},
	{{"--order", "1K"}, "--order: \"1K\" is no number", 0},
	{{"--order", "99999999999999999999"}, "--order: 99999999999999999999 is too large", 0},
	{{"--order", "0xfffffffffffffffff"}, "is too large", 0},
	{{"--order", "9999999999999999999K"}, "is no number", 0},
	{{"--order="}, "is no number", 0},
	{{"--size", "9999999T"}, "--size: 9999999T is too large", 0},
	{{"--size", "99999999999999999999GiB"}, "is too large", 0},
	{{"--size", "99999999999999999999X"}, "is no size", 0},
	{{"--sizes", "1M,2M"}, NULL, 0},
	{{"--sizes", "1M;2M"}, "--sizes: \"1M;2M\" are no sizes", 0},
	{{"--sizes", "9999999T"}, "--sizes: 9999999T is too large", 0},
	{{"--yes=1"}, "--yes takes no value", 0},
	{{"--yes", "--yes"}, "--yes is given twice", 0},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct pm_error err = {0};
		struct args args;
		int argc = 0;
		enum pm_code code;

		while (argc < 6 && lines[i].argv[argc])
			argc++;
		code = args_parse(argc, (char **)(uintptr_t)lines[i].argv, table, &args, &err);
		if ((code == PM_OK) != (lines[i].error == NULL))
			fail_msg("line %zu: %s", i, err.message);
		if (lines[i].error && !strstr(err.message, lines[i].error))
			fail_msg("line %zu says: %s", i, err.message);
		if (!lines[i].error && args.word_count != lines[i].words)
			fail_msg("line %zu has %u words", i, args.word_count);
	}
}

static void test_values(void **state)
{
	const char *argv[] = {"--size", "2M", "--name=a=b", "--json"};
	struct pm_error err = {0};
	struct args args;

	(void)state;
	assert_int_equal(args_parse(4, (char **)(uintptr_t)argv, table, &args, &err), PM_OK);
	assert_int_equal(args_number(&args, "size", 7), 2 << 20);
	assert_int_equal(args_number(&args, "order", 7), 7);
	assert_string_equal(args_text(&args, "name"), "a=b");
	assert_null(args_text(&args, "simulate"));
	assert_true(args_given(&args, "json"));
	assert_false(args_given(&args, "yes"));
}

static void test_too_many(void **state)
{
	const char *words[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
	struct pm_error err = {0};
	struct args args;

	(void)state;
	assert_int_equal(args_parse(9, (char **)(uintptr_t)words, table, &args, &err), PM_E_INVALID_PARAMS);
	assert_int_equal(args_parse(8, (char **)(uintptr_t)words, table, &args, &err), PM_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_lists_of_sizes), cmocka_unit_test(test_lines),
		cmocka_unit_test(test_values),	cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests_name("helper_args", tests, NULL, NULL);
}
