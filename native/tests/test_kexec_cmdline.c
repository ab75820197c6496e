/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines for the next kernel: edited, and asked what they do to a region. */
#include "test_snapshot_fixture.h"
#include "host/kexec_cmdline.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N "0123456789abcdef0123456789abcdef"
#define R 0x10000000, 0x4000000

static void command_lines_are_edited(void **state)
{
	static const struct {
		const char *from, *append;
		uint64_t base, bytes; /* to drop */
		const char *next;
	} cases[] = {
		{"", NULL, 0, 0, "pmpool.nonce=" N},
		{"quiet", NULL, 0, 0, "quiet pmpool.nonce=" N},
		{"BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1  ro", "debug", 0, 0,
		 "root=/dev/sda1 ro pmpool.nonce=" N " debug"},
		{"memmap=64M$0x10000000 quiet memmap=1G!4G", NULL, 0, 0,
		 "memmap=64M$0x10000000 quiet memmap=1G!4G pmpool.nonce=" N},
		{"pmpool.nonce=abc pmpool=0x10000000,64M pmpool.nonce=def a", NULL, 0, 0,
		 "pmpool=0x10000000,64M a pmpool.nonce=" N},
		/* dropped: only what lies in the range, also out of quotes */
		{"memmap=\"64M$0x10000000,1G$4G\" a", NULL, R, "memmap=1G$4G a pmpool.nonce=" N},
		{"\"memmap=1G$4G,64M$0x10000000\" a", NULL, R, "memmap=1G$4G a pmpool.nonce=" N},
		{"a -- init args", "b c", 0, 0, "a pmpool.nonce=" N " b c -- init args"},
		{"a --", NULL, 0, 0, "a pmpool.nonce=" N " --"},
		{"dyndbg=\"file a.c +p\" b", NULL, 0, 0, "dyndbg=\"file a.c +p\" b pmpool.nonce=" N},
		{"memmap=64M$0x10000000 quiet", NULL, R, "quiet pmpool.nonce=" N},
		{"memmap=1G$4G memmap=64M$0x10000000 x", NULL, R, "memmap=1G$4G x pmpool.nonce=" N},
		{"memmap=1G$4G,64M$0x10000000,2G!8G x", NULL, R, "memmap=1G$4G,2G!8G x pmpool.nonce=" N},
		{"\"memmap=64M$0x10000000\" x", NULL, R, "x pmpool.nonce=" N},
		{"memmap=16M$0x13000000 x", NULL, R, "x pmpool.nonce=" N},
		{"memmap=16M$0x14000000 x", NULL, R, "memmap=16M$0x14000000 x pmpool.nonce=" N},
		{"memmap=exactmap memmap=64M@16M", NULL, R, "memmap=exactmap memmap=64M@16M pmpool.nonce=" N},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_cmdline_range range = {cases[i].base, cases[i].bytes};
		struct pm_cmdline_edit edit = {cases[i].from, cases[i].append, N, &range, range.bytes > 0};
		char *next;

		assert_int_equal(pm_cmdline_edit(&edit, &next, NULL), PM_OK);
		assert_string_equal(next, cases[i].next);
		free(next);
	}
}

static void text_that_would_break_out_is_refused(void **state)
{
	static const char *const bad[] = {"a\nb", "a\tb", "\x1b[2J", "a\x7f", "x=\"y", "\""};
	static const char *const good[] = {"", "a b", "x=\"y z\"", "memmap=64M$0x10000000", "x=\\\\$y"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(pm_cmdline_refuse(bad[i], "It", NULL), PM_E_INVALID_PARAMS);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(pm_cmdline_refuse(good[i], "It", NULL), PM_OK);
}

static void an_open_quote_swallows_nothing(void **state)
{
	struct pm_cmdline_edit edit = {.from = "a=\"b", .nonce = N};
	char *next;

	(void)state;
	assert_int_equal(pm_cmdline_edit(&edit, &next, NULL), PM_E_KEXEC_UNSAFE);
	assert_null(next);
}

static void reservations_cover_or_do_not(void **state)
{
	static const struct {
		const char *cmdline;
		bool reserves;
	} cases[] = {
		{"memmap=64M$0x10000000", true},
		{"memmap=64M!0x10000000", true},
		{"memmap=128M$0xc000000", true},
		{"memmap=32M$0x10000000 memmap=32M$0x12000000", true},
		{"memmap=32M$0x10000000,32M$0x12000000", true},
		{"memmap=32M$0x12000000 quiet memmap=40M$0x10000000", true},
		{"", false},
		{"memmap=32M$0x10000000", false},
		{"memmap=32M$0x12000000", false},
		{"memmap=63M$0x10000000 memmap=1M$0x14000000", false},
		{"memmap=64M@0x10000000", false},
		{"memmap=64M#0x10000000", false},
		{"memmap=64M0x10000000", false},
		{"pmpool=0x10000000,64M", false},
		{"-- memmap=64M$0x10000000", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (pm_cmdline_reserves(cases[i].cmdline, R) != cases[i].reserves)
			fail_msg("%s", cases[i].cmdline);
}

/* As many as a pool of many regions needs, joined by commas or in options of their own. */
static void each_of_many_reservations_counts(void **state)
{
	static const char *const between[] = {",", " memmap="};

	(void)state;
	for (size_t way = 0; way < 2; way++) {
		char line[4096] = "quiet memmap=", *at = line + strlen(line);

		for (unsigned i = 0; i < 120; i++)
			at += sprintf(at, "%s1M$0x%x", i ? between[way] : "", 0x10000000 + i * 0x200000);
		for (unsigned i = 0; i < 120; i++) {
			assert_true(pm_cmdline_reserves(line, 0x10000000 + i * 0x200000, 1 << 20));
			assert_false(pm_cmdline_reserves(line, 0x10000000 + i * 0x200000, 2 << 20));
		}
	}
}

#define M4 "memmap=1M$0x1000000 memmap=1M$0x2000000 memmap=1M!0x3000000 memmap=1M$0x4000000"

static void address_randomisation_minds_four_ranges(void **state)
{
	static const struct {
		const char *cmdline;
		unsigned ranges;
		bool risk;
	} cases[] = {
		{"quiet", 0, false},
		{"memmap=exactmap memmap=64M@16M", 0, false},
		{M4, 4, false},
		{M4 " memmap=1M$0x5000000", 5, true},
		{M4 " memmap=1M$0x5000000 nokaslr", 5, false},
		{"memmap=1M$1M,1M$3M,1M$5M,1M$7M,1M$9M", 5, false}, /* overflows in one option: switched off */
		{"memmap=1M$1M,1M$3M,1M$5M memmap=1M$7M,1M$9M", 5, false},
		{"memmap=1M$1M,1M$3M,1M$5M,1M$7M memmap=1M$9M", 5, true},
		{M4 " -- memmap=1M$0x5000000", 4, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned ranges;

		if (pm_cmdline_kaslr_risk(cases[i].cmdline, &ranges) != cases[i].risk)
			fail_msg("%s", cases[i].cmdline);
		assert_int_equal(ranges, cases[i].ranges);
	}
}

static void crash_kernels_may_overlap(void **state)
{
	static const struct {
		const char *cmdline;
		bool overlaps;
	} cases[] = {
		{"crashkernel=256M", false},
		{"crashkernel=auto", false},
		{"crashkernel=64M@0x10000000", true},
		{"crashkernel=64M@0xd000000", true},
		{"crashkernel=48M@0xd000000", false},
		{"crashkernel=64M@0x14000000", false},
		{"crashkernel=512M-2G:64M,2G-:128M@0x9000000", true}, /* by the larger one */
		{"crashkernel=512M-2G:64M,2G-:112M@0x9000000", false},
		{"\"crashkernel=64M@0x10000000\"", true},
		{"crashkernel=\"64M@0x10000000\"", true},
		{"crashkernel=64M@", false},
		{"crashkernel=@0x10000000", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_option option;

		if (pm_cmdline_crash_overlaps(cases[i].cmdline, R, &option) != cases[i].overlaps)
			fail_msg("%s", cases[i].cmdline);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_lines_are_edited),
		cmocka_unit_test(text_that_would_break_out_is_refused),
		cmocka_unit_test(an_open_quote_swallows_nothing),
		cmocka_unit_test(reservations_cover_or_do_not),
		cmocka_unit_test(each_of_many_reservations_counts),
		cmocka_unit_test(address_randomisation_minds_four_ranges),
		cmocka_unit_test(crash_kernels_may_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
